/* The operations under /api/tarn/: clean, sql, queries, export. Errors have the shape of a Databricks workspace's. */
#include "lake/lake.h"

#include "core/json.h"
#include "core/path.h"
#include "lake/batch.h"
#include "lake/export.h"
#include "lake/frame.h"

/* The comment lines that open a query file, without their dashes. */
static struct slice question_of(struct arena *a, struct slice sql)
{
	struct slice words = S(""), line;
	while (sql.p && sql.n) {
		sl_cut(sql, '\n', &line, &sql);
		line = sl_trim(line);
		if (!sl_after(line, S("--"), &line))
			break;
		line = sl_trim(line);
		words = arena_printf(a, "%.*s%s%.*s", SL(words), words.n && line.n ? " " : "", SL(line));
	}
	return sl_is_utf8(words) ? words : S("");
}

/* A dataset by its name, its table's or its topic's. */
static int choose_set(const struct lake *l, struct arena *a, struct slice name, uint32_t *on, struct error *err)
{
	const struct datasets *sets = &l->base->cleaning.sets;
	const struct dataset *d = dataset_find(sets, name);
	if (!d)
		return err_set(err, ERR_INVALID, "there is no dataset %.*s: %.*s", SL(name), SL(dataset_names(a, sets)));
	if (!d->topic)
		return err_set(err, ERR_INVALID, "%s names no topic to clean", d->file);
	*on |= UINT32_C(1) << (d - sets->at);
	return 0;
}

/* What the call asks for: ?from=/mnt/x/topics, ?dataset=NAME, ?variant=CHOICE=VARIANT (as often as wanted). */
static int read_clean(struct lake *l, struct http_call *call, struct lake_clean *what, struct error *err)
{
	struct arena *a = call->req.arena;
	struct slice name, value, choice, variant;
	struct object_path path;
	uint32_t on = 0;
	size_t at = 0;
	int rc = 0;
	while (!rc && http_query_next(&call->req, &at, &name, &value)) {
		value = arena_url_decode(a, value.p ? value : S(""), true);
		if (sl_eqs(name, "variant")) {
			if (!sl_cut(value, '=', &choice, &variant))
				rc = err_set(err, ERR_INVALID, "a variant is NAME=VARIANT, not %.*s", SL(value));
			else
				rc = clean_rules_choose(what->rules, l->base->cleaning.sets.n, sl_trim(choice), sl_trim(variant), err);
		} else if (sl_eqs(name, "from")) {
			rc = path_resolve(l->env->ports, a, value, &path, err);
			what->bucket = rc ? what->bucket : path.bucket;
			what->base = rc ? what->base : path.key;
			what->source = value;
		} else if (sl_eqs(name, "dataset")) {
			rc = choose_set(l, a, value, &on, err);
		} else {
			rc = err_set(err, ERR_INVALID, "clean takes from, dataset and variant, not %.*s", SL(name));
		}
	}
	what->on = on ? on : what->on;
	return rc;
}

static void op_clean(void *self, struct http_call *call)
{
	struct lake *l = self;
	const struct datasets *sets = &l->base->cleaning.sets;
	struct lake_clean what = { .rules = clean_rules_copy(&l->base->cleaning), .bucket = sl(l->bucket), .base = S("topics") };
	struct error err;
	for (size_t i = 0; i < sets->n; i++)
		what.on |= (uint32_t)(sets->at[i].topic != NULL) << i;
	if (!read_clean(l, call, &what, &err)) {
		lake_clean_start(l, call, &what);
		return;
	}
	problem_reply(call, &err);
	free(what.rules);
}

static void add_choice(struct buf *b, const struct clean_choice *c, int chosen)
{
	jw_obj(b, NULL);
	jw_str(b, "name", c->name);
	jw_str(b, "about", c->words);
	jw_str(b, "chosen", c->variants[chosen].name);
	jw_list(b, "variants");
	for (size_t i = 0; i < c->variant_n; i++) {
		jw_obj(b, NULL);
		jw_str(b, "name", c->variants[i].name);
		jw_str(b, "about", c->variants[i].words);
		jw_obj_end(b);
	}
	jw_list_end(b);
	jw_obj_end(b);
}

static void reply(struct http_call *call, struct buf *b)
{
	buf_addc(b, '\n');
	http_reply(call, 200, "application/json", buf_slice(b));
	buf_free(b);
}

static void op_variants(void *self, struct http_call *call)
{
	const struct cleaning *c = &((struct lake *)self)->base->cleaning;
	struct buf b = { 0 };
	jw_obj(&b, NULL);
	jw_list(&b, "datasets");
	for (size_t set = 0; set < c->sets.n; set++) {
		const struct clean_rules *r = &c->rules[set];
		jw_obj(&b, NULL);
		jw_text(&b, "dataset", c->sets.at[set].name);
		jw_list(&b, "choices");
		for (size_t i = 0; i < r->choice_n; i++)
			add_choice(&b, &r->choices[i], r->chosen[i]);
		jw_list_end(&b);
		jw_obj_end(&b);
	}
	jw_list_end(&b);
	jw_obj_end(&b);
	reply(call, &b);
}

