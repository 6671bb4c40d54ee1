/* What Delta's log says of a file's columns: rows, NULLs, bounds. Spec: PROTOCOL.md "Per-file Statistics". */
#include "columns/shred.h"
#include "core/clock.h"
#include "core/text.h"

enum { STAT_CHARS = 32, STAT_LEAVES = 32 };

static size_t utf8_chars(struct slice s, size_t chars)
{
	size_t at = 0;
	while (at < s.n && (chars || ((uint8_t)s.p[at] & 0xc0) == 0x80)) {
		if (((uint8_t)s.p[at] & 0xc0) != 0x80)
			chars--;
		at++;
		while (at < s.n && ((uint8_t)s.p[at] & 0xc0) == 0x80)
			at++;
	}
	return at;
}

/* Texts are cut at 32 characters; a cut maximum gets the highest character after it, as Delta does. */
static bool text_stat(struct buf *b, struct slice s, bool max)
{
	static const struct slice highest = { "\xf4\x8f\xbf\xbf", 4 };
	size_t n = utf8_chars(s, STAT_CHARS);
	struct slice rest = sl_from(s, n);
	if ((max && sl_starts(rest, highest)) || !sl_is_utf8(s))
		return false;
	buf_addc(b, '"');
	buf_json_escape(b, sl_of(s.p, n));
	if (max && rest.n)
		buf_addsl(b, highest);
	buf_addc(b, '"');
	return true;
}

static bool time_stat(struct buf *b, int64_t us, bool zone)
{
	char iso[32];
	if (us / 1000 < clock_days(0, 1, 1) * 86400000 || us / 1000 > clock_days(9999, 12, 31) * 86400000)
		return false;
	clock_iso(us / 1000 - (us % 1000 < 0), iso);
	buf_addf(b, "\"%.*s\"", (int)strlen(iso) - !zone, iso);
	return true;
}

static void decimal_stat(struct buf *b, int64_t v, int scale)
{
	char digits[32];
	uint64_t rest = v < 0 ? -(uint64_t)v : (uint64_t)v;
	int n = snprintf(digits, sizeof(digits), "%0*llu", scale + 1, (unsigned long long)rest);
	buf_addf(b, "%s%.*s", v < 0 ? "-" : "", n - scale, digits);
	if (scale)
		buf_addf(b, ".%s", digits + n - scale);
}

bool col_stat(struct buf *b, const struct sp_type *t, union pq_stat v, bool max)
{
	int y, m, d;
	switch (t->kind) {
	case SP_STRING:
		return text_stat(b, v.s, max);
	case SP_DATE:
		clock_civil(v.i, &y, &m, &d);
		if (y < 0 || y > 9999)
			return false;
		buf_addf(b, "\"%04d-%02d-%02d\"", y, m, d);
		return true;
	case SP_TIMESTAMP:
	case SP_TIMESTAMP_NTZ:
		return time_stat(b, v.i, t->kind == SP_TIMESTAMP);
	case SP_FLOAT:
	case SP_DOUBLE:
		buf_real(b, v.d, true);
		return true;
	case SP_DECIMAL:
		if (t->precision > 18)
			return false;
		decimal_stat(b, v.i, t->scale);
		return true;
	case SP_TINYINT:
	case SP_SMALLINT:
	case SP_INT:
	case SP_BIGINT:
		buf_addf(b, "%lld", (long long)v.i);
		return true;
	default:
		return false;
	}
}

struct put {
	struct buf *b;
	struct arena *a;
	enum col_match match;
	const struct pq_stats *leaves;
	size_t next; /* leaf */
	enum { MIN, MAX, NULLS } what;
};

static bool put_leaf(struct put *p, const struct sp_type *t)
{
	const struct pq_stats *s = &p->leaves[p->next++];
	if (p->next > STAT_LEAVES)
		return false;
	if (p->what == NULLS) {
		buf_addf(p->b, "%lld", (long long)s->null_n);
		return true;
	}
	return s->has && col_stat(p->b, t, p->what == MAX ? s->max : s->min, p->what == MAX);
}

static bool put_fields(struct put *p, const struct sp_field *fields, size_t n);

/* False: nothing was put. Of lists and maps nothing is said: their entries' NULLs aren't theirs. */
static bool put_type(struct put *p, const struct sp_type *t)
{
	if (t->kind == SP_STRUCT)
		return put_fields(p, t->fields, t->field_n);
	if (!sp_is_nested(t))
		return put_leaf(p, t);
	p->next += col_leaves(t);
	return false;
}

static bool put_fields(struct put *p, const struct sp_field *fields, size_t n)
{
	bool any = false;
	buf_addc(p->b, '{');
	for (size_t i = 0; i < n; i++) {
		size_t before = p->b->n;
		if (any)
			buf_addc(p->b, ',');
		buf_json_string(p->b, col_physical(p->a, &fields[i], p->match));
		buf_addc(p->b, ':');
		if (put_type(p, fields[i].type))
			any = true;
		else
			p->b->n = before;
	}
	buf_addc(p->b, '}');
	return any;
}

void col_stats(struct buf *b, struct arena *a, const struct col_write *in, const struct pq_stats *leaves, int64_t rows)
{
	static const char *const names[] = { "minValues", "maxValues", "nullCount" };
	buf_addf(b, "{\"numRecords\":%lld", (long long)rows);
	for (int what = MIN; what <= NULLS; what++) {
		struct put p = { .b = b, .a = a, .match = in->match, .leaves = leaves, .what = what };
		buf_addf(b, ",\"%s\":", names[what]);
		(void)put_fields(&p, in->fields, in->field_n);
	}
	buf_addc(b, '}');
}
