/* Names of statements -> what they are: a format and where it lies. */
#include "lake/relation.h"

#include "core/path.h"
#include "spark/time.h"

static const struct lake_format *const by_path[] = { &lake_delta, &lake_json, &lake_csv, &lake_text, &lake_parquet, &lake_binary, &lake_jdbc };

struct delta_table lake_ref_table(struct lake *l, const struct lake_ref *ref)
{
	return (struct delta_table){ l->env->loop, &l->env->ports->objects, ref->bucket, ref->path };
}

void lake_relation_end(struct lake_relation *r)
{
	r->done(r->arg);
}

void lake_relation_find(struct lake_relation *r)
{
	struct slice key = r->ref.path;
	for (size_t i = 0; i < key.n; i++)
		if (strchr("*?[{", key.p[i]))
			key.n = i;
	while (key.n && key.p[key.n - 1] == '/')
		key.n--;
	objects_wanted(&r->task->l->env->ports->objects, r->ref.bucket, key);
	r->format->find(r);
}

int lake_relation_fail(struct lake_relation *r, const struct error *err)
{
	const char *class = "";
	struct slice text = sl(err->text), head, rest;
	enum sp_error_kind kind = SP_E_ANALYSIS;
	if (err->kind == ERR_NETWORK || err->kind == ERR_DENIED)
		kind = SP_E_STORE;
	else if (err->kind == ERR_STORE)
		kind = SP_E_RUN;
	else if (err->kind == ERR_LIMIT)
		kind = SP_E_LIMIT;
	else if (err->kind == ERR_UNSUPPORTED)
		kind = SP_E_UNSERVED;
	if (text.n && text.p[0] == '[' && sl_cut(sl_from(text, 1), ']', &head, &rest)) { /* Delta's own words */
		class = arena_cstr(r->arena, head);
		text = sl_trim(rest);
	}
	return sp_fail(&r->err, kind, class, !strcmp(class, "PATH_NOT_FOUND") ? "42K03" : !strcmp(class, "DELTA_NOT_NULL_CONSTRAINT_VIOLATED") ? "23502" : "",
		       "%.*s", SL(text));
}

/* ---- keys ---- */

static struct slice option(const struct sp_table_name *name, const char *key)
{
	for (size_t i = 0; i < name->option_n; i++)
		if (sl_eq_nocase(name->options[i].key, sl(key)))
			return name->options[i].value;
	return sl(NULL);
}

/* Parts without those that everything has: the catalog, the current database. */
static struct sp_table_name bare(const struct sp_context *cx, const struct sp_table_name *name)
{
	struct sp_table_name n = *name;
	if (n.n == 3 && (sl_eq_nocase(n.parts[0], S("spark_catalog")) || sl_eq_nocase(n.parts[0], S("hive_metastore")) ||
			 sl_eq_nocase(n.parts[0], S("workspace")))) { /* workspace: what Databricks calls it today */
		n.parts++;
		n.n--;
	}
	if (n.n == 2 && sl_eq_nocase(n.parts[0], cx->database)) {
		n.parts++;
		n.n--;
	}
	return n;
}

struct slice lake_relation_key(struct arena *a, const struct sp_context *cx, const struct sp_table_name *name)
{
	const struct sp_table_name n = bare(cx, name);
	struct buf b = { 0 };
	struct slice key;
	for (size_t i = 0; i < n.n; i++) {
		buf_addsl(&b, n.parts[i]);
		buf_addc(&b, '\n');
	}
	buf_addf(&b, "%lld\n%.*s", (long long)n.version, SL(n.timestamp));
	for (size_t i = 0; i < n.option_n; i++)
		buf_addf(&b, "\n%.*s=%.*s", SL(n.options[i].key), SL(n.options[i].value));
	key = arena_dup(a, buf_slice(&b));
	buf_free(&b);
	return key;
}

/* ---- meaning ---- */

static const struct lake_format *format_of(struct slice name)
{
	for (size_t i = 0; i < ARRAY_LEN(by_path); i++)
		if (sl_eq_nocase(name, sl(by_path[i]->name)))
			return by_path[i];
	return NULL;
}

