/* Reset over HTTP: of all services, or of some that the query or the body names; and as neighbours of ours are asked for it. */
#include <jansson.h>

#include "core/json.h"
#include "stack/control.h"
#include "stack/services.h"

/* {"services": ["kafka", "s3"]}, or one text of them. */
static bool named_in_body(struct http_call *call, struct slice *out)
{
	JSON_AUTO o = json_loadb(call->req.body.p, call->req.body.n, 0, NULL);
	const json_t *all = json_object_get(o, "services"), *v;
	struct buf names = { 0 };
	size_t i;
	bool good = json_is_object(o) && json_object_size(o) == (all ? 1 : 0) && (!all || json_is_array(all) || json_is_string(all));
	json_array_foreach((json_t *)(uintptr_t)all, i, v)
	{
		good &= json_is_string(v);
		buf_addf(&names, "%s%s", i ? "," : "", good ? json_string_value(v) : "");
	}
	good &= !json_is_array(all) || json_array_size(all) > 0; /* none isn't all */
	if (good && all)
		*out = arena_dup(call->req.arena, json_is_string(all) ? sl(json_string_value(all)) : buf_slice(&names));
	buf_free(&names);
	return good;
}

void control_reset(void *self, struct http_call *call)
{
	struct slice names = http_query(&call->req, "services");
	struct error err;
	if (!names.p && sl_trim(call->req.body).n && !named_in_body(call, &names))
		control_error(call, 400, "the body names services: {\"services\": [\"kafka\", \"s3\"]}; without one all are reset");
	else if (names.p && !sl_trim(names).n)
		control_error(call, 400, "services names none; without it all are reset");
	else if (server_reset(self, names, call, &err))
		control_error(call, 400, err.text);
}

/* Ours, by the name that an AWS service has in signatures, or ours. */
static const char *service_of(struct slice name)
{
	struct slice scope, rest;
	for (size_t i = 0; services[i]; i++) {
		if (sl_eqs(name, services[i]->name))
			return services[i]->name;
		for (rest = sl(services[i]->aws); rest.p;) {
			sl_cut(rest, ' ', &scope, &rest);
			if (sl_eq(scope, name))
				return services[i]->name;
		}
	}
	return NULL;
}

void control_reset_alias(void *self, struct http_call *call)
{
	struct slice init = http_query(&call->req, "init");
	const char *name = call->arg[0].p ? service_of(call->arg[0]) : NULL;
	struct error err;
	if (init.p && !sl_eqs(init, "0")) {
		log_warn(server_env(self), "unsupported", "op=Reset query=\"init\"");
		control_error(call, 400, "init scripts aren't run again by a reset: what they make, the stack's folder can say");
	} else if (call->arg[0].p && !name) {
		control_error(call, 404, "no service here is called so: GET /_localstack/health lists them");
	} else if (server_reset(self, sl(name), call, &err)) {
		control_error(call, 400, err.text);
	}
}
