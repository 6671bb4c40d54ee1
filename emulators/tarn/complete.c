#include "tarn/complete.h"

#include <jansson.h>

#include "core/json.h"
#include "core/stack.h"
#include "stack/services.h"
#include "stack/settings.h"
#include "stack/sites.h"
#include "tarn/cmd.h"

/* A line of words under way: what to complete, and what stands before it in the same argument ("rds," of "rds,ka"). */
struct line {
	struct slice typed, before;
	struct buf *out;
};

static void offer(struct line *l, struct slice word, const char *tail, const char *doc)
{
	if (!sl_starts(word, l->typed))
		return;
	buf_addf(l->out, "%.*s%.*s%s\t%s\n", SL(l->before), SL(word), tail, doc);
}

/* Each of "a|b". */
static void offer_words(struct line *l, const char *words)
{
	struct slice word, rest = sl(words);
	while (rest.p) {
		sl_cut(rest, '|', &word, &rest);
		if (word.n)
			offer(l, word, "", "");
	}
}

/* What comes behind the last `at` of what is typed. */
static void begin_after(struct line *l, char at)
{
	size_t i = l->typed.n;
	while (i && l->typed.p[i - 1] != at)
		i--;
	l->before = (struct slice){ l->before.p ? l->before.p : l->typed.p, l->before.n + i };
	l->typed = (struct slice){ l->typed.p + i, l->typed.n - i };
}

/* ---- kinds of names ---- */

static void services_of(struct line *l)
{
	for (size_t i = 0; services[i]; i++)
		offer(l, sl(services[i]->name), "", services[i]->doc);
}

static void services_list(struct line *l)
{
	begin_after(l, ',');
	services_of(l);
}

extern const struct embedded stack_files_embedded[];

static void stacks(struct line *l)
{
	struct slice last = sl(NULL), name, rest;
	for (const struct embedded *f = stack_files_embedded; f->path; f++) {
		sl_cut(sl(f->path), '/', &name, &rest);
		if (!sl_eq(name, last))
			offer(l, name, "", "a built-in stack");
		last = name;
	}
	buf_adds(l->out, ":dirs\n");
}

static bool is_topic(const char *word)
{
	for (const struct action *a = command_help.actions; a->word; a++)
		if (!strcmp(a->word, word))
			return true;
	return false;
}

/* What tarn help and tarn man explain beside the topics. */
static void explained(struct line *l)
{
	for (size_t i = 0; commands[i]; i++)
		if (!is_topic(commands[i]->word))
			offer(l, sl(commands[i]->word), "", commands[i]->doc);
	for (size_t i = 0; services[i]; i++)
		if (!is_topic(services[i]->name))
			offer(l, sl(services[i]->name), "", services[i]->doc);
}

static void pages(struct line *l)
{
	for (const struct action *a = command_help.actions; a->word; a++)
		offer(l, sl(a->word), "", a->doc);
	for (size_t i = 0; commands[i]; i++)
		if (!is_topic(commands[i]->word))
			offer(l, sl(commands[i]->word), "", commands[i]->doc);
}

/* SECTION.KEY=, then what the setting takes. */
static void settings(struct line *l)
{
	struct slice name, value;
	bool has_value = sl_cut(l->typed, '=', &name, &value);
	char left[128];
	for (const struct setting *const *t = settings_all(); *t; t++)
		for (const struct setting *s = *t; s->section; s++) {
			snprintf(left, sizeof(left), "%s.%s", s->section, strcmp(s->key, "*") ? s->key : "");
			if (!has_value)
				offer(l, sl(left), strcmp(s->key, "*") ? "=" : "", s->doc);
			else if (sl_eqs(name, left) && s->kind == SETTING_BOOL)
				begin_after(l, '='), offer_words(l, "on|off");
			else if (sl_eqs(name, left) && s->words)
				begin_after(l, '='), offer_words(l, s->words);
		}
}

static void on_site(void *arg, const struct fault_site *site)
{
	offer(arg, sl(site->name), "", site->doc);
}

static void sites(struct line *l)
{
	sites_each(on_site, l);
}

static void files(struct line *l)
{
	buf_adds(l->out, ":files\n");
}

static void folders(struct line *l)
{
	buf_adds(l->out, ":dirs\n");
}

static void program(struct line *l)
{
	buf_adds(l->out, ":program\n");
}

/* Names that a running stack has: GET of an endpoint; the names are the answer's items, or a member of the items of its member. */
static void of_stack(struct line *l, const char *key, const char *path, const char *items, const char *member)
{
	struct buf answer = { 0 };
	struct error err;
	json_t *all = NULL, *v;
	size_t i;
	int status;
	char *base = cmd_endpoint(NULL, key);
	if (base && !cmd_http(base, "GET", path, sl(NULL), NULL, &status, &answer, &err) && status == 200)
		all = json_loadb(answer.p, answer.n, 0, NULL);
	json_array_foreach(items && json_is_object(all) ? json_object_get(all, items) : all, i, v) {
		const char *name = member && json_is_object(v) ? jstr(v, member) : json_string_value(v);
		if (name)
			offer(l, sl(name), "", "");
	}
	json_decref(all);
	buf_free(&answer);
	free(base);
}

static void kafka_topics(struct line *l)
{
	of_stack(l, "rest", "/topics", NULL, NULL);
}

