/* tarn man: manual pages of the rows that parse the flags and of what tarn help prints. tarn(1), tarn-COMMAND(1) and, for topics and
 * services that are no command, tarn-TOPIC(7). */
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/near.h"
#include "core/stack.h"
#include "core/version.h"
#include "stack/services.h"
#include "tarn/cmd.h"

struct man {
	const char *dir;
};

/* ---- roff ---- */

/* Text inside a line: what roff would take for itself. */
static void text(struct buf *b, struct slice s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\\')
			buf_adds(b, "\\e");
		else if (s.p[i] == '-')
			buf_adds(b, "\\-");
		else
			buf_addc(b, s.p[i]);
	}
}

/* A line of text of its own. */
static void line(struct buf *b, struct slice s)
{
	if (s.n && (s.p[0] == '.' || s.p[0] == '\''))
		buf_adds(b, "\\&");
	text(b, s);
	buf_addc(b, '\n');
}

/* "bold" or "bold plain", a tagged paragraph's head. */
static void tag(struct buf *b, const char *bold, const char *plain)
{
	buf_adds(b, ".TP\n\\fB");
	text(b, sl(bold));
	buf_adds(b, "\\fR");
	if (*plain) {
		buf_addc(b, ' ');
		text(b, sl(plain));
	}
	buf_addc(b, '\n');
}

static void head(struct buf *b, const char *name, const char *section)
{
	char date[32], upper[64];
	size_t i = 0;
	clock_iso(tarn_version_time * 1000, date);
	for (; name[i] && i < sizeof(upper) - 1; i++)
		upper[i] = name[i] >= 'a' && name[i] <= 'z' ? (char)(name[i] - 32) : name[i];
	upper[i] = '\0';
	buf_addf(b, ".\\\" Made by tarn man.\n.TH \"%s\" %s \"%.10s\" \"tarn %s\" \"tarn\"\n", upper, section, date, tarn_version);
	buf_adds(b, ".ie \\n(.g .ds Aq \\(aq\n.el .ds Aq '\n.nh\n.ad l\n");
}

/* A topic's text: lines that begin with blanks stay as they are, "- " begins an item, others are filled; an empty line parts. */
static void prose(struct buf *b, struct slice rest)
{
	struct slice row;
	bool kept = false, parted = true;
	while (rest.p) {
		sl_cut(rest, '\n', &row, &rest);
		bool keep = row.n && (row.p[0] == ' ' || row.p[0] == '\t');
		if (keep != kept && (row.n || !keep))
			buf_adds(b, keep ? (parted ? ".PP\n.nf\n" : ".nf\n") : ".fi\n");
		if (row.n || !keep)
			kept = keep;
		if (sl_starts(row, S("- "))) {
			buf_adds(b, ".IP \\(bu 2\n");
			row = (struct slice){ row.p + 2, row.n - 2 };
		} else if (row.n && !keep && parted) {
			buf_adds(b, ".PP\n");
		}
		if (row.n)
			line(b, row);
		parted = !row.n;
	}
	if (kept)
		buf_adds(b, ".fi\n");
}

/* A service's text is lines. */
static void as_it_stands(struct buf *b, struct slice rest)
{
	struct slice row;
	buf_adds(b, ".nf\n");
	while (rest.p && rest.n) {
		sl_cut(rest, '\n', &row, &rest);
		line(b, row);
	}
	buf_adds(b, ".fi\n");
}

/* ---- pages ---- */

extern const struct embedded help_files_embedded[];

/* The text of that topic, if it has one. */
static bool topic_text(const char *word, struct buf *out)
{
	struct slice name, ext;
	for (const struct embedded *f = help_files_embedded; f->path; f++) {
		sl_cut(sl(f->path), '.', &name, &ext);
		if (sl_eqs(name, word)) {
			embedded_add(f, out);
			return true;
		}
	}
	return false;
}

static bool is_command(const char *word)
{
	for (size_t i = 0; commands[i]; i++)
		if (!strcmp(commands[i]->word, word))
			return true;
	return false;
}

