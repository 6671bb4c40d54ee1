/* Bytes and memory: the three byte types of the project, and an arena.
 *
 *   struct slice  a borrowed view; never NUL-terminated by promise; p == NULL means "absent"
 *   struct buf    growing output with a ceiling; a write past it sets `bad` and is dropped
 *   struct rd     a cursor over untrusted input; a short read sets `bad` and yields zeros
 *   struct arena  many small allocations freed together (one per request)
 *
 * Out of memory aborts: everything a client can grow has a limit elsewhere.
 *
 * Whoever includes this, as all do, has C's strings, memory and formatted output with it. */
#ifndef TARN_MEM_H
#define TARN_MEM_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))
#define WARN_UNUSED __attribute__((warn_unused_result))
#define PRINTF_LIKE(f, a) __attribute__((format(printf, f, a)))

void *xmalloc(size_t n);
void *xcalloc(size_t count, size_t size);
void *xrealloc(void *p, size_t n);
char *xstrdup(const char *s);
char *xstrndup(const char *p, size_t n);
/* Formats into a fresh heap string; the caller frees it. */
char *xasprintf(const char *fmt, ...) PRINTF_LIKE(1, 2);
/* Room in the heap array v, with n of cap (a size_t) in use, for one more: GROW(list, n, cap); list[n++] = x; */
#define GROW(v, n, cap) ((void)((n) < (cap) || ((v) = array_grow((v), &(cap), sizeof(*(v))))))
void *array_grow(void *v, size_t *cap, size_t size);

struct slice {
	const char *p;
	size_t n;
};
#define S(literal) ((struct slice){ "" literal, sizeof(literal) - 1 })
/* For printf("%.*s", SL(x)). */
#define SL(s) (int)(s).n, (s).p

static inline struct slice sl(const char *cstr) /* NULL gives the absent slice */
{
	return (struct slice){ cstr, cstr ? strlen(cstr) : 0 };
}
static inline struct slice sl_of(const void *p, size_t n)
{
	return (struct slice){ p, n };
}
/* What stands behind the first `at` bytes; empty when there is nothing. */
static inline struct slice sl_from(struct slice s, size_t at)
{
	at = at < s.n ? at : s.n;
	return (struct slice){ at ? s.p + at : s.p, s.n - at }; /* an absent slice stays one */
}
static inline bool sl_eq(struct slice a, struct slice b)
{
	return a.n == b.n && (a.n == 0 || (a.p[0] == b.p[0] && memcmp(a.p, b.p, a.n) == 0));
}
bool sl_eqs(struct slice a, const char *cstr);
bool sl_eq_nocase(struct slice a, struct slice b);
int sl_cmp(struct slice a, struct slice b); /* memcmp order, shorter first */
bool sl_starts(struct slice s, struct slice prefix);
bool sl_starts_nocase(struct slice s, struct slice prefix);
bool sl_ends(struct slice s, struct slice suffix);
/* Index of c, or -1. */
ssize_t sl_chr(struct slice s, char c);
/* Index of the first needle, or -1. */
ssize_t sl_find(struct slice s, struct slice needle);
/* Whether s starts with prefix; if so, *rest is what follows it. */
bool sl_after(struct slice s, struct slice prefix, struct slice *rest);
bool sl_after_nocase(struct slice s, struct slice prefix, struct slice *rest);
struct slice sl_trim(struct slice s); /* without ASCII white space at both ends */
/* Cuts at the first c: *head gets what is before it, *rest what is after; without c, head = s and rest is
 * absent. Returns whether c was there. */
bool sl_cut(struct slice s, char c, struct slice *head, struct slice *rest);
/* Whole slice as a decimal number within [lo, hi]; false otherwise, *out untouched. */
bool sl_int(struct slice s, int64_t lo, int64_t hi, int64_t *out);
/* text.c. Whether the bytes are well-formed UTF-8 (no surrogates, no overlong forms). */
bool sl_is_utf8(struct slice s);

