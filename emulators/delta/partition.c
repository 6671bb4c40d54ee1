/* Values of partition columns: texts in the log and in folders' names. Spec: PROTOCOL.md "Partition Value Serialization". */
#include <jansson.h>
#include <math.h>

#include "core/text.h"
#include "delta/op.h"
#include "spark/decimal.h"
#include "spark/time.h"

/* ---- in ---- */

static bool real_of(struct slice s, double *out)
{
	char text[400], *end;
	if (!s.n || s.n >= sizeof(text))
		return false;
	memcpy(text, s.p, s.n);
	text[s.n] = '\0';
	*out = strtod(text, &end);
	return !*end;
}

static bool parse(const struct sp_type *t, struct slice s, struct sp_value *out)
{
	static const int64_t least[] = { [SP_TINYINT] = INT8_MIN, [SP_SMALLINT] = INT16_MIN, [SP_INT] = INT32_MIN, [SP_BIGINT] = INT64_MIN };
	__int128 wide;
	int32_t days;
	switch (t->kind) {
	case SP_BOOLEAN:
		out->i = sl_eq_nocase(s, S("true"));
		return out->i || sl_eq_nocase(s, S("false"));
	case SP_TINYINT:
	case SP_SMALLINT:
	case SP_INT:
	case SP_BIGINT:
		return sl_int(s, least[t->kind], -(least[t->kind] + 1), &out->i);
	case SP_FLOAT:
		if (!real_of(s, &out->d))
			return false;
		out->d = (double)(float)out->d;
		return true;
	case SP_DOUBLE:
		return real_of(s, &out->d);
	case SP_DECIMAL:
		if (sp_dec_parse(s, t->precision, t->scale, &wide, NULL) != SP_DEC_OK)
			return false;
		out->x = sp_narrow(wide);
		return true;
	case SP_DATE:
		if (!sp_text_date(s, &days))
			return false;
		out->i = days;
		return true;
	case SP_TIMESTAMP:
		return sp_text_timestamp(s, NULL, 0, &out->i);
	case SP_TIMESTAMP_NTZ:
		return sp_text_timestamp_ntz(s, true, &out->i);
	case SP_STRING:
	case SP_BINARY:
		out->s = s;
		return true;
	case SP_VOID:
		out->null = true;
		return true;
	default:
		return false;
	}
}

int delta_partition_parse(struct arena *a, const struct sp_field *f, struct slice text, struct sp_value *out, struct error *err)
{
	*out = (struct sp_value){ .null = !text.n };
	if (!text.n)
		return 0;
	if (!parse(f->type, f->type->kind == SP_STRING || f->type->kind == SP_BINARY ? arena_dup(a, text) : text, out))
		return delta_fail(err, DELTA_E_LOG, "Failed to parse the partition value '%.*s' of column %.*s", SL(text), SL(f->name));
	return 0;
}

/* ---- out ---- */

static void put_real(struct buf *b, double d, bool is_float)
{
	if (isnan(d))
		buf_adds(b, "NaN");
	else if (isinf(d))
		buf_adds(b, d > 0 ? "Infinity" : "-Infinity");
	else if (d == rint(d) && fabs(d) < 1e7)
		buf_addf(b, "%s%.1f", d == 0 && signbit(d) && d != 0 ? "-" : "", d);
	else if (is_float)
		buf_addf(b, "%.9g", d);
	else
		buf_real(b, d, false);
}

bool delta_partition_text(struct buf *b, const struct sp_type *t, const struct sp_value *v)
{
	char text[SP_DEC_TEXT_MAX];
	if (v->null)
		return false;
	switch (t->kind) {
	case SP_BOOLEAN:
		buf_adds(b, v->i ? "true" : "false");
		break;
	case SP_TINYINT:
	case SP_SMALLINT:
	case SP_INT:
	case SP_BIGINT:
		buf_addf(b, "%lld", (long long)v->i);
		break;
	case SP_FLOAT:
	case SP_DOUBLE:
		put_real(b, v->d, t->kind == SP_FLOAT);
		break;
	case SP_DECIMAL:
		buf_add(b, text, sp_dec_text(sp_wide(v->x), t->scale, true, text));
		break;
	case SP_DATE:
		sp_print_date(b, v->i);
		break;
	case SP_TIMESTAMP:
	case SP_TIMESTAMP_NTZ:
		sp_print_local(b, v->i); /* UTC is the zone of ours */
		break;
	default:
		if (!v->s.n) /* as Delta does: an empty text is NULL */
			return false;
		buf_addsl(b, v->s);
		break;
	}
	return true;
}

/* Hive's escaping of names of folders. */
void delta_folder_escape(struct buf *b, struct slice s)
{
	for (size_t i = 0; i < s.n; i++) {
		uint8_t c = (uint8_t)s.p[i];
		if (c < 0x20 || c == 0x7f || strchr("\"#%'*/:=?\\{[]^", c))
			buf_addf(b, "%%%02X", c);
		else
			buf_addc(b, (char)c);
	}
}
