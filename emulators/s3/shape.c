/* Documents against their shapes, and back to text. */
#include "config.h"

struct item { /* of a shape: one kind of child */
	struct slice name, text, type;
	char many; /* 0: once, or one of "?*+" */
};

static bool next_item(struct slice *rest, struct item *out)
{
	struct slice word;
	ssize_t at;
	if (!rest->n)
		return false;
	sl_cut(*rest, ' ', &word, rest);
	*out = (struct item){ .name = word };
	if ((at = sl_chr(word, ':')) >= 0) {
		out->name = sl_of(word.p, (size_t)at);
		out->text = sl_from(word, (size_t)at + 1);
	} else if ((at = sl_chr(word, '@')) >= 0) {
		out->name = sl_of(word.p, (size_t)at);
		out->type = sl_from(word, (size_t)at + 1);
	}
	if (strchr("?*+", out->name.p[out->name.n - 1]))
		out->many = out->name.p[--out->name.n];
	return true;
}

static bool text_fits(struct slice words, struct slice text)
{
	struct slice word;
	int64_t n;
	if (sl_eqs(words, "int"))
		return sl_int(text, 0, INT64_MAX, &n);
	if (sl_eqs(words, "bool"))
		return sl_eq_nocase(text, S("true")) || sl_eq_nocase(text, S("false"));
	if (sl_eqs(words, "date"))
		return clock_parse_iso(text, &n) || (text.n == 10 && text.p[4] == '-');
	while (words.p) {
		sl_cut(words, '|', &word, &words);
		if (sl_eq(word, text))
			return true;
	}
	return false;
}

static bool child_fits(const struct s3_shape *shapes, const struct item *i, const struct xml_node *n)
{
	char type[32];
	if (i->type.p) {
		snprintf(type, sizeof(type), "%.*s", SL(i->type));
		return s3_shape_fits(shapes, type, n);
	}
	return !n->first && (!i->text.p || text_fits(i->text, sl_trim(n->text)));
}

bool s3_shape_fits(const struct s3_shape *shapes, const char *type, const struct xml_node *n)
{
	const struct s3_shape *shape = shapes;
	struct slice rest;
	struct item i;
	size_t known = 0, all = 0;
	while (shape->type && strcmp(shape->type, type) != 0)
		shape++;
	if (!shape->type)
		return false;
	for (const struct xml_node *c = n->first; c; c = c->next)
		all++;
	for (rest = sl(shape->children); next_item(&rest, &i);) {
		size_t seen = 0;
		for (const struct xml_node *c = n->first; c; c = c->next)
			if (sl_eq(c->name, i.name)) {
				if (!child_fits(shapes, &i, c))
					return false;
				seen++;
			}
		if ((seen == 0 && (i.many == 0 || i.many == '+')) || (seen > 1 && (i.many == 0 || i.many == '?')))
			return false;
		known += seen;
	}
	return known == all;
}

void s3_xml_inside(struct buf *b, const struct xml_node *n)
{
	for (const struct xml_node *c = n->first; c; c = c->next) {
		if (!c->first) {
			buf_addf(b, "<%.*s>", SL(c->name));
			buf_xml_escape(b, c->text);
		} else {
			/* Attributes aren't read; who is granted something says in which way by what it has. */
			const char *kind = !sl_eqs(c->name, "Grantee") ? NULL : xml_child(c, "URI") ? "Group" : xml_child(c, "ID") ? "CanonicalUser" : "AmazonCustomerByEmail";
			buf_addf(b, "<%.*s", SL(c->name));
			if (kind)
				buf_addf(b, " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"%s\"", kind);
			buf_addc(b, '>');
			s3_xml_inside(b, c);
		}
		buf_addf(b, "</%.*s>", SL(c->name));
	}
}

const struct xml_node *s3_xml_stored(struct arena *a, struct slice doc)
{
	struct xml_node *root = NULL;
	return doc.p && xml_parse(a, arena_printf(a, "<x>%.*s</x>", SL(doc)), &root, NULL) == 0 ? root : NULL;
}
