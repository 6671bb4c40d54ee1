/* What others ask of a server that runs. */
#include <jansson.h>

#include "core/json.h"
#include "stack/events.h"
#include "stack/inside.h"
#include "stack/keep.h"

struct loop *server_loop(struct server *s)
{
	return s->env.loop;
}

const struct env *server_env(struct server *s)
{
	return &s->env;
}

const char *server_endpoint(const struct server *s, const char *key)
{
	for (size_t i = 0; i < s->endpoint_n; i++)
		if (!strcmp(s->endpoints[i].key, key))
			return s->endpoints[i].address;
	return NULL;
}

bool server_endpoint_at(const struct server *s, size_t i, const char **key, const char **address)
{
	if (i >= s->endpoint_n)
		return false;
	*key = s->endpoints[i].key;
	*address = s->endpoints[i].address;
	return true;
}

void server_endpoints_json(const struct server *s, struct buf *out, const char *name)
{
	jw_obj(out, name);
	for (size_t i = 0; i < s->endpoint_n; i++)
		jw_text(out, s->endpoints[i].key, s->endpoints[i].address);
	jw_obj_end(out);
}

const char *server_kept(const struct server *s)
{
	return keep_words(s->keep);
}

bool server_busy(struct server *s)
{
	if (loop_pending(s->env.loop))
		return true;
	for (size_t i = 0; i < s->slot_n; i++)
		if (s->slots[i].svc->busy && s->slots[i].svc->busy(s->slots[i].self))
			return true;
	return false;
}

const struct service *server_service_at(const struct server *s, size_t i)
{
	return i < s->slot_n ? s->slots[i].svc : NULL;
}

void *server_state(struct server *s, const char *name)
{
	for (size_t i = 0; i < s->slot_n; i++)
		if (!strcmp(s->slots[i].svc->name, name))
			return s->slots[i].self;
	return NULL;
}

int64_t server_uptime_ms(const struct server *s)
{
	return (clock_real_us() - s->began_us) / 1000;
}

void server_set_init(struct server *s, struct init *init)
{
	s->init = init;
}

const struct init *server_init(const struct server *s)
{
	return s->init;
}

json_t *server_notes(struct server *s)
{
	return s->notes;
}

void server_stop(struct server *s)
{
	s->stopping = true;
}

bool server_stopping(const struct server *s)
{
	return s->stopping;
}

struct events *server_events(struct server *s)
{
	return s->events;
}
