/* Reset and restart in place: services close and open while the process and its listeners stay. */
#include "core/adopt.h"
#include "stack/control.h"
#include "stack/inside.h"
#include "stack/reset.h"

static bool waits_for_reset(void *arg, const struct http_call *call)
{
	const struct http_call *one = ((struct server *)arg)->resets;
	while (one && one != call)
		one = one->user;
	return one != NULL;
}

static void cut_clients(struct server *s)
{
	for (size_t i = 0; i < s->listener_n; i++)
		http_cut(s->listeners[i].http, waits_for_reset, s);
}

static int reopen(struct server *s, struct error *err)
{
	int rc = s->keeps ? 0 : reset_stash(s->dir, err);
	int holds = adopt_holds(s->env.adopt);
	adopt_close(s->env.adopt);
	s->env.adopt = NULL;
	if (!rc)
		rc = adopt_open(&s->env, &s->env.adopt, err);
	adopt_hold(s->env.adopt, holds);
	for (size_t i = 0; !rc && i < s->slot_n; i++) {
		s->slots[i].env.adopt = s->env.adopt;
		rc = server_open_slot(s, &s->slots[i], err);
	}
	if (!rc)
		rc = server_start_services(s, err);
	if (!rc) {
		adopt_again(s->env.adopt);
		reset_sweep(s->env.loop, s->dir);
	}
	return rc;
}

static void answer_resets(struct server *s, int rc, const struct error *err, int64_t us)
{
	while (s->resets) {
		struct http_call *call = s->resets;
		s->resets = call->user;
		if (rc)
			control_error(call, 500, err->text);
		else
			http_reply(call, 200, "application/json", arena_printf(call->req.arena, "{\"reset\":true,\"ms\":%.1f}\n", (double)us / 1000));
	}
}

/* Between two ticks: services close as at the end of the process, and open on an empty folder. Listeners, addresses, clock, authority,
 * journal and log stay; faults are disarmed. */
void server_reopen(struct server *s)
{
	struct ports before = s->ports;
	struct error err = { 0 };
	int64_t began = clock_real_us();
	for (size_t i = 0; i < s->listener_n; i++)
		tcp_cut(s->listeners[i].tcp);
	db_doom(!s->keeps);
	server_close_slots(s);
	db_doom(false);
	cut_clients(s);
	metrics_forget(s->env.metrics);
	if (!s->keeps)
		faults_clear(s->env.faults, sl(NULL));
	s->ports = (struct ports){ .stores = before.stores };
	if (s->remote_log) {
		s->ports.log = before.log;
		s->ports.consumers = before.consumers;
		s->ports.broker = before.broker;
	}
	if (s->remote_objects)
		s->ports.objects = before.objects;
	if (s->remote_stream)
		s->ports.stream = before.stream;
	int rc = reopen(s, &err);
	if (rc) {
		log_error(&s->env, "reset-failed", "error=\"%s\"", err.text);
		s->stopping = true;
	} else {
		server_commit(s);
		log_info(&s->env, s->keeps ? "restart" : "reset", "us=%lld", (long long)(clock_real_us() - began));
	}
	s->keeps = true;
	answer_resets(s, rc, &err, clock_real_us() - began);
}

/* One who wants all gone is enough. */
void server_reset(struct server *s, struct http_call *call)
{
	s->keeps = false;
	server_restart(s, call);
}

void server_restart(struct server *s, struct http_call *call)
{
	call->user = s->resets;
	s->resets = call;
}
