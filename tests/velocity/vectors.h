/* The recorded templates of ../shared/vectors/vtl.json, read for tests and benchmarks. */
#ifndef TARN_TESTS_VTL_VECTORS_H
#define TARN_TESTS_VTL_VECTORS_H

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "velocity/value.h"

static inline struct slice vector_text(struct arena *a, const json_t *obj, const char *name)
{
	const json_t *v = json_object_get(obj, name);

	if (!json_is_string(v))
		return S("");
	return arena_dup(a, (struct slice){ json_string_value(v), json_string_length(v) });
}

static inline size_t vector_pairs(struct arena *a, json_t *obj, const struct vtl_pair **out)
{
	struct vtl_pair *v = arena_alloc(a, (json_object_size(obj) + 1) * sizeof(*v));
	const char *name;
	json_t *value;
	size_t n = 0;

	json_object_foreach(obj, name, value)
		v[n++] = (struct vtl_pair){ arena_dup(a, sl(name)), arena_dup(a, sl(json_string_value(value))) };
	*out = v;
	return n;
}

static inline void vector_context(struct vtl_map *m, const char *prefix, json_t *obj)
{
	const char *name;
	json_t *value;
	struct slice path;

	json_object_foreach(obj, name, value) {
		path = arena_printf(m->arena, "%s%s%s", prefix, *prefix ? "." : "", name);
		if (json_is_object(value)) {
			vtl_map_at(m, path.p);
			vector_context(m, path.p, value);
		} else {
			vtl_map_set(m, path.p, arena_dup(m->arena, sl(json_string_value(value))));
		}
	}
}

static inline void vector_input(struct arena *a, json_t *vector, struct vtl_input *in)
{
	json_t *params = json_object_get(vector, "params");

	*in = (struct vtl_input){ .arena = a, .body = vector_text(a, vector, "body"), .context = vtl_map_new(a) };
	in->path_n = vector_pairs(a, json_object_get(params, "path"), &in->path);
	in->query_n = vector_pairs(a, json_object_get(params, "querystring"), &in->query);
	in->header_n = vector_pairs(a, json_object_get(params, "header"), &in->header);
	in->stage_n = vector_pairs(a, json_object_get(vector, "stageVariables"), &in->stage);
	/* The gateway's own maps, there in every call. */
	vtl_map_at(in->context, "requestOverride.path");
	vtl_map_at(in->context, "requestOverride.querystring");
	vtl_map_at(in->context, "requestOverride.header");
	vtl_map_at(in->context, "responseOverride.header");
	vector_context(in->context, "", json_object_get(vector, "context"));
}

#endif
