#include "cleaning/dataset.h"

#include "core/stack.h"

struct parser {
	struct arena *a;
	const struct conf *conf;
	struct dataset *d;
	struct error *err;
	int line;
};

static bool is_name(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!memchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_", s.p[i], 63))
			return false;
	return s.n > 0;
}

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* Takes the line's next word; absent at its end. */
static struct slice word(struct slice *line)
{
	size_t n = 0;
	*line = sl_trim(*line);
	while (n < line->n && !blank(line->p[n]))
		n++;
	struct slice out = sl_of(line->p, n);
	*line = sl_from(*line, n);
	return n ? out : sl(NULL);
}

static int wrong(struct parser *p, const char *what, struct slice s)
{
	return err_set(p->err, ERR_INVALID, "%s:%d: %s%.*s", p->d->file, p->line, what, SL(s));
}

static int at_end(struct parser *p, struct slice rest)
{
	struct slice more = word(&rest);
	return more.p ? wrong(p, "the end of the line is wanted here, not ", more) : 0;
}

/* ---- the parts ---- */

static int take_name(struct parser *p, struct slice *rest, const char **out)
{
	struct slice name = word(rest);
	if (*out)
		return wrong(p, "a second one: ", name);
	if (!is_name(name))
		return wrong(p, "a table's name is letters, digits and _, not ", name.p ? name : S("nothing"));
	*out = arena_cstr(p->a, name);
	return 0;
}

/* "customers", "customers 60 rows" */
static int open_source(struct parser *p, struct slice rest)
{
	int rc = take_name(p, &rest, &p->d->source);
	struct slice n = word(&rest);
	if (rc || !n.p)
		return rc;
	if (!sl_int(n, 1, 100000000, &p->d->rows) || !sl_eqs(word(&rest), "rows"))
		return wrong(p, "N rows is wanted here, not ", n);
	return at_end(p, rest);
}

static int open_table(struct parser *p, struct slice rest)
{
	int rc = take_name(p, &rest, &p->d->table);
	return rc ? rc : at_end(p, rest);
}

/* The text with ${user} filled in, as a string of the arena. */
static char *dataset_fill(struct arena *a, const struct conf *conf, struct slice text)
{
	const struct slice user = S("${user}");
	struct slice out = S("");
	for (ssize_t at; (at = sl_find(text, user)) >= 0;) {
		out = arena_printf(a, "%.*s%.*s%s", SL(out), (int)at, text.p, dataset_user(conf));
		text = sl_of(text.p + at + user.n, text.n - (size_t)at - user.n);
	}
	return arena_cstr(a, arena_printf(a, "%.*s%.*s", SL(out), SL(text)));
}

static int take_place(struct parser *p, struct slice rest, const char **out)
{
	struct slice name = word(&rest);
	if (!name.p)
		return wrong(p, "a name is wanted here", S(""));
	if (*out)
		return wrong(p, "a second one: ", name);
	*out = dataset_fill(p->a, p->conf, name);
	return at_end(p, rest);
}

static int open_topic(struct parser *p, struct slice rest)
{
	return take_place(p, rest, &p->d->topic);
}

static int open_stream(struct parser *p, struct slice rest)
{
	return take_place(p, rest, &p->d->stream);
}

static int open_rules(struct parser *p, struct slice rest)
{
	return at_end(p, rest);
}

static int no_line(struct parser *p, struct slice line)
{
	return wrong(p, "source, topic, stream, table or rules is wanted at the start of the line, not ", word(&line));
}

