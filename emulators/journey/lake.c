/* What became of a line or a stream's record: the stack's rules on it, its quarantine, the versions of the Delta table that have the row,
 * the questions that ask that table. */
#include <jansson.h>

#include "core/json.h"
#include "stack/inside.h"
#include "journey/walk.h"

enum { NAME_MAX_BYTES = 256 };

struct lake_look {
	struct slice row;     /* the cleaned row as JSON; absent: there is none */
	struct slice changed; /* names of its columns that the record has otherwise, a JSON list */
	struct slice key;     /* the key column's value as SQL has it */
	struct slice table, quarantine; /* names or paths as SQL has them; absent: nothing has asked for one yet */
	struct slice waits;   /* why there is none */
	int64_t *versions;    /* oldest first */
	struct slice *times, *operations;
	size_t n, low, high;  /* of the search for the first that has the row */
};

static void sql(struct walk *w, struct slice statement, void (*then)(struct walk *w, int status, struct slice body))
{
	walk_http(w, "control", "POST", S("/api/tarn/sql?as=json"), statement, then);
}

/* ---- the rules ---- */

static const json_t *member_of(const struct clean_rules *r, size_t column, const json_t *record)
{
	const char *name = r->set->columns[column].name;
	const json_t *v = json_object_get(record, name);
	for (size_t i = 0; !v && i < CLEAN_ALIASES_MAX && r->alias[column][i].p; i++)
		v = json_object_getn(record, r->alias[column][i].p, r->alias[column][i].n);
	return v;
}

static bool same_text(const json_t *raw, struct slice text)
{
	if (!raw || json_is_null(raw))
		return !text.p;
	if (json_is_string(raw))
		return text.p && sl_eq(json_slice(raw), text);
	char *s = json_dumps(raw, JSON_COMPACT | JSON_ENCODE_ANY);
	bool same = s && text.p && sl_eqs(text, s);
	free(s);
	return same;
}

static void add_value(struct buf *b, struct arena *a, const struct clean_value *v)
{
	struct slice text = clean_text(a, v);
	if (v->kind == CLEAN_TEXT || !text.p)
		jw_str(b, NULL, text);
	else
		jw_raw(b, NULL, text);
}

/* Called by the cleaner: only the first row of a line counts, as a record is one. */
static int on_row(void *arg, const struct clean_value *v)
{
	struct walk *w = arg;
	struct lake_look *k = w->look;
	const struct clean_rules *r = &w->cleaning.rules[w->dataset];
	struct slice text = w->line.p ? w->line : w->value;
	JSON_AUTO record = json_loadb(text.p, text.n, 0, NULL);
	struct buf row = { 0 }, changed = { 0 };
	jw_obj(&row, NULL);
	jw_list(&changed, NULL);
	for (size_t c = 0; c < r->set->out_n; c++) {
		jw_key(&row, sl(r->set->columns[c].name));
		add_value(&row, &w->arena, &v[c]);
		if (!same_text(member_of(r, c, record), clean_text(&w->arena, &v[c])))
			jw_text(&changed, NULL, r->set->columns[c].name);
	}
	jw_obj_end(&row);
	jw_list_end(&changed);
	const struct clean_value *key = &v[r->set->key];
	struct slice key_text = clean_text(&w->arena, key);
	if (key->kind != CLEAN_TEXT)
		k->key = arena_dup(&w->arena, key_text);
	else if (sl_chr(key_text, '\'') < 0 && sl_chr(key_text, '\\') < 0)
		k->key = arena_printf(&w->arena, "'%.*s'", SL(key_text));
	k->row = arena_dup(&w->arena, buf_slice(&row));
	k->changed = arena_dup(&w->arena, buf_slice(&changed));
	buf_free(&row);
	buf_free(&changed);
	return 0;
}

static int on_bad(void *arg, size_t line, struct slice record, const char *reason)
{
	struct walk *w = arg;
	(void)line;
	(void)record;
	w->reason = arena_dup(&w->arena, sl(reason));
	return 0;
}

void walk_clean(struct walk *w)
{
	struct slice text = w->is_stream ? w->value : w->line;
	w->look = arena_alloc(&w->arena, sizeof(*w->look));
	if (w->dataset >= 0 && text.n) {
		struct clean_cleaner c = { .rules = &w->cleaning.rules[w->dataset], .row = on_row, .quarantine = on_bad, .arg = w };
		if (clean_line(&c, 1, text))
			log_warn(w->env, "journey", "id=\"%.*s\" error=\"the line can't be cleaned\"", SL(w->id));
		arena_free(&c.arena);
	}
	walk_next(w);
}

/* ---- the hops ---- */