static bool is_topic(const char *word)
{
	for (const struct action *t = command_help.actions; t->word; t++)
		if (!strcmp(t->word, word))
			return true;
	return false;
}

/* The i-th page of section 7: a topic, made of a text or of tables, or a service; false past the end. */
static bool page_at(size_t i, const char **word, const char **doc)
{
	for (const struct action *t = command_help.actions; t->word; t++) {
		*word = t->word;
		*doc = t->doc;
		if (!is_command(*word) && !i--)
			return true;
	}
	for (size_t s = 0; services[s]; s++) {
		*word = services[s]->name;
		*doc = services[s]->doc;
		if (!is_command(*word) && !is_topic(*word) && !i--)
			return true;
	}
	return false;
}

static void print_help(const char *word)
{
	char *words[] = { xstrdup(word), NULL };
	const struct action *t = command_help.actions;
	while (t->word && strcmp(t->word, word))
		t++;
	void *self = xcalloc(1, command_help.size);
	(t->word ? t->fn : command_help.fn)(self, words, 1);
	free(self);
	free(words[0]);
}

/* What tarn help WORD writes to stdout. */
static int printed(const char *word, struct buf *out)
{
	FILE *f = tmpfile();
	char piece[4096];
	size_t n;
	fflush(stdout);
	int kept = dup(STDOUT_FILENO);
	if (!f || kept < 0 || dup2(fileno(f), STDOUT_FILENO) < 0)
		return cmd_fail(EXIT_FAILED, NULL, "a file for the text of %s: %s", word, strerror(errno));
	print_help(word);
	fflush(stdout);
	dup2(kept, STDOUT_FILENO);
	close(kept);
	rewind(f);
	while ((n = fread(piece, 1, sizeof(piece), f)) > 0)
		buf_add(out, piece, n);
	fclose(f);
	return EXIT_OK;
}

/* "NAME - what it is", a title's last point goes. */
static void name_section(struct buf *b, const char *name, const char *doc)
{
	struct slice d = sl(doc);
	if (d.n && d.p[d.n - 1] == '.')
		d.n--;
	buf_addf(b, ".SH NAME\n%s \\- ", name);
	text(b, d);
	buf_addc(b, '\n');
}

static void synopsis(struct buf *b, const struct command *c)
{
	buf_adds(b, ".SH SYNOPSIS\n");
	for (const struct action *a = c->actions; a && a->word && strcmp(c->word, "help"); a++) {
		buf_addf(b, "%s\\fBtarn %s %s\\fR", a == c->actions ? "" : ".br\n", c->word, a->word);
		buf_addc(b, *a->words ? ' ' : '\n');
		if (*a->words)
			line(b, sl(a->words));
	}
	if (c->actions && !c->fn)
		return;
	buf_addf(b, "%s\\fBtarn %s\\fR", c->actions && strcmp(c->word, "help") ? ".br\n" : "", c->word);
	buf_addc(b, ' ');
	text(b, sl(c->words));
	buf_adds(b, c->flags[0] ? *c->words ? " [flags]\n" : "[flags]\n" : "\n");
}

static void options(struct buf *b, const struct command *c)
{
	const struct flag *f;
	char left[96];
	buf_adds(b, ".SH OPTIONS\n");
	for (size_t i = 0; (f = flags_at(c, i)); i++) {
		bool optional = f->kind == FLAG_MAY, shown = f->otherwise && *f->otherwise != '-';
		snprintf(left, sizeof(left), "%c%c%s--%s", f->letter ? '-' : ' ', f->letter ? f->letter : ' ', f->letter ? ", " : "", f->name);
		if (optional)
			snprintf(left + strlen(left), sizeof(left) - strlen(left), "%s", f->value ? f->value : "");
		tag(b, f->letter ? left : left + 2, f->value && !optional ? f->value : "");
		line(b, sl(f->doc));
		if (shown) {
			buf_adds(b, "(without it: ");
			text(b, sl(f->otherwise));
			buf_adds(b, ")\n");
		}
	}
}

