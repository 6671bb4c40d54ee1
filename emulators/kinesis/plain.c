/* Puts are what a stream is busy with, and a JSON tree of half a megabyte of base64 is nearly all of their cost: bodies as
 * every SDK writes them are read here in one pass, decoded on the way. All others go the general way. */
#include "core/scan.h"
#include "kinesis/wire.h"

enum { KEY_BYTES = 256, NAME_BYTES = 128, DATA_BYTES = 10485760, ENTRIES = 500 };

struct reader {
	struct scan s;
	struct kin_in *in;
	uint8_t *to; /* decoded data goes here */
};

/* A member that comes for the first time, not empty, of at most max bytes. */
static bool text(const struct scan_value *v, size_t max, struct slice *out)
{
	if (v->kind != SCAN_STRING || out->p || !v->text.n || v->text.n > max)
		return false;
	*out = v->text;
	return true;
}

static bool data(struct reader *r, const struct scan_value *v, struct slice *out)
{
	ssize_t n = v->kind == SCAN_STRING && !out->p ? base64_decode(r->to, v->text, true) : -1;
	if (n < 0 || n > DATA_BYTES)
		return false;
	*out = sl_of(r->to, (size_t)n);
	r->to += n;
	return true;
}

static bool is_name(struct slice s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || c == '.' || c == '-'))
			return false;
	}
	return true;
}

static bool of_entry(struct reader *r, struct kin_entry *e, struct slice name, const struct scan_value *v)
{
	return sl_eqs(name, "Data") ? data(r, v, &e->data) : sl_eqs(name, "PartitionKey") && text(v, KEY_BYTES, &e->key);
}

static bool records(struct reader *r)
{
	struct kin_entries *out = &r->in->entries;
	struct scan_value v;
	struct slice name;
	out->at = arena_alloc(r->in->arena, ENTRIES * sizeof(*out->at));
	while (scan_item(&r->s, &v)) {
		if (v.kind != SCAN_OBJECT || out->n == ENTRIES)
			return false;
		struct kin_entry *e = &out->at[out->n++];
		*e = (struct kin_entry){ 0 };
		while (scan_member(&r->s, &name, &v))
			if (!of_entry(r, e, name, &v))
				return false;
		if (!e->data.p || !e->key.p)
			return false;
	}
	return out->n > 0;
}

static bool body_of(struct reader *r, bool one)
{
	struct kin_in *in = r->in;
	struct scan_value v;
	struct slice name;
	if (!scan_value(&r->s, &v) || v.kind != SCAN_OBJECT)
		return false;
	while (scan_member(&r->s, &name, &v)) {
		bool ok = sl_eqs(name, "StreamName") ? text(&v, NAME_BYTES, &in->stream) :
			  one ? of_entry(r, &in->one, name, &v) :
			  sl_eqs(name, "Records") && !in->entries.n && v.kind == SCAN_ARRAY && records(r);
		if (!ok)
			return false;
	}
	return scan_end(&r->s) && in->stream.p && is_name(in->stream) && (one ? in->one.data.p && in->one.key.p : in->entries.n > 0);
}

bool kin_plain_read(struct kin_in *in, const struct kin_op *op, struct slice body)
{
	bool one = op->rule == kin_put;
	if (!one && op->rule != kin_put_all)
		return false;
	struct reader r = { scan_of(body, in->arena), in, arena_alloc(in->arena, body.n / 4 * 3 + 3) };
	if (body_of(&r, one))
		return true;
	in->stream = sl(NULL);
	in->one = (struct kin_entry){ 0 };
	in->entries = (struct kin_entries){ 0 };
	return false;
}
