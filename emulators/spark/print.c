#include "spark/print.h"

#include "java/text.h"
#include "spark/decimal.h"
#include "spark/time.h"

enum style { CAST, CAST_ANSI, CELL, HIVE };

size_t sp_double_text(double d, char out[SP_REAL_TEXT_MAX])
{
	return java_double_text(d, out);
}

size_t sp_float_text(double d, char out[SP_REAL_TEXT_MAX])
{
	return java_float_text((float)d, out);
}

static void print_real(struct buf *b, const struct sp_type *t, double d)
{
	char text[SP_REAL_TEXT_MAX];
	buf_add(b, text, t->kind == SP_FLOAT ? sp_float_text(d, text) : sp_double_text(d, text));
}

static void print_decimal(struct buf *b, const struct sp_type *t, struct sp_i128 x, bool plain)
{
	char text[SP_DEC_TEXT_MAX];
	buf_add(b, text, sp_dec_text(sp_wide(x), t->scale, plain, text));
}

static void hex_upper(struct buf *b, struct slice s, const char *between)
{
	size_t i;
	for (i = 0; i < s.n; i++) {
		static const char digits[] = "0123456789ABCDEF";
		uint8_t c = (uint8_t)s.p[i];
		if (i)
			buf_adds(b, between);
		buf_addc(b, digits[c >> 4]);
		buf_addc(b, digits[c & 15]);
	}
}

static void print_binary(struct buf *b, struct slice s, enum style style)
{
	if (style == CELL) {
		buf_addc(b, '[');
		hex_upper(b, s, " ");
		buf_addc(b, ']');
	} else if (style == HIVE) {
		buf_utf8_mend(b, s, "\xef\xbf\xbd");
	} else {
		buf_addsl(b, s);
	}
}

static void print_atom(struct buf *b, const struct sp_type *t, const struct sp_value *v, const struct sp_zone *zone, enum style style)
{
	switch (t->kind) {
	case SP_BOOLEAN:
		buf_adds(b, v->i ? "true" : "false");
		break;
	case SP_TINYINT:
	case SP_SMALLINT:
	case SP_INT:
	case SP_BIGINT:
		buf_int(b, v->i);
		break;
	case SP_FLOAT:
	case SP_DOUBLE:
		print_real(b, t, v->d);
		break;
	case SP_DECIMAL:
		print_decimal(b, t, v->x, style != CAST);
		break;
	case SP_STRING:
		buf_addsl(b, v->s);
		break;
	case SP_BINARY:
		print_binary(b, v->s, style);
		break;
	case SP_DATE:
		sp_print_date(b, v->i);
		break;
	case SP_TIMESTAMP:
		sp_print_timestamp(b, v->i, zone);
		break;
	case SP_TIMESTAMP_NTZ:
		sp_print_local(b, v->i);
		break;
	case SP_INTERVAL_YM:
	case SP_INTERVAL_DT:
	case SP_INTERVAL:
		sp_print_interval(b, t, v, style == HIVE ? SP_INTERVAL_HIVE : SP_INTERVAL_ANSI);
		break;
	case SP_VOID:
	case SP_ARRAY:
	case SP_MAP:
	case SP_STRUCT:
	case SP_KINDS:
		break;
	}
}

static void print(struct buf *b, const struct sp_type *t, const struct sp_value *v, const struct sp_zone *zone, enum style style)
{
	size_t i;
	if (v->null || t->kind == SP_VOID) {
		buf_adds(b, style == CELL ? "NULL" : "null");
		return;
	}
	if (!sp_is_nested(t)) {
		print_atom(b, t, v, zone, style);
		return;
	}
	buf_addc(b, t->kind == SP_ARRAY ? '[' : '{');
	for (i = 0; i < v->list->n; i++) {
		bool value = t->kind == SP_MAP && i % 2;
		if (i)
			buf_adds(b, value ? " -> " : ", ");
		print(b, t->kind == SP_STRUCT ? t->fields[i].type : t->kind == SP_MAP && !value ? t->key : t->item, &v->list->items[i], zone,
		      style);
	}
	buf_addc(b, t->kind == SP_ARRAY ? ']' : '}');
}

void sp_print(struct buf *b, const struct sp_type *t, const struct sp_value *v, const struct sp_zone *zone)
{
	print(b, t, v, zone, CAST);
}

void sp_print_ansi(struct buf *b, const struct sp_type *t, const struct sp_value *v, const struct sp_zone *zone)
{
	print(b, t, v, zone, CAST_ANSI);
}

void sp_print_cell(struct buf *b, const struct sp_type *t, const struct sp_value *v, const struct sp_zone *zone)
{
	print(b, t, v, zone, CELL);
}

/* ---- Hive ---- */

static void hive(struct buf *b, const struct sp_type *t, const struct sp_value *v, const struct sp_zone *zone);

static int by_text(const void *x, const void *y)
{
	return sl_cmp(*(const struct slice *)x, *(const struct slice *)y);
}

static void hive_map(struct buf *b, const struct sp_type *t, const struct sp_list *l, const struct sp_zone *zone)
{
	struct arena a = { 0 };
	struct slice *pairs = arena_alloc(&a, (l->n / 2 + 1) * sizeof(*pairs));
	struct buf one = { 0 };
	size_t i;
	for (i = 0; i + 1 < l->n; i += 2) {
		buf_reset(&one);
		hive(&one, t->key, &l->items[i], zone);
		buf_addc(&one, ':');
		hive(&one, t->item, &l->items[i + 1], zone);
		pairs[i / 2] = arena_dup(&a, buf_slice(&one));
	}
	qsort(pairs, l->n / 2, sizeof(*pairs), by_text);
	for (i = 0; i < l->n / 2; i++) {
		if (i)
			buf_addc(b, ',');
		buf_addsl(b, pairs[i]);
	}
	buf_free(&one);
	arena_free(&a);
}

