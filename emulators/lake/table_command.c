/* Statements about tables, as Spark and Delta have them: they are parsed here, done by delta_*.c, answered by
 * table_show.c.
 *
 *   DESCRIBE [TABLE] [EXTENDED] t · DESCRIBE HISTORY t [LIMIT n] · DESCRIBE DETAIL t
 *   OPTIMIZE t · VACUUM t [RETAIN n HOURS] [DRY RUN] · SHOW TABLES [IN default] [LIKE 'x*']
 *   SET spark.databricks.delta.retentionDurationCheck.enabled = false; before a VACUUM */
#include "lake/table.h"

#ifdef __GLIBC__
#include <malloc.h>
#endif

static const enum pq_codec codec = PQ_SNAPPY;

static void command_free(struct lake_task *t)
{
	struct lake_command *c = (struct lake_command *)t;
	if (t->base) { /* it was begun */
		lake_turn_end(t->base, &c->turn);
		lake_session_free(c->session, t->base->closed ? NULL : c->loop);
	}
	delta_snapshot_free(c->s);
	lake_finder_free(&c->finder);
	arena_free(&c->arena);
	buf_free(&c->out);
	free(c);
}

/* ---- parsing ---- */

static int syntax(struct error *err, struct slice at)
{
	struct lake_token t = lake_token_next(&at);
	return err_set(err, ERR_INVALID, "[PARSE_SYNTAX_ERROR] Syntax error at or near %s%.*s%s.", t.kind == TOKEN_END ? "end of input" : "'", SL(t.text),
		       t.kind == TOKEN_END ? "" : "'");
}

static int at_end(struct slice s, struct error *err)
{
	struct lake_token t = lake_token_next(&s);
	while (t.kind == TOKEN_OTHER && sl_eqs(t.text, ";"))
		t = lake_token_next(&s);
	return t.kind == TOKEN_END ? 0 : syntax(err, t.text);
}

static int take_number(struct slice *s, int64_t *out, struct error *err)
{
	struct slice before = *s;
	struct lake_token t = lake_token_next(s);
	return t.kind == TOKEN_NUMBER && sl_int(t.text, 0, INT32_MAX, out) ? 0 : syntax(err, before);
}

static int parse_vacuum(struct lake_command *c, struct slice *s, struct error *err)
{
	int64_t hours;
	int rc = 0;
	c->retention_ms = -1;
	if (lake_take_word(s, "retain")) {
		rc = take_number(s, &hours, err);
		if (!rc && !lake_take_word(s, "hours") && !lake_take_word(s, "hour"))
			rc = syntax(err, *s);
		c->retention_ms = rc ? -1 : hours * 3600 * 1000;
	}
	c->dry_run = lake_take_word(s, "dry");
	return !rc && c->dry_run && !lake_take_word(s, "run") ? syntax(err, *s) : rc;
}

static int parse_show(struct lake_command *c, struct slice *s, struct error *err)
{
	c->what = LAKE_SHOW_TABLES;
	if (!lake_take_word(s, "tables"))
		return syntax(err, *s);
	if ((lake_take_word(s, "in") || lake_take_word(s, "from")) && !lake_take_word(s, "default"))
		return err_set(err, ERR_NOT_FOUND, "[SCHEMA_NOT_FOUND] The schema `%.*s` cannot be found: there is one, default.",
			       SL(lake_token_next(s).text));
	struct slice at = *s;
	bool like = lake_take_word(&at, "like");
	struct lake_token t = lake_token_next(&at);
	if (t.kind != TOKEN_STRING)
		return like ? syntax(err, *s) : 0;
	c->pattern = arena_cstr(&c->arena, lake_unquoted(&c->arena, t));
	*s = at;
	return 0;
}

static int parse_describe(struct lake_command *c, struct slice *s, struct error *err)
{
	c->what = lake_take_word(s, "history") ? LAKE_HISTORY : lake_take_word(s, "detail") ? LAKE_DETAIL : LAKE_COLUMNS;
	if (c->what == LAKE_COLUMNS) {
		(void)lake_take_word(s, "table");
		(void)(lake_take_word(s, "extended") || lake_take_word(s, "formatted"));
	}
	return lake_take_table(&c->arena, s, &c->name, err);
}

