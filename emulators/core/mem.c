#include "text.h"

#include <ctype.h>
#include <strings.h>

static void die_of_memory(size_t n)
{
	fprintf(stderr, "tarn: out of memory (%zu bytes wanted)\n", n);
	abort();
}

void *xmalloc(size_t n)
{
	void *p = malloc(n ? n : 1);
	if (!p)
		die_of_memory(n);
	return p;
}

void *xcalloc(size_t count, size_t size)
{
	void *p = calloc(count ? count : 1, size ? size : 1);
	if (!p)
		die_of_memory(count * size);
	return p;
}

void *xrealloc(void *p, size_t n)
{
	p = realloc(p, n ? n : 1);
	if (!p)
		die_of_memory(n);
	return p;
}

char *xstrdup(const char *s)
{
	return xstrndup(s, strlen(s));
}

char *xstrndup(const char *p, size_t n)
{
	char *s = xmalloc(n + 1);
	if (n)
		memcpy(s, p, n);
	s[n] = '\0';
	return s;
}

char *xasprintf(const char *fmt, ...)
{
	va_list ap;
	char *s = NULL;
	va_start(ap, fmt);
	if (vasprintf(&s, fmt, ap) < 0)
		die_of_memory(0);
	va_end(ap);
	return s;
}

void *array_grow(void *v, size_t *cap, size_t size)
{
	*cap = *cap ? *cap * 2 : 8;
	return xrealloc(v, *cap * size);
}

/* ---- slices ---- */

bool sl_eqs(struct slice a, const char *cstr)
{
	return sl_eq(a, sl(cstr));
}

bool sl_eq_nocase(struct slice a, struct slice b)
{
	return a.n == b.n && (a.n == 0 || strncasecmp(a.p, b.p, a.n) == 0);
}

int sl_cmp(struct slice a, struct slice b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int c = n ? memcmp(a.p, b.p, n) : 0;
	if (c)
		return c;
	return a.n < b.n ? -1 : a.n > b.n;
}

bool sl_starts(struct slice s, struct slice prefix)
{
	return s.n >= prefix.n && (prefix.n == 0 || memcmp(s.p, prefix.p, prefix.n) == 0);
}

bool sl_starts_nocase(struct slice s, struct slice prefix)
{
	return s.n >= prefix.n && (prefix.n == 0 || strncasecmp(s.p, prefix.p, prefix.n) == 0);
}

bool sl_ends(struct slice s, struct slice suffix)
{
	return s.n >= suffix.n && (suffix.n == 0 || memcmp(s.p + s.n - suffix.n, suffix.p, suffix.n) == 0);
}

ssize_t sl_chr(struct slice s, char c)
{
	const char *at = s.n ? memchr(s.p, c, s.n) : NULL;
	return at ? at - s.p : -1;
}

ssize_t sl_find(struct slice s, struct slice needle)
{
	if (needle.n == 0)
		return 0;
	const char *at = s.n ? memmem(s.p, s.n, needle.p, needle.n) : NULL;
	return at ? at - s.p : -1;
}

bool sl_after(struct slice s, struct slice prefix, struct slice *rest)
{
	if (!sl_starts(s, prefix))
		return false;
	*rest = sl_from(s, prefix.n);
	return true;
}

bool sl_after_nocase(struct slice s, struct slice prefix, struct slice *rest)
{
	if (!sl_starts_nocase(s, prefix))
		return false;
	*rest = sl_from(s, prefix.n);
	return true;
}

struct slice sl_trim(struct slice s)
{
	while (s.n && isspace((unsigned char)s.p[0])) {
		s.p++;
		s.n--;
	}
	while (s.n && isspace((unsigned char)s.p[s.n - 1]))
		s.n--;
	return s;
}

bool sl_cut(struct slice s, char c, struct slice *head, struct slice *rest)
{
	ssize_t at = sl_chr(s, c);
	if (at < 0) {
		*head = s;
		*rest = (struct slice){ NULL, 0 };
		return false;
	}
	*head = sl_of(s.p, (size_t)at);
	*rest = sl_of(s.p + at + 1, s.n - (size_t)at - 1);
	return true;
}

bool sl_int(struct slice s, int64_t lo, int64_t hi, int64_t *out)
{
	size_t i = 0;
	bool minus = s.n > 0 && s.p[0] == '-';
	uint64_t v = 0;
	if (minus || (s.n > 0 && s.p[0] == '+'))
		i = 1;
	if (i == s.n)
		return false;
	for (; i < s.n; i++) {
		unsigned d = (unsigned char)s.p[i] - '0';
		if (d > 9 || v > (UINT64_MAX - d) / 10)
			return false;
		v = v * 10 + d;
	}
	if (v > (uint64_t)INT64_MAX + (minus ? 1 : 0))
		return false;
	int64_t r = minus ? (int64_t)(0 - v) : (int64_t)v;
	if (r < lo || r > hi)
		return false;
	*out = r;
	return true;
}