/* "id integer key", "name text made", "input first_name text" */
static int column_line(struct parser *p, struct slice line)
{
	static const struct {
		const char *word;
		enum clean_kind kind;
	} types[] = { { "text", CLEAN_TEXT }, { "integer", CLEAN_INT }, { "number", CLEAN_REAL }, { "boolean", CLEAN_BOOL } };
	struct dataset *d = p->d;
	struct clean_column *c = &d->columns[d->column_n];
	struct slice name = word(&line), type, more;
	bool input = sl_eqs(name, "input");
	if (input)
		name = word(&line);
	if (d->column_n == CLEAN_COLUMNS_MAX)
		return err_set(p->err, ERR_INVALID, "%s:%d: more than %d columns", d->file, p->line, CLEAN_COLUMNS_MAX);
	if (!is_name(name))
		return wrong(p, "a column's name is letters, digits and _, not ", name.p ? name : S("nothing"));
	if (dataset_column(d, name) >= 0)
		return wrong(p, "a second column ", name);
	if (!input && d->column_n > d->out_n)
		return wrong(p, "columns stand before inputs: ", name);
	type = word(&line);
	*c = (struct clean_column){ .name = arena_cstr(p->a, name) };
	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (sl_eqs(type, types[i].word))
			c->type = types[i].kind;
	if (c->type == CLEAN_NULL)
		return wrong(p, "text, integer, number or boolean is wanted here, not ", type.p ? type : S("the end of the line"));
	more = input ? sl(NULL) : word(&line);
	c->made = sl_eqs(more, "made");
	if (sl_eqs(more, "key") && d->key != CLEAN_COLUMNS_MAX)
		return wrong(p, "a second key: ", name);
	if (sl_eqs(more, "key"))
		d->key = d->column_n;
	else if (more.p && !c->made)
		return wrong(p, "key or made is wanted here, not ", more);
	d->column_n++;
	d->out_n += !input;
	return at_end(p, line);
}

static int any_line(struct parser *p, struct slice line)
{
	return 0;
}

static const struct part {
	const char *word;
	int (*open)(struct parser *p, struct slice rest);
	int (*line)(struct parser *p, struct slice line);
	size_t text; /* offset of the struct dataset_part that keeps its lines; 0: none does */
} parts[] = {
	{ "source", open_source, any_line, offsetof(struct dataset, source_lines) },
	{ "topic", open_topic, no_line, 0 },
	{ "stream", open_stream, no_line, 0 },
	{ "table", open_table, column_line, 0 },
	{ "rules", open_rules, any_line, offsetof(struct dataset, rules) },
};

static const struct part *part_of(struct slice first)
{
	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		if (sl_eqs(first, parts[i].word))
			return &parts[i];
	return NULL;
}

static int finish(struct parser *p)
{
	struct dataset *d = p->d;
	if (!d->table)
		return err_set(p->err, ERR_INVALID, "%s: no table", d->file);
	if (d->key == CLEAN_COLUMNS_MAX)
		return err_set(p->err, ERR_INVALID, "%s: the table %s has no key", d->file, d->table);
	if (d->columns[d->key].type != CLEAN_INT || d->columns[d->key].made)
		return err_set(p->err, ERR_INVALID, "%s: the key %s is no integer of the record", d->file, d->columns[d->key].name);
	d->tail = d->table;
	for (const char *c = d->topic; c && *c; c++)
		if (c == d->topic || strchr(".-_", c[-1]))
			d->tail = c;
	return 0;
}

static int lines(struct parser *p, struct slice text)
{
	const struct part *part = NULL;
	struct dataset_part *kept = NULL;
	struct slice rest = text, line;
	int rc = 0;
	while (!rc && rest.p) {
		sl_cut(rest, '\n', &line, &rest);
		p->line++;
		struct slice said = sl_trim(line);
		bool empty = !said.n || said.p[0] == '#', inner = empty || blank(line.p[0]) || kept == &p->d->rules;
		if (kept && inner)
			kept->text.n = (size_t)(line.p + line.n - kept->text.p);
		if (inner) {
			rc = empty ? 0 : part ? part->line(p, said) : no_line(p, said);
			continue;
		}
		struct slice after = said;
		if (!(part = part_of(word(&after))))
			return no_line(p, said);
		rc = part->open(p, after);
		kept = part->text ? (struct dataset_part *)((char *)p->d + part->text) : NULL;
		if (kept)
			*kept = (struct dataset_part){ sl_of(rest.p ? rest.p : line.p + line.n, 0), p->line + 1 };
	}
	return rc ? rc : finish(p);
}

/* ---- the stack's files ---- */

static const char folder[] = "datasets/", ending[] = ".dataset";

