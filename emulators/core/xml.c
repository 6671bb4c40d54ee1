#include "xml.h"

#include <expat.h>

struct xml_state {
	struct arena *arena;
	XML_Parser parser;
	struct xml_node *root, *at;
	struct buf text; /* since the last tag */
	size_t depth, nodes;
};

static struct slice local_name(const char *name)
{
	const char *colon = strrchr(name, ':');
	return sl(colon ? colon + 1 : name);
}

static void XMLCALL on_start(void *user, const XML_Char *name, const XML_Char **attributes)
{
	struct xml_state *s = user;
	struct xml_node *n;
	buf_reset(&s->text); /* mixed content: what stands before a child is dropped */
	if (++s->depth > XML_DEPTH_MAX || ++s->nodes > XML_NODES_MAX) {
		XML_StopParser(s->parser, XML_FALSE);
		return;
	}
	n = arena_alloc(s->arena, sizeof(*n));
	n->name = arena_dup(s->arena, local_name(name));
	n->text = S("");
	for (; attributes[0]; attributes += 2)
		if (sl_eqs(local_name(attributes[0]), "type"))
			n->type = arena_dup(s->arena, sl(attributes[1]));
	n->parent = s->at;
	if (!s->at)
		s->root = n;
	else if (s->at->last)
		s->at->last->next = n;
	else
		s->at->first = n;
	if (s->at)
		s->at->last = n;
	s->at = n;
}

static void XMLCALL on_end(void *user, const XML_Char *name)
{
	struct xml_state *s = user;
	if (!s->at->first)
		s->at->text = arena_dup(s->arena, buf_slice(&s->text));
	buf_reset(&s->text);
	s->at = s->at->parent;
	s->depth--;
}

static void XMLCALL on_text(void *user, const XML_Char *p, int n)
{
	struct xml_state *s = user;
	buf_add(&s->text, p, (size_t)n);
}

static void XMLCALL on_doctype(void *user, const XML_Char *name, const XML_Char *sysid, const XML_Char *pubid, int has_internal)
{
	struct xml_state *s = user;
	XML_StopParser(s->parser, XML_FALSE);
}

int xml_parse(struct arena *a, struct slice text, struct xml_node **out, struct error *err)
{
	struct xml_state s = { .arena = a, .parser = XML_ParserCreate(NULL) };
	bool ok;
	buf_init(&s.text, 0);
	XML_SetUserData(s.parser, &s);
	XML_SetElementHandler(s.parser, on_start, on_end);
	XML_SetCharacterDataHandler(s.parser, on_text);
	XML_SetStartDoctypeDeclHandler(s.parser, on_doctype);
	ok = text.n <= INT32_MAX && XML_Parse(s.parser, text.p ? text.p : "", (int)text.n, XML_TRUE) == XML_STATUS_OK && s.root;
	XML_ParserFree(s.parser);
	buf_free(&s.text);
	if (!ok)
		return err_set(err, ERR_INVALID, "the XML is not well-formed");
	*out = s.root;
	return 0;
}

const struct xml_node *xml_child(const struct xml_node *n, const char *name)
{
	for (const struct xml_node *c = n->first; c; c = c->next)
		if (sl_eqs(c->name, name))
			return c;
	return NULL;
}

struct slice xml_text(const struct xml_node *n, const char *name)
{
	const struct xml_node *c = xml_child(n, name);
	return c ? sl_trim(c->text) : sl(NULL);
}