static void connectors(struct line *l)
{
	of_stack(l, "connect", "/connectors", NULL, NULL);
}

static void dags(struct line *l)
{
	of_stack(l, "airflow", "/api/v1/dags", "dags", "dag_id");
}

static void faults(struct line *l)
{
	of_stack(l, "control", "/_tarn/faults", "faults", "name");
}

static void snapshots(struct line *l)
{
	of_stack(l, "control", "/_tarn/snapshots", "snapshots", "name");
}

/* ---- where which kind stands ---- */

typedef void kind_fn(struct line *l);

/* Words of commands, and of their actions; "" is any action. */
static const struct place {
	const char *command, *action;
	kind_fn *kind;
} places[] = {
	{ "help", "", explained },      { "man", "", pages },          { "logs", "", services_of },      { "reset", "", services_of },
	{ "up", "", stacks },           { "exec", "", stacks },         { "run", "", files },             { "lint", "", files },
	{ "init", "", folders },        { "notebook", "", files },      { "hosts", "", files },           { "topic", "create", NULL },
	{ "topic", "produce", kafka_topics }, { "topic", "", kafka_topics }, { "group", "", NULL },       { "connector", "", connectors },
	{ "dag", "", dags },            { "fault", "add", sites },      { "fault", "", faults },          { "snapshot", "save", NULL },
	{ "snapshot", "import", files }, { "snapshot", "", snapshots }, { "trace", "", NULL },
};

/* Flags, by their name, else by what their value is called. */
static const struct {
	const char *name;
	kind_fn *kind;
} values[] = {
	{ "only", services_list }, { "set", settings }, { "load", snapshots }, { "from", stacks }, { "DIR", folders }, { "FILE", files },
	{ "STACK", stacks },       { "SERVICE", services_of }, { "TOPIC", kafka_topics },
};

static const struct command *command_of(const char *word)
{
	for (size_t i = 0; commands[i]; i++)
		if (!strcmp(commands[i]->word, word))
			return commands[i];
	return NULL;
}

static const struct flag *flag_of(const struct command *c, struct slice word)
{
	const struct flag *f;
	for (size_t i = 0; (f = flags_at(c, i)); i++)
		if (word.n == 2 && word.p[1] != '-' ? f->letter == word.p[1] : word.n > 2 && sl_eqs((struct slice){ word.p + 2, word.n - 2 }, f->name))
			return f;
	return NULL;
}

static bool wants_value(const struct flag *f)
{
	return f && f->kind != FLAG_ON && f->kind != FLAG_IS && f->kind != FLAG_MAY;
}

static void flag_value(const struct flag *f, struct line *l)
{
	if (f->kind == FLAG_WORD) {
		offer_words(l, f->value);
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(values); i++)
		if (!strcmp(values[i].name, f->name) || (f->value && !strcmp(values[i].name, f->value))) {
			values[i].kind(l);
			return;
		}
}

/* Flags that aren't there yet. */
static void flags(const struct command *c, char **words, int n, struct line *l)
{
	const struct flag *f;
	char text[64];
	for (size_t i = 0; (f = flags_at(c, i)); i++) {
		bool given = false;
		for (int k = 1; k < n - 1 && !given; k++)
			given = flag_of(c, sl(words[k])) == f && f->kind != FLAG_OWN && f->kind != FLAG_QUERY;
		snprintf(text, sizeof(text), "--%s", f->name);
		if (!given)
			offer(l, sl(text), "", f->doc);
	}
}

static void word(const struct command *c, const char *first, struct line *l)
{
	if (!first)
		for (const struct action *a = c->actions; a && a->word; a++)
			offer(l, sl(a->word), "", a->doc);
	if (!first && c->actions && strcmp(c->word, "help") && !c->fn)
		return;
	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		const struct place *p = &places[i];
		if (strcmp(p->command, c->word) || (*p->action && (!first || strcmp(p->action, first))))
			continue;
		if (p->kind)
			p->kind(l);
		return;
	}
}

void complete(char **words, int n, struct buf *out)
{
	struct line l = { sl(words[n - 1]), sl(NULL), out };
	const struct command *c = n > 1 ? command_of(words[0]) : NULL;
	const char *first = NULL;
	if (n == 1)
		for (size_t i = 0; commands[i]; i++)
			offer(&l, sl(commands[i]->word), "", commands[i]->doc);
	if (!c)
		return;
	for (int i = 1; i < n - 1; i++) {
		if (!strcmp(words[i], "--"))
			return c->program ? program(&l) : word(c, first ? first : "", &l);
		const struct flag *f = words[i][0] == '-' ? flag_of(c, sl(words[i])) : NULL;
		if (wants_value(f) && i + 1 == n - 1)
			return flag_value(f, &l);
		if (wants_value(f))
			i++;
		else if (words[i][0] != '-' && !first)
			first = words[i];
	}
	if (!sl_starts(l.typed, S("-")))
		return word(c, first, &l);
	struct slice name, value;
	if (!sl_cut(l.typed, '=', &name, &value))
		return flags(c, words, n, &l);
	const struct flag *f = flag_of(c, name);
	if (wants_value(f)) {
		l.before = (struct slice){ name.p, name.n + 1 };
		l.typed = value;
		flag_value(f, &l);
	}
}