static void op_sql(void *self, struct http_call *call)
{
	lake_sql_start(self, call, S(""), call->req.body);
}

static void op_query(void *self, struct http_call *call)
{
	struct lake *l = self;
	struct arena *a = call->req.arena;
	struct slice name = call->arg[0];
	struct error err;
	char *sql = NULL;
	size_t n = 0;
	bool plain = name.n > 0 && name.p[0] != '.' && sl_chr(name, '/') < 0 && sl_chr(name, '\0') < 0;
	struct slice path = arena_printf(a, "queries/%.*s.sql", SL(name));
	if (!plain || stack_read(l->env->files, arena_cstr(a, path), &sql, &n, &err)) {
		err_set(&err, ERR_NOT_FOUND, "the stack has no query %.*s", SL(name));
		problem_reply(call, &err);
		return;
	}
	struct buf head = { 0 };
	jw_str(&head, "name", name);
	jw_str(&head, "question", question_of(a, sl_of(sql, n)));
	lake_sql_start(l, call, buf_slice(&head), sl_of(sql, n));
	buf_free(&head);
	free(sql);
}

static void add_query(struct lake *l, struct arena *a, struct buf *b, const char *path)
{
	const size_t dir = strlen("queries/"), ext = strlen(".sql");
	struct error err;
	char *sql;
	size_t n;
	if (!sl_ends(sl(path), S(".sql")) || strchr(path + dir, '/') || stack_read(l->env->files, path, &sql, &n, &err))
		return;
	jw_obj(b, NULL);
	jw_str(b, "name", sl_of(path + dir, strlen(path) - dir - ext));
	jw_str(b, "question", question_of(a, sl_of(sql, n)));
	jw_str(b, "sql", sl_of(sql, n));
	jw_obj_end(b);
	free(sql);
}

static void op_queries(void *self, struct http_call *call)
{
	struct lake *l = self;
	struct buf b = { 0 };
	const char *path;
	jw_obj(&b, NULL);
	jw_list(&b, "queries");
	for (size_t i = 0; (path = stack_list(l->env->files, "queries/", i)); i++)
		add_query(l, call->req.arena, &b, path);
	jw_list_end(&b);
	jw_obj_end(&b);
	reply(call, &b);
}

static void op_export(void *self, struct http_call *call)
{
	lake_export_start(self, call);
}

enum { LAKE_SLOW = 1 }; /* flag: a task, of which there are not too many */
static const struct route ops[] = {
	{ "POST", "/api/tarn/clean", "Clean", "cleans the topics' objects; ?from=PATH ?dataset=NAME ?variant=NAME=VARIANT", op_clean, LAKE_SLOW },
	{ "POST", "/api/tarn/sql", "Sql", "runs the statements in the body, answers with the last one's rows; ?session=ID ?as=json|text|show", op_sql, LAKE_SLOW },
	{ "POST", "/api/tarn/spark/sessions", "CreateSession", "a session that keeps SET, USE and temporary views for /api/tarn/sql?session=ID", lake_spark_post, 0 },
	{ "DELETE", "/api/tarn/spark/sessions/{}", "DeleteSession", "ends a session", lake_spark_delete, 0 },
	{ "POST", "/api/tarn/spark/sessions/{}/functions", "RegisterFunction", "a function for SQL that the client runs", lake_spark_function, 0 },
	{ "POST", "/api/tarn/spark/sessions/{}/results", "GiveResults", "what the client's function gave; answers with what comes next", lake_spark_results, 0 },
	{ "POST", "/api/tarn/spark/sessions/{}/frames", "CreateFrame", "a query that is kept, to be read as `#`.`N`; other SQL runs", lake_frame_post, LAKE_SLOW },
	{ "POST", "/api/tarn/spark/sessions/{}/batches", "RunBatch", "a batch of a streaming query's frame; or whether one may be started with it", lake_batch_post, LAKE_SLOW },
	{ "POST", "/api/tarn/spark/sessions/{}/views", "CreateView", "a temporary view of a frame", lake_frame_view, LAKE_SLOW },
	{ "GET", "/api/tarn/query/{+}", "Query", "answers a question of the stack", op_query, LAKE_SLOW },
	{ "GET", "/api/tarn/export", "Export", "what other engines need to read the tables", op_export, LAKE_SLOW },
	{ "GET", "/api/tarn/queries", "Queries", "the stack's questions", op_queries, 0 },
	{ "GET", "/api/tarn/clean/variants", "Variants", "choices of the rules, and what is chosen", op_variants, 0 },
};
static const struct routes lake_routes = ROUTES(ops);

