/* One leaf's values as one of Spark's types. */
#include <math.h>

#include "columns/bind.h"
#include "spark/time.h"

/* ---- which types can be read as which ---- */

static int digits_of(const struct sp_type *t) /* of an integral type */
{
	return t->kind == SP_TINYINT ? 3 : t->kind == SP_SMALLINT ? 5 : t->kind == SP_INT ? 10 : 20;
}

static bool widens(const struct pq_node *node, const struct sp_type *from, const struct sp_type *to)
{
	switch (to->kind) {
	case SP_TINYINT:
	case SP_SMALLINT:
	case SP_INT: /* Some writers don't say how narrow an INT32 is: see put_int. */
		return sp_is_integral(from) && node->type == PQ_INT32 && (from->kind <= to->kind || !node->bits);
	case SP_BIGINT:
		return sp_is_integral(from);
	case SP_DOUBLE:
		return from->kind == SP_FLOAT || (sp_is_integral(from) && from->kind != SP_BIGINT);
	case SP_DECIMAL:
		if (sp_is_integral(from))
			return to->precision - to->scale >= (from->kind == SP_BIGINT ? 19 : digits_of(from));
		return from->kind == SP_DECIMAL && to->scale >= from->scale && to->precision - to->scale >= from->precision - from->scale;
	case SP_STRING:
	case SP_BINARY:
		return from->kind == SP_STRING || from->kind == SP_BINARY;
	case SP_TIMESTAMP:
		return from->kind == SP_TIMESTAMP_NTZ;
	case SP_TIMESTAMP_NTZ:
		return from->kind == SP_TIMESTAMP || from->kind == SP_DATE;
	default:
		return false;
	}
}

static bool same_memory(const struct pq_node *node, const struct sp_type *from, const struct sp_type *to)
{
	if (node->kind == PQ_UUID || node->kind == PQ_FLOAT16 || node->kind == PQ_MILLIS || node->kind == PQ_NANOS)
		return false;
	switch (sp_phys_of(to)) {
	case SP_U8:
		return node->type == PQ_BOOLEAN;
	case SP_I32:
		return node->type == PQ_INT32 && from->kind <= to->kind;
	case SP_I64:
		return (node->type == PQ_INT64 && from->kind != SP_DECIMAL) || node->type == PQ_INT96;
	case SP_F64:
		return node->type == PQ_DOUBLE;
	case SP_STR:
		return true;
	default:
		return false;
	}
}

int col_leaf_make(struct arena *a, const struct pq_node *node, const struct sp_type *from, const struct sp_type *to, struct col_leaf *out,
		  struct error *err)
{
	struct buf want = { 0 }, has = { 0 };
	int rc;
	*out = (struct col_leaf){ .node = node, .from = from, .to = to };
	if (from->kind == SP_VOID || to->kind == SP_VOID || sp_type_eq(from, to) || widens(node, from, to)) {
		out->same = from->kind != SP_VOID && to->kind != SP_VOID && same_memory(node, from, to);
		return 0;
	}
	sp_type_simple(&want, to);
	sp_type_simple(&has, from);
	rc = err_set(err, ERR_INVALID, "Parquet column cannot be converted. Column: [%.*s], Expected: %s, Found: %s", SL(node->name), buf_cstr(&want),
		     buf_cstr(&has));
	buf_free(&want);
	buf_free(&has);
	return rc;
}

/* ---- one value ---- */

static bool wide_of(struct slice s, __int128 *out)
{
	unsigned __int128 v;
	bool minus = s.n && ((uint8_t)s.p[0] & 0x80);
	v = minus ? ~(unsigned __int128)0 : 0;
	for (; s.n > 16; s = sl_from(s, 1))
		if ((uint8_t)s.p[0] != (minus ? 0xff : 0))
			return false;
	for (size_t i = 0; i < s.n; i++)
		v = v << 8 | (uint8_t)s.p[i];
	*out = (__int128)v;
	return true;
}

static __int128 ten_to(int n)
{
	__int128 v = 1;
	while (n-- > 0)
		v *= 10;
	return v;
}

