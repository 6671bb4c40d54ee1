/* Values of Connect as Java prints them, and as Jackson writes objects. */
#include "connect/value.h"

#include "core/clock.h"

const char *cv_type_name(enum cv_kind type)
{
	static const char *const names[CV_KINDS] = {
		[CV_NULL] = "null", [CV_INT8] = "INT8", [CV_INT16] = "INT16", [CV_INT32] = "INT32", [CV_INT64] = "INT64", [CV_FLOAT32] = "FLOAT32",
		[CV_FLOAT64] = "FLOAT64", [CV_BOOLEAN] = "BOOLEAN", [CV_STRING] = "STRING", [CV_BYTES] = "BYTES", [CV_ARRAY] = "ARRAY", [CV_MAP] = "MAP",
		[CV_STRUCT] = "STRUCT", [CV_DECIMAL] = "BYTES", [CV_DATE] = "INT64",
	};
	return names[type];
}

const char *cv_class(const struct cv_value *v)
{
	static const char *const names[CV_KINDS] = {
		[CV_NULL] = "null", [CV_INT8] = "java.lang.Byte", [CV_INT16] = "java.lang.Short", [CV_INT32] = "java.lang.Integer", [CV_INT64] = "java.lang.Long",
		[CV_FLOAT32] = "java.lang.Float", [CV_FLOAT64] = "java.lang.Double", [CV_BOOLEAN] = "java.lang.Boolean", [CV_STRING] = "java.lang.String",
		[CV_BYTES] = "[B", [CV_ARRAY] = "java.util.ArrayList", [CV_MAP] = "java.util.HashMap", [CV_STRUCT] = "org.apache.kafka.connect.data.Struct",
		[CV_DECIMAL] = "java.math.BigDecimal", [CV_DATE] = "java.util.Date",
	};
	return v->kind == CV_MAP && !v->u.map->table ? "java.util.LinkedHashMap" : names[v->kind];
}

/* ---- BigDecimal ---- */

/* Decimal digits of a two's complement number, without sign. */
static struct slice digits_of(struct arena *a, struct slice bytes, bool *minus)
{
	uint8_t *w = arena_alloc(a, bytes.n + 1);
	size_t room = bytes.n * 5 / 2 + 2, at = room;
	char *out = arena_alloc(a, room + 1);
	unsigned carry = 1;
	memcpy(w, bytes.p, bytes.n);
	*minus = bytes.n && w[0] & 0x80;
	for (size_t i = bytes.n; *minus && i-- > 0;) {
		carry += (uint8_t)~w[i];
		w[i] = (uint8_t)carry;
		carry >>= 8;
	}
	for (size_t from = 0; from < bytes.n;) {
		unsigned rest = 0;
		for (size_t i = from; i < bytes.n; i++) {
			rest = rest << 8 | w[i];
			w[i] = (uint8_t)(rest / 10);
			rest %= 10;
		}
		out[--at] = (char)('0' + rest);
		while (from < bytes.n && !w[from])
			from++;
	}
	if (at == room)
		out[--at] = '0';
	return (struct slice){ out + at, room - at };
}

static void zeros(struct buf *out, int64_t n)
{
	while (n-- > 0 && !out->bad)
		buf_addc(out, '0');
}

static void plain_print(struct buf *out, struct slice d, int64_t scale)
{
	int64_t whole = (int64_t)d.n - scale;
	if (scale <= 0) {
		buf_addsl(out, d);
		zeros(out, sl_eqs(d, "0") ? 0 : -scale);
	} else if (whole > 0) {
		buf_addsl(out, (struct slice){ d.p, (size_t)whole });
		buf_addc(out, '.');
		buf_addsl(out, sl_from(d, (size_t)whole));
	} else {
		buf_adds(out, "0.");
		zeros(out, -whole);
		buf_addsl(out, d);
	}
}

void cv_decimal_print(struct buf *out, const struct cv_decimal *dec, bool plain)
{
	struct arena a = { 0 };
	bool minus;
	struct slice d = digits_of(&a, dec->unscaled, &minus);
	int64_t adjusted = -(int64_t)dec->scale + (int64_t)d.n - 1;
	if (minus)
		buf_addc(out, '-');
	if (plain || (dec->scale >= 0 && adjusted >= -6)) {
		plain_print(out, d, dec->scale);
	} else {
		buf_addc(out, d.p[0]);
		if (d.n > 1)
			buf_addf(out, ".%.*s", SL(sl_from(d, 1)));
		if (adjusted)
			buf_addf(out, "E%+lld", (long long)adjusted);
	}
	arena_free(&a);
}

