/* What changed between two snapshots, in a person's words. A row of subjects says what a thing of a service is called and how it is counted;
 * tables that no row speaks of are compared as such, so that nothing changes unsaid. */
#include "snapshot/inside.h"

#include "core/json.h"
#include "core/hash.h"

enum { NAMES_SHOWN = 4 };

/* ---- subjects ---- */

enum how {
	COUNTS, /* name, number: things that grow */
	SETS,   /* group, name, mark: things that come, go and change */
	VALUES, /* name, text: what it is now */
};
struct subject {
	const char *db, *service, *what; /* "record" */
	enum how how;
	const char *sql;
	const char *tables; /* that are spoken for; NULL: those of another row */
};
#define DOCS(db, service) \
	{ db, service, "", SETS, "SELECT kind, CASE WHEN parent = '' THEN id ELSE parent || '/' || id END, json FROM doc", " doc docs " }

static const struct subject subjects[] = {
	{ "rds", "rds", "column", SETS, "SELECT 'columns of ' || tbl, name, type || '/' || flags || '/' || coalesce(dflt, '') FROM \"rds$column\"", " rds$column rds$filled " },
	{ "kafka", "kafka", "record", COUNTS,
	  "WITH RECURSIVE p(t, name, i, n) AS (SELECT id, name, 0, partitions FROM topics UNION ALL SELECT t, name, i + 1, n FROM p WHERE i + 1 < n) "
	  "SELECT 'topic ' || name, sum(coalesce((SELECT last + 1 FROM batches WHERE topic = t AND part = i ORDER BY base DESC LIMIT 1), 0)) FROM p GROUP BY t",
	  " topics batches segments sqlite_sequence counters producers " },
	{ "kafka", "kafka", "", VALUES, "SELECT 'topic ' || name || ', partitions', partitions FROM topics", NULL },
	{ "kafka", "kafka", "", VALUES, "SELECT 'topic ' || t.name || ', ' || c.name, c.value FROM configs c JOIN topics t ON t.id = c.topic", " configs " },
	{ "kafka", "kafka", "", VALUES, "SELECT 'topic ' || t.name || ', first offset of partition ' || s.part, s.start FROM starts s JOIN topics t ON t.id = s.topic", " starts " },
	{ "kafka", "kafka", "", VALUES, "SELECT 'group ' || grp || ', offset in ' || topic || '-' || part, \"offset\" FROM offsets", " offsets " },
	{ "kafka", "kafka", "", VALUES,
	  "SELECT 'group ' || grp || ', lag in ' || o.topic, sum(coalesce((SELECT last + 1 FROM batches b WHERE b.topic = t.id AND b.part = o.part ORDER BY base DESC LIMIT 1), 0)"
	  " - \"offset\") FROM offsets o JOIN topics t ON t.name = o.topic GROUP BY grp, o.topic",
	  NULL },
	{ "kafka", "kafka", "", SETS, "SELECT 'groups', id, value FROM groups", " groups group_records " },
	{ "kafka", "kafka", "", SETS, "SELECT 'transactions', id, value FROM txns", " txns staged aborted " },
	{ "kafka", "kafka", "", SETS, "SELECT 'users', user || ' (' || mechanism || ')', stored FROM scram", " scram " },
	{ "s3", "s3", "", SETS, "SELECT 'objects of ' || bucket, key, etag || '/' || id || '/' || modified_ms FROM object", " object piece counter sqlite_sequence " },
	{ "s3", "s3", "", SETS, "SELECT 'versions of ' || bucket, key || ', version ' || -rank, etag || '/' || id FROM version", " version " },
	{ "s3", "s3", "", SETS, "SELECT 'buckets', name, region || tags || ownership || encryption || policy FROM bucket", " bucket " },
	{ "s3", "s3", "", SETS, "SELECT 'unfinished uploads', key, id || '/' || touched FROM upload", " upload " },
	{ "kinesis", "kinesis", "record", COUNTS, "SELECT 'stream ' || d.id, (SELECT count(*) FROM placed WHERE place >> 48 = d.seq) FROM doc d WHERE kind = 'stream'", " placed gone " },
	{ "kinesis", "kinesis", "record", COUNTS, "SELECT 'all streams', count(*) FROM placed", NULL },
	DOCS("kinesis", "kinesis"),
	{ "connect", "connect", "", SETS, "SELECT 'connectors', name, config || state FROM connector", " connector topic " },
	{ "connect", "connect", "", VALUES, "SELECT 'connector ' || connector || ', read of ' || topic || '-' || partition, at FROM offset", " offset " },
	{ "connect", "connect", "", VALUES, "SELECT 'connector ' || connector || ', read of ' || file, at FROM source", " source " },
	DOCS("apigateway", "apigateway"),
	DOCS("airflow", "airflow"),
	DOCS("jobs", "databricks"),
	DOCS("aws", "aws"),
	{ "aws", "aws", "line", COUNTS, "SELECT 'log stream ' || s.name, (SELECT count(*) FROM log_event e WHERE e.stream = s.id) FROM log_stream s", " log_event log_stream log_gone sqlite_sequence " },
	{ "aws", "aws", "point", COUNTS, "SELECT 'metrics of ' || m.ns, count(*) FROM metric_point p JOIN metric m ON m.id = p.series GROUP BY m.ns", " metric metric_point " },
	{ "aws", "aws", "event", COUNTS, "SELECT 'CloudTrail', count(*) FROM trail_event", " trail_event " },
	{ "lake", "lake", "record", COUNTS, "SELECT 'quarantine of ' || dataset, count(*) FROM quarantine GROUP BY dataset", " quarantine " },
	{ "lake_mounts", "lake", "", SETS, "SELECT 'mounts', point, source FROM mounts", " mounts " },
	{ "lake_streams", "streaming", "", SETS, "SELECT 'queries', name, options || state || coalesce(exception, '') || starts FROM queries", NULL },
};

