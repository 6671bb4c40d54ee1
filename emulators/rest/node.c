/* JsonNode: reading a value into a tree, writing it as Jackson writes. */
#include "rest/jackson.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rest/rest.h"

enum { INDEX_FROM = 16 };

/* Open addressing; size a power of two, at most half full. */
struct jk_index {
	size_t size;
	struct jk_node **slots;
};

static size_t hash_name(struct slice s)
{
	size_t h = 5381;
	for (size_t i = 0; i < s.n; i++)
		h = h * 33 ^ (uint8_t)s.p[i];
	return h ^ h >> 17;
}

static struct jk_node **index_slot(const struct jk_index *x, struct slice name)
{
	size_t i = hash_name(name) & (x->size - 1);
	while (x->slots[i] && !sl_eq(x->slots[i]->name, name))
		i = (i + 1) & (x->size - 1);
	return &x->slots[i];
}

static void index_build(struct arena *a, struct jk_node *object)
{
	struct jk_index *x = arena_alloc(a, sizeof(*x));
	x->size = 64;
	while (x->size < object->count * 4)
		x->size *= 2;
	x->slots = arena_alloc(a, x->size * sizeof(struct jk_node *));
	for (struct jk_node *m = object->first; m; m = m->next)
		*index_slot(x, m->name) = m;
	object->index = x;
}

static struct jk_node *member(struct jk_node *object, struct slice name)
{
	if (object->index)
		return *index_slot(object->index, name);
	for (struct jk_node *m = object->first; m; m = m->next)
		if (sl_eq(m->name, name))
			return m;
	return NULL;
}

static void append(struct arena *a, struct jk_node *parent, struct jk_node *child)
{
	if (parent->last)
		parent->last->next = child;
	else
		parent->first = child;
	parent->last = child;
	parent->count++;
	if (parent->kind != JK_START_OBJECT || parent->count < INDEX_FROM)
		return;
	if (!parent->index || parent->count * 2 > parent->index->size)
		index_build(a, parent);
	else
		*index_slot(parent->index, child->name) = child;
}

static double to_double(struct arena *a, struct slice text)
{
	return strtod(arena_cstr(a, text), NULL);
}

static bool fill(struct jackson *j, struct jk_node *node);

static bool fill_array(struct jackson *j, struct jk_node *node)
{
	while (jk_next(j) != JK_END_ARRAY) {
		struct jk_node *child = arena_alloc(j->arena, sizeof(*child));
		if (!fill(j, child))
			return false;
		append(j->arena, node, child);
	}
	return true;
}

/* A name that comes twice keeps its first place and its last value. */
static bool fill_object(struct jackson *j, struct jk_node *node)
{
	while (jk_next(j) == JK_FIELD_NAME) {
		struct slice name = jk_text(j);
		struct jk_node fresh = { 0 }, *child;
		jk_next(j);
		if (!fill(j, &fresh))
			return false;
		child = member(node, name);
		if (child) {
			fresh.name = child->name;
			fresh.next = child->next;
			*child = fresh;
		} else {
			child = arena_alloc(j->arena, sizeof(*child));
			*child = fresh;
			child->name = name;
			append(j->arena, node, child);
		}
	}
	return !j->failed;
}

static bool fill(struct jackson *j, struct jk_node *node)
{
	node->kind = j->token;
	switch (j->token) {
	case JK_START_OBJECT:
	case JK_START_ARRAY:
		if (j->depth > REST_DEPTH_MAX) {
			j->too_deep = true;
			jk_fail_token(j, "too deep");
			return false;
		}
		return j->token == JK_START_OBJECT ? fill_object(j, node) : fill_array(j, node);
	case JK_STRING:
		node->text = jk_text(j);
		break;
	case JK_INT:
		node->text = sl_eqs(j->text, "-0") ? S("0") : j->text;
		break;
	case JK_FLOAT:
		node->number = to_double(j->arena, j->text);
		break;
	case JK_TRUE:
	case JK_FALSE:
	case JK_NULL:
		break;
	case JK_NONE:
	case JK_END_OBJECT:
	case JK_END_ARRAY:
	case JK_FIELD_NAME:
		return false;
	}
	return !j->failed;
}

struct jk_node *jk_read_node(struct jackson *j)
{
	struct jk_node *node = arena_alloc(j->arena, sizeof(*node));
	return fill(j, node) ? node : NULL;
}

static void write_escaped(struct buf *b, unsigned c)
{
	static const char hex[] = "0123456789ABCDEF";
	char out[6] = { '\\', 'u', hex[c >> 12 & 15], hex[c >> 8 & 15], hex[c >> 4 & 15], hex[c & 15] };
	buf_add(b, out, sizeof(out));
}

/* One byte below 0x20, or '"' or '\\'. */
static void write_special(struct buf *b, uint8_t c)
{
	static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";
	const char *hit = c ? strchr(from, c) : NULL;
	if (hit) {
		buf_addc(b, '\\');
		buf_addc(b, to[hit - from]);
	} else {
		write_escaped(b, c);
	}
}

/* Length of the sequence at p that Jackson escapes as UTF-16, 0 if it stays as it is. */
static size_t beyond_bmp(const uint8_t *p, size_t n, uint32_t *c)
{
	if (n >= 4 && p[0] >= 0xf0) {
		*c = (uint32_t)(p[0] & 7) << 18 | (uint32_t)(p[1] & 0x3f) << 12 | (uint32_t)(p[2] & 0x3f) << 6 | (p[3] & 0x3f);
		return 4;
	}
	if (n >= 3 && p[0] == 0xed && p[1] >= 0xa0) {
		*c = 0xd000 | (uint32_t)(p[1] & 0x3f) << 6 | (p[2] & 0x3f);
		return 3;
	}
	return 0;
}