/* Two's complement of decimal digits, as short as it gets. */
static struct slice bytes_of(struct arena *a, struct slice d, bool minus)
{
	size_t room = d.n / 2 + 2, first = 0;
	uint8_t *w = arena_alloc(a, room);
	unsigned carry = 1;
	for (size_t i = 0; i < d.n; i++) {
		unsigned add = (unsigned)(d.p[i] - '0');
		for (size_t k = room; k-- > 0;) {
			add += w[k] * 10u;
			w[k] = (uint8_t)add;
			add >>= 8;
		}
	}
	for (size_t k = room; minus && k-- > 0;) {
		carry += (uint8_t)~w[k];
		w[k] = (uint8_t)carry;
		carry >>= 8;
	}
	while (first + 1 < room && w[first] == (w[first + 1] & 0x80 ? 0xff : 0))
		first++;
	return sl_of(w + first, room - first);
}

bool cv_decimal_parse(struct arena *a, struct slice text, struct cv_decimal *out)
{
	char *d = arena_alloc(a, text.n + 1);
	size_t i = 0, n = 0, after = 0;
	bool minus = text.n && text.p[0] == '-', point = false;
	int64_t e = 0;
	for (i = text.n && (text.p[0] == '-' || text.p[0] == '+'); i < text.n && text.p[i] != 'e' && text.p[i] != 'E'; i++) {
		if (text.p[i] == '.' && !point) {
			point = true;
			continue;
		}
		if (text.p[i] < '0' || text.p[i] > '9')
			return false;
		d[n++] = text.p[i];
		after += point;
	}
	if (!n)
		return false;
	if (i < text.n) {
		struct slice exponent = sl_from(text, i + 1);
		if (exponent.n > 1 && exponent.p[0] == '+' && exponent.p[1] != '-')
			exponent = sl_from(exponent, 1);
		if (!sl_int(exponent, INT32_MIN / 2, INT32_MAX / 2, &e))
			return false;
	}
	*out = (struct cv_decimal){ bytes_of(a, (struct slice){ d, n }, minus), (int32_t)((int64_t)after - e) };
	return true;
}

/* ---- String.valueOf ---- */

/* java.util.Date.toString in UTC. */
static void date_print(struct buf *out, int64_t ms)
{
	static const char *const week[] = { "Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed" };
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	int64_t days = ms / 86400000 - (ms % 86400000 < 0), in_day = ms - days * 86400000;
	int year, month, day;
	clock_civil(days, &year, &month, &day);
	buf_addf(out, "%s %s %02d %02d:%02d:%02d UTC %d", week[(days % 7 + 7) % 7], months[month - 1], day, (int)(in_day / 3600000), (int)(in_day / 60000 % 60),
		 (int)(in_day / 1000 % 60), year);
}

static void real_print(struct buf *out, const struct cv_value *v)
{
	char text[JAVA_REAL_MAX];
	size_t n = v->kind == CV_FLOAT32 ? java_float_text((float)v->u.f, text) : java_double_text(v->u.f, text);
	buf_add(out, text, n);
}

static void map_print(struct buf *out, const struct cv_map *m)
{
	buf_addc(out, '{');
	for (size_t i = 0; i < m->n; i++) {
		buf_adds(out, i ? ", " : "");
		cv_print(out, &m->e[i].key);
		buf_addc(out, '=');
		cv_print(out, &m->e[i].value);
	}
	buf_addc(out, '}');
}

static void struct_print(struct buf *out, const struct cv_struct *st)
{
	bool more = false;
	buf_adds(out, "Struct{");
	for (size_t i = 0; i < st->schema->field_n; i++) {
		if (st->v[i].kind == CV_NULL)
			continue;
		buf_addf(out, "%s%.*s=", more ? "," : "", SL(st->schema->fields[i].name));
		cv_print(out, &st->v[i]);
		more = true;
	}
	buf_addc(out, '}');
}

