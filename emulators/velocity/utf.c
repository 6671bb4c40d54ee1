/* UTF-8 text seen as Java sees it: a sequence of UTF-16 units. */
#include <string.h>

#include "velocity/value.h"

uint32_t vtl_utf8_next(struct slice s, size_t *i)
{
	const uint8_t *p = (const uint8_t *)s.p + *i;
	size_t left = s.n - *i;
	size_t n = p[0] >= 0xf0 && p[0] < 0xf5 ? 4 : p[0] >= 0xe0 && p[0] < 0xf0 ? 3 : p[0] >= 0xc2 && p[0] < 0xe0 ? 2 : 1;
	uint32_t cp = n == 1 ? p[0] : p[0] & (0xffu >> (n + 1));
	if (n > left)
		n = 1;
	for (size_t k = 1; k < n; k++) {
		if ((p[k] & 0xc0) != 0x80) {
			n = 1;
			break;
		}
		cp = cp << 6 | (p[k] & 0x3f);
	}
	if ((n == 3 && cp < 0x800) || (n == 4 && (cp < 0x10000 || cp > 0x10ffff)))
		n = 1;
	*i += n;
	return n == 1 && p[0] >= 0x80 ? 0xfffd : n == 1 ? p[0] : cp;
}

void vtl_utf8_add(struct buf *out, uint32_t cp)
{
	if (cp < 0x80) {
		buf_addc(out, (char)cp);
		return;
	}
	if (cp < 0x800) {
		buf_addc(out, (char)(0xc0 | cp >> 6));
	} else {
		if (cp < 0x10000) {
			buf_addc(out, (char)(0xe0 | cp >> 12));
		} else {
			buf_addc(out, (char)(0xf0 | cp >> 18));
			buf_addc(out, (char)(0x80 | (cp >> 12 & 0x3f)));
		}
		buf_addc(out, (char)(0x80 | (cp >> 6 & 0x3f)));
	}
	buf_addc(out, (char)(0x80 | (cp & 0x3f)));
}

static bool is_ascii(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] & 0x80)
			return false;
	return true;
}

size_t vtl_u16_index(struct slice s, size_t at)
{
	size_t units = 0;
	for (size_t i = 0; i < at && i < s.n;)
		units += vtl_utf8_next(s, &i) >= 0x10000 ? 2 : 1;
	return units;
}

size_t vtl_u16_len(struct slice s)
{
	return is_ascii(s) ? s.n : vtl_u16_index(s, s.n);
}

size_t vtl_u16_offset(struct slice s, size_t want)
{
	size_t i = 0;
	for (size_t units = 0; units < want && i < s.n;)
		units += vtl_utf8_next(s, &i) >= 0x10000 ? 2 : 1;
	return i;
}

struct slice vtl_u16_sub(struct arena *a, struct slice s, size_t from, size_t to)
{
	size_t units = 0, i = 0;
	struct buf b = { 0 };
	struct slice out;
	if (is_ascii(s))
		return (struct slice){ s.p + from, to - from };
	while (i < s.n && units < to) {
		uint32_t cp = vtl_utf8_next(s, &i);
		if (cp < 0x10000) {
			if (units >= from)
				vtl_utf8_add(&b, cp);
			units++;
			continue;
		}
		if (units >= from && units + 2 <= to)
			vtl_utf8_add(&b, cp);
		else if (units >= from)
			vtl_utf8_add(&b, 0xd800 + ((cp - 0x10000) >> 10));
		else if (units + 1 >= from && units + 2 <= to)
			vtl_utf8_add(&b, 0xdc00 + ((cp - 0x10000) & 0x3ff));
		units += 2;
	}
	out = arena_dup(a, buf_slice(&b));
	buf_free(&b);
	return out;
}