/* ---- buffers ---- */

void buf_init(struct buf *b, size_t max)
{
	*b = (struct buf){ .max = max };
}

void buf_reset(struct buf *b)
{
	b->n = 0;
	b->bad = false;
}

void buf_free(struct buf *b)
{
	size_t max = b->max;
	free(b->p);
	*b = (struct buf){ .max = max };
}

char *buf_room(struct buf *b, size_t n)
{
	size_t max = b->max ? b->max : (size_t)BUF_MAX_DEFAULT;
	if (b->bad || n > max || b->n > max - n) {
		b->bad = true;
		return NULL;
	}
	if (b->n + n + 1 > b->cap) {
		size_t cap = b->cap ? b->cap : 128;
		while (cap < b->n + n + 1)
			cap *= 2;
		b->p = xrealloc(b->p, cap);
		b->cap = cap;
	}
	return b->p + b->n;
}

const char *buf_cstr(struct buf *b)
{
	if (!b->p) {
		b->cap = 16;
		b->p = xmalloc(b->cap);
	}
	b->p[b->n] = '\0'; /* buf_room always leaves a byte for it */
	return b->p;
}

void buf_add(struct buf *b, const void *p, size_t n)
{
	if (n == 0)
		return;
	char *to = buf_room(b, n);
	if (!to)
		return;
	memcpy(to, p, n);
	b->n += n;
}

void buf_addsl(struct buf *b, struct slice s)
{
	buf_add(b, s.p, s.n);
}

void buf_adds(struct buf *b, const char *cstr)
{
	buf_add(b, cstr, strlen(cstr));
}

void buf_addc(struct buf *b, char c)
{
	buf_add(b, &c, 1);
}

void buf_int(struct buf *b, int64_t v)
{
	char text[24];
	size_t at = sizeof(text);
	uint64_t u = v < 0 ? -(uint64_t)v : (uint64_t)v;
	do {
		text[--at] = (char)('0' + u % 10);
	} while (u /= 10);
	if (v < 0)
		text[--at] = '-';
	buf_add(b, text + at, sizeof(text) - at);
}

void buf_addv(struct buf *b, const char *fmt, va_list ap)
{
	va_list again;
	va_copy(again, ap);
	char small[256];
	int n = vsnprintf(small, sizeof(small), fmt, ap);
	if (n >= 0 && (size_t)n < sizeof(small)) {
		buf_add(b, small, (size_t)n);
	} else if (n >= 0) {
		char *to = buf_room(b, (size_t)n);
		if (to) {
			vsnprintf(to, (size_t)n + 1, fmt, again);
			b->n += (size_t)n;
		}
	}
	va_end(again);
}

void buf_addf(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	buf_addv(b, fmt, ap);
	va_end(ap);
}

static void buf_be(struct buf *b, uint64_t v, int n)
{
	uint8_t out[8];
	for (int i = 0; i < n; i++)
		out[i] = (uint8_t)(v >> (8 * (n - 1 - i)));
	buf_add(b, out, (size_t)n);
}

static void buf_le(struct buf *b, uint64_t v, int n)
{
	uint8_t out[8];
	for (int i = 0; i < n; i++)
		out[i] = (uint8_t)(v >> (8 * i));
	buf_add(b, out, (size_t)n);
}

void buf_u8(struct buf *b, uint8_t v)
{
	buf_be(b, v, 1);
}

void buf_u16be(struct buf *b, uint16_t v)
{
	buf_be(b, v, 2);
}

void buf_u32be(struct buf *b, uint32_t v)
{
	buf_be(b, v, 4);
}

void buf_u64be(struct buf *b, uint64_t v)
{
	buf_be(b, v, 8);
}

void buf_u16le(struct buf *b, uint16_t v)
{
	buf_le(b, v, 2);
}

void buf_u24le(struct buf *b, uint32_t v)
{
	buf_le(b, v, 3);
}

void buf_u32le(struct buf *b, uint32_t v)
{
	buf_le(b, v, 4);
}

void buf_u64le(struct buf *b, uint64_t v)
{
	buf_le(b, v, 8);
}

void buf_uvarint(struct buf *b, uint64_t v)
{
	for (; v >= 0x80; v >>= 7)
		buf_u8(b, (uint8_t)(v | 0x80));
	buf_u8(b, (uint8_t)v);
}

void buf_varint(struct buf *b, int64_t v)
{
	buf_uvarint(b, ((uint64_t)v << 1) ^ (uint64_t)(v >> 63));
}