void cv_print(struct buf *out, const struct cv_value *v)
{
	switch (v->kind) {
	case CV_INT8: case CV_INT16: case CV_INT32: case CV_INT64:
		buf_int(out, v->u.i);
		break;
	case CV_FLOAT32: case CV_FLOAT64:
		real_print(out, v);
		break;
	case CV_BOOLEAN:
		buf_adds(out, v->u.i ? "true" : "false");
		break;
	case CV_STRING:
		buf_addsl(out, v->u.s);
		break;
	case CV_BYTES: /* Java prints an address */
		buf_addf(out, "[B@%x", (unsigned)java_hash(v->u.s) & 0x7fffffff);
		break;
	case CV_ARRAY:
		buf_addc(out, '[');
		for (size_t i = 0; i < v->u.list->n; i++) {
			buf_adds(out, i ? ", " : "");
			cv_print(out, &v->u.list->v[i]);
		}
		buf_addc(out, ']');
		break;
	case CV_MAP:
		map_print(out, v->u.map);
		break;
	case CV_STRUCT:
		struct_print(out, v->u.st);
		break;
	case CV_DECIMAL:
		cv_decimal_print(out, v->u.decimal, false);
		break;
	case CV_DATE:
		date_print(out, v->u.i);
		break;
	case CV_NULL: case CV_KINDS:
		buf_adds(out, "null");
		break;
	}
}

struct slice cv_text(struct arena *a, const struct cv_value *v)
{
	struct buf b = { 0 };
	cv_print(&b, v);
	struct slice text = arena_dup(a, buf_slice(&b));
	buf_free(&b);
	return text;
}

struct slice cv_schema_text(struct arena *a, const struct cv_schema *s)
{
	if (!s)
		return S("null");
	return s->name.p ? arena_printf(a, "Schema{%.*s:%s}", SL(s->name), cv_type_name(s->type)) : arena_printf(a, "Schema{%s}", cv_type_name(s->type));
}

/* ---- ObjectMapper ---- */

static void write_map(struct buf *out, const struct cv_map *m)
{
	buf_addc(out, '{');
	for (size_t i = 0; i < m->n; i++) {
		struct buf key = { 0 };
		if (i)
			buf_addc(out, ',');
		if (m->e[i].key.kind != CV_STRING)
			cv_print(&key, &m->e[i].key);
		jk_write_string(out, m->e[i].key.kind == CV_STRING ? m->e[i].key.u.s : buf_slice(&key));
		buf_addc(out, ':');
		cv_write_object(out, &m->e[i].value);
		buf_free(&key);
	}
	buf_addc(out, '}');
}

void cv_write_object(struct buf *out, const struct cv_value *v)
{
	switch (v->kind) {
	case CV_STRING:
		jk_write_string(out, v->u.s);
		break;
	case CV_BYTES:
		buf_addc(out, '"');
		buf_base64(out, v->u.s.p, v->u.s.n);
		buf_addc(out, '"');
		break;
	case CV_ARRAY:
		buf_addc(out, '[');
		for (size_t i = 0; i < v->u.list->n; i++) {
			if (i)
				buf_addc(out, ',');
			cv_write_object(out, &v->u.list->v[i]);
		}
		buf_addc(out, ']');
		break;
	case CV_MAP:
		write_map(out, v->u.map);
		break;
	case CV_DATE: /* WRITE_DATES_AS_TIMESTAMPS */
		buf_int(out, v->u.i);
		break;
	case CV_FLOAT32: case CV_FLOAT64: {
		bool odd = v->u.f != v->u.f || v->u.f - v->u.f != 0; /* NaN and infinities are quoted */
		buf_adds(out, odd ? "\"" : "");
		cv_print(out, v);
		buf_adds(out, odd ? "\"" : "");
		break;
	}
	case CV_STRUCT: /* DIFFERS: a Struct within a list or map is a bean to Jackson, its schema and all; here it is its fields */
		buf_addc(out, '{');
		for (size_t i = 0; i < v->u.st->schema->field_n; i++) {
			if (i)
				buf_addc(out, ',');
			jk_write_string(out, v->u.st->schema->fields[i].name);
			buf_addc(out, ':');
			cv_write_object(out, &v->u.st->v[i]);
		}
		buf_addc(out, '}');
		break;
	case CV_NULL: case CV_INT8: case CV_INT16: case CV_INT32: case CV_INT64: case CV_BOOLEAN: case CV_DECIMAL: case CV_KINDS:
		cv_print(out, v);
		break;
	}
}
