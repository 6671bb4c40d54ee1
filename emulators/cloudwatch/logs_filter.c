/* Filter patterns: reading them. What they say of a line stands in logs_match.c. */
#include "cloudwatch/logs_pattern.h"

/* ---- reading ---- */

struct reader {
	struct log_filter *f;
	const char *p, *end;
	struct error *err;
	int depth;
	bool fields; /* names are plain words, not $.paths */
};

static int wrong(struct reader *r)
{
	return err_set(r->err, ERR_INVALID, "Invalid filter pattern");
}

static void blanks(struct reader *r)
{
	while (r->p < r->end && (*r->p == ' ' || *r->p == '\t' || *r->p == '\n' || *r->p == '\r'))
		r->p++;
}

static bool eat(struct reader *r, const char *what)
{
	size_t n = strlen(what);
	blanks(r);
	if ((size_t)(r->end - r->p) < n || strncmp(r->p, what, n))
		return false;
	r->p += n;
	return true;
}

static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || (unsigned char)c >= 0x80;
}

static bool eat_word(struct reader *r, const char *what)
{
	const char *from = r->p;
	if (eat(r, what) && (r->p == r->end || !is_word(*r->p)))
		return true;
	r->p = from;
	return false;
}

/* What stands between two marks, the first of which was just passed; backslashes keep the mark, unless raw. */
static int quoted(struct reader *r, char mark, bool raw, struct slice *out)
{
	char *to = arena_alloc(&r->f->arena, (size_t)(r->end - r->p) + 1);
	*out = sl_of(to, 0);
	for (; r->p < r->end; r->p++) {
		if (*r->p == mark) {
			r->p++;
			return 0;
		}
		if (*r->p == '\\' && r->p + 1 < r->end && (!raw || r->p[1] == mark))
			r->p++;
		to[out->n++] = *r->p;
	}
	return wrong(r);
}

static int read_regex(struct reader *r, struct filter_value *v)
{
	struct slice pattern;
	int rc = quoted(r, '%', true, &pattern);
	if (rc)
		return rc;
	if (r->f->regex_n == FILTER_REGEX_MAX)
		return err_set(r->err, ERR_INVALID, "Invalid filter pattern: at most %d regular expressions", FILTER_REGEX_MAX);
	struct java_regex *x = &r->f->regex[r->f->regex_n];
	if (!pattern.n || java_regex_open(x, &r->f->arena, pattern, 0, NULL))
		return wrong(r);
	r->f->regex_n++;
	v->kind = FILTER_REGEX;
	v->regex = x;
	return 0;
}

/* A value ends at a blank, a parenthesis, a brace, or what joins conditions. */
static bool ends_value(const struct reader *r)
{
	return strchr(" \t\r\n()}", *r->p) || (r->fields && strchr(",]", *r->p)) ||
	       (r->p + 1 < r->end && ((r->p[0] == '&' && r->p[1] == '&') || (r->p[0] == '|' && r->p[1] == '|')));
}

static int read_value(struct reader *r, struct filter_value *v)
{
	blanks(r);
	if (r->p < r->end && (*r->p == '"' || *r->p == '\'')) {
		char mark = *r->p++;
		v->kind = FILTER_TEXT;
		return quoted(r, mark, false, &v->text);
	}
	if (r->p < r->end && *r->p == '%') {
		r->p++;
		return read_regex(r, v);
	}
	const char *from = r->p;
	while (r->p < r->end && !ends_value(r))
		r->p++;
	v->kind = FILTER_TEXT;
	v->text = arena_dup(&r->f->arena, sl_of(from, (size_t)(r->p - from)));
	if (!v->text.n)
		return wrong(r);
	v->is_number = log_filter_as_number(v->text, &v->number);
	return 0;
}

static int add_step(struct reader *r, struct filter_node *n, struct filter_step step)
{
	if (n->step_n == FILTER_STEPS_MAX)
		return wrong(r);
	ARENA_GROW(&r->f->arena, n->step, n->step_n, n->step_cap);
	n->step[n->step_n++] = step;
	return 0;
}

