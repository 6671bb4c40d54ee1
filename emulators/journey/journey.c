#include "journey/walk.h"

#include <jansson.h>

#include "connect/answer.h"
#include "core/httpc.h"
#include "core/json.h"
#include "core/identities.h"
#include "stack/control.h"
#include "stack/inside.h"
#include "stack/mysql_job.h"

enum { TEXT_MOST = 64 << 10 };

/* ---- hops ---- */

struct buf *walk_hop(struct walk *w, enum hop_kind at, const char *service, const char *kind, const char *state, struct slice title)
{
	struct buf *b = &w->hops[at];
	buf_reset(b);
	w->service[at] = strcmp(state, "waiting") ? service : NULL;
	jw_obj(b, NULL);
	jw_text(b, "service", service);
	jw_text(b, "kind", kind);
	jw_text(b, "state", state);
	jw_str(b, "title", title);
	return b;
}

void walk_time(struct buf *b, int64_t at_ms, int64_t us)
{
	char when[32];
	clock_iso(at_ms, when);
	jw_text(b, "time", when);
	if (us >= 0)
		jw_int(b, "real_us", us);
}

static void add_text(struct buf *b, const char *name, struct slice text)
{
	if (text.p)
		jw_str(b, name, sl_is_utf8(text) ? sl_of(text.p, text.n < TEXT_MOST ? text.n : TEXT_MOST) : S("(bytes that are no text)"));
}

/* ---- the row ---- */

struct row_job {
	struct walk *w; /* NULL: it has ended */
	struct owed owed;
	struct table table;
	char *sql;
	struct slice name;
};

static void row_forgotten(struct owed *o)
{
	struct row_job *j = (struct row_job *)((char *)o - offsetof(struct row_job, owed));
	j->w = NULL;
}

static void add_cells(struct buf *b, const struct table *t)
{
	jw_obj(b, "facts");
	for (size_t c = 0; c < t->column_n; c++) {
		jw_key(b, sl(t->columns[c]));
		jw_text(b, NULL, t->cells[c]);
	}
	jw_obj_end(b);
}

static void on_row(void *arg, const struct error *err)
{
	struct row_job *j = arg;
	struct walk *w = j->w;
	if (w)
		owed_end(&j->owed);
	if (w && !err && j->table.row_n) {
		struct buf *b = walk_hop(w, HOP_ROW, "rds", "row", "done", j->name);
		add_text(b, "input", sl(j->sql + strlen(RDS_LOOKS)));
		add_cells(b, &j->table);
		jw_obj_end(b);
	}
	table_clear(&j->table);
	free(j->sql);
	free(j);
	if (w)
		walk_next(w);
}

/* The key column's value in a record as SQL has it, and the member's name, which is the column's or another of its names; absent: the record
 * has none that is a number or a plain text. */
static struct slice key_sql(struct walk *w, const json_t *record, struct slice *member)
{
	const struct clean_rules *r = &w->cleaning.rules[w->dataset];
	const struct slice *others = r->alias[r->set->key];
	*member = sl(r->set->columns[r->set->key].name);
	const json_t *v = json_object_getn(record, member->p, member->n);
	for (size_t i = 0; !v && i < CLEAN_ALIASES_MAX && others[i].p; i++) {
		*member = others[i];
		v = json_object_getn(record, member->p, member->n);
	}
	struct slice text = json_slice(v);
	if (json_is_integer(v))
		return arena_printf(&w->arena, "%lld", (long long)json_integer_value(v));
	if (!text.p || sl_chr(text, '\'') >= 0 || sl_chr(text, '\\') >= 0)
		return sl(NULL);
	return arena_printf(&w->arena, "'%.*s'", SL(text));
}

static void walk_row(struct walk *w)
{
	const char *address = server_endpoint(w->s, "rds"), *db = conf_get(w->env->conf, "rds", "database");
	JSON_AUTO record = w->dataset >= 0 ? json_loadb(w->value.p, w->value.n, 0, NULL) : NULL;
	struct slice member, key = record ? key_sql(w, record, &member) : sl(NULL);
	const struct dataset *d = w->dataset >= 0 ? &w->cleaning.sets.at[w->dataset] : NULL;
	if (!address || !db || !key.p || !d->source) {
		walk_next(w);
		return;
	}
	struct row_job *j = xcalloc(1, sizeof(*j));
	j->w = w;
	j->sql = xasprintf(RDS_LOOKS "SELECT * FROM `%s` WHERE `%.*s` = %.*s LIMIT 1", d->source, SL(member), SL(key));
	j->name = arena_printf(&w->arena, "%s, %.*s %.*s", d->source, SL(member), SL(key));
	owed_init(&j->owed, NULL, row_forgotten);
	owed_keep(&w->waits, &j->owed);
	mysql_job(w->env->loop, address, db, j->sql, &j->table, on_row, j);
}