static bool put_decimal(const struct col_leaf *l, __int128 v, int scale, struct sp_value *out)
{
	__int128 most = ten_to(l->to->precision), times = ten_to(l->to->scale - scale);
	if (v > 0 ? v > (most - 1) / times : v < -(most - 1) / times)
		return false;
	out->x = sp_narrow(v * times);
	return true;
}

static bool put_int(const struct col_leaf *l, int64_t v, struct sp_value *out)
{
	static const int64_t least[] = { [SP_TINYINT] = INT8_MIN, [SP_SMALLINT] = INT16_MIN, [SP_INT] = INT32_MIN };
	switch (l->to->kind) {
	case SP_TINYINT:
	case SP_SMALLINT:
	case SP_INT:
		out->i = v;
		return v >= least[l->to->kind] && v <= -(least[l->to->kind] + 1);
	case SP_DOUBLE:
		out->d = (double)v;
		return true;
	case SP_DECIMAL:
		return put_decimal(l, v, 0, out);
	default:
		out->i = v;
		return true;
	}
}

static double half(struct slice s)
{
	unsigned bits = (uint8_t)s.p[0] | (unsigned)(uint8_t)s.p[1] << 8, fraction = bits & 0x3ff;
	int exponent = bits >> 10 & 31;
	double v = exponent == 31 ? (fraction ? (double)NAN : (double)INFINITY) : exponent ? ldexp(1024 + fraction, exponent - 25) : ldexp(fraction, -24);
	return bits >> 15 ? -v : v;
}

/* The day that has the same name in the Gregorian calendar, gone on with before it was made. */
static int64_t gregorian(int64_t days)
{
	int64_t c = days + 2440588 + 32082, years = sp_floor_div(4 * c + 3, 1461), of_year = c - sp_floor_div(1461 * years, 4);
	int64_t m = (5 * of_year + 2) / 153, day = of_year - (153 * m + 2) / 5;
	return sp_days(years - 4800 + m / 10, (int)(m + 3 - 12 * (m / 10)), 1) + day;
}

#define FIRST_DAY INT64_C(-141427) /* 1582-10-15 */

/* What is stored, by the calendar that counts. */
static int64_t rebased(const struct col_leaf *l, int64_t v)
{
	int64_t days = l->from->kind == SP_DATE ? v : sp_floor_div(v, SP_DAY_US);
	if (days >= FIRST_DAY || days < -5000000)
		return v;
	return l->from->kind == SP_DATE ? gregorian(v) : gregorian(days) * SP_DAY_US + sp_floor_mod(v, SP_DAY_US);
}

static bool put_time(const struct col_leaf *l, int64_t v, struct sp_value *out)
{
	switch (l->node->kind) {
	case PQ_MILLIS:
		if (__builtin_mul_overflow(v, 1000, &out->i))
			return false;
		break;
	case PQ_NANOS: /* Spark has none; those that are microseconds are read. */
		out->i = v / 1000;
		return v % 1000 == 0;
	default:
		out->i = v;
		break;
	}
	if (l->julian)
		out->i = rebased(l, out->i);
	return true;
}

static bool is_time(const struct sp_type *t)
{
	return t->kind == SP_TIMESTAMP || t->kind == SP_TIMESTAMP_NTZ;
}

static bool get_whole(const struct col_leaf *l, int64_t v, struct sp_value *out)
{
	if (l->from->kind == SP_DECIMAL) {
		if (l->node->kind != PQ_DECIMAL) /* unsigned, 64 bits */
			return put_decimal(l, (uint64_t)v, 0, out);
		return put_decimal(l, v, l->from->scale, out);
	}
	if (is_time(l->from))
		return put_time(l, v, out);
	if (l->from->kind == SP_DATE) {
		if (l->julian)
			v = rebased(l, v);
		out->i = is_time(l->to) ? v * INT64_C(86400000000) : v;
		return true;
	}
	if (l->node->type == PQ_INT32 && l->node->is_unsigned)
		v = (uint32_t)v;
	return put_int(l, v, out);
}

