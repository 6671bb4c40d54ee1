/* Puts are what a stream is busy with, and a JSON tree of half a megabyte of base64 is nearly all of their cost: bodies as
 * every SDK writes them are read here in one pass, decoded where they stand. All others go the general way. */
#include <string.h>

#include "kinesis/kinesis.h"

enum { KEY_BYTES = 256, NAME_BYTES = 128, DATA_BYTES = 10485760, ENTRIES = 500 };

struct cursor {
	const char *p, *end;
	uint8_t *to; /* decoded data goes here */
};

static char peek(struct cursor *c)
{
	while (c->p < c->end && (*c->p == ' ' || *c->p == '\n' || *c->p == '\t' || *c->p == '\r'))
		c->p++;
	return c->p < c->end ? *c->p : '\0';
}

static bool take(struct cursor *c, char want)
{
	bool ok = peek(c) == want;
	c->p += ok;
	return ok;
}

/* A text without escapes, not empty, of at most max bytes. */
static bool text(struct cursor *c, size_t max, struct slice *out)
{
	bool ascii = true;
	if (out->p || !take(c, '"'))
		return false;
	const char *from = c->p;
	for (; c->p < c->end && *c->p != '"'; c->p++) {
		if (*c->p == '\\' || (unsigned char)*c->p < 0x20)
			return false;
		ascii &= (unsigned char)*c->p < 0x80;
	}
	*out = sl_of(from, (size_t)(c->p - from));
	return take(c, '"') && out->n > 0 && out->n <= max && (ascii || sl_is_utf8(*out));
}

static bool data(struct cursor *c, struct slice *out)
{
	if (out->p || !take(c, '"'))
		return false;
	const char *end = memchr(c->p, '"', (size_t)(c->end - c->p));
	ssize_t n = end ? base64_decode(c->to, sl_of(c->p, (size_t)(end - c->p)), true) : -1;
	if (n < 0 || n > DATA_BYTES)
		return false;
	*out = sl_of(c->to, (size_t)n);
	c->to += n;
	c->p = end + 1;
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

/* Members of a record; the others are `more`'s. */
static bool object(struct cursor *c, struct kin_entry *e, bool (*more)(struct cursor *c, struct slice name, struct kin_plain *out),
		   struct kin_plain *out)
{
	if (!take(c, '{'))
		return false;
	do {
		struct slice name = { 0 };
		if (!text(c, KEY_BYTES, &name) || !take(c, ':'))
			return false;
		if (e && sl_eqs(name, "Data") ? !data(c, &e->data) :
		    e && sl_eqs(name, "PartitionKey") ? !text(c, KEY_BYTES, &e->key) : !more || !more(c, name, out))
			return false;
	} while (take(c, ','));
	return take(c, '}') && (!e || (e->data.p && e->key.p));
}

static bool of_record(struct cursor *c, struct slice name, struct kin_plain *out)
{
	return sl_eqs(name, "StreamName") && text(c, NAME_BYTES, &out->stream);
}

static bool of_records(struct cursor *c, struct slice name, struct kin_plain *out)
{
	if (sl_eqs(name, "StreamName"))
		return text(c, NAME_BYTES, &out->stream);
	if (!sl_eqs(name, "Records") || out->n || !take(c, '['))
		return false;
	do
		if (out->n == ENTRIES || !object(c, &out->entries[out->n++], NULL, NULL))
			return false;
	while (take(c, ','));
	return take(c, ']');
}

bool kin_plain_read(struct arena *a, const struct kin_op *op, struct slice body, struct kin_plain *out)
{
	bool one = op->run == kin_op_put_record;
	*out = (struct kin_plain){ .n = one };
	if (!one && op->run != kin_op_put_records)
		return false;
	struct cursor c = { body.p, body.p + body.n, arena_alloc(a, body.n / 4 * 3 + 3) };
	out->entries = arena_alloc(a, (one ? 1 : ENTRIES) * sizeof(*out->entries));
	bool ok = object(&c, one ? out->entries : NULL, one ? of_record : of_records, out);
	return ok && out->n && out->stream.p && is_name(out->stream) && peek(&c) == '\0' && c.p == c.end;
}
