#include "conf.h"

#include <strings.h>

#include "clock.h"
#include "near.h"
#include "text.h"

struct conf_row {
	uint32_t mark; /* of the section: settings are looked up by requests, too, and most rows are told apart by it */
	char *section, *key, *value;
	char *where; /* "stack.conf:12", for messages; NULL: not the user's */
};

struct conf {
	struct conf_row *rows;
	size_t n, cap;
};

struct conf *conf_new(void)
{
	return xcalloc(1, sizeof(struct conf));
}

void conf_free(struct conf *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->n; i++) {
		free(c->rows[i].section);
		free(c->rows[i].key);
		free(c->rows[i].value);
		free(c->rows[i].where);
	}
	free(c->rows);
	free(c);
}

static uint32_t mark_of(const char *section)
{
	uint32_t h = 2166136261u;
	for (; *section; section++)
		h = (h ^ (unsigned char)*section) * 16777619u;
	return h;
}

static struct conf_row *find(const struct conf *c, const char *section, const char *key)
{
	uint32_t mark = mark_of(section);
	for (size_t i = 0; c && i < c->n; i++)
		if (c->rows[i].mark == mark && !strcmp(c->rows[i].section, section) && !strcmp(c->rows[i].key, key))
			return &c->rows[i];
	return NULL;
}

/* Owns where. */
static void put(struct conf *c, const char *section, const char *key, const char *value, char *where)
{
	struct conf_row *r = find(c, section, key);
	if (r) {
		free(r->value);
		free(r->where);
		r->value = xstrdup(value);
		r->where = where;
		return;
	}
	GROW(c->rows, c->n, c->cap);
	c->rows[c->n++] = (struct conf_row){ mark_of(section), xstrdup(section), xstrdup(key), xstrdup(value), where };
}

void conf_set(struct conf *c, const char *section, const char *key, const char *value)
{
	put(c, section, key, value, NULL);
}

int conf_parse(struct conf *c, const char *name, struct slice text, struct error *err)
{
	char section[128] = "", key[256];
	struct slice line, rest = text;
	for (int no = 1; rest.p; no++) {
		sl_cut(rest, '\n', &line, &rest);
		line = sl_trim(line);
		if (!line.n || line.p[0] == '#' || line.p[0] == ';')
			continue;
		if (line.p[0] == '[') {
			if (line.p[line.n - 1] != ']' || line.n - 2 >= sizeof(section))
				return err_set(err, ERR_INVALID, "%s:%d: a section is [name]", name, no);
			memcpy(section, line.p + 1, line.n - 2);
			section[line.n - 2] = '\0';
			continue;
		}
		struct slice k, v;
		if (!sl_cut(line, '=', &k, &v) || !(k = sl_trim(k)).n || k.n >= sizeof(key))
			return err_set(err, ERR_INVALID, "%s:%d: a line is key = value, got: %.*s", name, no, SL(line));
		v = sl_trim(v);
		memcpy(key, k.p, k.n);
		key[k.n] = '\0';
		char *value = xstrndup(v.p, v.n);
		put(c, section, key, value, xasprintf("%s:%d", name, no));
		free(value);
	}
	return 0;
}

const char *conf_get(const struct conf *c, const char *section, const char *key)
{
	const struct conf_row *r = find(c, section, key);
	return r ? r->value : NULL;
}

const char *conf_str(const struct conf *c, const char *section, const char *key, const char *otherwise)
{
	const char *v = conf_get(c, section, key);
	return v ? v : otherwise;
}

int64_t conf_int(const struct conf *c, const char *section, const char *key, int64_t otherwise)
{
	int64_t v;
	const char *text = conf_get(c, section, key);
	return text && sl_int(sl(text), INT64_MIN, INT64_MAX, &v) ? v : otherwise;
}

bool conf_bool(const struct conf *c, const char *section, const char *key, bool otherwise)
{
	const char *v = conf_get(c, section, key);
	if (!v)
		return otherwise;
	return !strcasecmp(v, "true") || !strcasecmp(v, "yes") || !strcasecmp(v, "on") || !strcmp(v, "1");
}

bool conf_at(const struct conf *c, const char *section, size_t i, const char **key, const char **value)
{
	uint32_t mark = mark_of(section);
	for (size_t at = 0; c && at < c->n; at++) {
		if (c->rows[at].mark != mark || strcmp(c->rows[at].section, section) || i--)
			continue;
		*key = c->rows[at].key;
		*value = c->rows[at].value;
		return true;
	}
	return false;
}

static bool renamed(char **text, const char *from, const char *to)
{
	struct buf b = { 0 };
	bool any = buf_renamed(&b, sl(*text), sl(from), sl(to)) > 0;
	if (any) {
		free(*text);
		*text = xstrdup(buf_cstr(&b));
	}
	buf_free(&b);
	return any;
}

void conf_rename(struct conf *c, const char *from, const char *to)
{
	for (size_t i = 0; i < c->n; i++) {
		struct conf_row *r = &c->rows[i];
		if (r->where && !strncmp(r->where, "--set", 5))
			continue;
		(void)renamed(&r->value, from, to);
		if (!renamed(&r->key, from, to))
			continue;
		for (size_t k = 0; k < c->n; k++) {
			struct conf_row *set = &c->rows[k];
			if (k != i && set->mark == r->mark && !strcmp(set->section, r->section) && !strcmp(set->key, r->key)) {
				free(r->value);
				r->value = xstrdup(set->value);
			}
		}
	}
}

/* ---- what can be set ---- */

/* "topics", "emit.*" (a name without dots), "variant.*" (any). */
static bool fits(const char *pattern, struct slice name, bool dots)
{
	size_t n = strcspn(pattern, "*");
	if (!pattern[n])
		return sl_eqs(name, pattern);
	return name.n > n && !memcmp(name.p, pattern, n) && (dots || sl_chr(sl_from(name, n), '.') < 0);
}