static void add_clean(struct walk *w, bool done)
{
	const struct lake_look *k = w->look;
	const struct dataset *d = &w->cleaning.sets.at[w->dataset];
	struct slice title = done ? arena_printf(&w->arena, "a row of %.*s", SL(k->table))
				  : arena_printf(&w->arena, "%.*s", SL(k->waits.p ? k->waits : S("not cleaned yet: tarn clean, a notebook or a DAG does")));
	struct buf *b = walk_hop(w, HOP_CLEAN, w->is_stream ? "streaming" : "lake", "clean", done ? "done" : "waiting", title);
	jw_str(b, "input", w->is_stream ? w->value : w->line);
	jw_str(b, "output", k->row);
	jw_raw(b, "changed", k->changed);
	jw_obj(b, "facts");
	jw_text(b, "dataset", d->name);
	jw_str(b, "table", k->table);
	jw_obj_end(b);
	jw_obj_end(b);
}

static void add_commit(struct walk *w)
{
	const struct lake_look *k = w->look;
	size_t at = k->low;
	struct slice title = arena_printf(&w->arena, "in %.*s since version %lld", SL(k->table), (long long)k->versions[at]);
	struct buf *b = walk_hop(w, HOP_COMMIT, "lake", "commit", "done", title);
	jw_str(b, "time", k->times[at]);
	jw_obj(b, "facts");
	jw_str(b, "table", k->table);
	jw_int(b, "version", k->versions[at]);
	jw_str(b, "operation", k->operations[at]);
	jw_int(b, "newest_version", k->versions[k->n - 1]);
	jw_obj_end(b);
	jw_obj_end(b);
}

/* ---- versions: the newest is asked first, then the first that has the row is looked for between ---- */

static void ask_version(struct walk *w, size_t at, void (*then)(struct walk *w, int status, struct slice body))
{
	const struct lake_look *k = w->look;
	const struct dataset *d = &w->cleaning.sets.at[w->dataset];
	sql(w, arena_printf(&w->arena, "SELECT COUNT(*) FROM %.*s VERSION AS OF %lld WHERE `%s` = %.*s", SL(k->table), (long long)k->versions[at],
			    d->columns[d->key].name, SL(k->key)), then);
}

/* The first number of the first row; -1: there is none. */
static int64_t number(int status, struct slice body)
{
	JSON_AUTO o = status == 200 ? json_loadb(body.p, body.n, 0, NULL) : NULL;
	const json_t *v = json_array_get(json_array_get(json_object_get(o, "rows"), 0), 0);
	return json_is_integer(v) ? json_integer_value(v) : json_is_string(v) ? strtoll(json_string_value(v), NULL, 10) : -1;
}

static void on_between(struct walk *w, int status, struct slice body);

static void look_between(struct walk *w)
{
	struct lake_look *k = w->look;
	if (k->low < k->high) {
		ask_version(w, (k->low + k->high) / 2, on_between);
		return;
	}
	add_clean(w, true);
	add_commit(w);
	walk_next(w);
}

static void on_between(struct walk *w, int status, struct slice body)
{
	struct lake_look *k = w->look;
	size_t middle = (k->low + k->high) / 2;
	if (number(status, body) > 0)
		k->high = middle;
	else
		k->low = middle + 1;
	look_between(w);
}

static void on_newest(struct walk *w, int status, struct slice body)
{
	struct lake_look *k = w->look;
	if (number(status, body) > 0) {
		k->low = 0;
		k->high = k->n - 1;
		look_between(w);
		return;
	}
	k->waits = arena_printf(&w->arena, "not in %.*s, of which the newest version is %lld", SL(k->table), (long long)k->versions[k->n - 1]);
	add_clean(w, false);
	walk_next(w);
}

static void on_history(struct walk *w, int status, struct slice body)
{
	struct lake_look *k = w->look;
	JSON_AUTO o = status == 200 ? json_loadb(body.p, body.n, 0, NULL) : NULL;
	const json_t *rows = json_object_get(o, "rows");
	size_t n = json_array_size(rows);
	k->versions = arena_alloc(&w->arena, (n + 1) * sizeof(*k->versions));
	k->times = arena_alloc(&w->arena, (n + 1) * sizeof(*k->times));
	k->operations = arena_alloc(&w->arena, (n + 1) * sizeof(*k->operations));
	for (size_t i = n; i-- > 0;) {
		const json_t *r = json_array_get(rows, i);
		k->versions[k->n] = json_integer_value(json_array_get(r, 0));
		k->times[k->n] = arena_dup(&w->arena, json_slice(json_array_get(r, 1)));
		k->operations[k->n++] = arena_dup(&w->arena, json_slice(json_array_get(r, 4)));
	}
	if (k->n) {
		ask_version(w, k->n - 1, on_newest);
		return;
	}
	add_clean(w, false);
	walk_next(w);
}

static void ask_history(struct walk *w)
{
	struct lake_look *k = w->look;
	if (k->table.p && k->key.p && k->row.p) {
		sql(w, arena_printf(&w->arena, "DESCRIBE HISTORY %.*s", SL(k->table)), on_history);
		return;
	}
	if (k->row.p)
		add_clean(w, false);
	walk_next(w);
}

/* ---- quarantine ---- */