/* ---- the request ---- */

static void add_answer(struct buf *b, const struct hop *h)
{
	jw_obj(b, "facts");
	jw_int(b, "status", h->status);
	jw_text(b, "trace", h->trace);
	jw_obj_end(b);
}

static void add_request(struct walk *w, const struct hop *h)
{
	struct buf *b = walk_hop(w, HOP_REQUEST, h->service, "request", h->status < 400 ? "done" : "failed", h->title);
	walk_time(b, h->at_ms, h->us);
	jw_int(b, "bytes", (int64_t)h->input.n);
	add_text(b, "input", h->input);
	add_text(b, "output", h->output);
	add_answer(b, h);
	jw_obj_end(b);
}

static void add_template(struct walk *w, const struct hop *h, struct slice given)
{
	bool to_rest = sl_find(h->title, S("/topics/")) >= 0;
	struct buf *b = walk_hop(w, HOP_TEMPLATE, w->is_stream || !to_rest ? "apigateway" : "kafka-rest", "template", h->status < 400 ? "done" : "failed", h->title);
	walk_time(b, h->at_ms, h->us);
	jw_int(b, "bytes", (int64_t)h->output.n);
	add_text(b, "input", given);
	add_text(b, "output", h->output);
	jw_obj(b, "facts");
	if (h->input.p)
		add_text(b, "template", h->input);
	else
		jw_text(b, "template", "none: the body passes as it is");
	jw_int(b, "status", h->status);
	jw_obj_end(b);
	jw_obj_end(b);
}

/* A request that came to the gateway, or straight to the REST proxy or the stream. */
static void walk_request(struct walk *w)
{
	const struct hop *h;
	struct slice given = sl(NULL);
	for (size_t i = 0; w->trace.n && (h = hops_at(w->env->hops, w->trace, i)); i++) {
		if (!strcmp(h->kind, "request")) {
			given = arena_dup(&w->arena, h->input);
			add_request(w, h);
		} else if (!strcmp(h->kind, "template")) {
			add_template(w, h, given);
		}
	}
	const struct journal_entry *e = w->trace.n && !w->hops[HOP_REQUEST].n ? journal_find(w->env->journal, w->trace, "rest") : NULL;
	if (e) {
		struct buf *b = walk_hop(w, HOP_REQUEST, "kafka-rest", "request", e->status < 400 ? "done" : "failed", sl(e->detail));
		walk_time(b, e->at_ms, e->us);
		jw_obj_end(b);
	}
	walk_next(w);
}

/* ---- the record ---- */

static void walk_record(struct walk *w)
{
	struct slice title = w->is_stream ? arena_printf(&w->arena, "stream %.*s, %.*s", SL(w->topic), SL(w->shard))
					  : arena_printf(&w->arena, "topic %.*s, partition %d, offset %lld", SL(w->topic), w->partition, (long long)w->offset);
	struct buf *b = walk_hop(w, HOP_RECORD, w->is_stream ? "kinesis" : "kafka", "record", "done", title);
	walk_time(b, w->at_ms, -1);
	jw_int(b, "bytes", (int64_t)w->value.n);
	add_text(b, "output", w->value);
	jw_obj(b, "facts");
	jw_str(b, w->is_stream ? "stream" : "topic", w->topic);
	if (w->is_stream) {
		jw_str(b, "shard", w->shard);
		jw_str(b, "sequence", w->sequence);
		jw_str(b, "partition_key", w->key);
	} else {
		jw_int(b, "partition", w->partition);
		jw_int(b, "offset", w->offset);
		jw_str(b, "key", w->key.p && sl_is_utf8(w->key) ? w->key : sl(NULL));
	}
	if (w->trace.n)
		jw_str(b, "trace", w->trace);
	jw_obj_end(b);
	jw_obj_end(b);
	walk_next(w);
}

/* ---- the object, or what it waits for ---- */