void jk_write_string(struct buf *b, struct slice s)
{
	const uint8_t *p = (const uint8_t *)s.p;
	size_t plain = 0, i = 0;
	buf_addc(b, '"');
	while (i < s.n) {
		uint32_t c;
		size_t len = p[i] >= 0xed ? beyond_bmp(p + i, s.n - i, &c) : 0;
		if (!len && p[i] >= 0x20 && p[i] != '"' && p[i] != '\\') {
			i++;
			continue;
		}
		buf_add(b, p + plain, i - plain);
		if (!len) {
			write_special(b, p[i]);
			len = 1;
		} else if (c >= 0x10000) {
			write_escaped(b, 0xd800 + ((c - 0x10000) >> 10));
			write_escaped(b, 0xdc00 + ((c - 0x10000) & 0x3ff));
		} else {
			write_escaped(b, c);
		}
		i += len;
		plain = i;
	}
	buf_add(b, p + plain, s.n - plain);
	buf_addc(b, '"');
}

/* Java up to 18 prints whole numbers from 2^53 to 2^63 from their exact digits, less those that can't matter
 * (JDK-4511638: 5.44144118315531E16 comes out as 5.4414411831553104E16). Returns how many digits there are. */
static int exact_digits(double d, char digits[24], int *exp)
{
	int drop = (int)((ilogb(d) - 54) * 0.30103);
	uint64_t v = (uint64_t)d, scale = 1;
	int n;
	for (int i = 0; i < drop; i++)
		scale *= 10;
	v = v / scale + (drop > 0 && v % scale >= scale / 2);
	n = snprintf(digits, 24, "%llu", (unsigned long long)v);
	*exp = n - 1 + (drop > 0 ? drop : 0);
	return n;
}

/* The shortest digits that read back as d, and two at least. Returns how many there are. */
static int shortest_digits(double d, char digits[24], int *exp)
{
	char e[40];
	int n = 0;
	for (int p = 1; p <= 16; p++) {
		snprintf(e, sizeof(e), "%.*e", p, d);
		if (strtod(e, NULL) == d)
			break;
	}
	for (const char *r = e; *r && *r != 'e'; r++)
		if (*r != '.')
			digits[n++] = *r;
	*exp = (int)strtol(strchr(e, 'e') + 1, NULL, 10);
	return n;
}

/* DIFFERS: Java up to 18 prints a few doubles of other sizes with a digit more than needed, too (none of 100,000
 * coordinates); here they are shortest. */
void jk_double(double d, char out[32])
{
	char digits[24];
	int n, exp;
	char *w = out;
	if (!isfinite(d)) {
		snprintf(out, 32, "%s", isnan(d) ? "NaN" : d < 0 ? "-Infinity" : "Infinity");
		return;
	}
	if (d == 0) {
		snprintf(out, 32, "%s", signbit(d) ? "-0.0" : "0.0");
		return;
	}
	if (fabs(d) >= 0x1p53 && fabs(d) < 0x1p63)
		n = exact_digits(fabs(d), digits, &exp);
	else
		n = shortest_digits(fabs(d), digits, &exp);
	while (n > 1 && digits[n - 1] == '0')
		n--;
	if (d < 0)
		*w++ = '-';
	if (exp >= -3 && exp < 0) {
		w += snprintf(w, 28, "0.%.*s%.*s", -exp - 1, "00", n, digits);
	} else if (exp >= 0 && exp < 7) {
		for (int i = 0; i <= exp; i++)
			*w++ = i < n ? digits[i] : '0';
		*w++ = '.';
		if (n > exp + 1)
			w += snprintf(w, 28, "%.*s", n - exp - 1, digits + exp + 1);
		else
			*w++ = '0';
	} else {
		*w++ = digits[0];
		*w++ = '.';
		w += snprintf(w, 28, "%.*sE%d", n > 1 ? n - 1 : 1, n > 1 ? digits + 1 : "0", exp);
	}
	*w = '\0';
}

static void write_members(struct buf *b, const struct jk_node *node)
{
	for (const struct jk_node *m = node->first; m; m = m->next) {
		if (m != node->first)
			buf_addc(b, ',');
		if (node->kind == JK_START_OBJECT) {
			jk_write_string(b, m->name);
			buf_addc(b, ':');
		}
		jk_write(b, m);
	}
}

void jk_write(struct buf *b, const struct jk_node *node)
{
	char number[32];
	switch (node->kind) {
	case JK_START_OBJECT:
	case JK_START_ARRAY:
		buf_addc(b, node->kind == JK_START_OBJECT ? '{' : '[');
		write_members(b, node);
		buf_addc(b, node->kind == JK_START_OBJECT ? '}' : ']');
		break;
	case JK_STRING:
		jk_write_string(b, node->text);
		break;
	case JK_INT:
		buf_addsl(b, node->text);
		break;
	case JK_FLOAT:
		jk_double(node->number, number);
		buf_addf(b, isfinite(node->number) ? "%s" : "\"%s\"", number);
		break;
	case JK_TRUE:
		buf_adds(b, "true");
		break;
	case JK_FALSE:
		buf_adds(b, "false");
		break;
	case JK_NULL:
	case JK_NONE:
	case JK_END_OBJECT:
	case JK_END_ARRAY:
	case JK_FIELD_NAME:
		buf_adds(b, "null");
		break;
	}
}
