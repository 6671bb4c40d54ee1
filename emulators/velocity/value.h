/* Values of a template: Java's objects as far as templates meet them. Values are small and copied; lists, maps and
 * scopes are shared by reference and live in the arena of the render. */
#ifndef TARN_VELOCITY_VALUE_H
#define TARN_VELOCITY_VALUE_H

#include "core/hset.h"
#include "java/regex.h"
#include "java/text.h"
#include "velocity/velocity.h"

enum vtl_type {
	VTL_NULL,
	VTL_BOOL,
	VTL_INT,     /* Integer */
	VTL_LONG,    /* Long */
	VTL_BIGINT,  /* BigInteger: s holds its decimal text */
	VTL_DOUBLE,  /* Double */
	VTL_DECIMAL, /* BigDecimal: s holds its text */
	VTL_STRING,  /* String, UTF-8; a lone UTF-16 surrogate is kept as its three bytes */
	VTL_LIST,
	VTL_MAP,
	VTL_ENTRY,   /* Map.Entry */
	VTL_ITER,    /* Iterator */
	VTL_SCOPE,   /* $foreach */
	VTL_BLOCK,   /* what #define made */
	VTL_INPUT,   /* $input */
	VTL_UTIL,    /* $util */
	VTL_CLASS,   /* s: the class name, of .getClass() */
};
enum { VTL_TYPES = VTL_CLASS + 1 };

struct vtl_list;
struct vtl_entry;
struct vtl_iter;
struct vtl_scope;
struct vtl_block;

struct vtl_value {
	enum vtl_type type;
	union {
		bool b;
		int64_t i;
		double d;
		struct slice s;
		struct vtl_list *list;
		struct vtl_map *map;
		struct vtl_entry *entry;
		struct vtl_iter *iter;
		struct vtl_scope *scope;
		struct vtl_block *block;
	};
};

/* How a list prints and what it may do. */
enum vtl_list_kind {
	VTL_ARRAY_LIST, /* [a, b] */
	VTL_JSON_LIST,  /* ["a","b"], json-smart's JSONArray */
	VTL_FIXED,      /* a Java array, of split(): no add, no own text */
};
struct vtl_list {
	struct arena *arena;
	struct vtl_value *v;
	size_t n, cap;
	enum vtl_list_kind kind;
	size_t dropped;           /* elements that were taken out, so far */
	const struct vtl_map *of; /* its values, keys or entries; NULL: a list of its own */
	bool values;              /* the values, which may change */
};

struct vtl_entry {
	struct vtl_value key, value;
};
/* A LinkedHashMap: entries in the order of their first put; an index of positions beside, from 9 entries on. */
struct vtl_map {
	struct arena *arena;
	struct vtl_entry **v;
	size_t n, cap;
	struct vtl_entry *spare; /* entries made beforehand */
	size_t spare_n;
	struct hset *index;
	size_t dropped; /* entries that were taken out, so far */
};
struct vtl_iter {
	struct vtl_list *list;
	size_t next;
};
struct vtl_scope {
	struct vtl_scope *parent;
	struct vtl_value replaced; /* what $foreach was before, when no loop */
	struct vtl_map *map;       /* what the template put there; NULL: nothing */
	int64_t index;
	bool more;
	const void *owner;         /* the loop, for #break($foreach) */
};

/* What is left to a render, in about 10 ns each, of the work that its steps don't show: nodes compared, hashed, printed, bytes
 * searched. Values don't know their render, so it is the thread's; at 0 such work ends early, and the render at its next step. */
extern _Thread_local size_t vtl_left;
static inline bool vtl_spend(size_t n)
{
	vtl_left -= n < vtl_left ? n : vtl_left;
	return vtl_left;
}

/* java_regex_find() as far as that goes. */
int vtl_find(struct java_regex *x, struct slice s, size_t from);

static inline struct vtl_value vtl_null(void)
{
	return (struct vtl_value){ .type = VTL_NULL };
}
static inline struct vtl_value vtl_bool(bool b)
{
	return (struct vtl_value){ .type = VTL_BOOL, .b = b };
}
static inline struct vtl_value vtl_int(int64_t i)
{
	return (struct vtl_value){ .type = VTL_INT, .i = (int32_t)i };
}
static inline struct vtl_value vtl_double(double d)
{
	return (struct vtl_value){ .type = VTL_DOUBLE, .d = d };
}
static inline struct vtl_value vtl_str(struct slice s)
{
	return (struct vtl_value){ .type = VTL_STRING, .s = s };
}
static inline struct vtl_value vtl_of_list(struct vtl_list *l)
{
	return (struct vtl_value){ .type = VTL_LIST, .list = l };
}
static inline struct vtl_value vtl_of_map(struct vtl_map *m)
{
	return (struct vtl_value){ .type = VTL_MAP, .map = m };
}
static inline bool vtl_is_number(struct vtl_value v)
{
	return v.type >= VTL_INT && v.type <= VTL_DECIMAL;
}
static inline bool vtl_is_integer(struct vtl_value v)
{
	return v.type == VTL_INT || v.type == VTL_LONG || v.type == VTL_BIGINT;
}

