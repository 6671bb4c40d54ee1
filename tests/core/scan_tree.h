/* What core/scan.h reads, as jansson's tree, to be compared with what jansson reads. */
#ifndef TARN_SCAN_TREE_H
#define TARN_SCAN_TREE_H

#include <jansson.h>

#include "core/scan.h"

static inline json_t *scan_tree_of(struct scan *s, const struct scan_value *v)
{
	struct scan_value inner;
	struct slice key;
	json_t *j = NULL;
	switch (v->kind) {
	case SCAN_NULL:
		return json_null();
	case SCAN_FALSE:
	case SCAN_TRUE:
		return json_boolean(v->kind == SCAN_TRUE);
	case SCAN_INT:
		return json_integer(v->i);
	case SCAN_REAL:
		return json_real(v->d);
	case SCAN_STRING:
		return json_stringn(v->text.p, v->text.n);
	case SCAN_OBJECT:
		j = json_object();
		while (scan_member(s, &key, &inner))
			json_object_setn_new(j, key.p, key.n, scan_tree_of(s, &inner));
		return j;
	case SCAN_ARRAY:
		j = json_array();
		while (scan_item(s, &inner))
			json_array_append_new(j, scan_tree_of(s, &inner));
		return j;
	}
	abort();
}

/* NULL: not the scanner's. */
static inline json_t *scan_tree(struct slice text, struct arena *a)
{
	struct scan s = scan_of(text, a);
	struct scan_value v;
	json_t *j = scan_value(&s, &v) ? scan_tree_of(&s, &v) : NULL;
	if (scan_end(&s))
		return j;
	json_decref(j);
	return NULL;
}

/* Equal, bit for bit in reals, and in the order of keys. */
static inline bool same_tree(json_t *a, json_t *b)
{
	const size_t flags = JSON_ENCODE_ANY | JSON_REAL_PRECISION(17);
	if (!json_equal(a, b))
		return false;
	char *x = json_dumps(a, flags), *y = json_dumps(b, flags);
	bool same = x && y && !strcmp(x, y);
	free(x);
	free(y);
	return same;
}

#endif
