/* Beans out of JSON, in the order and with the errors of Jackson's databind (2.13): classes made by a creator, which sees its
 * properties when all of them are there or the object ends.
 *
 * A class is a table of its properties, in the order of its creator's parameters; its struct is filled as they say. */
#ifndef TARN_REST_BEAN_H
#define TARN_REST_BEAN_H

#include "java/jackson.h"

/* Jackson 2.13, reading a Jersey input stream. */
extern const struct jk_words bean_words;

enum bean_kind {
	BEAN_TEXT,    /* struct slice, absent: null or not there */
	BEAN_INT,     /* struct bean_int */
	BEAN_SHORT,   /* the same */
	BEAN_ENUM,    /* int, the place among words; -1: null or not there */
	BEAN_NODE,    /* struct jk_node *, NULL: not there */
	BEAN_ONE,     /* struct of .of, by pointer; NULL: null or not there */
	BEAN_LIST,    /* struct bean_list of .of */
	BEAN_INTS,    /* struct bean_list of struct bean_ints: a map from int to a list of int */
	BEAN_BYTES,   /* struct slice, from base64 */
	BEAN_INSTANT, /* struct bean_int, milliseconds since 1970 */
};
struct bean_int {
	bool set;
	int64_t v;
};
struct bean_list {
	void **items; /* NULL: null */
	size_t n;
};
struct bean_ints {
	int64_t key;
	int64_t *v;
	size_t n;
};
enum { BEAN_FIELDS_MAX = 8 };
struct bean_type;
struct bean_field {
	const char *name;
	enum bean_kind kind;
	size_t at;                  /* in the struct */
	const char *needed;         /* what the creator says of a null: "Null topicName"; NULL: may be null */
	const struct bean_type *of;
	const char *class;          /* BEAN_ENUM */
	const char *const *words;   /* BEAN_ENUM; NULL at the end */
};
struct bean_type {
	const char *class;
	const struct bean_field *fields;
	int field_n;
	size_t size;
	/* What the creator refuses beyond that, in words; NULL: nothing. */
	const char *(*check)(struct arena *a, const void *bean);
};
struct bean_reader {
	struct jackson j; /* first */
	struct slice unknown; /* a property that isn't one: the parser fails without a message of its own */
	const struct bean_type *unknown_in; /* and the class that has it not */
	struct slice unknown_at; /* the reference chain to it, after its class */
};
/* What Jackson itself says of the unknown property. */
struct slice bean_unknown(const struct bean_reader *r);

/* The bean at the current token, in the arena; NULL: the parser failed, or unknown is set. */
void *bean_make(struct bean_reader *r, const struct bean_type *t);

/* ---- the parts ---- */

/* A property of a bean made by a creator: unknown ones are kept until all known ones are there or the bean ends. */
struct bean_property {
	const char *name;
	bool (*read)(struct jackson *j, void *bean, int which);
};
/* Reads a bean from its START_OBJECT to its END_OBJECT. *unknown gets the first property that isn't one; the parser fails without a
 * message of its own then. */
bool bean_read(struct jackson *j, const char *class, const struct bean_property *props, int prop_n, void *bean, struct slice *unknown);
/* java.lang.Integer at the current token, with Jackson's coercions. */
bool bean_integer(struct jackson *j, bool *present, int64_t *out);
/* java.lang.String at the current token; absent: null. */
bool bean_text(struct jackson *j, struct slice *out);
/* "Cannot deserialize value of type …" from the current token; false. */
bool bean_fail_type(struct jackson *j, const char *type);
/* The same for a scalar where a bean should be. */
bool bean_fail_scalar(struct jackson *j, const char *class);

#endif