void buf_json_escape(struct buf *b, struct slice s)
{
	static const char named[32] = { ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r' };
	size_t from = 0;
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if (c >= 0x20 && c != '"' && c != '\\')
			continue;
		buf_add(b, s.p + from, i - from);
		from = i + 1;
		if (c == '"' || c == '\\')
			buf_addf(b, "\\%c", c);
		else if (named[c])
			buf_addf(b, "\\%c", named[c]);
		else
			buf_addf(b, "\\u%04X", c);
	}
	buf_add(b, s.p + from, s.n - from);
}

void buf_json_string(struct buf *b, struct slice s)
{
	buf_addc(b, '"');
	buf_json_escape(b, s);
	buf_addc(b, '"');
}

/* What stands for a character of XML text; NULL: itself, or a number. */
static const char *entity(unsigned char c)
{
	return c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '>' ? "&gt;" : c == '"' ? "&quot;" : NULL;
}

/* Runs of what stays as it is are added at once. */
void buf_xml_escape(struct buf *b, struct slice s)
{
	size_t from = 0;
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		bool control = c < 0x20 && c != '\t' && c != '\n';
		const char *e = c < 0x40 ? entity(c) : NULL;
		if (!e && !control)
			continue;
		buf_add(b, s.p + from, i - from);
		from = i + 1;
		if (e)
			buf_adds(b, e);
		else
			buf_addf(b, "&#x%X;", c);
	}
	if (from < s.n)
		buf_add(b, s.p + from, s.n - from);
}

void buf_url_escape(struct buf *b, struct slice s, bool keep_slash)
{
	size_t from = 0;
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		char hex[3] = { '%', "0123456789ABCDEF"[c >> 4], "0123456789ABCDEF"[c & 15] };
		if (isalnum(c) || c == '-' || c == '.' || c == '_' || c == '~' || (c == '/' && keep_slash))
			continue;
		buf_add(b, s.p + from, i - from);
		buf_add(b, hex, sizeof(hex));
		from = i + 1;
	}
	if (from < s.n)
		buf_add(b, s.p + from, s.n - from);
}

void buf_hex(struct buf *b, const void *p, size_t n)
{
	char *to = buf_room(b, 2 * n);
	if (!to)
		return;
	hex_text(p, n, to); /* buf_room leaves a byte for its NUL */
	b->n += 2 * n;
}

/* ---- readers ---- */

struct rd rd_of(const void *p, size_t n)
{
	return (struct rd){ p, n, false };
}

struct slice rd_bytes(struct rd *r, size_t n)
{
	if (r->bad || n > r->n) {
		r->bad = true;
		r->n = 0;
		return (struct slice){ NULL, 0 };
	}
	struct slice s = sl_of(r->p, n);
	r->p += n;
	r->n -= n;
	return s;
}

static uint64_t rd_be(struct rd *r, size_t n)
{
	struct slice s = rd_bytes(r, n);
	uint64_t v = 0;
	for (size_t i = 0; i < s.n; i++)
		v = v << 8 | (uint8_t)s.p[i];
	return v;
}

static uint64_t rd_le(struct rd *r, size_t n)
{
	struct slice s = rd_bytes(r, n);
	uint64_t v = 0;
	for (size_t i = s.n; i-- > 0;)
		v = v << 8 | (uint8_t)s.p[i];
	return v;
}

uint8_t rd_u8(struct rd *r)
{
	return (uint8_t)rd_be(r, 1);
}

uint16_t rd_u16be(struct rd *r)
{
	return (uint16_t)rd_be(r, 2);
}

uint32_t rd_u32be(struct rd *r)
{
	return (uint32_t)rd_be(r, 4);
}

uint64_t rd_u64be(struct rd *r)
{
	return rd_be(r, 8);
}

uint16_t rd_u16le(struct rd *r)
{
	return (uint16_t)rd_le(r, 2);
}

uint32_t rd_u24le(struct rd *r)
{
	return (uint32_t)rd_le(r, 3);
}

uint32_t rd_u32le(struct rd *r)
{
	return (uint32_t)rd_le(r, 4);
}

uint64_t rd_u64le(struct rd *r)
{
	return rd_le(r, 8);
}

uint64_t rd_uvarint(struct rd *r)
{
	uint64_t v = 0;
	for (int shift = 0; shift < 64; shift += 7) {
		uint8_t c = rd_u8(r);
		if (r->bad)
			return 0;
		v |= (uint64_t)(c & 0x7f) << shift;
		if (!(c & 0x80))
			return v;
	}
	r->bad = true;
	return 0;
}