/* "SET key = false;" of the one key there is, before a VACUUM. */
static int parse_set(struct lake_command *c, struct slice *s, struct error *err)
{
	const struct slice key = S("spark.databricks.delta.retentionDurationCheck.enabled");
	struct slice head, rest, name, value;
	sl_cut(*s, ';', &head, &rest);
	sl_cut(head, '=', &name, &value);
	if (!sl_eq_nocase(sl_trim(name), key) || !value.p)
		return err_set(err, ERR_INVALID, "SET is known for %.*s alone, before a VACUUM", SL(key));
	c->force = sl_eq_nocase(sl_trim(value), S("false"));
	*s = rest.p ? rest : S("");
	return lake_take_word(s, "vacuum") ? 0 : err_set(err, ERR_INVALID, "nothing remembers a SET: write it before the VACUUM, with a semicolon");
}

static int parse(struct lake_command *c, struct slice s, bool *mine, struct error *err)
{
	bool set = lake_take_word(&s, "set"), vacuum = !set && lake_take_word(&s, "vacuum");
	int rc = set ? parse_set(c, &s, err) : 0;
	*mine = true;
	if (rc)
		return rc;
	if (set || vacuum || lake_take_word(&s, "optimize")) {
		c->what = set || vacuum ? LAKE_VACUUM : LAKE_OPTIMIZE;
		rc = lake_take_table(&c->arena, &s, &c->name, err);
		if (!rc && c->what == LAKE_VACUUM)
			rc = parse_vacuum(c, &s, err);
	} else if (lake_take_word(&s, "describe") || lake_take_word(&s, "desc")) {
		rc = parse_describe(c, &s, err);
		if (!rc && c->what == LAKE_HISTORY && lake_take_word(&s, "limit"))
			rc = take_number(&s, &c->limit, err);
	} else if (lake_take_word(&s, "show")) {
		rc = parse_show(c, &s, err);
	} else {
		*mine = false;
		return 0;
	}
	return rc ? rc : at_end(s, err);
}

/* ---- doing ---- */

static void answer(struct lake_command *c, const struct error *err)
{
	struct lake *l = c->task.l;
	struct error bad;
	if (err && err->def == &delta_errors[DELTA_E_NO_TABLE] && !c->ref.by_path) {
		lake_ref_missing(&bad, c->name, "");
		err = &bad;
	}
	if (!err && c->out.bad) {
		err_set(&bad, ERR_LIMIT, "the answer is larger than %zu MiB ([lake] statement_mib)", l->limits.memory >> 20);
		err = &bad;
	}
	if (err) {
		problem_reply(c->task.call, err);
	} else {
		buf_adds(&c->out, "],\"truncated\":false}\n");
		http_reply(c->task.call, 200, "application/json", buf_slice(&c->out));
		l->metrics[LAKE_M_STATEMENTS].value++;
	}
	lake_end(&c->task);
}

static void on_history(void *arg, const struct delta_event *e, size_t n, const struct error *err)
{
	struct lake_command *c = arg;
	if (!err && c->what == LAKE_HISTORY)
		lake_show_history(c, e, n);
	else if (!err)
		lake_show_detail(c, c->s, n ? e->timestamp_ms : c->s->meta.created_ms);
	answer(c, err);
}

static void ask_history(struct lake_command *c, size_t limit)
{
	struct delta_table t = lake_ref_table(c->task.l, &c->ref);
	lake_await(&c->task, delta_history(&t, limit, on_history, c));
}

static void on_loaded(void *arg, struct delta_snapshot *s, const struct error *err)
{
	struct lake_command *c = arg;
	c->s = s;
	if (!err && c->what == LAKE_DETAIL) {
		ask_history(c, 1);
		return;
	}
	if (!err)
		lake_show_columns(c, s);
	answer(c, err);
}

static void trim(void *arg)
{
#ifdef __GLIBC__
	(void)malloc_trim(0); /* what the rows took goes back */
#endif
}

static void trimmed(void *arg)
{
}

static void on_optimized(void *arg, const struct delta_optimized *r, const struct error *err)
{
	struct lake_command *c = arg;
	(void)loop_job(c->loop, trim, trimmed, NULL);
	if (!err)
		lake_show_optimized(c, r);
	answer(c, err);
}