static const char *service_of(const char *db)
{
	for (size_t i = 0; i < ARRAY_LEN(subjects); i++)
		if (!strcmp(subjects[i].db, db))
			return subjects[i].service;
	return db;
}

static bool spoken_for(const char *db, const char *table)
{
	char word[80];
	snprintf(word, sizeof(word), " %s ", table);
	for (size_t i = 0; i < ARRAY_LEN(subjects); i++)
		if (!strcmp(subjects[i].db, db) && subjects[i].tables && strstr(subjects[i].tables, word))
			return true;
	return false;
}

/* ---- rows as objects: name -> value, or group -> name -> mark ---- */

struct rows {
	json_t *of;
	bool sets;
};

/* A key may have any bytes, a mark may be long. */
static void text_of(struct slice s, struct buf *out)
{
	buf_reset(out);
	if (sl_is_utf8(s) && s.n)
		buf_addsl(out, s);
	else
		buf_hex(out, s.p, s.n);
	(void)buf_cstr(out);
}

static void mark_of(struct slice s, char out[33])
{
	uint8_t sum[HASH_BYTES_MAX];
	struct buf hex = { 0 };
	hash_whole(HASH_SHA256, s.p ? s : S(""), sum);
	buf_hex(&hex, sum, 16);
	snprintf(out, 33, "%s", buf_cstr(&hex));
	buf_free(&hex);
}

static int take_row(void *arg, const struct slice *c, int n, struct error *err)
{
	struct rows *r = arg;
	struct buf name = { 0 }, value = { 0 };
	char mark[33];
	text_of(c[0], &name);
	if (r->sets) {
		json_t *group = jobj(r->of, name.p);
		text_of(c[1], &name);
		mark_of(c[2], mark);
		json_object_set_new(group, buf_cstr(&name), json_string(mark));
	} else {
		text_of(c[1], &value);
		json_object_set_new(r->of, name.p, json_string(buf_cstr(&value)));
	}
	buf_free(&name);
	buf_free(&value);
	return 0;
}

static int rows_of(struct dbview *v, const char *sql, bool sets, json_t **out, struct error *err)
{
	struct rows r = { json_object(), sets };
	int rc = v ? dbview_rows(v, sql, take_row, &r, err) : 0;
	*out = r.of;
	return rc;
}

/* ---- words ---- */

struct changes {
	json_t *services; /* a list of {"service","changes"} */
};

