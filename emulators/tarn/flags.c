/* Flags, words and help of every command, from its row. */
#include "core/near.h"
#include "tarn/cmd.h"

static const struct flag help_flag = { "help", 'h', FLAG_ON, 0, NULL, "explains the command" };

const struct flag *flags_at(const struct command *c, size_t i)
{
	for (size_t t = 0; t < ARRAY_LEN(c->flags) && c->flags[t]; t++)
		for (const struct flag *f = c->flags[t]; f->name; f++)
			if (!i--)
				return f;
	return i ? NULL : &help_flag;
}

static bool wants_value(const struct flag *f)
{
	return f->kind != FLAG_ON && f->kind != FLAG_IS && f->kind != FLAG_MAY;
}

/* What is read of a command's arguments. */
struct args {
	const struct command *c;
	void *self;
	char **argv;
	int argc, at;
	bool help;
};

static int excluded(const struct args *a, const struct flag *f, int given)
{
	const struct flag *other;
	for (size_t i = 0; (other = flags_at(a->c, i)); i++)
		if (other->kind == FLAG_IS && other->at == f->at && other->min == given)
			return cmd_fail(EXIT_USAGE, NULL, "--%s or --%s, one of them", other->name, f->name);
	return EXIT_USAGE;
}

/* Puts a value where the flag says. An exit code after a message when it isn't one. */
static int fill(struct args *a, const struct flag *f, const char *value)
{
	void *at = (char *)a->self + f->at;
	struct near near;
	bool good = true;
	switch (f->kind) {
	case FLAG_ON:
		*(bool *)at = true;
		break;
	case FLAG_TEXT:
		*(const char **)at = value;
		break;
	case FLAG_INT:
		good = sl_int(sl(value), f->min, f->max ? f->max : INT64_MAX, at);
		break;
	case FLAG_WORD:
		near = near_to(sl(value));
		*(int *)at = near_place(&near, f->value, '|');
		good = *(int *)at >= 0;
		break;
	case FLAG_QUERY:
		buf_addf(at, "%c%s=", ((struct buf *)at)->n ? '&' : '?', f->name);
		buf_url_escape(at, sl(value), false);
		break;
	case FLAG_IS:
		if (*(int *)at && *(int *)at != (int)f->min)
			return excluded(a, f, *(int *)at);
		*(int *)at = (int)f->min;
		break;
	case FLAG_MAY:
	case FLAG_OWN:
		good = f->take(a->self, value);
		break;
	}
	if (good)
		return EXIT_OK;
	if (f->kind == FLAG_INT && f->max)
		return cmd_fail(EXIT_USAGE, NULL, "--%s takes a number of %lld..%lld, not %s", f->name, (long long)f->min, (long long)f->max, value);
	return cmd_fail(EXIT_USAGE, NULL, "--%s takes %s, not %s", f->name, f->kind == FLAG_INT ? "a number" : f->value, value);
}

static int unknown_flag(const struct command *c, struct slice name)
{
	struct near n = near_to(name);
	const struct flag *f;
	char hint[64];
	for (size_t i = 0; (f = flags_at(c, i)) && !near_is(&n, f->name); i++)
		;
	snprintf(hint, sizeof(hint), "%s%.*s", n.best.p ? "--" : "tarn help ", SL(n.best.p ? n.best : sl(c->word)));
	return cmd_fail(EXIT_USAGE, hint, "%s has no flag --%.*s", c->word, SL(name));
}

static int take(struct args *a, const struct flag *f, const char *value)
{
	if (f == &help_flag) {
		a->help = true;
		return EXIT_OK;
	}
	if (wants_value(f) && !value && !(value = a->at + 1 < a->argc ? a->argv[++a->at] : NULL))
		return cmd_fail(EXIT_USAGE, NULL, "--%s wants a value: %s", f->name, f->value);
	if (!strcmp(f->name, "json"))
		cmd_begin(a->c->word, true);
	return fill(a, f, value);
}

static int take_long(struct args *a, const char *text)
{
	const struct flag *f;
	struct slice name, value;
	sl_cut(sl(text), '=', &name, &value);
	for (size_t i = 0; (f = flags_at(a->c, i)); i++) {
		if (!sl_eqs(name, f->name))
			continue;
		if (value.p && !wants_value(f) && f->kind != FLAG_MAY)
			return cmd_fail(EXIT_USAGE, NULL, "--%s takes no value", f->name);
		return take(a, f, value.p);
	}
	return unknown_flag(a->c, name);
}