static void on_vacuumed(void *arg, const struct slice *paths, size_t n, const struct error *err)
{
	struct lake_command *c = arg;
	if (!err)
		lake_show_vacuumed(c, paths, n);
	answer(c, err);
}

static void about_table(void *arg)
{
	struct lake_command *c = arg;
	struct lake *l = c->task.l;
	struct delta_table t = lake_ref_table(l, &c->ref);
	int64_t now_ms = clock_now_ms(l->env->clock);
	const struct delta_vacuum vacuum = { .retention_ms = c->retention_ms, .dry_run = c->dry_run, .force = c->force, .now_ms = now_ms };
	if (c->what == LAKE_HISTORY) {
		ask_history(c, (size_t)c->limit);
		return;
	}
	lake_await(&c->task, c->what == LAKE_VACUUM     ? delta_vacuum(&t, &vacuum, on_vacuumed, c)
			     : c->what == LAKE_OPTIMIZE ? delta_optimize(&t, 0, codec, now_ms, on_optimized, c)
			     : c->ref.at_ms >= 0        ? delta_load_at(&t, c->ref.at_ms, on_loaded, c)
							: delta_load(&t, c->ref.version, on_loaded, c));
}

/* ---- SHOW TABLES ---- */

static void on_table(void *arg, struct slice name)
{
	lake_show_table(arg, name);
}

static void found(void *arg)
{
	struct lake_command *c = arg;
	answer(c, c->finder.err.kind ? &c->finder.err : NULL);
}

static void own_tables(void *arg)
{
	struct lake_command *c = arg;
	c->rc = lake_show_own(c, &c->err);
}

static void own_done(void *arg)
{
	struct lake_command *c = arg;
	c->finder = (struct lake_finder){ .task = &c->task, .each = on_table, .done = found, .arg = c };
	if (c->rc)
		answer(c, &c->err);
	else if (!c->task.l->env->ports->objects.self)
		answer(c, NULL);
	else
		lake_finder_start(&c->finder);
}

static void show_tables(void *arg)
{
	struct lake_command *c = arg;
	lake_job(&c->task, own_tables, own_done, c);
}

/* ---- the start ---- */

/* A table is written by one at a time, whoever reads it beside. */
static bool writes(const struct lake_command *c)
{
	return c->what == LAKE_OPTIMIZE || c->what == LAKE_VACUUM;
}

static void command_start(struct lake_task *t)
{
	struct lake_command *c = (struct lake_command *)t;
	struct lake *l = t->l;
	struct error err;
	lake_show_head(c);
	if (c->what == LAKE_SHOW_TABLES) {
		if (lake_store_alone(t->base->store))
			lake_turn_take(t->base, &c->turn, LAKE_KEY, true, show_tables, c);
		else
			show_tables(c);
		return;
	}
	int rc = lake_ref_parse(l, &c->arena, c->name, &c->ref, &err);
	if (rc == ERR_CONFLICT)
		lake_ref_missing(&err, c->name, "");
	if (!rc)
		rc = port_needed(l->env, PORT_OBJECTS, &err);
	if (rc)
		answer(c, &err);
	else if (writes(c))
		lake_turn_take(t->base, &c->turn, lake_table_key(&c->arena, c->ref.bucket, c->ref.path), false, about_table, c);
	else
		about_table(c);
}

bool lake_command_run(struct lake *l, struct http_call *call, struct slice head, struct slice sql)
{
	struct lake_command *c;
	struct error err;
	bool mine;
	if (!sl_is_utf8(sql) || sl_chr(sql, '\0') >= 0)
		return false; /* what runs statements says so */
	c = xcalloc(1, sizeof(*c));
	int rc = parse(c, sql, &mine, &err);
	if (!mine || rc) {
		command_free(&c->task);
		if (rc)
			problem_reply(call, &err);
		return mine;
	}
	c->task.call = call;
	c->task.start = command_start;
	c->task.free = command_free;
	c->out.max = l->limits.memory;
	c->loop = l->env->loop;
	if (c->what == LAKE_SHOW_TABLES)
		c->session = lake_session_new(l->base->store);
	buf_addc(&c->out, '{');
	buf_addsl(&c->out, head);
	lake_begin(l, &c->task);
	return true;
}