bool lake_is_files(struct slice format)
{
	const struct lake_format *f = format_of(format);
	return f && (f == &lake_json || f == &lake_csv || f == &lake_text || f == &lake_parquet);
}

/* read_files without a format: what the path's name ends in. */
static const struct lake_format *format_of_path(struct slice path)
{
	static const struct {
		const char *ending;
		const struct lake_format *format;
	} rows[] = { { ".csv", &lake_csv }, { ".parquet", &lake_parquet }, { ".txt", &lake_text }, { ".json", &lake_json }, { ".csv.gz", &lake_csv } };
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (sl_ends(path, sl(rows[i].ending)))
			return rows[i].format;
	return &lake_json;
}

static bool all_digits(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	return s.n > 0;
}

/* A version in the name itself, `/a/b@v3` or `t@20260105090000000` (yyyyMMddHHmmssSSS): cut from its end. */
static struct slice cut_version(struct lake_relation *r, struct slice name)
{
	size_t at = name.n;
	struct slice v;
	while (at && name.p[at - 1] != '@')
		at--;
	if (at < 2)
		return name;
	v = sl_from(name, at);
	if (v.n > 1 && (v.p[0] == 'v' || v.p[0] == 'V') && all_digits(sl_from(v, 1)) && sl_int(sl_from(v, 1), 0, INT64_MAX, &r->ref.version))
		return sl_of(name.p, at - 1);
	if (v.n == 17 && all_digits(v) &&
	    clock_parse_iso(arena_printf(r->arena, "%.4s-%.2s-%.2s %.2s:%.2s:%.2s.%.3s", v.p, v.p + 4, v.p + 6, v.p + 8, v.p + 10, v.p + 12, v.p + 14),
			    &r->ref.at_ms))
		return sl_of(name.p, at - 1);
	return name;
}

/* Hadoop's paths have no empty parts: a//b is a/b. */
static struct slice without_empty(struct arena *a, struct slice path)
{
	ssize_t scheme = sl_find(path, S("://"));
	size_t at = scheme < 0 ? 0 : (size_t)scheme + 3, n = at;
	char *to;
	if (sl_find(sl_from(path, at), S("//")) < 0)
		return path;
	to = arena_alloc(a, path.n);
	memcpy(to, path.p, at);
	for (; at < path.n; at++)
		if (path.p[at] != '/' || !n || to[n - 1] != '/')
			to[n++] = path.p[at];
	return sl_of(to, n);
}

int lake_path_resolve(struct lake_task *t, struct arena *a, struct slice path, struct object_path *out, struct sp_error *err)
{
	struct lake_relation r = { .arena = a };
	struct error bad;
	if (sl_starts_nocase(path, S("file:")))
		return sp_fail(err, SP_E_UNSERVED, "", "", "files of this machine aren't read or written by the lake: %.*s (paths of S3 and DBFS are)", SL(path));
	if (path.n && path.p[0] != '/' && sl_find(path, S(":/")) < 0)
		path = arena_printf(a, "/%.*s", SL(path));
	path = without_empty(a, path);
	if (!path_resolve(t->l->env->ports, a, path, out, &bad))
		return 0;
	lake_relation_fail(&r, &bad);
	if (bad.kind == ERR_INVALID && sl_starts(sl(bad.text), S("java.lang.IllegalArgumentException: "))) {
		*err = r.err;
		err->java = "java.lang.IllegalArgumentException";
		return 1;
	}
	*err = r.err;
	return 1;
}

int lake_relation_path(struct lake_relation *r, struct slice path, struct sp_error *err)
{
	struct object_path p = { 0 };
	r->ref.by_path = true;
	r->ref.name = path;
	if (!path.n && r->format != &lake_delta)
		return 0;
	if (lake_path_resolve(r->task, r->arena, path, &p, err))
		return 1;
	r->ref.bucket = arena_dup(r->arena, p.bucket);
	r->ref.path = arena_dup(r->arena, p.key);
	return 0;
}