static void on_object(void *arg, struct slice body, const struct error *err)
{
	struct walk *w = arg;
	struct slice line, rest = body;
	const struct con_place *p = &w->place;
	for (int64_t i = 0; !err && i < p->line && rest.p; i++) {
		sl_cut(rest, '\n', &line, &rest);
		w->line = line;
	}
	w->line = arena_dup(&w->arena, w->line);
	struct slice title = arena_printf(&w->arena, "s3://%.*s/%.*s, line %lld of %lld", SL(p->bucket), SL(p->key), (long long)p->line, (long long)p->n);
	struct buf *b = walk_hop(w, HOP_OBJECT, "s3", "object", err ? "failed" : "done", title);
	jw_int(b, "bytes", (int64_t)body.n);
	add_text(b, "output", err ? sl(err->text) : w->line);
	jw_obj(b, "facts");
	jw_str(b, "connector", p->connector);
	jw_str(b, "bucket", p->bucket);
	jw_str(b, "key", p->key);
	jw_int(b, "line", p->line);
	jw_fmt(b, "offsets", "%lld to %lld", (long long)p->first, (long long)p->last);
	jw_obj_end(b);
	jw_obj(b, "links");
	jw_str(b, "object", arena_printf(&w->arena, "s3://%.*s/%.*s", SL(p->bucket), SL(p->key)));
	jw_obj_end(b);
	jw_obj_end(b);
	walk_next(w);
}

static struct slice waiting_words(struct walk *w, const json_t *p, int flush_size)
{
	return arena_printf(&w->arena, "waiting: %lld of %d until flush.size; %s", (long long)jint(p, "buffered_records"), flush_size, jstr(p, "waiting_for"));
}

/* A connector's status with what each of its partitions waits for. */
static bool explain(struct walk *w, const json_t *status, int flush_size)
{
	const json_t *p;
	size_t i;
	json_array_foreach(json_object_get(status, "partitions"), i, p) {
		if (!sl_eqs(w->topic, jstr(p, "topic") ? jstr(p, "topic") : "") || jint(p, "partition") != w->partition)
			continue;
		bool waits = w->offset >= jint(p, "committed_offset");
		struct buf *b = walk_hop(w, HOP_OBJECT, "connect-s3", "buffer", waits ? "waiting" : "done", waits ? waiting_words(w, p, flush_size) : S("written; which object is not kept any more"));
		jw_obj(b, "facts");
		jw_text(b, "connector", jstr(status, "name"));
		jw_int(b, "buffered_records", jint(p, "buffered_records"));
		jw_int(b, "committed_offset", jint(p, "committed_offset"));
		jw_obj_end(b);
		jw_obj_end(b);
		return true;
	}
	return false;
}

static void walk_buffer(struct walk *w, struct connect *k)
{
	bool said = false;
	for (struct connector *c = k->connectors; c && !said; c = c->next) {
		struct buf b = { 0 };
		if (!con_wants_topic(c, w->topic))
			continue;
		con_answer_status(c, "", NULL, true, &b);
		JSON_AUTO status = json_loadb(b.p, b.n, 0, NULL);
		said = explain(w, status, c->sink.flush_size);
		buf_free(&b);
	}
}

static void walk_object(struct walk *w)
{
	struct connect *k = server_state(w->s, "connect");
	const struct object_store *store = &w->env->ports->objects;
	if (w->is_stream) {
		walk_next(w);
		return;
	}
	if (!w->placed && k)
		w->placed = con_written(k, &w->arena, w->topic, w->partition, w->offset, &w->place);
	if (w->placed && store->self) {
		owed_keep(&w->waits, store->get(store->self, w->place.bucket, w->place.key, on_object, w));
		return;
	}
	if (k)
		walk_buffer(w, k);
	walk_next(w);
}

/* ---- the walk ---- */

static void walk_dataset(struct walk *w)
{
	const struct datasets *all = &w->cleaning.sets;
	for (size_t i = 0; i < all->n && w->dataset < 0; i++) {
		const char *name = w->is_stream ? all->at[i].stream : all->at[i].topic;
		if (name && sl_eqs(w->topic, name))
			w->dataset = (int64_t)i;
	}
	if (w->dataset < 0)
		w->dataset = clean_whose(&w->cleaning, w->key, w->value);
	walk_next(w);
}

/* "rds>apigateway>kafka>s3": as far as it came. */
static void add_path(const struct walk *w, struct buf *out)
{
	const char *last = "";
	for (int i = 0; i < HOP_N; i++) {
		if (!w->hops[i].n || !w->service[i] || !strcmp(last, w->service[i]))
			continue;
		/* An object says that the sink wrote it. */
		if (i == HOP_OBJECT && !strcmp(w->service[i], "s3"))
			buf_adds(out, out->n ? ">connect-s3" : "connect-s3");
		buf_addf(out, "%s%s", out->n ? ">" : "", w->service[i]);
		last = w->service[i];
	}
}