static bool get_text(const struct col_leaf *l, struct slice s, struct sp_value *out)
{
	__int128 v;
	if (l->node->kind == PQ_FLOAT16) {
		out->d = half(s);
		return true;
	}
	if (l->from->kind == SP_DECIMAL)
		return wide_of(s, &v) && put_decimal(l, v, l->from->scale, out);
	out->s = s;
	return true;
}

static bool leaf_get(const struct col_leaf *l, const struct pq_column *c, size_t i, struct sp_value *out)
{
	*out = (struct sp_value){ 0 };
	if (l->to->kind == SP_VOID || l->from->kind == SP_VOID) {
		out->null = true;
		return true;
	}
	switch (c->type) {
	case PQ_BOOLEAN:
		out->i = c->flags[i];
		return true;
	case PQ_INT32:
		return get_whole(l, c->i32[i], out);
	case PQ_INT64:
	case PQ_INT96:
		return get_whole(l, c->i64[i], out);
	case PQ_FLOAT:
		out->d = (double)c->f32[i];
		return true;
	case PQ_DOUBLE:
		out->d = c->f64[i];
		return true;
	default:
		return get_text(l, pq_bytes(c, i), out);
	}
}

/* UUIDs as text: the only texts that are made. */
static struct slice uuid_text_of(struct arena *a, struct slice s)
{
	static const char hex[] = "0123456789abcdef";
	char *p = arena_raw(a, 36), *to = p;
	for (size_t i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*to++ = '-';
		*to++ = hex[(uint8_t)s.p[i] >> 4];
		*to++ = hex[(uint8_t)s.p[i] & 15];
	}
	return sl_of(p, 36);
}

bool col_leaf_value(struct arena *a, const struct col_leaf *l, const struct pq_column *c, size_t i, struct sp_value *out)
{
	if (!leaf_get(l, c, i, out))
		return false;
	if (l->node->kind == PQ_UUID && l->to->kind == SP_STRING && !out->null)
		out->s = uuid_text_of(a, out->s);
	return true;
}

/* ---- all of them ---- */

int col_leaf_fail(const struct col_leaf *l, struct error *err)
{
	if (l->node->kind == PQ_NANOS)
		return err_set(err, ERR_UNSUPPORTED, "Illegal Parquet type: INT64 (TIMESTAMP(NANOS,%s)): column %.*s has times between microseconds",
			       l->node->local ? "false" : "true", SL(l->node->name));
	return err_set(err, ERR_INVALID, "Parquet: column %.*s has a value that its type can't hold", SL(l->node->name));
}

/* What is NULL, one byte a row; NULL: nothing is. */
static uint8_t *nulls_of(struct arena *a, const struct pq_column *c, size_t n)
{
	uint8_t *null;
	if (c->n == n)
		return NULL;
	null = arena_raw(a, n);
	for (size_t i = 0; i < n; i++)
		null[i] = c->def[i] != c->max_def;
	return null;
}

#define SPREAD(type, from) \
	do { \
		const type *src_ = (from); \
		type *to_ = arena_raw(a, n * sizeof(type)); \
		for (size_t i = 0, k = 0; i < n; i++) { \
			to_[i] = src_[k < last ? k : last]; \
			k += !null[i]; \
		} \
		spread = to_; \
	} while (0)

/* Values moved to the rows that have one. Those without get a neighbour's, which means nothing. */
static const void *spread_out(struct arena *a, const struct pq_column *c, const uint8_t *null, size_t n, size_t size)
{
	const void *spread;
	size_t last = c->n - 1;
	if (!null)
		return c->values;
	if (!c->n)
		return arena_alloc(a, n * size);
	if (size == 1)
		SPREAD(uint8_t, c->flags);
	else if (size == 4)
		SPREAD(uint32_t, c->code);
	else if (size == 8)
		SPREAD(int64_t, c->i64);
	else
		SPREAD(struct slice, c->text);
	return spread;
}