static void add(struct changes *c, const char *service, const char *what, const char *name, const char *text)
{
	json_t *one = json_object(), *s = NULL;
	for (size_t i = 0; i < json_array_size(c->services) && !s; i++)
		if (!strcmp(jstr(json_array_get(c->services, i), "service"), service))
			s = json_array_get(c->services, i);
	if (!s) {
		s = json_object();
		json_object_set_new(s, "service", json_string(service));
		json_object_set_new(s, "changes", json_array());
		json_array_append_new(c->services, s);
	}
	json_object_set_new(one, "what", json_string(what));
	json_object_set_new(one, "name", json_string(name));
	json_object_set_new(one, "text", json_string(text));
	json_array_append_new(json_object_get(s, "changes"), one);
}

/* 12345678 -> 12,345,678 */
static void add_number(struct buf *b, int64_t n)
{
	char digits[32];
	int len = snprintf(digits, sizeof(digits), "%lld", (long long)(n < 0 ? -n : n));
	if (n < 0)
		buf_addc(b, '-');
	for (int i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0)
			buf_addc(b, ',');
		buf_addc(b, digits[i]);
	}
}

static void add_counted(struct buf *b, int64_t n, const char *what)
{
	add_number(b, n);
	buf_addf(b, " %s%s", what, n == 1 || n == -1 ? "" : "s");
}

static int64_t int_of(const json_t *v)
{
	int64_t n = 0;
	(void)sl_int(sl(json_string_value(v)), INT64_MIN, INT64_MAX, &n);
	return n;
}

static void compare_counts(struct changes *c, const char *service, const char *what, json_t *a, json_t *b)
{
	const char *name;
	json_t *v;
	struct buf t = { 0 };
	json_object_foreach(b, name, v) {
		const json_t *old = json_object_get(a, name);
		int64_t from = int_of(old), to = int_of(v);
		if (old && from == to)
			continue;
		buf_reset(&t);
		if (old) {
			buf_adds(&t, to > from ? "+" : "");
			add_counted(&t, to - from, what);
			buf_adds(&t, " (");
			add_number(&t, from);
			buf_adds(&t, " -> ");
			add_number(&t, to);
			buf_adds(&t, ")");
		} else {
			buf_adds(&t, "new, ");
			add_counted(&t, to, what);
		}
		add(c, service, what, name, buf_cstr(&t));
	}
	json_object_foreach(a, name, v) {
		if (json_object_get(b, name))
			continue;
		buf_reset(&t);
		buf_adds(&t, "gone, had ");
		add_counted(&t, int_of(v), what);
		add(c, service, what, name, buf_cstr(&t));
	}
	buf_free(&t);
}

static void compare_values(struct changes *c, const char *service, json_t *a, json_t *b)
{
	const char *name;
	json_t *v;
	struct buf t = { 0 };
	json_object_foreach(b, name, v) {
		const json_t *old = json_object_get(a, name);
		if (old && json_equal(old, v))
			continue;
		buf_reset(&t);
		buf_addf(&t, "%s -> %s", old ? json_string_value(old) : "none", json_string_value(v));
		add(c, service, "value", name, buf_cstr(&t));
	}
	json_object_foreach(a, name, v) {
		if (json_object_get(b, name))
			continue;
		buf_reset(&t);
		buf_addf(&t, "%s -> none", json_string_value(v));
		add(c, service, "value", name, buf_cstr(&t));
	}
	buf_free(&t);
}

struct tally {
	int64_t n;
	struct buf names;
};

static void count_name(struct tally *t, const char *name)
{
	if (t->n < NAMES_SHOWN)
		buf_addf(&t->names, "%s%s", t->n ? ", " : "", name);
	t->n++;
}

static void say_tally(struct buf *out, struct tally *t, const char *word)
{
	if (t->n) {
		buf_adds(out, out->n ? "; " : "");
		add_number(out, t->n);
		buf_addf(out, " %s: %s%s", word, buf_cstr(&t->names), t->n > NAMES_SHOWN ? ", ..." : "");
	}
	buf_free(&t->names);
}

