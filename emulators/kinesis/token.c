/* Shard iterators as text: 8 bytes 00..01, then a text padded to 144 bytes and more, in base64. */
#include <ctype.h>

#include "kinesis/wire.h"

enum { ITERATOR_HEAD = 8, ITERATOR_LEAST = 144 };

void kin_iterator_text(struct buf *b, const struct kin_iterator *it)
{
	char text[512];
	uint8_t raw[512] = { 0 };
	int n = snprintf(text, sizeof(text), "%lld %u %llu %lld %.*s", (long long)it->stream, it->shard, (unsigned long long)it->from,
			 (long long)it->made_ms, SL(it->name));
	size_t length = (size_t)n < ITERATOR_LEAST ? ITERATOR_LEAST : ((size_t)n + 15) / 16 * 16;
	raw[ITERATOR_HEAD - 1] = 1;
	memcpy(raw + ITERATOR_HEAD, text, (size_t)n);
	buf_base64(b, raw, ITERATOR_HEAD + length);
}

static bool number_at(struct slice *rest, int64_t *out)
{
	struct slice one;
	return sl_cut(*rest, ' ', &one, rest) && sl_int(one, 0, INT64_MAX, out);
}

bool kin_iterator_read(struct arena *a, struct slice text, struct kin_iterator *out)
{
	static const char head[ITERATOR_HEAD] = { 0, 0, 0, 0, 0, 0, 0, 1 };
	struct slice raw, rest;
	int64_t shard, from;
	if (text.n > 1 && text.p[0] == '"' && text.p[text.n - 1] == '"') /* taken with quotes around it, too */
		text = sl_of(text.p + 1, text.n - 2);
	if (!arena_base64(a, text, &raw) || raw.n < ITERATOR_HEAD + ITERATOR_LEAST || memcmp(raw.p, head, ITERATOR_HEAD))
		return false;
	rest = sl_from(raw, ITERATOR_HEAD);
	rest.n = strnlen(rest.p, rest.n);
	if (!number_at(&rest, &out->stream) || !number_at(&rest, &shard) || !number_at(&rest, &from) || !number_at(&rest, &out->made_ms))
		return false;
	out->shard = (uint32_t)shard;
	out->from = (uint64_t)from;
	out->name = rest;
	for (size_t i = 0; i < rest.n; i++) /* what it names is shown in an error */
		if (!isalnum((unsigned char)rest.p[i]) && !memchr("_.-", rest.p[i], 3))
			return false;
	return rest.n > 0;
}