static void see_also(struct buf *b, const char *but)
{
	const char *comma = "";
	buf_adds(b, ".SH SEE ALSO\n");
	if (*but)
		buf_adds(b, ".BR tarn (1),\n");
	for (size_t i = 0; commands[i]; i++) {
		if (!strcmp(commands[i]->word, but))
			continue;
		buf_addf(b, "%s.BR tarn\\-%s (1)", comma, commands[i]->word);
		comma = ",\n";
	}
	const char *word, *doc;
	for (size_t i = 0; page_at(i, &word, &doc); i++)
		if (strcmp(word, but))
			buf_addf(b, ",\n.BR tarn\\-%s (7)", word);
	buf_addc(b, '\n');
}

static void page_of_command(struct buf *b, const struct command *c)
{
	struct buf notes = { 0 };
	char name[64];
	snprintf(name, sizeof(name), "tarn-%s", c->word);
	head(b, name, "1");
	snprintf(name, sizeof(name), "tarn\\-%s", c->word);
	name_section(b, name, c->doc);
	synopsis(b, c);
	buf_adds(b, ".SH DESCRIPTION\n");
	line(b, sl(c->doc));
	for (const struct action *a = c->actions; a && a->word; a++) {
		tag(b, a->word, a->words);
		line(b, sl(a->doc));
	}
	if (c->more)
		prose(b, sl(c->more));
	options(b, c);
	if (c->example) {
		buf_adds(b, ".SH EXAMPLES\n.nf\n");
		line(b, sl(c->example));
		buf_adds(b, ".fi\n");
	}
	if (topic_text(c->word, &notes)) {
		buf_adds(b, ".SH NOTES\n");
		prose(b, buf_slice(&notes));
		buf_free(&notes);
	}
	buf_adds(b, ".SH EXIT STATUS\n0 ok, 1 the check failed, 2 wrong use, 3 cannot reach or start, 4 timed out, 5 conflict (port taken, folder in use), "
		    "130 interrupted.\n");
	see_also(b, c->word);
}

static int page_of_topic(struct buf *b, const char *word, const char *doc)
{
	struct buf text = { 0 };
	char name[64];
	snprintf(name, sizeof(name), "tarn-%s", word);
	head(b, name, "7");
	snprintf(name, sizeof(name), "tarn\\-%s", word);
	name_section(b, name, doc);
	buf_adds(b, ".SH DESCRIPTION\n");
	int rc = printed(word, &text);
	if (is_topic(word))
		prose(b, buf_slice(&text));
	else
		as_it_stands(b, buf_slice(&text));
	buf_free(&text);
	see_also(b, word);
	return rc;
}

static void page_of_tarn(struct buf *b)
{
	static const char *const environment[][2] = {
		{ "TARN_DATA", "the state folder of commands without --data; else .tarn of the folder they are run in" },
		{ "TARN_ENDPOINTS", "a file as up --endpoints-file writes it: the stack that commands mean, when it is not on this state folder" },
		{ "TARN_TOKEN", "what commands send where [identities] say who is served; without it the state folder's own" },
	};
	head(b, "tarn", "1");
	name_section(b, "tarn", "a cloud data pipeline in one program, offline");
	buf_adds(b, ".SH SYNOPSIS\n\\fBtarn\\fR COMMAND [words] [flags]\n.SH DESCRIPTION\n"
		    "Starts local stand\\-ins of MySQL, Kafka with its REST proxy and Connect, S3, Kinesis, API Gateway, a lake with Spark SQL and "
		    "notebooks, Airflow and what of AWS lies around them, on one machine, for programs as they are.\n"
		    "Nothing is ever sent to anyone: no update check, no telemetry.\n.SH COMMANDS\n");
	for (size_t i = 0; commands[i]; i++) {
		tag(b, commands[i]->word, commands[i]->words);
		line(b, sl(commands[i]->doc));
	}
	buf_adds(b, ".SH TOPICS\nExplained by \\fBtarn help\\fR:\n");
	for (const struct action *t = command_help.actions; t->word; t++) {
		tag(b, t->word, "");
		line(b, sl(t->doc));
	}
	buf_adds(b, ".SH ENVIRONMENT\n");
	for (size_t i = 0; i < ARRAY_LEN(environment); i++) {
		tag(b, environment[i][0], "");
		line(b, sl(environment[i][1]));
	}
	buf_adds(b, ".SH FILES\n");
	tag(b, ".tarn/", "");
	line(b, S("the state folder: what services keep, tarn.log, endpoints.json, the certificate authority"));
	buf_adds(b, ".SH EXAMPLES\n.nf\n");
	line(b, S("tarn up -d"));
	line(b, S("eval \"$(tarn env)\""));
	line(b, S("tarn exec -- python3 program.py"));
	buf_adds(b, ".fi\n");
	see_also(b, "");
}