static void compare_group(struct changes *c, const char *service, const char *group, json_t *a, json_t *b)
{
	struct tally added = { 0 }, changed = { 0 }, gone = { 0 };
	struct buf t = { 0 };
	const char *name;
	json_t *v;
	json_object_foreach(b, name, v) {
		const json_t *old = json_object_get(a, name);
		if (!old)
			count_name(&added, name);
		else if (!json_equal(old, v))
			count_name(&changed, name);
	}
	json_object_foreach(a, name, v)
		if (!json_object_get(b, name))
			count_name(&gone, name);
	say_tally(&t, &added, "added");
	say_tally(&t, &changed, "changed");
	say_tally(&t, &gone, "gone");
	if (t.n)
		add(c, service, "set", group, buf_cstr(&t));
	buf_free(&t);
}

static void compare_sets(struct changes *c, const char *service, json_t *a, json_t *b)
{
	const char *group;
	json_t *v;
	json_object_foreach(b, group, v)
		compare_group(c, service, group, json_object_get(a, group), v);
	json_object_foreach(a, group, v)
		if (!json_object_get(b, group))
			compare_group(c, service, group, v, NULL);
}

static int compare_subject(struct changes *c, const struct subject *s, struct dbview *a, struct dbview *b, struct error *err)
{
	json_t *old, *new;
	bool sets = s->how == SETS;
	int rc = rows_of(a, s->sql, sets, &old, err), rc_new = rows_of(b, s->sql, sets, &new, err);
	if (rc || rc_new)
		rc = rc ? rc : rc_new;
	else if (sets)
		compare_sets(c, s->service, old, new);
	else if (s->how == COUNTS)
		compare_counts(c, s->service, s->what, old, new);
	else
		compare_values(c, s->service, old, new);
	json_decref(old);
	json_decref(new);
	return rc;
}

/* ---- tables as such ---- */

static const char tables_sql[] = "SELECT name, name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_stat%' ORDER BY name";

static int compare_table(struct changes *c, const char *db, const char *table, struct dbview *a, struct dbview *b, struct error *err)
{
	uint8_t before[32] = { 0 }, after[32] = { 0 };
	int64_t from = 0, to = 0;
	struct buf t = { 0 };
	char name[96];
	bool in_a = a && dbview_has(a, table), in_b = b && dbview_has(b, table);
	int rc = in_a ? dbview_digest(a, table, before, &from, err) : 0;
	if (!rc && in_b)
		rc = dbview_digest(b, table, after, &to, err);
	if (rc || !memcmp(before, after, sizeof(before)) || (spoken_for(db, table) && in_a && in_b))
		return rc;
	snprintf(name, sizeof(name), "table %s", table);
	if (from != to) {
		buf_adds(&t, to > from ? "+" : "");
		add_counted(&t, to - from, "row");
		buf_adds(&t, !in_a ? ", new" : !in_b ? ", gone" : "");
	} else {
		buf_adds(&t, "other rows, as many: ");
		add_number(&t, to);
	}
	add(c, service_of(db), "row", name, buf_cstr(&t));
	buf_free(&t);
	return 0;
}

static int compare_tables(struct changes *c, const char *db, struct dbview *a, struct dbview *b, struct error *err)
{
	json_t *in_a, *in_b;
	const char *table;
	json_t *v;
	int rc = rows_of(a, tables_sql, false, &in_a, err), rc_b = rows_of(b, tables_sql, false, &in_b, err);
	rc = rc ? rc : rc_b;
	json_object_update(in_a, in_b);
	json_object_foreach(in_a, table, v)
		if (!rc && !(spoken_for(db, table)))
			rc = compare_table(c, db, table, a, b, err);
	json_decref(in_a);
	json_decref(in_b);
	return rc;
}

static int compare_db(struct changes *c, const char *db, struct slice a, struct slice b, struct error *err)
{
	struct dbview *va = NULL, *vb = NULL;
	int rc = a.p ? dbview_open(a, &va, err) : 0;
	if (!rc && b.p)
		rc = dbview_open(b, &vb, err);
	for (size_t i = 0; !rc && i < ARRAY_LEN(subjects); i++)
		if (!strcmp(subjects[i].db, db))
			rc = compare_subject(c, &subjects[i], va, vb, err);
	if (!rc)
		rc = compare_tables(c, db, va, vb, err);
	dbview_close(va);
	dbview_close(vb);
	return rc;
}

/* ---- two snapshots ---- */