/* -d, -dv, -n5, -n 5 */
static int take_letters(struct args *a, const char *text)
{
	const struct flag *f = NULL;
	int rc = EXIT_OK;
	for (const char *p = text; !rc && *p; p++) {
		for (size_t i = 0; (f = flags_at(a->c, i)) && f->letter != *p; i++)
			;
		if (!f)
			return cmd_fail(EXIT_USAGE, NULL, "%s has no flag -%c", a->c->word, *p);
		if (wants_value(f))
			return take(a, f, p[1] ? p + 1 : NULL);
		rc = take(a, f, NULL);
	}
	return rc;
}

/* A statement that begins with a comment of SQL: no flag has a blank behind its dashes, or lines. */
static bool is_comment(const char *text)
{
	return !strncmp(text, "--", 2) && (text[2] == ' ' || text[2] == '\t' || strcspn(text, "\n") < strcspn(text, "="));
}

/* Fills the options; what isn't a flag stays in argv, n words from its start. */
static int read_args(struct args *a, int *n)
{
	bool ended = false;
	int rc = EXIT_OK;
	const struct flag *f;
	for (size_t i = 0; (f = flags_at(a->c, i)); i++)
		if (f->otherwise && (rc = fill(a, f, f->otherwise)))
			return rc;
	for (a->at = 1; !rc && a->at < a->argc; a->at++) {
		char *text = a->argv[a->at];
		if (ended || text[0] != '-' || !text[1] || is_comment(text)) {
			a->argv[(*n)++] = text;
		} else if (!strcmp(text, "--")) {
			ended = true;
			if (a->c->program)
				a->argv[(*n)++] = text;
		} else {
			rc = text[1] == '-' ? take_long(a, text + 2) : take_letters(a, text + 1);
		}
	}
	return rc;
}

static int run_action(const struct command *c, void *self, char **words, int n)
{
	struct near near = near_to(sl(n ? words[0] : ""));
	for (const struct action *a = c->actions; a->word; a++) {
		if (!near_is(&near, a->word))
			continue;
		if (n - 1 < a->min || n - 1 > a->max)
			return cmd_fail(EXIT_USAGE, c->example, "usage: tarn %s %s %s", c->word, a->word, a->words);
		return a->fn(self, words, n);
	}
	if (c->fn)
		return c->fn(self, words, n);
	if (!n)
		return cmd_fail(EXIT_USAGE, c->example, "%s wants a word: %s", c->word, c->words);
	return cmd_fail(EXIT_USAGE, c->example, "%s has no word %s%s", c->word, words[0], near_words(&near));
}

int flags_run(const struct command *c, int argc, char **argv)
{
	struct args a = { .c = c, .argv = argv, .argc = argc };
	int n = 0, rc;
	cmd_begin(c->word, false);
	a.self = xcalloc(1, c->size ? c->size : 1);
	rc = read_args(&a, &n);
	if (!rc && a.help)
		flags_help(c);
	else if (!rc && c->max >= 0 && n > c->max && !c->actions)
		rc = c->max ? cmd_fail(EXIT_USAGE, c->example, "unexpected word: %s", argv[c->max])
			    : cmd_fail(EXIT_USAGE, c->example, "%s takes no words", c->word);
	else if (!rc)
		rc = c->actions ? run_action(c, a.self, argv, n) : c->fn(a.self, argv, n);
	if (c->done)
		c->done(a.self);
	free(a.self);
	return rc;
}

void flags_help(const struct command *c)
{
	const struct flag *f;
	char left[64];
	printf("usage: tarn %s%s%s%s\n%s\n", c->word, *c->words ? " " : "", c->words, c->flags[0] ? " [flags]" : "", c->doc);
	for (const struct action *a = c->actions; a && a->word; a++) {
		snprintf(left, sizeof(left), "%s %s", a->word, a->words);
		printf("%s  %-28s %s\n", a == c->actions ? "\n" : "", left, a->doc);
	}
	for (size_t i = 0; (f = flags_at(c, i)); i++) {
		snprintf(left, sizeof(left), "--%s%s%s", f->name, f->value && f->kind != FLAG_MAY ? " " : "", f->value ? f->value : "");
		printf("%s  %c%c%c %-24s %s", i ? "" : "\n", f->letter ? '-' : ' ', f->letter ? f->letter : ' ', f->letter ? ',' : ' ', left, f->doc);
		bool shown = f->otherwise && *f->otherwise != '-';
		printf("%s%s%s\n", shown ? " (" : "", shown ? f->otherwise : "", shown ? ")" : "");
	}
	if (c->example)
		printf("\nfor example: %s\n", c->example);
	if (c->more)
		printf("\n%s", c->more);
}
