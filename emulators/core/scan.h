/* A pull scanner for JSON, for hot paths: no tree, nothing is copied but strings with escapes.
 *
 *   struct scan s = scan_of(text, &arena);
 *   struct scan_value v;
 *   struct slice key;
 *   if (scan_value(&s, &v) && v.kind == SCAN_OBJECT)
 *           while (scan_member(&s, &key, &v))
 *                   ...
 *   if (!scan_end(&s))
 *           ... jansson is asked
 *
 * It knows what is plain and sure: what it accepts, jansson accepts and reads the same (tests/core/test_scan.c and
 * tests/fuzz/fuzz_core_scan.c hold them together). Anything else (an error, but also \u0000 or an integer of 19 digits)
 * sets `bad`, which says "not mine", never "wrong": the caller then asks jansson, whose word counts. Values before that may
 * have been given out already. */
#ifndef TARN_SCAN_H
#define TARN_SCAN_H

#include "mem.h"

enum scan_kind { SCAN_NULL, SCAN_FALSE, SCAN_TRUE, SCAN_INT, SCAN_REAL, SCAN_STRING, SCAN_OBJECT, SCAN_ARRAY };
enum { SCAN_DEPTH_MAX = 32 }; /* of what scan_skip passes over */

struct scan_value {
	enum scan_kind kind;
	struct slice text; /* SCAN_STRING: the characters, borrowed from the input or, with escapes, from the arena */
	union {
		int64_t i; /* SCAN_INT */
		double d;  /* SCAN_REAL */
	};
};

struct scan {
	const char *p, *end;
	struct arena *arena; /* for strings with escapes */
	bool first;          /* an object or array was just opened */
	bool bad;
};

struct scan scan_of(struct slice text, struct arena *a);
/* The next value. Of an object or array only the opening is read: read it by scan_member or scan_item until they
 * return false, or pass over it by scan_skip. False: bad. */
bool scan_value(struct scan *s, struct scan_value *v);
/* The next member of the object that was opened last; false after the last one, which closes it, or when bad. A key that
 * comes twice comes twice: jansson keeps the last. */
bool scan_member(struct scan *s, struct slice *key, struct scan_value *v);
/* The same for an array. */
bool scan_item(struct scan *s, struct scan_value *v);
/* Passes over what is left of v, if it is an object or array. False: bad. */
bool scan_skip(struct scan *s, const struct scan_value *v);
/* Whether nothing but white space is left and nothing was bad. */
bool scan_end(struct scan *s);

#endif
