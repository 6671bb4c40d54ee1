/* Result sets: types of columns, texts of values. A job's thread makes them, from what it was given. */
#include "rds/link.h"

#include <math.h>

#include "core/text.h"

static bool type_starts(const char *type, const char *prefix)
{
	return !strncmp(type, prefix, strlen(prefix));
}

static uint32_t in_brackets(const char *type)
{
	const char *open = strchr(type, '(');
	return open ? (uint32_t)atoi(open + 1) : 0;
}

void rds_column_typed(struct rds_column *c, const char *type)
{
	static const struct {
		const char *name;
		uint8_t type;
		uint32_t length;
		uint8_t decimals;
		uint16_t flags;
	} rows[] = {
		{ "tinyint(1)", TYPE_TINY, 1, 0, 0 }, /* by which drivers know booleans */
		{ "tinyint", TYPE_TINY, 4, 0, 0 },	   { "smallint", TYPE_SHORT, 6, 0, 0 },
		{ "mediumint", TYPE_INT24, 9, 0, 0 },	   { "int", TYPE_LONG, 11, 0, 0 },
		{ "bigint", TYPE_LONGLONG, 20, 0, 0 },	   { "float", TYPE_FLOAT, 12, 31, 0 },
		{ "double", TYPE_DOUBLE, 22, 31, 0 },	   { "datetime", TYPE_DATETIME, 19, 0, 0x80 },
		{ "timestamp", TYPE_TIMESTAMP, 19, 0, 0xa0 }, { "date", TYPE_DATE, 10, 0, 0x80 },
		{ "time", TYPE_TIME, 10, 0, 0x80 },	   { "year", TYPE_YEAR, 4, 0, 0x60 },
		{ "json", TYPE_JSON, 4294967295u, 0, 0x90 }, { "longblob", TYPE_BLOB, 4294967295u, 0, 0x90 },
		{ "mediumblob", TYPE_BLOB, 16777215, 0, 0x90 }, { "tinyblob", TYPE_BLOB, 255, 0, 0x90 },
		{ "blob", TYPE_BLOB, 65535, 0, 0x90 },
	};
	uint32_t n = in_brackets(type);
	c->charset = 63;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (type_starts(type, rows[i].name)) {
			c->type = rows[i].type;
			c->length = rows[i].length;
			c->decimals = rows[i].decimals;
			c->flags |= rows[i].flags;
			if (strstr(type, "unsigned"))
				c->flags |= 0x20;
			return;
		}
	}
	if (type_starts(type, "decimal")) {
		const char *comma = strchr(type, ',');
		c->type = TYPE_DECIMAL;
		c->decimals = (uint8_t)(comma ? atoi(comma + 1) : 0);
		c->length = n + (c->decimals > 0) + !strstr(type, "unsigned");
		return;
	}
	if (type_starts(type, "bit")) {
		c->type = TYPE_BIT;
		c->length = n ? n : 1;
		c->flags |= 0x20;
		return;
	}
	if (type_starts(type, "binary") || type_starts(type, "varbinary")) {
		c->type = type_starts(type, "binary") ? TYPE_STRING : TYPE_VAR_STRING;
		c->length = n;
		c->flags |= 0x80;
		return;
	}
	c->charset = 255;
	if (strstr(type, "text")) {
		c->type = TYPE_BLOB;
		c->flags |= 0x10;
		c->length = type_starts(type, "long") ? 4294967295u : type_starts(type, "medium") ? 67108860
							     : type_starts(type, "tiny")	 ? 1020
												 : 262140;
	} else {
		c->type = type_starts(type, "char") || type_starts(type, "enum") || type_starts(type, "set") ? TYPE_STRING
													      : TYPE_VAR_STRING;
		c->length = n ? n * 4 : 1020;
	}
}

/* A column that is no table's: by the value of the first row. */
static void column_by_value(struct rds_column *c, int sqlite_type)
{
	switch (sqlite_type) {
	case SQLITE_INTEGER:
		c->type = TYPE_LONGLONG;
		c->length = 21;
		c->charset = 63;
		c->flags |= 0x80;
		return;
	case SQLITE_FLOAT:
		c->type = TYPE_DOUBLE;
		c->length = 23;
		c->charset = 63;
		c->decimals = 31;
		c->flags |= 0x80;
		return;
	case SQLITE_BLOB:
		c->type = TYPE_BLOB;
		c->length = 65535;
		c->charset = 63;
		c->flags |= 0x80;
		return;
	default:
		c->type = TYPE_VAR_STRING;
		c->length = 1020;
		c->charset = 255;
	}
}

