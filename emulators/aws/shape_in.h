/* What a shape is: for shape.c and shape_out.c alone. */
#ifndef TARN_AWS_SHAPE_IN_H
#define TARN_AWS_SHAPE_IN_H

#include "aws/shape.h"

enum shape_type { SHAPE_TEXT, SHAPE_INTEGER, SHAPE_NUMBER, SHAPE_BOOLEAN, SHAPE_TIME, SHAPE_BLOB, SHAPE_ANY, SHAPE_LIST, SHAPE_MAP, SHAPE_STRUCT };
enum shape_where { SHAPE_IN_BODY, SHAPE_IN_PATH, SHAPE_IN_QUERY };

struct shape_member {
	char *name;
	bool required;
	enum shape_where where;
	struct shape *shape;
};
struct shape {
	enum shape_type type;
	bool ranged;
	int64_t min, max;
	struct slice pattern, words, item; /* words: "a|b"; item: of a list, absent: the protocol's */
	struct shape *of;                  /* of lists and maps */
	struct shape_member *members;
	size_t member_n;
};

/* NULL: it has none of that name. s may be NULL. */
const struct shape_member *shape_member(const struct shape *s, const char *name);

#endif
