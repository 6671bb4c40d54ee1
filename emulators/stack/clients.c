/* Clients of a TCP port, handed to its service. */
#include "stack/inside.h"

static int on_opened(void *arg, struct conn *c)
{
	struct listener *l = arg;
	return l->slot->svc->tcp_opened ? l->slot->svc->tcp_opened(l->slot->self, c) : 0;
}

static ssize_t on_consume(void *arg, struct conn *c, const uint8_t *p, size_t n)
{
	struct listener *l = arg;
	return l->slot->svc->tcp_consume(l->slot->self, c, p, n);
}

static void on_closed(void *arg, struct conn *c)
{
	struct listener *l = arg;
	if (l->slot->self && l->slot->svc->tcp_closed)
		l->slot->svc->tcp_closed(l->slot->self, c);
}

static void on_drained(void *arg, struct conn *c)
{
	struct listener *l = arg;
	if (l->slot->svc->tcp_drained)
		l->slot->svc->tcp_drained(l->slot->self, c);
}

static void on_expired(void *arg, struct conn *c)
{
	struct listener *l = arg;
	if (l->slot->svc->tcp_expired)
		l->slot->svc->tcp_expired(l->slot->self, c);
}

static bool on_leaves(void *arg, struct conn *c)
{
	struct listener *l = arg;
	return l->slot->self && l->slot->svc->tcp_leaves && l->slot->svc->tcp_leaves(l->slot->self, c, server_empties(l->s, l->slot));
}

static void on_returns(void *arg, struct conn *c)
{
	struct listener *l = arg;
	l->slot->svc->tcp_returns(l->slot->self, c);
}

static const char *host_of(void *arg, const char *local)
{
	struct listener *l = arg;
	return front_host_of(l->s->front, local);
}

void clients_opts(struct listener *l, struct tcp_opts *o)
{
	o->in_max = l->slot->svc->in_max ? l->slot->svc->in_max : 1 << 20;
	o->opened = on_opened;
	o->consume = on_consume;
	o->closed = on_closed;
	o->drained = on_drained;
	o->expired = on_expired;
	o->leaves = on_leaves;
	o->returns = on_returns;
	o->host_of = host_of;
	o->speaks_first = l->slot->svc->tcp_speaks_first;
	o->arg = l;
}