struct buf {
	char *p;
	size_t n, cap, max; /* max 0: the default ceiling, BUF_MAX_DEFAULT */
	bool bad;
};
enum { BUF_MAX_DEFAULT = 1 << 30 };
void buf_init(struct buf *b, size_t max);
void buf_reset(struct buf *b); /* n = 0, bad = false, memory kept */
void buf_free(struct buf *b);
/* Room for n more bytes, returns where to write them (then add to b->n), or NULL (and bad). */
char *buf_room(struct buf *b, size_t n);
void buf_add(struct buf *b, const void *p, size_t n);
void buf_addsl(struct buf *b, struct slice s);
void buf_adds(struct buf *b, const char *cstr);
void buf_addc(struct buf *b, char c);
void buf_int(struct buf *b, int64_t v); /* in decimal */
void buf_addf(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
void buf_addv(struct buf *b, const char *fmt, va_list ap);
void buf_u8(struct buf *b, uint8_t v);
void buf_u16be(struct buf *b, uint16_t v);
void buf_u32be(struct buf *b, uint32_t v);
void buf_u64be(struct buf *b, uint64_t v);
void buf_u16le(struct buf *b, uint16_t v);
void buf_u24le(struct buf *b, uint32_t v);
void buf_u32le(struct buf *b, uint32_t v);
void buf_u64le(struct buf *b, uint64_t v);
void buf_uvarint(struct buf *b, uint64_t v); /* LEB128 */
void buf_varint(struct buf *b, int64_t v);   /* zigzag LEB128 */
/* Appends s as a JSON string body without quotes, compact, non-ASCII raw, '/' not escaped, control
 * characters as \b \f \n \r \t or \u00XX. */
void buf_json_escape(struct buf *b, struct slice s);
/* The same with quotes. */
void buf_json_string(struct buf *b, struct slice s);
/* Text content and attribute values: & < > " and control characters as entities. */
void buf_xml_escape(struct buf *b, struct slice s);
/* Percent-encodes all but A-Za-z0-9-._~ (and '/' when keep_slash); %XX in upper case. */
void buf_url_escape(struct buf *b, struct slice s, bool keep_slash);
void buf_hex(struct buf *b, const void *p, size_t n); /* lower case */
void buf_base64(struct buf *b, const void *p, size_t n);
/* The bytes with a NUL after them (not counted in n); valid until the next change. */
const char *buf_cstr(struct buf *b);
static inline struct slice buf_slice(const struct buf *b)
{
	return (struct slice){ b->p ? b->p : "", b->n };
}

struct rd {
	const uint8_t *p;
	size_t n;
	bool bad;
};
struct rd rd_of(const void *p, size_t n);
uint8_t rd_u8(struct rd *r);
uint16_t rd_u16be(struct rd *r);
uint32_t rd_u32be(struct rd *r);
uint64_t rd_u64be(struct rd *r);
uint16_t rd_u16le(struct rd *r);
uint32_t rd_u24le(struct rd *r);
uint32_t rd_u32le(struct rd *r);
uint64_t rd_u64le(struct rd *r);
uint64_t rd_uvarint(struct rd *r);
int64_t rd_varint(struct rd *r);
/* n bytes of the input; compares n with what is left before any arithmetic. Bad: absent slice. */
struct slice rd_bytes(struct rd *r, size_t n);
/* Up to a NUL, which is skipped. */
struct slice rd_cstr(struct rd *r);

struct arena_block;
struct arena {
	struct arena_block *blocks;
	size_t used; /* bytes handed out since the last reset */
};
void *arena_alloc(struct arena *a, size_t n); /* zeroed, aligned for any type */
void *arena_raw(struct arena *a, size_t n); /* the same, not zeroed: what isn't touched of a large one costs no memory */
/* GROW for an array in an arena. */
#define ARENA_GROW(a, v, n, cap) ((void)((n) < (cap) || ((v) = arena_grow((a), (v), &(cap), sizeof(*(v))))))
void *arena_grow(struct arena *a, const void *v, size_t *cap, size_t size);
/* What from holds is to's from now on; from is empty. */
void arena_take(struct arena *to, struct arena *from);
struct slice arena_dup(struct arena *a, struct slice s);
char *arena_cstr(struct arena *a, struct slice s); /* NUL-terminated copy */
struct slice arena_printf(struct arena *a, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* Percent-decodes (plus_is_space: '+' becomes a space); malformed %XX stays as it is. */
struct slice arena_url_decode(struct arena *a, struct slice s, bool plus_is_space);
/* base64.c. Strict base64 with padding. Returns false for other input. */
bool arena_base64(struct arena *a, struct slice s, struct slice *out) WARN_UNUSED;
/* The same into `to`, which has room for s.n / 4 * 3 bytes. Returns how many there are, or -1. exact: bits beyond the last
 * byte must be 0. */
ssize_t base64_decode(uint8_t *to, struct slice s, bool exact) WARN_UNUSED;
void arena_reset(struct arena *a); /* keeps one block for reuse */
/* The same for what is filled again and again: one block as big as all that was used is kept, up to a MiB, so that soon no more are made. */
void arena_recycle(struct arena *a);
void arena_free(struct arena *a);

#endif
