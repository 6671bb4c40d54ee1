#include "spark/java_text.h"

#include "spark/print.h"

static void items(struct buf *b, const struct sp_type *t, const struct sp_value *v, size_t from, size_t step)
{
	buf_addc(b, '[');
	for (size_t i = from; i < v->list->n; i += step) {
		if (i > from)
			buf_addc(b, ',');
		sp_java_text(b, t->kind == SP_STRUCT ? t->fields[i].type : t->kind == SP_MAP && !from ? t->key : t->item, &v->list->items[i]);
	}
	buf_addc(b, ']');
}

void sp_java_text(struct buf *b, const struct sp_type *t, const struct sp_value *v)
{
	if (v->null || t->kind == SP_VOID) {
		buf_adds(b, "null");
		return;
	}
	switch (t->kind) {
	case SP_DATE:
	case SP_TIMESTAMP:
	case SP_TIMESTAMP_NTZ:
	case SP_INTERVAL_YM:
	case SP_INTERVAL_DT:
		buf_int(b, v->i);
		return;
	case SP_ARRAY:
	case SP_STRUCT:
		items(b, t, v, 0, 1);
		return;
	case SP_MAP:
		buf_adds(b, "keys: ");
		items(b, t, v, 0, 2);
		buf_adds(b, ", values: ");
		items(b, t, v, 1, 2);
		return;
	default:
		sp_print(b, t, v, NULL);
		return;
	}
}