static void add_quarantine(struct walk *w, bool kept)
{
	struct buf *b = walk_hop(w, HOP_CLEAN, w->is_stream ? "streaming" : "lake", "quarantine", kept ? "quarantined" : "waiting", w->reason);
	jw_str(b, "input", w->is_stream ? w->value : w->line);
	jw_obj(b, "facts");
	jw_text(b, "dataset", w->cleaning.sets.at[w->dataset].name);
	jw_str(b, "reason", w->reason);
	jw_str(b, "table", w->look->quarantine.p ? w->look->quarantine : S("quarantine"));
	if (!kept)
		jw_text(b, "when", "when it is cleaned");
	jw_obj_end(b);
	jw_obj_end(b);
	walk_next(w);
}

static void on_quarantine(struct walk *w, int status, struct slice body)
{
	add_quarantine(w, number(status, body) > 0);
}

static void ask_quarantine(struct walk *w)
{
	const struct dataset *d = &w->cleaning.sets.at[w->dataset];
	if (w->is_stream)
		add_quarantine(w, w->look->quarantine.p != NULL);
	else
		sql(w, arena_printf(&w->arena, "SELECT COUNT(*) FROM quarantine WHERE dataset = '%s' AND line = %lld AND object_key = '%.*s'", d->name,
				    (long long)w->place.line, SL(w->place.key)), on_quarantine);
}

/* ---- which tables ---- */

static void ask_tables(struct walk *w)
{
	if (w->reason.p)
		ask_quarantine(w);
	else
		ask_history(w);
}

/* The query that reads the stream writes the table. */
static void on_queries(struct walk *w, int status, struct slice body)
{
	JSON_AUTO o = status == 200 ? json_loadb(body.p, body.n, 0, NULL) : NULL;
	struct lake_look *k = w->look;
	const json_t *q;
	size_t i;
	json_array_foreach(json_object_get(o, "queries"), i, q) {
		const json_t *options = json_object_get(q, "options"), *sink = json_object_get(q, "sink");
		const char *name = jstr(options, "streamName");
		if (!name || !sl_eqs(w->topic, name) || !jint(q, "starts"))
			continue;
		const char *table = jstr(options, "table"), *path = jstr(sink, "table"), *bad = jstr(sink, "quarantine");
		if (table && sl_chr(sl(table), '/') < 0)
			k->table = arena_printf(&w->arena, "`%s`", table);
		else if (path)
			k->table = arena_printf(&w->arena, "delta.`%s`", path);
		k->quarantine = bad ? arena_dup(&w->arena, sl(bad)) : sl(NULL);
	}
	k->waits = k->table.p ? sl(NULL) : S("no streaming query has read this stream: tarn stream start, or a notebook");
	ask_tables(w);
}

void walk_versions(struct walk *w)
{
	struct lake_look *k = w->look;
	if (w->dataset < 0 || !server_state(w->s, "lake") || (!k->row.p && !w->reason.p)) {
		walk_next(w);
	} else if (w->is_stream) {
		walk_http(w, "control", "GET", S("/api/tarn/streams"), sl(NULL), on_queries);
	} else {
		k->table = arena_dup(&w->arena, sl(w->cleaning.sets.at[w->dataset].table));
		ask_tables(w);
	}
}

/* ---- questions ---- */

static bool is_word(char c)
{
	return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool names(struct slice text, struct slice table)
{
	for (ssize_t at; (at = sl_find(text, table)) >= 0; text = sl_from(text, (size_t)at + table.n)) {
		size_t end = (size_t)at + table.n;
		if ((!at || !is_word(text.p[at - 1])) && (end == text.n || !is_word(text.p[end])))
			return true;
	}
	return false;
}

void walk_questions(struct walk *w)
{
	const char *path, *table = w->dataset >= 0 ? w->cleaning.sets.at[w->dataset].table : NULL;
	struct buf list = { 0 };
	size_t found = 0;
	jw_list(&list, NULL);
	for (size_t i = 0; table && w->hops[HOP_COMMIT].n && !w->is_stream && (path = stack_list(w->env->files, "queries/", i)); i++) {
		char *text;
		size_t n;
		struct error err;
		struct slice name = sl_from(sl(path), strlen("queries/")), rest;
		if (stack_read(w->env->files, path, &text, &n, &err))
			continue;
		if (names(sl_of(text, n), sl(table))) {
			sl_cut(name, '.', &name, &rest);
			jw_str(&list, NULL, name);
			found++;
		}
		free(text);
	}
	jw_list_end(&list);
	if (found) {
		struct buf *b = walk_hop(w, HOP_QUESTION, "lake", "question", "done", arena_printf(&w->arena, "%zu questions ask the table %s", found, table));
		jw_obj(b, "facts");
		jw_raw(b, "questions", buf_slice(&list));
		jw_obj_end(b);
		jw_obj_end(b);
	}
	buf_free(&list);
	walk_next(w);
}