int dataset_parse(struct arena *a, const struct conf *conf, const char *path, struct slice text, struct dataset *out,
		  struct error *err)
{
	struct dataset d = { .file = arena_cstr(a, sl(path)), .key = CLEAN_COLUMNS_MAX };
	struct parser p = { a, conf, &d, err, 0 };
	struct slice name = sl(path);
	if (text.n > DATASET_FILE_MAX)
		return err_set(err, ERR_INVALID, "%s: longer than %d bytes", path, DATASET_FILE_MAX);
	if (!sl_is_utf8(text) || sl_chr(text, '\0') >= 0)
		return err_set(err, ERR_INVALID, "%s: not UTF-8 text", path);
	if (sl_starts(name, sl(folder)))
		name = sl_of(name.p + strlen(folder), name.n - strlen(folder));
	if (sl_ends(name, sl(ending)))
		name.n -= strlen(ending);
	d.name = arena_cstr(a, name);
	int rc = lines(&p, arena_dup(a, text));
	if (!rc)
		*out = d;
	return rc;
}

static int unlike(const struct datasets *all, const struct dataset *d, struct error *err)
{
	for (size_t i = 0; i < all->n; i++) {
		const struct dataset *o = &all->at[i];
		if (!strcmp(o->table, d->table))
			return err_set(err, ERR_INVALID, "%s: the table %s is %s's, too", d->file, d->table, o->file);
		if (o->source && d->source && !strcmp(o->source, d->source))
			return err_set(err, ERR_INVALID, "%s: the source %s is %s's, too", d->file, d->source, o->file);
	}
	return 0;
}

static int add(struct arena *a, const struct stack_files *files, const struct stack_files *usual, const struct conf *conf,
	       const char *path, struct datasets *out, struct error *err)
{
	struct dataset *d = &out->at[out->n];
	char *text;
	size_t n;
	if (out->n == DATASETS_MAX)
		return err_set(err, ERR_INVALID, "%s: more than %d datasets", path, DATASETS_MAX);
	if ((!files || stack_read(files, path, &text, &n, err)) && stack_read(usual, path, &text, &n, err))
		return ERR_NOT_FOUND;
	int rc = dataset_parse(a, conf, path, sl_of(text, n), d, err);
	free(text);
	if (!rc)
		rc = unlike(out, d, err);
	out->n += !rc;
	return rc;
}

int datasets_open(struct arena *a, const struct stack_files *files, const struct conf *conf, struct datasets *out, struct error *err)
{
	struct datasets made = { arena_alloc(a, DATASETS_MAX * sizeof(*made.at)), 0 };
	struct slice one, order = sl(conf_get(conf, "stack", "datasets"));
	bool listed = order.p;
	struct stack_files *usual;
	const char *path;
	if (files && (path = stack_list(files, "cleaning/", 0)))
		return err_set(err, ERR_INVALID, "%s: rules stand in datasets/NAME%s, in its part rules", path, ending);
	int rc = stack_open(NULL, &usual, err);
	while (!rc && order.p) {
		sl_cut(order, ',', &one, &order);
		one = sl_trim(one);
		rc = add(a, files, usual, conf, arena_printf(a, "%s%.*s%s", folder, SL(one), ending).p, &made, err);
	}
	const struct stack_files *own = files && stack_list(files, folder, 0) ? files : usual;
	for (size_t i = 0; !listed && !rc && (path = stack_list(own, folder, i)); i++)
		if (sl_ends(sl(path), sl(ending)))
			rc = add(a, files, usual, conf, path, &made, err);
	stack_close(usual);
	if (!rc)
		*out = made;
	return rc;
}

/* ---- what there is ---- */

const struct dataset *dataset_find(const struct datasets *all, struct slice name)
{
	for (size_t i = 0; i < all->n; i++) {
		const struct dataset *d = &all->at[i];
		if (sl_eqs(name, d->name) || sl_eqs(name, d->table) || sl_eqs(name, d->tail))
			return d;
	}
	return NULL;
}

struct slice dataset_names(struct arena *a, const struct datasets *all)
{
	struct slice names = S("");
	for (size_t i = 0; i < all->n; i++)
		names = arena_printf(a, "%.*s%s%s", SL(names), i ? ", " : "", all->at[i].name);
	return names;
}

int dataset_column(const struct dataset *d, struct slice name)
{
	for (size_t i = 0; i < d->column_n; i++)
		if (sl_eqs(name, d->columns[i].name))
			return (int)i;
	return -1;
}

const char *dataset_user(const struct conf *conf)
{
	return conf_str(conf, "stack", "user", "student");
}

char *dataset_bucket(const struct conf *conf)
{
	const char *set = conf_get(conf, "lake", "bucket");
	return set ? xstrdup(set) : xasprintf("user-%s-bucket", dataset_user(conf));
}