int lake_relation_place(struct lake_relation *r, struct slice format, struct slice path)
{
	struct slice name = r->ref.name;
	struct sp_error err = { 0 };
	r->format = format_of(format);
	if (!r->format)
		return sp_fail(&r->err, SP_E_UNSERVED, "", "", "tables of the format %.*s aren't served here", SL(format));
	if (lake_relation_path(r, path, &err)) {
		r->err = err;
		return 1;
	}
	r->ref.name = name;
	return 0;
}

/* The topic that a table's name means: "raw_NAME" is the dataset's, or <user>.NAME; a name with a point is a topic's own. */
static struct slice topic_of(const struct lake_relation *r, struct slice table)
{
	const struct datasets *sets = &r->task->base->cleaning.sets;
	struct slice name;
	if (!sl_after_nocase(table, S("raw_"), &name))
		return sl_chr(table, '.') >= 0 && sl_chr(table, '/') < 0 ? table : sl(NULL);
	for (size_t s = 0; s < sets->n; s++)
		if (sets->at[s].topic && (sl_eq_nocase(name, sl(sets->at[s].table)) || sl_eq_nocase(name, sl(sets->at[s].tail))))
			return sl(sets->at[s].topic);
	return arena_printf(r->arena, "%s.%.*s", dataset_user(r->task->l->env->conf), SL(name));
}

/* A folder below tables/ of the lake's bucket: names are found in either case where they are a dataset's, others in small letters
 * too, as a metastore keeps them. */
void lake_relation_table(struct lake_relation *r, struct slice database, struct slice name)
{
	const struct datasets *sets = &r->task->base->cleaning.sets;
	bool standard = sl_eq_nocase(database, S("default"));
	for (size_t s = 0; standard && s < sets->n; s++)
		if (sl_eq_nocase(name, sl(sets->at[s].table)))
			name = sl(sets->at[s].table);
	r->format = &lake_delta;
	r->ref.name = name;
	r->ref.bucket = sl(r->task->l->bucket);
	r->ref.path = standard ? arena_printf(r->arena, LAKE_TABLES "%.*s", SL(name))
			       : arena_printf(r->arena, LAKE_TABLES "%.*s.db/%.*s", SL(database), SL(name));
}

static int set_version(struct lake_relation *r, const struct sp_table_name *name, struct sp_error *err)
{
	struct slice at = name->timestamp, version = option(name, "versionAsOf");
	int64_t us;
	if (name->version >= 0)
		r->ref.version = name->version;
	if (r->format != &lake_delta)
		version = sl(NULL);
	else if (!at.p)
		at = option(name, "timestampAsOf");
	if (version.p && at.p)
		return sp_fail(err, SP_E_ANALYSIS, "DELTA_ONEOF_IN_TIMETRAVEL", "42601", "Please either provide 'timestampAsOf' or 'versionAsOf' for time travel.");
	if (version.p && !sl_int(sl_trim(version), 0, INT64_MAX, &r->ref.version))
		return sp_fail(err, SP_E_RUN, "DELTA_TIME_TRAVEL_INVALID_BEGIN_VALUE", "42604", "%s needs to be a valid begin value.", "versionAsOf");
	if (!at.p)
		return 0;
	if (!sp_text_timestamp(at, r->cx->zone, r->cx->now_us, &us))
		return sp_fail(err, SP_E_ANALYSIS, "INVALID_TIME_TRAVEL_TIMESTAMP_EXPR.INPUT", "42K0E",
			       "The time travel timestamp expression \"%.*s\" is invalid. Cannot be casted to the \"TIMESTAMP\" type.", SL(at));
	r->ref.at_ms = sp_floor_div(us, 1000);
	return 0;
}

static int no_format(struct slice name, struct sp_error *err)
{
	if (sl_eq_nocase(name, S("orc")))
		return sp_fail(err, SP_E_UNSERVED, "", "", "files of ORC aren't read here: JSON, CSV, text, Parquet, Delta tables and whole files are");
	if (sl_eq_nocase(name, S("avro")))
		return sp_fail(err, SP_E_ANALYSIS, "_LEGACY_ERROR_TEMP_1139", "", "Failed to find data source: avro. Avro is built-in but external data source module since "
			       "Spark 2.4. Please deploy the application as per the deployment section of Apache Avro Data Source Guide.");
	return sp_fail(err, SP_E_RUN, "DATA_SOURCE_NOT_FOUND", "42K02", "Failed to find the data source: %.*s. Please find packages at "
		       "`https://spark.apache.org/third-party-projects.html`.", SL(name));
}

