#include "scenario/away.h"

#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "scenario/looks.h"

/* ---- the server of this process ---- */

static void set(struct runner *r, struct server_opts *o, const char **to, const char *name, const char *value)
{
	if (value && *value)
		to[o->set_n++] = arena_printf(&r->arena, "remote.%s=%s", name, value).p;
}

void away_server(struct runner *r, struct server_opts *o)
{
	static const char *const stores[] = { "s3", "kinesis" };
	const struct away *a = r->away;
	const char **to = arena_alloc(&r->arena, 16 * sizeof(*to));
	o->set = to;
	o->set_n = 0;
	o->bare = true;
	set(r, o, to, "kafka", jstr(a->endpoints, "kafka"));
	for (size_t i = 0; i < ARRAY_LEN(stores); i++) {
		const char *name = stores[i];
		set(r, o, to, name, jstr(a->endpoints, "aws"));
		set(r, o, to, arena_printf(&r->arena, "%s_key", name).p, jstr(a->variables, "AWS_ACCESS_KEY_ID"));
		set(r, o, to, arena_printf(&r->arena, "%s_secret", name).p, jstr(a->variables, "AWS_SECRET_ACCESS_KEY"));
		set(r, o, to, arena_printf(&r->arena, "%s_region", name).p, jstr(a->variables, "AWS_REGION"));
	}
}

/* ---- its clients ---- */

void away_export(const struct away *a)
{
	const char *name;
	json_t *value;
	json_object_foreach((json_t *)a->variables, name, value)
		if (json_is_string(value))
			setenv(name, json_string_value(value), 1);
}

size_t away_headers(struct runner *r, const char *url, struct http_header *h, size_t max)
{
	const struct away *a = r->away;
	size_t n = 0;
	size_t base = a ? strlen(a->url) : 0;
	/* Of that port, not of one whose number begins so: the token is no one else's. */
	if (!a || strncmp(url, a->url, base) || (url[base] && !strchr("/?", url[base])) || max < 2)
		return 0;
	h[n++] = (struct http_header){ S("X-Tarn"), S("1") };
	if (a->token)
		h[n++] = (struct http_header){ S("Authorization"), arena_printf(&r->arena, "Bearer %s", a->token) };
	return n;
}

int away_endpoints(const struct away *a, const char *file, struct error *err)
{
	return json_dump_file(a->endpoints, file, JSON_COMPACT) ? err_set(err, ERR_STORE, "can't write %s", file) : 0;
}

/* Until it says several times on end that nothing is in flight. */
int away_settle(struct runner *r, struct error *err)
{
	enum { QUIET_TIMES = 4, EVERY_MS = 20 };
	int rc = 0;
	for (int quiet = 0; !rc && quiet < QUIET_TIMES;) {
		json_t *health = NULL;
		rc = look_json(r, "control", "/health", &health, err);
		quiet = json_is_false(json_object_get(health, "busy")) ? quiet + 1 : 0;
		json_decref(health);
		if (!rc && !(rc = runner_in_time(r, err)))
			loop_turn(server_loop(r->server), EVERY_MS);
	}
	return rc;
}