/* "[3]", "[*]", "['a b']", the bracket just passed. */
static int read_index(struct reader *r, struct filter_node *n)
{
	struct filter_step step = { .index = -1 };
	int rc = 0;
	blanks(r);
	if (r->p < r->end && (*r->p == '"' || *r->p == '\'')) {
		char mark = *r->p++;
		rc = quoted(r, mark, false, &step.name);
	} else if (eat(r, "*")) {
		step.any = true;
	} else {
		const char *from = r->p;
		while (r->p < r->end && *r->p >= '0' && *r->p <= '9')
			r->p++;
		if (!sl_int(sl_of(from, (size_t)(r->p - from)), 0, 1 << 20, &step.index))
			return wrong(r);
	}
	return rc ? rc : !eat(r, "]") ? wrong(r) : add_step(r, n, step);
}

static int read_path(struct reader *r, struct filter_node *n)
{
	const char *from = r->p;
	int rc = 0;
	while (!rc && r->p < r->end) {
		if (*r->p == '[') {
			r->p++;
			rc = read_index(r, n);
		} else if (*r->p == '.') {
			const char *word = ++r->p;
			if (r->p < r->end && *r->p == '[')
				continue;
			while (r->p < r->end && (is_word(*r->p) || *r->p == '-' || *r->p == ':' || *r->p == '@' || *r->p == '/'))
				r->p++;
			if (r->p == word && r->p < r->end && *r->p == '*') {
				r->p++;
				rc = add_step(r, n, (struct filter_step){ .any = true, .index = -1 });
			} else {
				rc = r->p == word ? wrong(r) : add_step(r, n, (struct filter_step){ .name = arena_dup(&r->f->arena, sl_of(word, (size_t)(r->p - word))), .index = -1 });
			}
		} else {
			break;
		}
	}
	n->path = arena_printf(&r->f->arena, "$%.*s", (int)(r->p - from), from);
	return rc ? rc : n->step_n ? 0 : wrong(r);
}

static int read_name(struct reader *r, struct filter_node *n)
{
	const char *from;
	blanks(r);
	if (!r->fields)
		return eat(r, "$") ? read_path(r, n) : wrong(r);
	from = r->p;
	while (r->p < r->end && (is_word(*r->p) || *r->p == '-' || *r->p == '.' || *r->p == '$'))
		r->p++;
	n->path = arena_printf(&r->f->arena, "$%.*s", (int)(r->p - from), from);
	return r->p > from ? 0 : wrong(r);
}

static int read_condition(struct reader *r, struct filter_node *n)
{
	static const struct {
		const char *text;
		enum filter_op op;
	} ops[] = { { "!=", OP_NE }, { ">=", OP_GE }, { "<=", OP_LE }, { "=", OP_EQ }, { ">", OP_GT }, { "<", OP_LT } };
	int rc = read_name(r, n);
	if (rc)
		return rc;
	if (eat_word(r, "IS")) {
		n->op = eat_word(r, "NULL") ? OP_NULL : eat_word(r, "TRUE") ? OP_TRUE : eat_word(r, "FALSE") ? OP_FALSE : OP_NONE;
		return n->op == OP_NONE ? wrong(r) : 0;
	}
	if (eat_word(r, "NOT")) {
		n->op = OP_ABSENT;
		return eat_word(r, "EXISTS") ? 0 : wrong(r);
	}
	if (eat_word(r, "EXISTS")) {
		n->op = OP_EXISTS;
		return 0;
	}
	for (size_t i = 0; i < ARRAY_LEN(ops); i++)
		if (eat(r, ops[i].text)) {
			n->op = ops[i].op;
			rc = read_value(r, &n->value);
			if (!rc && n->op != OP_EQ && n->op != OP_NE && !n->value.is_number)
				return wrong(r);
			return rc;
		}
	/* A field that is only named. */
	n->op = OP_NONE;
	return r->fields ? 0 : wrong(r);
}

static int read_any(struct reader *r, struct filter_node **out);

static int read_one(struct reader *r, struct filter_node **out)
{
	if (eat(r, "(")) {
		if (++r->depth > FILTER_DEPTH_MAX)
			return wrong(r);
		int rc = read_any(r, out);
		r->depth--;
		return rc ? rc : eat(r, ")") ? 0 : wrong(r);
	}
	if (++r->f->node_n > FILTER_NODES_MAX)
		return wrong(r);
	*out = arena_alloc(&r->f->arena, sizeof(**out));
	(*out)->next = r->f->conditions;
	r->f->conditions = *out;
	return read_condition(r, *out);
}