static void describe_column(struct arena *a, const struct rds_catalogue *cat, const char *database, sqlite3_stmt *st, int i, bool row,
			    struct rds_column *c)
{
	const char *table = sqlite3_column_table_name(st, i), *origin = sqlite3_column_origin_name(st, i);
	const struct rds_field *f = NULL;
	*c = (struct rds_column){ .name = arena_dup(a, sl(sqlite3_column_name(st, i))) };
	if (table && origin)
		f = rds_field_find(rds_catalogue_find(cat, sl(table)), origin);
	if (!f) {
		column_by_value(c, row ? sqlite3_column_type(st, i) : SQLITE_NULL);
		c->org_name = sl("");
		c->table = c->db = sl("");
		return;
	}
	c->org_name = arena_dup(a, sl(origin));
	c->table = arena_dup(a, sl(table));
	c->db = sl(database);
	c->flags = (uint16_t)((f->not_null ? 1 : 0) | (f->primary ? 2 : 0) | (f->unique && !f->primary ? 4 : 0) |
			      (f->indexed && !f->primary && !f->unique ? 8 : 0) | (f->auto_increment ? 0x200 : 0));
	rds_column_typed(c, f->type);
}

/* ---- values as text ---- */

/* MySQL's text of a DOUBLE: the shortest that reads back the same; of a FLOAT: six significant digits. */
static void put_double(struct buf *out, double v, bool is_float)
{
	char text[40];
	if (is_float)
		snprintf(text, sizeof(text), "%.6g", v);
	else
		(void)real_text(v, false, text);
	char *e = strchr(text, 'e');
	if (e && fabs(v) < 1e15 && fabs(v) >= 1e-15) { /* plain form up to fifteen digits */
		snprintf(text, sizeof(text), "%.*f", fabs(v) >= 1 ? 0 : is_float ? 21 : 30, v);
		if (strchr(text, '.')) {
			char *end = text + strlen(text) - 1;
			while (*end == '0')
				*end-- = '\0';
		}
		e = NULL;
	}
	struct buf b = { 0 };
	if (e) { /* 1e+20 is 1e20 in MySQL */
		long power = strtol(e + 1, NULL, 10);
		buf_addf(&b, "%.*se%ld", (int)(e - text), text, power);
	} else {
		buf_adds(&b, text);
	}
	buf_lenenc_string(out, buf_slice(&b));
	buf_free(&b);
}

static void put_cell(struct buf *out, sqlite3_stmt *st, int i, const struct rds_column *c)
{
	char text[64];
	switch (sqlite3_column_type(st, i)) {
	case SQLITE_NULL:
		buf_u8(out, 0xfb);
		return;
	case SQLITE_FLOAT:
		if (c->type == TYPE_DECIMAL) {
			snprintf(text, sizeof(text), "%.*f", c->decimals > 30 ? 30 : c->decimals, sqlite3_column_double(st, i));
			buf_lenenc_string(out, sl(text));
		} else {
			put_double(out, sqlite3_column_double(st, i), c->type == TYPE_FLOAT);
		}
		return;
	case SQLITE_INTEGER:
		if (c->type == TYPE_BIT) {
			int64_t v = sqlite3_column_int64(st, i);
			size_t bytes = c->length > 64 ? 8 : (c->length + 7) / 8;
			for (size_t k = 0; k < bytes; k++)
				text[k] = (char)(v >> 8 * (bytes - 1 - k));
			buf_lenenc_string(out, sl_of(text, bytes));
			return;
		}
		if (c->type == TYPE_DECIMAL && c->decimals) {
			snprintf(text, sizeof(text), "%lld.%0*d", (long long)sqlite3_column_int64(st, i), c->decimals, 0);
			buf_lenenc_string(out, sl(text));
			return;
		}
		break;
	}
	buf_lenenc_string(out, sqlite3_column_type(st, i) == SQLITE_BLOB ? db_blob(st, i) : db_text(st, i));
}

struct rds_column *rds_result_columns(struct arena *a, const struct rds_catalogue *cat, const char *database, sqlite3_stmt *st, bool row,
				      size_t *n)
{
	int all = sqlite3_column_count(st);
	struct rds_column *c = arena_alloc(a, (size_t)all * sizeof(*c) + 1);
	*n = 0;
	for (int i = 0; i < all; i++) {
		if (!strcmp(sqlite3_column_name(st, i), RDS_DEPTH))
			continue;
		describe_column(a, cat, database, st, i, row, &c[*n]);
		c[(*n)++].at = i;
	}
	return c;
}

void rds_result_row(struct buf *out, uint8_t *seq, sqlite3_stmt *st, const struct rds_column *c, size_t n)
{
	size_t at = out->n;
	buf_u32le(out, 0); /* the frame's head, when it is known */
	for (size_t i = 0; i < n; i++)
		put_cell(out, st, c[i].at, &c[i]);
	size_t length = out->n - at - 4;
	if (out->bad)
		return;
	if (length < RDS_PACKET_MAX) {
		uint8_t head[4] = { (uint8_t)length, (uint8_t)(length >> 8), (uint8_t)(length >> 16), (*seq)++ };
		memcpy(out->p + at, head, sizeof(head));
		return;
	}
	char *payload = xmalloc(length);
	memcpy(payload, out->p + at + 4, length);
	out->n = at;
	rds_packet_put(out, seq, sl_of(payload, length));
	free(payload);
}