static void add_document(struct walk *w, struct slice path, struct buf *b)
{
	jw_obj(b, NULL);
	jw_str(b, "id", w->id);
	jw_bool(b, "found", w->found);
	if (!w->found)
		jw_str(b, "why", w->why);
	jw_str(b, "path", path);
	if (w->trace.n)
		jw_str(b, "trace", w->trace);
	if (w->found && !w->is_stream)
		jw_str(b, "record", arena_printf(&w->arena, "%.*s/%d/%lld", SL(w->topic), w->partition, (long long)w->offset));
	jw_list(b, "hops");
	for (int i = 0; i < HOP_N; i++)
		if (w->hops[i].n)
			jw_raw(b, NULL, buf_slice(&w->hops[i]));
	jw_list_end(b);
	jw_obj_end(b);
}

static void walk_free(struct owed *o)
{
	struct walk *w = (struct walk *)((char *)o - offsetof(struct walk, owed));
	owed_cancel_all(&w->waits);
	if (w->at && (*w->at = w->next))
		w->next->at = w->at;
	for (int i = 0; i < HOP_N; i++)
		buf_free(&w->hops[i]);
	arena_free(&w->arena);
	free(w);
}

static void walk_end(struct walk *w)
{
	struct buf path = { 0 }, b = { 0 };
	add_path(w, &path);
	add_document(w, path.n ? buf_slice(&path) : S(""), &b);
	owed_end(&w->owed);
	w->done(w->arg, w->found, path.n ? buf_slice(&path) : S(""), buf_slice(&b));
	buf_free(&path);
	buf_free(&b);
	walk_free(&w->owed);
}

void walk_next(struct walk *w)
{
	static const walk_step steps[] = { walk_find, walk_dataset, walk_row, walk_request, walk_record, walk_object, walk_clean, walk_versions, walk_questions, walk_end };
	w->step = w->step ? w->step + 1 : steps;
	(*w->step)(w);
}

void walk_not_found(struct walk *w, const char *fmt, ...)
{
	char text[512];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	w->why = arena_dup(&w->arena, sl(text));
	walk_end(w);
}

/* ---- requests to our own ports ---- */

struct asking {
	struct walk *w;
	void (*then)(struct walk *w, int status, struct slice body);
};

static void on_http(void *arg, const struct httpc_resp *resp, const struct error *err)
{
	struct asking *a = arg;
	a->then(a->w, err ? 0 : resp->status, err ? sl(NULL) : resp->body);
}

void walk_http(struct walk *w, const char *endpoint, const char *method, struct slice path, struct slice body, void (*then)(struct walk *w, int status, struct slice body))
{
	const char *base = server_endpoint(w->s, endpoint), *token = identities_token(w->env->conf);
	struct http_header h[] = { { S("X-Tarn-Trace"), S(JOURNAL_LOOKS) }, { S("X-Tarn"), S("1") },
				   { S("Authorization"), arena_printf(&w->arena, "Bearer %s", token ? token : "") } };
	struct asking *a = arena_alloc(&w->arena, sizeof(*a));
	*a = (struct asking){ w, then };
	if (!base) {
		then(w, 0, sl(NULL));
		return;
	}
	struct httpc_req req = { .method = sl(method), .url = arena_printf(&w->arena, "%s%.*s", base, SL(path)), .headers = h, .header_n = token ? 3 : 2, .body = body };
	owed_keep(&w->waits, httpc_send(w->env->httpc, &req, on_http, a));
}

/* ---- who asks ---- */

static void begin(void *arg)
{
	walk_next(arg);
}

struct owed *journey_ask(struct server *s, struct slice id, journey_done done, void *arg)
{
	struct walk *w = xcalloc(1, sizeof(*w));
	const struct env *env = server_env(s);
	struct error err;
	w->s = s;
	w->env = env;
	w->done = done;
	w->arg = arg;
	w->dataset = -1;
	w->id = arena_dup(&w->arena, id);
	owed_init(&w->owed, NULL, walk_free);
	w->at = &s->walks;
	if ((w->next = s->walks))
		w->next->at = &w->next;
	s->walks = w;
	if (cleaning_open(&w->cleaning, &w->arena, env->files, env->conf, &err))
		w->cleaning = (struct cleaning){ 0 };
	owed_keep(&w->waits, owed_after(env->loop, 0, begin, w));
	return &w->owed;
}

void journeys_end(struct server *s)
{
	while (s->walks) {
		struct walk *w = s->walks;
		owed_cancel_all(&w->waits);
		if (!w->found)
			w->why = S("the services were reset or stopped meanwhile");
		walk_end(w);
	}
}

static void on_journey(void *arg, bool found, struct slice path, struct slice json)
{
	struct http_call *call = arg;
	(void)path;
	(void)found; /* that there is none is an answer, too: a browser would call a 404 an error of the page */
	struct buf b = { 0 };
	buf_addsl(&b, json);
	control_reply(call, 200, &b);
}

void control_journey(void *self, struct http_call *call)
{
	(void)journey_ask(self, call->arg[0], on_journey, call);
}
