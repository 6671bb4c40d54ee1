/* A request's members -> struct kin_in, by the rows of its shape. */
#include "kinesis/wire.h"

static void take(struct arena *a, void *into, const json_t *o, const struct kin_member *shape);

static struct slice blob(struct arena *a, const json_t *v)
{
	struct slice out;
	return arena_base64(a, json_slice(v), &out) ? out : S(""); /* it passed the checks */
}

static void take_list(struct arena *a, char *to, const json_t *v, const struct kin_member *m)
{
	size_t n = json_array_size(v), i;
	json_t *one;
	if (m->of) {
		struct kin_entries *list = (struct kin_entries *)to;
		*list = (struct kin_entries){ arena_alloc(a, (n + 1) * sizeof(*list->at)), n };
		json_array_foreach(v, i, one) {
			list->at[i] = (struct kin_entry){ 0 };
			take(a, &list->at[i], one, m->of);
		}
		return;
	}
	struct kin_names *list = (struct kin_names *)to;
	*list = (struct kin_names){ arena_alloc(a, (n + 1) * sizeof(*list->at)), n };
	json_array_foreach(v, i, one)
		list->at[i] = json_slice(one);
}

static void take_map(struct arena *a, struct kin_tags *to, json_t *v)
{
	const char *key;
	json_t *one;
	*to = (struct kin_tags){ arena_alloc(a, (json_object_size(v) + 1) * sizeof(*to->at)), 0 };
	json_object_foreach(v, key, one)
		to->at[to->n++] = (struct kin_tag){ sl(key), json_slice(one) };
}

static void take(struct arena *a, void *into, const json_t *o, const struct kin_member *m)
{
	for (; m->name; m++) {
		json_t *v = json_object_get(o, m->name);
		char *to = (char *)into + m->to;
		if (!v || (!m->kept && m->type != KIN_STRUCT))
			continue;
		switch (m->type) {
		case KIN_STRING:
			*(struct slice *)to = json_slice(v);
			break;
		case KIN_INTEGER:
			*(int64_t *)to = json_integer_value(v);
			break;
		case KIN_BOOLEAN:
			*(bool *)to = json_is_true(v);
			break;
		case KIN_BLOB:
			*(struct slice *)to = blob(a, v);
			break;
		case KIN_TIMESTAMP:
			*(int64_t *)to = (int64_t)(json_number_value(v) * 1000 + 0.5);
			break;
		case KIN_LIST:
			take_list(a, to, v, m);
			break;
		case KIN_MAP:
			take_map(a, (struct kin_tags *)to, v);
			break;
		case KIN_STRUCT:
			take(a, into, v, m->of);
			break;
		}
	}
}

void kin_take(struct kin_in *in, const json_t *o, const struct kin_member *shape)
{
	take(in->arena, in, o, shape);
}