static int read_part(struct pack_in *in, const char *name, struct buf *out, struct error *err)
{
	const struct pack_part *p = pack_find(in, name);
	return p ? pack_read(in, p, out, err) : 0;
}

static bool is_db(const char *part)
{
	size_t n = strlen(part);
	return n > 3 && !strcmp(part + n - 3, ".db");
}

/* The armed ones alone: how often a site was asked every look at the stack changes. */
static void armed_only(struct buf *b)
{
	struct buf kept = { 0 };
	struct slice line, rest = buf_slice(b);
	while (rest.p && rest.n) {
		sl_cut(rest, '\n', &line, &rest);
		if (sl_starts(line, S("fault ")))
			buf_addf(&kept, "%.*s\n", SL(line));
	}
	buf_free(b);
	*b = kept;
}

static int compare_part(struct changes *c, struct snapshot_op *op, const char *part, struct error *err)
{
	struct buf a = { 0 }, b = { 0 };
	int rc = read_part(&op->in, part, &a, err);
	if (!rc)
		rc = read_part(&op->in_with, part, &b, err);
	if (!rc && sl_eqs(S("faults"), part)) {
		armed_only(&a);
		armed_only(&b);
	}
	if (!rc && sl_eq(buf_slice(&a), buf_slice(&b))) {
		rc = 0;
	} else if (!rc && is_db(part)) {
		char db[64];
		snprintf(db, sizeof(db), "%.*s", (int)(strlen(part) - 3), part);
		rc = compare_db(c, db, a.n ? buf_slice(&a) : sl(NULL), b.n ? buf_slice(&b) : sl(NULL), err);
	} else if (!rc) {
		struct slice from = sl_trim(buf_slice(&a)), to = sl_trim(buf_slice(&b));
		struct buf t = { 0 };
		if (sl_eqs(S("clock"), part) && !sl_eq(from, to))
			buf_addf(&t, "%.*s -> %.*s", SL(from), SL(to));
		else if (!sl_eqs(S("clock"), part))
			buf_addf(&t, "%s", to.n == 0 ? "none any more" : from.n == 0 ? "some now" : "others");
		if (t.n)
			add(c, "stack", "value", part, buf_cstr(&t));
		buf_free(&t);
	}
	buf_free(&a);
	buf_free(&b);
	return rc;
}

static void compare_work(void *arg)
{
	struct snapshot_op *op = arg;
	struct changes c = { json_array() };
	for (size_t i = 0; !op->rc && i < op->in_with.part_n; i++)
		if (strncmp(op->in_with.parts[i].name, "s3/", 3) != 0)
			op->rc = compare_part(&c, op, op->in_with.parts[i].name, &op->err);
	for (size_t i = 0; !op->rc && i < op->in.part_n; i++)
		if (strncmp(op->in.parts[i].name, "s3/", 3) != 0 && !pack_find(&op->in_with, op->in.parts[i].name))
			op->rc = compare_part(&c, op, op->in.parts[i].name, &op->err);
	json_decref(op->about);
	op->about = json_object();
	json_object_set_new(op->about, "from", json_string(op->name));
	json_object_set_new(op->about, "to", json_string(*op->with ? op->with : "now"));
	json_object_set_new(op->about, "same", json_boolean(json_array_size(c.services) == 0));
	json_object_set_new(op->about, "services", c.services);
}

/* ---- a digest ---- */

struct digesting {
	struct dbview *v;
	struct hash *all;
};

static int digest_table(void *arg, const struct slice *c, int n, struct error *err)
{
	struct digesting *g = arg;
	char table[128];
	uint8_t sum[32];
	int64_t rows;
	snprintf(table, sizeof(table), "%.*s", SL(c[0]));
	int rc = dbview_digest(g->v, table, sum, &rows, err);
	hash_add(g->all, table, strlen(table) + 1);
	if (!rc)
		hash_add(g->all, sum, sizeof(sum));
	return rc;
}

static int digest_bytes(struct slice bytes, struct hash *h, struct error *err)
{
	struct digesting g = { .all = h };
	int rc = dbview_open(bytes, &g.v, err);
	if (!rc)
		rc = dbview_rows(g.v, tables_sql, digest_table, &g, err);
	dbview_close(g.v);
	return rc;
}