static void lake_http(void *self, struct http_call *call)
{
	struct lake *l = self;
	const struct route *r = route_call(lake_service.routes, call, NULL);
	if (!r)
		problem_no_route(l->env, call);
	else if ((r->flags & LAKE_SLOW) && l->task_n >= LAKE_TASKS_MAX)
		problem_send(call, 429, "REQUEST_LIMIT_EXCEEDED", "%d requests are under way already", LAKE_TASKS_MAX);
	else
		r->fn(l, call);
}

static int lake_open(void *self, const struct env *env, struct error *err)
{
	struct lake *l = self;
	l->env = env;
	l->base = lake_base_new();
	l->bucket = dataset_bucket(env->conf);
	l->base->cache.max = (size_t)conf_int(env->conf, "lake", "cache_mib", LAKE_CACHE_MIB) << 20;
	l->limits = (struct lake_limits){ conf_int(env->conf, "lake", "rows_max", LAKE_ROWS_MAX),
					  conf_int(env->conf, "lake", "sql_seconds", LAKE_SQL_SECONDS) * 1000,
					  (size_t)conf_int(env->conf, "lake", "statement_mib", LAKE_STATEMENT_MIB) << 20 };
	static const struct metric rows[] = {
		[LAKE_M_CLEANS] = { "tarn_lake_cleans_total", "Clean runs that replaced the tables." },
		[LAKE_M_ROWS] = { "tarn_lake_rows_total", "Rows that clean runs wrote." },
		[LAKE_M_QUARANTINED] = { "tarn_lake_quarantined_total", "Records that clean runs could not read." },
		[LAKE_M_STATEMENTS] = { "tarn_lake_statements_total", "Statements answered." },
	};
	memcpy(l->metrics, rows, sizeof(rows));
	metrics_add(env->metrics, l->metrics, ARRAY_LEN(l->metrics));
	int rc = cleaning_open(&l->base->cleaning, &l->base->arena, env->files, env->conf, err);
	for (size_t i = 0; !rc && i < l->base->cleaning.sets.n; i++)
		if (sl_eq_nocase(sl(l->base->cleaning.sets.at[i].table), S("quarantine")))
			rc = err_set(err, ERR_INVALID, "%s: the table quarantine is the lake's own", l->base->cleaning.sets.at[i].file);
	return rc ? rc : lake_store_open(&l->base->store, env, &l->base->cleaning.sets, err);
}

static bool lake_busy(const void *self)
{
	return ((const struct lake *)self)->tasks != NULL;
}

static void lake_close(void *self)
{
	struct lake *l = self;
	if (l->base)
		lake_drop(l);
	lake_base_free(l->base);
	while (l->sparks) {
		struct lake_spark *s = l->sparks;
		l->sparks = s->next;
		lake_spark_free(s);
	}
	for (const struct lake_view *v = l->global_views; v; v = v->next)
		lake_spark_free(v->owner);
	lake_outputs_free(l, NULL);
	lake_kept_free(l);
	arena_free(&l->view_arena);
	free(l->bucket);
}

static const struct setting settings[] = {
	{ "lake", "bucket", NULL, "where topics' objects are read and tables written; without it user-USER-bucket" },
	{ "lake", "cache_mib", "256", "memory for columns of tables that were read, kept for the next statements", SETTING_INT, NULL, 0, 65536 },
	{ "lake", "jdbc_hosts", NULL, "hosts of MySQL that spark.read.jdbc may reach beside the stack's databases, with blanks between" },
	{ "lake", "rows_max", "100000", "rows of an answer", SETTING_INT, NULL, 1, INT32_MAX },
	{ "lake", "statement_mib", "1024", "memory of a statement: what it sorts, groups and joins, and its answer", SETTING_INT, NULL, 1, 65536 },
	{ "lake", "sql_seconds", "30", "time for a statement", SETTING_INT, NULL, 1, 86400 },
	{ "lake", "variant.*", NULL, "variant.CHOICE = VARIANT, variant.TABLE.CHOICE: another variant of a cleaning rule" },
	{ NULL },
};

const struct service lake_service = {
	.name = "lake",
	.doc = "cleaning of the topics' objects into tables, and SQL over them",
	.settings = settings,
	.prefix = { "/api/" },
	.endpoint = "lake",
	.size = sizeof(struct lake),
	.body_max = LAKE_FRAMES_BODY,
	.open = lake_open,
	.routes = { &lake_routes },
	.admit = problem_admits,
	.http = lake_http,
	.full = { 500, "application/json",
		  "{\"error_code\":\"INTERNAL_ERROR\",\"message\":\"The disk of the state folder is full.\"}" },
	.busy = lake_busy,
	.close = lake_close,
};