static void store(enum sp_phys phys, void *to, size_t i, const struct sp_value *v)
{
	switch (phys) {
	case SP_U8:
		((uint8_t *)to)[i] = v->i != 0;
		break;
	case SP_I32:
		((int32_t *)to)[i] = (int32_t)v->i;
		break;
	case SP_I64:
		((int64_t *)to)[i] = v->i;
		break;
	case SP_F64:
		((double *)to)[i] = v->d;
		break;
	case SP_X128:
		((struct sp_i128 *)to)[i] = v->x;
		break;
	case SP_STR:
		((struct slice *)to)[i] = v->s;
		break;
	case SP_CAL:
	case SP_LIST:
	case SP_NONE:
		break;
	}
}

/* From floats, the commonest of those whose memory differs. */
static void *floats_of(struct arena *a, const struct pq_column *c, const uint8_t *null, size_t n)
{
	double *to = arena_raw(a, (n + 1) * sizeof(*to));
	for (size_t i = 0, k = 0; i < n; i++)
		to[i] = null && null[i] ? 0 : (double)c->f32[k++];
	return to;
}

static int convert(struct arena *a, const struct col_leaf *l, const struct pq_column *c, size_t n, struct sp_vec *out, struct error *err)
{
	enum sp_phys phys = sp_phys_of(l->to);
	void *to = arena_alloc(a, (n + 1) * sp_phys_size(phys));
	struct sp_value v;
	for (size_t i = 0, k = 0; i < n; i++) {
		if (out->null && out->null[i])
			continue;
		if (!col_leaf_value(a, l, c, k++, &v))
			return col_leaf_fail(l, err);
		store(phys, to, i, &v);
	}
	out->p = to;
	return 0;
}

/* Whether the memory can stay as it is: nothing in it is of the other calendar. */
static bool stays(const struct col_leaf *l, const struct pq_column *c)
{
	if (!l->same || !l->julian)
		return l->same;
	for (size_t i = 0; i < c->n; i++)
		if (l->from->kind == SP_DATE ? c->i32[i] < FIRST_DAY : c->i64[i] < FIRST_DAY * SP_DAY_US)
			return false;
	return true;
}

int col_leaf_vector(struct arena *a, const struct col_leaf *l, const struct pq_column *c, size_t n, struct sp_vec *out, struct error *err)
{
	*out = (struct sp_vec){ .type = l->to, .n = n };
	if (l->to->kind == SP_VOID)
		return 0;
	if (l->from->kind == SP_VOID || (n && c->n == 0)) {
		static const uint8_t yes[] = { 1 };
		out->one = true;
		out->null = yes;
		out->p = arena_alloc(a, sp_phys_size(sp_phys_of(l->to)));
		return 0;
	}
	out->null = nulls_of(a, c, n);
	if (!l->same && c->type == PQ_FLOAT) {
		out->p = floats_of(a, c, out->null, n);
		return 0;
	}
	if (!stays(l, c))
		return convert(a, l, c, n, out, err);
	if (c->dict) { /* NULL is an entry of its own, behind the others */
		uint32_t *code;
		struct slice *entries;
		uint8_t *null;
		if (!out->null) {
			out->code = c->code;
			out->str = c->dict;
			out->dict_n = c->dict_n;
			return 0;
		}
		code = arena_raw(a, n * sizeof(*code));
		for (size_t i = 0, k = 0; i < n; i++)
			code[i] = out->null[i] ? (uint32_t)c->dict_n : c->code[k++];
		entries = arena_raw(a, (c->dict_n + 1) * sizeof(*entries));
		memcpy(entries, c->dict, c->dict_n * sizeof(*entries));
		entries[c->dict_n] = S("");
		null = arena_alloc(a, c->dict_n + 1);
		null[c->dict_n] = 1;
		*out = (struct sp_vec){ .type = l->to, .n = n, .code = code, .dict_n = c->dict_n + 1, .str = entries, .null = null };
		return 0;
	}
	out->p = spread_out(a, c, out->null, n, sp_phys_size(sp_phys_of(l->to)));
	return 0;
}