static int compare_parts(const void *a, const void *b)
{
	const struct pack_part *const *x = a, *const *y = b;
	return strcmp((*x)->name, (*y)->name);
}

static int digest_part(struct snapshot_op *op, const struct pack_part *p, char hex[33], struct error *err)
{
	struct buf bytes = { 0 }, text = { 0 };
	uint8_t sum[HASH_BYTES_MAX];
	struct hash *h = hash_new(HASH_SHA256);
	int rc = pack_read(&op->in, p, &bytes, err);
	if (!rc && is_db(p->name))
		rc = digest_bytes(buf_slice(&bytes), h, err);
	else
		hash_add(h, bytes.p, bytes.n);
	hash_end(h, sum);
	buf_hex(&text, sum, 16);
	snprintf(hex, 33, "%s", buf_cstr(&text));
	buf_free(&text);
	buf_free(&bytes);
	return rc;
}

static void digest_work(void *arg)
{
	struct snapshot_op *op = arg;
	const struct pack_part **sorted = xcalloc(op->in.part_n + 1, sizeof(struct pack_part *));
	json_t *parts = json_object();
	struct hash *all = hash_new(HASH_SHA256);
	struct buf text = { 0 };
	uint8_t sum[HASH_BYTES_MAX];
	for (size_t i = 0; i < op->in.part_n; i++)
		sorted[i] = &op->in.parts[i];
	qsort(sorted, op->in.part_n, sizeof(struct pack_part *), compare_parts);
	for (size_t i = 0; !op->rc && i < op->in.part_n; i++) {
		char hex[33];
		if (!strncmp(sorted[i]->name, "s3/", 3))
			continue;
		op->rc = digest_part(op, sorted[i], hex, &op->err);
		hash_add(all, sorted[i]->name, strlen(sorted[i]->name));
		hash_add(all, hex, 32);
		json_object_set_new(parts, sorted[i]->name, json_string(hex));
	}
	hash_end(all, sum);
	buf_hex(&text, sum, 16);
	op->about = json_object();
	json_object_set_new(op->about, "digest", json_string(buf_cstr(&text)));
	json_object_set_new(op->about, "parts", parts);
	buf_free(&text);
	free(sorted);
}

static void work_done(void *arg)
{
	struct snapshot_op *op = arg;
	op->job = NULL;
	snapshot_op_end(op, op->rc);
}

void snapshot_compare_begin(struct snapshot_op *op)
{
	static const struct job_kind comparing = { .work = compare_work, .done = work_done, .name = "a comparison of snapshots" };
	static const struct job_kind digesting = { .work = digest_work, .done = work_done, .name = "the digest of a snapshot" };
	struct error why;
	int rc = snapshot_open(op, op->name, &op->err);
	if (!rc && op->passing && (rc = pack_open(&op->in_with, -1, buf_slice(&op->mem), &why)))
		rc = err_set(&op->err, rc, "%s", why.text);
	else if (!rc && op->kind == SNAPSHOT_COMPARES && !op->passing)
		rc = snapshot_open_with(op, &op->err);
	if (rc)
		snapshot_op_end(op, rc);
	else
		snapshot_op_job(op, op->kind == SNAPSHOT_DIGESTS ? &digesting : &comparing);
}

int snapshot_diff(struct server *s, struct slice name, struct slice with, snapshot_done done, void *arg, struct error *err)
{
	struct snapshot_op *op = snapshot_op_new(s, SNAPSHOT_COMPARES, name, done, arg, err);
	if (!op)
		return err->kind;
	op->passing = !with.n;
	int rc = with.n ? snapshot_name(with, op->with, err) : 0;
	if (!rc && !snapshot_there(op->all, op->name))
		rc = snapshot_missing(op->name, err);
	if (rc)
		snapshot_op_free(op);
	else
		snapshot_op_queue(op);
	return rc;
}

int snapshot_digest(struct server *s, struct slice name, snapshot_done done, void *arg, struct error *err)
{
	struct snapshot_op *op = snapshot_op_new(s, SNAPSHOT_DIGESTS, name, done, arg, err);
	if (!op)
		return err->kind;
	snapshot_op_queue(op);
	return 0;
}