/* Inside of others: texts are in quotes, not escaped. */
static void hive(struct buf *b, const struct sp_type *t, const struct sp_value *v, const struct sp_zone *zone)
{
	size_t i;
	if (v->null || !sp_is_nested(t)) {
		bool quoted = t->kind == SP_STRING && !v->null;
		if (quoted)
			buf_addc(b, '"');
		print(b, t, v, zone, HIVE);
		if (quoted)
			buf_addc(b, '"');
		return;
	}
	buf_addc(b, t->kind == SP_ARRAY ? '[' : '{');
	if (t->kind == SP_MAP)
		hive_map(b, t, v->list, zone);
	for (i = 0; t->kind != SP_MAP && i < v->list->n; i++) {
		if (i)
			buf_addc(b, ',');
		if (t->kind == SP_STRUCT) {
			buf_addc(b, '"');
			buf_addsl(b, t->fields[i].name);
			buf_adds(b, "\":");
		}
		hive(b, t->kind == SP_STRUCT ? t->fields[i].type : t->item, &v->list->items[i], zone);
	}
	buf_addc(b, t->kind == SP_ARRAY ? ']' : '}');
}

void sp_print_hive(struct buf *b, const struct sp_type *t, const struct sp_value *v, const struct sp_zone *zone)
{
	if (v->null)
		buf_adds(b, "NULL");
	else if (t->kind == SP_STRING)
		buf_addsl(b, v->s);
	else
		hive(b, t, v, zone);
}

/* ---- literals ---- */

static void quoted(struct buf *b, struct slice s)
{
	size_t i;
	buf_addc(b, '\'');
	for (i = 0; i < s.n; i++) {
		if (s.p[i] == '\\' || s.p[i] == '\'')
			buf_addc(b, '\\');
		buf_addc(b, s.p[i]);
	}
	buf_addc(b, '\'');
}

static void with_word(struct buf *b, const char *word, const struct sp_type *t, const struct sp_value *v, const struct sp_zone *zone)
{
	buf_adds(b, word);
	buf_adds(b, " '");
	print_atom(b, t, v, zone, CAST);
	buf_addc(b, '\'');
}

static void literal_list(struct buf *b, const struct sp_type *t, const struct sp_list *l, const struct sp_zone *zone)
{
	size_t i;
	buf_adds(b, t->kind == SP_ARRAY ? "ARRAY(" : t->kind == SP_MAP ? "MAP(" : "NAMED_STRUCT(");
	for (i = 0; i < l->n; i++) {
		if (i)
			buf_adds(b, ", ");
		if (t->kind == SP_STRUCT) {
			quoted(b, t->fields[i].name);
			buf_adds(b, ", ");
		}
		sp_print_literal(b, t->kind == SP_STRUCT ? t->fields[i].type : t->kind == SP_MAP && i % 2 == 0 ? t->key : t->item,
				 &l->items[i], zone);
	}
	buf_addc(b, ')');
}

void sp_print_literal(struct buf *b, const struct sp_type *t, const struct sp_value *v, const struct sp_zone *zone)
{
	if (v->null) {
		if (t->kind == SP_VOID || sp_is_nested(t)) {
			buf_adds(b, "NULL");
			return;
		}
		buf_adds(b, "CAST(NULL AS ");
		sp_type_sql(b, t);
		buf_addc(b, ')');
		return;
	}
	switch (t->kind) {
	case SP_STRING:
		quoted(b, v->s);
		break;
	case SP_BINARY:
		buf_adds(b, "X'");
		hex_upper(b, v->s, "");
		buf_addc(b, '\'');
		break;
	case SP_DATE:
		with_word(b, "DATE", t, v, zone);
		break;
	case SP_TIMESTAMP:
		with_word(b, "TIMESTAMP", t, v, zone);
		break;
	case SP_TIMESTAMP_NTZ:
		with_word(b, "TIMESTAMP_NTZ", t, v, zone);
		break;
	case SP_INTERVAL:
		with_word(b, "INTERVAL", t, v, zone);
		break;
	case SP_ARRAY:
	case SP_MAP:
	case SP_STRUCT:
		literal_list(b, t, v->list, zone);
		break;
	default:
		print_atom(b, t, v, zone, CAST);
		if (t->kind == SP_DOUBLE && v->d - v->d != 0)
			break;
		buf_adds(b, t->kind == SP_TINYINT ? "Y" : t->kind == SP_SMALLINT ? "S" : t->kind == SP_BIGINT ? "L"
			  : t->kind == SP_DOUBLE ? "D" : t->kind == SP_DECIMAL ? "BD" : "");
	}
}

void sp_print_sql(struct buf *b, const struct sp_type *t, const struct sp_value *v, const struct sp_zone *zone)
{
	if (v->null)
		buf_adds(b, "NULL");
	else if (t->kind == SP_STRING || sp_is_numeric(t))
		print_atom(b, t, v, zone, CAST);
	else
		sp_print_literal(b, t, v, zone);
}