/* buf_addc without a call while there is room. */
static inline void vtl_addc(struct buf *b, char c)
{
	if (b->n + 1 < b->cap && b->n < b->max && !b->bad)
		b->p[b->n++] = c;
	else
		buf_addc(b, c);
}
static inline void vtl_add(struct buf *b, struct slice s)
{
	if (s.n < b->cap && b->n < b->cap - s.n && b->n + s.n <= b->max && !b->bad) {
		if (s.n)
			memcpy(b->p + b->n, s.p, s.n);
		b->n += s.n;
	} else {
		buf_addsl(b, s);
	}
}

struct vtl_list *vtl_list_new(struct arena *a, enum vtl_list_kind kind, size_t cap);
void vtl_list_add(struct vtl_list *l, struct vtl_value v);
void vtl_list_insert(struct vtl_list *l, size_t at, struct vtl_value v);
void vtl_list_remove(struct vtl_list *l, size_t at);

/* A map with room for n entries. */
struct vtl_map *vtl_map_sized(struct arena *a, size_t n);
/* The entry of a key, or NULL. */
struct vtl_entry *vtl_map_find(const struct vtl_map *m, struct vtl_value key);
struct vtl_value vtl_map_get(const struct vtl_map *m, struct slice name);
void vtl_map_put(struct vtl_map *m, struct vtl_value key, struct vtl_value value);
/* The same for a key that the caller knows to be new, when fresh. */
void vtl_map_add(struct vtl_map *m, struct vtl_value key, struct vtl_value value, bool fresh);
bool vtl_map_remove(struct vtl_map *m, struct vtl_value key, struct vtl_value *old);
void vtl_map_clear(struct vtl_map *m);

/* Object.equals and hashCode. */
bool vtl_equals(struct vtl_value a, struct vtl_value b);
int32_t vtl_hash(struct vtl_value v);
/* -1, 0, 1; numbers only. */
int vtl_compare_numbers(struct vtl_value a, struct vtl_value b);
/* Java's toString. Blocks are not values here: they print nothing (run.c renders them). */
void vtl_print(struct buf *out, struct vtl_value v);
struct slice vtl_text(struct arena *a, struct vtl_value v);
/* "java.lang.String" and so on. */
const char *vtl_class_name(struct vtl_value v);

/* ---- doc.c ---- */

enum { VTL_DOC_MAX = 1 << 30 };
enum vtl_token_kind {
	VTL_TOKEN_STRING,  /* without its quotes, or a bare key */
	VTL_TOKEN_ESCAPED, /* the same with escapes in it */
	VTL_TOKEN_WORD,    /* a number, true, false, null, NaN or bare text */
	VTL_TOKEN_LIST,    /* the tokens behind, up to next, are its values */
	VTL_TOKEN_OBJECT,  /* or keys and values */
};
struct vtl_token {
	const char *p;
	uint32_t n;     /* bytes */
	uint32_t next;  /* the token behind this value */
	uint32_t count; /* values of a list, pairs of an object */
	uint8_t kind;
	bool odd;       /* of a string: the writer would write it in another way */
};
/* A JSON text's tokens, which borrow from it. Token 0 is the root. */
struct vtl_doc {
	struct vtl_token *v;
	size_t n, cap;
	const char *end;
	struct vtl_token first[64];
};
/* False: not even json-smart reads it. Free it either way. */
bool vtl_doc_read(struct vtl_doc *d, struct slice text);
void vtl_doc_free(struct vtl_doc *d);
/* The value of a token; texts without escapes are borrowed. */
struct vtl_value vtl_doc_value(const struct vtl_doc *d, size_t at, struct arena *a);
/* The token of a member of an object, of an item of a list; 0: there is none. */
size_t vtl_doc_member(const struct vtl_doc *d, size_t at, struct slice name, struct arena *a);
size_t vtl_doc_item(const struct vtl_doc *d, size_t at, int64_t index);
/* A token's JSON as vtl_json_write() would write its value; false: only by that. */
bool vtl_doc_json(const struct vtl_doc *d, size_t at, struct arena *a, struct slice *out);

/* json-smart: the permissive reader (bare words, single quotes, stray commas); false: not even that. Objects are
 * maps, arrays JSON lists, numbers Integer, Long, BigInteger, Double or BigDecimal as json-smart chooses. */
bool vtl_json_read(struct arena *a, struct slice text, struct vtl_value *out);
/* The number of a literal, Java's narrowest class; false: no number. exact: a long fraction is a BigDecimal, not a
 * Double. */
bool vtl_number(struct arena *a, struct slice text, bool exact, struct vtl_value *out);
/* Compact JSON; web: '/' as "\/", as JSONArray.toString prints. */
void vtl_json_write(struct buf *out, struct vtl_value v, bool web);

#endif
