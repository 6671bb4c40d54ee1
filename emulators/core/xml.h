/* XML in: a document as a small tree in an arena (expat). Element names come without namespace prefix; of attributes only xsi:type is
 * kept; document types are refused, so there are no entities to expand. expat is named in xml.c only. */
#ifndef TARN_XML_H
#define TARN_XML_H

#include "err.h"

enum { XML_DEPTH_MAX = 32, XML_NODES_MAX = 100000 };

struct xml_node {
	struct slice name, text; /* text: a leaf's character data, entities decoded */
	struct slice type;       /* the attribute of that name; absent: there is none */
	struct xml_node *parent, *first, *last, *next;
};
/* Errors: INVALID (not well-formed, a document type, too deep or too many elements). */
int xml_parse(struct arena *a, struct slice text, struct xml_node **out, struct error *err) WARN_UNUSED;
/* The first child of that name, or NULL. */
const struct xml_node *xml_child(const struct xml_node *n, const char *name);
/* Its text without white space at the ends; absent when there is no such child. */
struct slice xml_text(const struct xml_node *n, const char *name);

#endif