int64_t rd_varint(struct rd *r)
{
	uint64_t v = rd_uvarint(r);
	return (int64_t)(v >> 1) ^ -(int64_t)(v & 1);
}

struct slice rd_cstr(struct rd *r)
{
	const uint8_t *nul = r->n ? memchr(r->p, 0, r->n) : NULL;
	if (!nul) {
		(void)rd_bytes(r, r->n + 1);
		return (struct slice){ NULL, 0 };
	}
	struct slice s = rd_bytes(r, (size_t)(nul - r->p));
	(void)rd_bytes(r, 1);
	return s;
}

/* ---- arena ---- */

struct arena_block {
	struct arena_block *next;
	size_t used, size;
	max_align_t data[];
};

enum { ARENA_BLOCK = 4096 };

void *arena_raw(struct arena *a, size_t n)
{
	n = (n + sizeof(max_align_t) - 1) & ~(sizeof(max_align_t) - 1);
	struct arena_block *b = a->blocks;
	if (!b || b->size - b->used < n) {
		size_t size = n > ARENA_BLOCK / 2 ? n : (size_t)ARENA_BLOCK;
		struct arena_block *fresh = xmalloc(sizeof(*fresh) + size);
		fresh->used = 0;
		fresh->size = size;
		/* A big one goes behind the current block, whose rest stays in use. */
		if (b && n > ARENA_BLOCK / 2) {
			fresh->next = b->next;
			b->next = fresh;
		} else {
			fresh->next = b;
			a->blocks = fresh;
		}
		b = fresh;
	}
	void *p = (char *)b->data + b->used;
	b->used += n;
	a->used += n;
	return p;
}

void *arena_alloc(struct arena *a, size_t n)
{
	return memset(arena_raw(a, n), 0, n);
}

void *arena_grow(struct arena *a, const void *v, size_t *cap, size_t size)
{
	size_t n = *cap;
	void *more = arena_alloc(a, (*cap = n ? n * 2 : 8) * size);
	if (n)
		memcpy(more, v, n * size);
	return more;
}

struct slice arena_dup(struct arena *a, struct slice s)
{
	if (!s.p)
		return s;
	return sl_of(arena_cstr(a, s), s.n);
}

char *arena_cstr(struct arena *a, struct slice s)
{
	char *p = arena_alloc(a, s.n + 1);
	if (s.n)
		memcpy(p, s.p, s.n);
	return p;
}

struct slice arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap, again;
	va_start(ap, fmt);
	va_copy(again, ap);
	int n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	char *p = arena_alloc(a, (size_t)(n > 0 ? n : 0) + 1);
	vsnprintf(p, (size_t)n + 1, fmt, again);
	va_end(again);
	return sl_of(p, (size_t)n);
}

struct slice arena_url_decode(struct arena *a, struct slice s, bool plus_is_space)
{
	char *p = arena_alloc(a, s.n + 1);
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++) {
		int hi, lo;
		if (s.p[i] == '%' && i + 2 < s.n && (hi = hex_digit(s.p[i + 1])) >= 0 && (lo = hex_digit(s.p[i + 2])) >= 0) {
			p[n++] = (char)(hi << 4 | lo);
			i += 2;
		} else {
			p[n++] = plus_is_space && s.p[i] == '+' ? ' ' : s.p[i];
		}
	}
	return sl_of(p, n);
}

void arena_take(struct arena *to, struct arena *from)
{
	struct arena_block **end = &to->blocks;
	while (*end)
		end = &(*end)->next;
	*end = from->blocks;
	to->used += from->used;
	*from = (struct arena){ 0 };
}

void arena_reset(struct arena *a)
{
	struct arena_block *keep = NULL;
	for (struct arena_block *b = a->blocks, *next; b; b = next) {
		next = b->next;
		if (!keep && b->size == ARENA_BLOCK)
			keep = b;
		else
			free(b);
	}
	if (keep) {
		keep->next = NULL;
		keep->used = 0;
	}
	a->blocks = keep;
	a->used = 0;
}

void arena_recycle(struct arena *a)
{
	enum { KEPT_MAX = 1 << 20 };
	struct arena_block *b = a->blocks;
	if (b && b->next) {
		size_t all = 0;
		for (; b; b = b->next)
			all += b->used;
		arena_free(a);
		all = all + all / 4 < KEPT_MAX ? all + all / 4 : KEPT_MAX;
		b = a->blocks = xmalloc(sizeof(*b) + all);
		b->next = NULL;
		b->size = all;
	}
	if (b)
		b->used = 0;
	a->used = 0;
}

void arena_free(struct arena *a)
{
	for (struct arena_block *b = a->blocks, *next; b; b = next) {
		next = b->next;
		free(b);
	}
	*a = (struct arena){ 0 };
}
