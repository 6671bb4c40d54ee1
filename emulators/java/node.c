/* JsonNode: reading a value into a tree, writing it as Jackson writes. */
#include "java/jackson.h"

#include <math.h>

#include "core/hset.h"
#include "core/json.h"
#include "java/text.h"

enum { INDEX_FROM = 16 };

struct jk_index {
	struct hset names;
	struct jk_node **v;
	size_t n, cap;
};

static void index_add(struct arena *a, struct jk_index *x, struct jk_node *m)
{
	ARENA_GROW(a, x->v, x->n, x->cap);
	hset_add(&x->names, hset_hash(m->name), (uint32_t)x->n);
	x->v[x->n++] = m;
}

struct jk_node *jk_get(const struct jk_node *object, struct slice name)
{
	uint32_t i;
	if (object->kind != JK_START_OBJECT)
		return NULL;
	if (object->index) {
		for (struct hset_walk w = hset_walk(&object->index->names, hset_hash(name)); hset_next(&w, &i);)
			if (sl_eq(object->index->v[i]->name, name))
				return object->index->v[i];
		return NULL;
	}
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
	if (++parent->count < INDEX_FROM || parent->kind != JK_START_OBJECT)
		return;
	if (parent->index) {
		index_add(a, parent->index, child);
		return;
	}
	parent->index = arena_alloc(a, sizeof(*parent->index));
	parent->index->names.arena = a;
	for (struct jk_node *m = parent->first; m; m = m->next)
		index_add(a, parent->index, m);
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
		child = jk_get(node, name);
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
		return fill_object(j, node);
	case JK_START_ARRAY:
		return fill_array(j, node);
	case JK_STRING:
		node->text = jk_text(j);
		break;
	case JK_INT:
		node->text = sl_eqs(j->text, "-0") ? S("0") : j->text;
		break;
	case JK_FLOAT:
		node->number = strtod(arena_cstr(j->arena, j->text), NULL);
		node->text = j->text;
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

static void write_unit(struct buf *b, uint32_t c)
{
	static const char hex[] = "0123456789ABCDEF", from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";
	const char *hit = c && c < 0x80 ? strchr(from, (int)c) : NULL;
	if (hit)
		buf_add(b, (char[]){ '\\', to[hit - from] }, 2);
	else
		buf_add(b, (char[]){ '\\', 'u', hex[c >> 12 & 15], hex[c >> 8 & 15], hex[c >> 4 & 15], hex[c & 15] }, 6);
}

void jk_write_string(struct buf *b, struct slice s)
{
	size_t plain = 0, i = 0;
	buf_addc(b, '"');
	while (i < s.n) {
		uint8_t byte = (uint8_t)s.p[i];
		size_t at = i;
		uint32_t c;
		if (byte >= 0x20 && byte != '"' && byte != '\\' && byte < 0xed) {
			i++;
			continue;
		}
		c = java_next(s, &i);
		if (byte >= 0xed && c < 0x10000 && !utf16_is_high(c) && !utf16_is_low(c))
			continue;
		buf_add(b, s.p + plain, at - plain);
		write_unit(b, c < 0x10000 ? c : utf16_high(c));
		if (c >= 0x10000)
			write_unit(b, utf16_low(c));
		plain = i;
	}
	buf_add(b, s.p + plain, s.n - plain);
	buf_addc(b, '"');
}

void jk_str(struct buf *b, const char *name, struct slice s)
{
	jw_name(b, name);
	if (s.p)
		jk_write_string(b, s);
	else
		buf_adds(b, "null");
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
		if (!isfinite(node->number))
			buf_addc(b, '"');
		java_double(b, node->number);
		if (!isfinite(node->number))
			buf_addc(b, '"');
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