static int set_meaning(struct lake_relation *r, const struct sp_table_name *name, struct sp_error *err)
{
	const struct lake_format *format = name->n == 2 ? format_of(name->parts[0]) : NULL;
	struct slice last = name->parts[name->n - 1], wanted = option(name, "format");
	r->ref.version = r->ref.at_ms = -1;
	if (name->n == 2 && sl_eq_nocase(name->parts[0], S("read_stream")))
		return lake_stream_meaning(r, name, err);
	if (last.p && (!format || format == &lake_delta))
		last = cut_version(r, last);
	if (name->n == 2 && sl_eq_nocase(name->parts[0], S("read_files"))) {
		format = wanted.p ? format_of(wanted) : format_of_path(last);
		if (!format)
			return no_format(wanted, err);
	}
	if (format) {
		r->format = format;
		return lake_relation_path(r, last, err);
	}
	if (name->n > 2) {
		r->found = r->missing = true;
		return 0;
	}
	lake_relation_table(r, name->n == 2 ? name->parts[0] : r->cx->database, last);
	if (name->n == 1 && sl_eq_nocase(last, S("quarantine")))
		r->format = &lake_quarantine;
	else if (name->n == 1)
		r->topic = topic_of(r, last);
	if (sl_chr(last, '/') >= 0 || !last.n)
		r->found = r->missing = true;
	return 0;
}

static const struct slice *copied_parts(struct arena *a, const struct sp_table_name *name)
{
	struct slice *parts = arena_alloc(a, (name->n + 1) * sizeof(*parts));
	for (size_t i = 0; i < name->n; i++)
		parts[i] = arena_dup(a, name->parts[i]);
	return parts;
}

struct lake_relation *lake_relation_new(struct lake_task *t, struct arena *a, const struct sp_context *cx, const struct sp_table_name *name,
					struct sp_error *err)
{
	const struct sp_table_name n = bare(cx, name);
	struct lake_relation *r = arena_alloc(a, sizeof(*r));
	struct sp_table_option *options = arena_alloc(a, (n.option_n + 1) * sizeof(*options));
	struct error bad;
	r->task = t;
	r->arena = a;
	r->cx = cx;
	r->rel.row_n = -1;
	for (size_t i = 0; i < n.option_n; i++)
		options[i] = (struct sp_table_option){ arena_dup(a, n.options[i].key), arena_dup(a, n.options[i].value) };
	r->options = options;
	r->option_n = n.option_n;
	r->asked = *name;
	r->asked.parts = copied_parts(a, name);
	r->asked.timestamp = name->timestamp.p ? arena_dup(a, name->timestamp) : sl(NULL);
	r->asked.options = options;
	r->asked.option_n = n.option_n;
	r->database = arena_dup(a, cx->database);
	r->rel.owner = r;
	if (set_meaning(r, &n, err) || set_version(r, &n, err))
		return NULL;
	r->ref.name = arena_dup(a, r->ref.name);
	if (!r->rel.name.p)
		r->rel.name = r->ref.by_path ? arena_printf(a, "%s.`%.*s`", r->format->name, SL(r->ref.name))
					     : arena_printf(a, "spark_catalog.%.*s.%.*s", SL(cx->database), SL(r->ref.name));
	if (!r->missing && r->format != &lake_quarantine && r->format != &lake_jdbc && port_needed(t->l->env, PORT_OBJECTS, &bad)) {
		lake_relation_fail(r, &bad);
		*err = r->err;
		r->err = (struct sp_error){ 0 };
		return NULL;
	}
	return r;
}

void lake_relation_free(struct lake_relation *r)
{
	if (r->own && r->format->free)
		r->format->free(r);
	sp_table_free(r->table);
	r->table = NULL;
	lake_stream_free(r);
	sp_error_free(&r->err);
}