static struct filter_node *join(struct reader *r, enum filter_op op, struct filter_node *left)
{
	struct filter_node *n = arena_alloc(&r->f->arena, sizeof(*n));
	n->op = op;
	n->left = left;
	return n;
}

static int read_all(struct reader *r, struct filter_node **out)
{
	int rc = read_one(r, out);
	while (!rc && eat(r, "&&")) {
		*out = join(r, OP_AND, *out);
		rc = read_one(r, &(*out)->right);
	}
	return rc;
}

static int read_any(struct reader *r, struct filter_node **out)
{
	int rc = read_all(r, out);
	while (!rc && eat(r, "||")) {
		*out = join(r, OP_OR, *out);
		rc = read_all(r, &(*out)->right);
	}
	return rc;
}

static int read_json(struct reader *r)
{
	int rc = read_any(r, &r->f->root);
	if (rc)
		return rc;
	if (!eat(r, "}"))
		return wrong(r);
	blanks(r);
	return r->p == r->end ? 0 : wrong(r);
}

/* "[a, b = 4*, ...]", the bracket just passed. */
static int read_fields(struct reader *r)
{
	struct log_filter *f = r->f;
	r->fields = true;
	f->rest_at = -1;
	for (;;) {
		struct filter_node *n = NULL;
		int rc = 0;
		blanks(r);
		if (eat(r, "...")) {
			if (f->rest_at >= 0)
				return wrong(r);
			f->rest_at = (int)f->field_n;
		} else if (r->p == r->end) {
			return wrong(r);
		} else {
			if (*r->p != ',' && *r->p != ']')
				rc = read_any(r, &n);
			if (rc)
				return rc;
			if (n || *r->p == ',') {
				if (f->field_n == FILTER_NODES_MAX)
					return wrong(r);
				ARENA_GROW(&f->arena, f->field, f->field_n, f->field_cap);
				f->field[f->field_n++] = n;
			}
		}
		if (eat(r, "]"))
			break;
		if (!eat(r, ","))
			return wrong(r);
	}
	blanks(r);
	return r->p == r->end ? 0 : wrong(r);
}

static int read_terms(struct reader *r)
{
	struct log_filter *f = r->f;
	for (;;) {
		struct filter_term t = { .kind = TERM_MUST };
		int rc = 0;
		blanks(r);
		if (r->p == r->end)
			return 0;
		if (*r->p == '?' || *r->p == '-')
			t.kind = *r->p++ == '?' ? TERM_MAY : TERM_NOT;
		const char *from = r->p;
		if (r->p < r->end && (*r->p == '"' || *r->p == '%')) {
			char mark = *r->p++;
			t.value.kind = FILTER_TEXT;
			rc = mark == '%' ? read_regex(r, &t.value) : quoted(r, mark, false, &t.value.text);
		} else {
			bool plain = true;
			for (; r->p < r->end && !strchr(" \t\r\n", *r->p); r->p++)
				plain &= is_word(*r->p);
			t.value.text = arena_dup(&f->arena, sl_of(from, (size_t)(r->p - from)));
			if (!plain || !t.value.text.n)
				return err_set(r->err, ERR_INVALID, "Invalid character(s) in term '%.*s'", SL(t.value.text));
		}
		if (rc)
			return rc;
		f->must += t.kind != TERM_MAY;
		ARENA_GROW(&f->arena, f->term, f->term_n, f->term_cap);
		f->term[f->term_n++] = t;
	}
}

int log_filter_open(struct slice pattern, struct log_filter **out, struct error *err)
{
	struct log_filter *f = xcalloc(1, sizeof(*f));
	struct slice text = arena_dup(&f->arena, pattern);
	struct reader r = { .f = f, .p = text.p, .end = text.p + text.n, .err = err };
	int rc;
	if (pattern.n > LOG_FILTER_MAX || memchr(text.p ? text.p : "", '\0', text.n)) {
		rc = wrong(&r);
	} else if (eat(&r, "{")) {
		f->kind = FILTER_JSON;
		rc = read_json(&r);
	} else if (eat(&r, "[")) {
		f->kind = FILTER_FIELDS;
		rc = read_fields(&r);
	} else {
		rc = read_terms(&r);
	}
	if (rc)
		log_filter_free(f);
	else
		*out = f;
	return rc;
}

void log_filter_free(struct log_filter *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < f->regex_n; i++)
		java_regex_free(&f->regex[i]);
	arena_free(&f->arena);
	free(f);
}