/* ---- the command ---- */

static int write_page(const char *dir, const char *name, const char *section, const struct buf *b)
{
	char *path = xasprintf("%s/%s.%s", dir, name, section);
	FILE *f = fopen(path, "w");
	bool good = f && fwrite(b->p, 1, b->n, f) == b->n;
	good = f && !fclose(f) && good;
	int rc = good ? EXIT_OK : cmd_fail(EXIT_FAILED, NULL, "%s: %s", path, strerror(errno));
	free(path);
	return rc;
}

/* Prints the page, or writes it into m's folder. */
static int give(const struct man *m, const char *word, const char *section, struct buf *b)
{
	char name[64];
	int rc = EXIT_OK;
	snprintf(name, sizeof(name), "tarn%s%s", *word ? "-" : "", word);
	if (m->dir)
		rc = write_page(m->dir, name, section, b);
	else
		fwrite(b->p, 1, b->n, stdout);
	buf_free(b);
	return rc;
}

static int all_pages(const struct man *m)
{
	struct buf b = { 0 };
	const char *word, *doc;
	if (mkdir(m->dir, 0777) && errno != EEXIST)
		return cmd_fail(EXIT_FAILED, NULL, "%s: %s", m->dir, strerror(errno));
	page_of_tarn(&b);
	int rc = give(m, "", "1", &b);
	for (size_t i = 0; !rc && commands[i]; i++) {
		page_of_command(&b, commands[i]);
		rc = give(m, commands[i]->word, "1", &b);
	}
	for (size_t i = 0; !rc && page_at(i, &word, &doc); i++)
		if (!(rc = page_of_topic(&b, word, doc)))
			rc = give(m, word, "7", &b);
	buf_free(&b);
	return rc;
}

static int man_run(void *self, char **words, int n)
{
	const struct man *m = self;
	const char *word, *doc;
	struct buf b = { 0 };
	if (!n && m->dir)
		return all_pages(m);
	if (!n) {
		page_of_tarn(&b);
		return give(m, "", "1", &b);
	}
	struct near near = near_to(sl(words[0]));
	for (size_t i = 0; commands[i]; i++) {
		if (near_is(&near, commands[i]->word)) {
			page_of_command(&b, commands[i]);
			return give(m, commands[i]->word, "1", &b);
		}
	}
	for (size_t i = 0; page_at(i, &word, &doc); i++) {
		if (near_is(&near, word)) {
			int rc = page_of_topic(&b, word, doc);
			return rc ? rc : give(m, word, "7", &b);
		}
	}
	return cmd_fail(EXIT_USAGE, "tarn help", "there is no page of %s%s", words[0], near_words(&near));
}

static const struct flag man_flags[] = {
	{ "dir", 0, FLAG_TEXT, offsetof(struct man, dir), "DIR", "writes the pages there, all of them without a word" },
	{ NULL },
};

const struct command command_man = {
	"man", "[COMMAND|TOPIC]", "Prints a manual page, or writes them all into a folder.", sizeof(struct man), man_run, .max = 1,
	.flags = { man_flags }, .example = "tarn man up | man -l -",
};