static const struct setting *declaration(const struct setting *const *declared, struct slice section, struct slice key)
{
	for (; *declared; declared++)
		for (const struct setting *s = *declared; s->section; s++)
			if (fits(s->section, section, false) && (!key.p || fits(s->key, key, true)))
				return s;
	return NULL;
}

const struct setting *setting_find(const struct setting *const *declared, const char *section, const char *key)
{
	return declaration(declared, sl(section), sl(key));
}

int conf_assign(struct conf *c, const struct setting *const *declared, const char *text, struct error *err)
{
	struct slice key, value, section, name;
	size_t n;
	if (!sl_cut(sl(text), '=', &key, &value))
		return err_set(err, ERR_INVALID, "--set wants SECTION.KEY=VALUE, got %s", text);
	if (!sl_cut(key, ':', &section, &name) || !declaration(declared, section, sl(NULL))) {
		for (n = key.n; n && (key.p[n - 1] != '.' || !declaration(declared, sl_of(key.p, n - 1), sl(NULL))); n--)
			;
		section = sl_of(key.p, n ? n - 1 : 0);
		name = sl_from(key, n);
		if (!n && !sl_cut(key, '.', &section, &name))
			return err_set(err, ERR_INVALID, "--set wants SECTION.KEY=VALUE, got %s", text);
	}
	char *sec = xstrndup(section.p, section.n), *k = xstrndup(name.p, name.n), *v = xstrndup(value.p, value.n);
	put(c, sec, k, v, xasprintf("--set %s", text));
	free(sec);
	free(k);
	free(v);
	return 0;
}

static bool valid(const struct setting *s, struct slice value)
{
	struct near near = near_to(value);
	int64_t n;
	if (s->words && near_place(&near, s->words, '|') >= 0)
		return true;
	switch (s->kind) {
	case SETTING_TEXT:
		return !s->words;
	case SETTING_INT:
		return sl_int(value, s->min, s->max, &n);
	case SETTING_DURATION:
		return clock_parse_duration(value, &n);
	case SETTING_BOOL:
		return near_place(&near, "true|yes|on|1|false|no|off|0", '|') >= 0;
	}
	return false;
}

/* "a number of 1..1000 or nothing", "delta|none": what a setting takes. */
void setting_values(const struct setting *s, struct buf *out)
{
	struct slice words = sl(s->words);
	bool nothing = words.p && (!words.n || words.p[words.n - 1] == '|');
	if (s->kind == SETTING_INT && s->max == INT64_MAX)
		buf_addf(out, "a number from %lld", (long long)s->min);
	else if (s->kind == SETTING_INT)
		buf_addf(out, "a number of %lld..%lld", (long long)s->min, (long long)s->max);
	else if (s->kind == SETTING_BOOL)
		buf_adds(out, "on|off");
	else if (s->kind == SETTING_DURATION)
		buf_adds(out, "a duration, 500ms or 2h");
	if (nothing && words.n)
		words.n--;
	buf_addf(out, "%s%.*s%s", words.n && out->n ? " or " : "", SL(words), nothing ? " or nothing" : "");
}

static int wrong_value(const struct conf_row *r, const struct setting *s, struct error *err)
{
	struct buf b = { 0 };
	setting_values(s, &b);
	err_set(err, ERR_INVALID, "%s: [%s] %s takes %s, not %s", r->where, r->section, r->key, buf_cstr(&b), *r->value ? r->value : "nothing");
	buf_free(&b);
	return ERR_INVALID;
}

static int undeclared(const struct conf_row *r, const struct setting *const *declared, struct error *err)
{
	bool known = declaration(declared, sl(r->section), sl(NULL)) != NULL;
	struct near near = near_to(sl(known ? r->key : r->section));
	for (; *declared; declared++)
		for (const struct setting *s = *declared; s->section; s++)
			if (!known || !strcmp(s->section, r->section))
				(void)near_is(&near, known ? s->key : s->section);
	const char *hint = near.best.p ? near_words(&near) : "; tarn help settings lists them";
	if (known)
		return err_set(err, ERR_INVALID, "%s: [%s] has no setting %s%s", r->where, r->section, r->key, hint);
	return err_set(err, ERR_INVALID, "%s: there is no section [%s]%s", r->where, r->section, hint);
}

int conf_check(const struct conf *c, const struct setting *const *declared, struct error *err)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct conf_row *r = &c->rows[i];
		const struct setting *s = r->where ? declaration(declared, sl(r->section), sl(r->key)) : NULL;
		if (!r->where)
			continue;
		if (!s)
			return undeclared(r, declared, err);
		if (!valid(s, sl(r->value)))
			return wrong_value(r, s, err);
	}
	return 0;
}

const char *conf_section(const struct conf *c, const char *prefix, size_t i)
{
	size_t n = strlen(prefix);
	for (size_t at = 0; c && at < c->n; at++) {
		const char *name = c->rows[at].section;
		size_t before = 0;
		if (strncmp(name, prefix, n)) /* nearly all of them, and requests ask */
			continue;
		while (before < at && strcmp(c->rows[before].section, name))
			before++;
		if (before == at && !i--)
			return name;
	}
	return NULL;
}

void conf_inherit(struct conf *c, const struct conf *from, const char *section)
{
	bool all = sl_ends(sl(section), S("."));
	for (size_t i = 0; i < from->n; i++) {
		const struct conf_row *r = &from->rows[i];
		if ((all ? sl_starts(sl(r->section), sl(section)) : !strcmp(r->section, section)) && !conf_get(c, r->section, r->key))
			conf_set(c, r->section, r->key, r->value);
	}
}
