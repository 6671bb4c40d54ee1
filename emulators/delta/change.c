/* One commit of files added and removed: what INSERT, DELETE, UPDATE, MERGE and CREATE TABLE end in. */
#include "core/json.h"
#include "core/text.h"
#include "delta/op.h"

struct change {
	struct delta_op o;
	const struct delta_change *in;
	struct delta_snapshot *none; /* stands for a table that isn't there */
	const struct delta_snapshot *base;
	struct error err;
	int64_t now_ms, version;
	delta_commit_cb cb;
	void *arg;
};

static void release(void *arg)
{
	delta_snapshot_free(((struct change *)arg)->none);
}

static void end(struct change *op, int64_t version, bool skipped, const struct error *err)
{
	owed_end(&op->o.owed);
	op->cb(op->arg, version, skipped, err);
	delta_op_free(&op->o);
}

/* ---- may it be ---- */

/* Writer features, and what has to be so that they ask nothing of us. */
enum ask { NOTHING, NO_REMOVALS, CHECKED, NO_FIELD, OFF };
static const struct feature {
	const char *name;
	int since; /* writer version that has it without naming it; 0: none */
	enum ask ask;
	const char *key; /* property, or member of fields' metadata, that makes it matter */
} features[] = {
	{ "appendOnly", 2, NO_REMOVALS, "delta.appendOnly" },
	{ "invariants", 2, CHECKED, "delta.invariants" },
	{ "checkConstraints", 3, CHECKED, "delta.constraints." },
	{ "changeDataFeed", 4, NO_REMOVALS, "delta.enableChangeDataFeed" },
	{ "generatedColumns", 4, NO_FIELD, "delta.generationExpression" },
	{ "columnMapping", 5, NOTHING, NULL },
	{ "identityColumns", 6, NO_FIELD, "delta.identity.start" },
	{ "deletionVectors", 0, NOTHING, NULL },
	{ "timestampNtz", 0, NOTHING, NULL },
	{ "v2Checkpoint", 0, NOTHING, NULL },
	{ "vacuumProtocolCheck", 0, NOTHING, NULL },
	{ "domainMetadata", 0, NOTHING, NULL },
	{ "clustering", 0, NOTHING, NULL },
	{ "allowColumnDefaults", 0, NOTHING, NULL },
	{ "typeWidening", 0, NOTHING, NULL },
	{ "typeWidening-preview", 0, NOTHING, NULL },
	{ "inCommitTimestamp", 0, OFF, "delta.enableInCommitTimestamps" },
	{ "icebergCompatV1", 0, OFF, "delta.enableIcebergCompatV1" },
	{ "icebergCompatV2", 0, OFF, "delta.enableIcebergCompatV2" },
};

static bool fields_have(const struct sp_field *fields, size_t n, const char *key)
{
	for (size_t i = 0; i < n; i++) {
		const struct sp_type *t = fields[i].type;
		if (fields[i].metadata.p && sl_find(fields[i].metadata, sl(key)) >= 0)
			return true;
		if (t->kind == SP_STRUCT && fields_have(t->fields, t->field_n, key))
			return true;
	}
	return false;
}

static bool property_on(const struct delta_snapshot *s, const char *key)
{
	return sl_eq_nocase(delta_property(s, key), S("true"));
}

static bool constrained(const struct delta_snapshot *s, const struct feature *f)
{
	for (size_t i = 0; i < s->meta.config_n; i++)
		if (sl_starts(s->meta.config[i].key, sl(f->key)))
			return true;
	return fields_have(s->fields, s->field_n, f->key);
}

static int ask(const struct delta_snapshot *s, const struct feature *f, bool removes, bool checked, struct error *err)
{
	switch (f->ask) {
	case NOTHING:
		return 0;
	case NO_REMOVALS:
		if (!removes || !property_on(s, f->key))
			return 0;
		if (f->since == 2)
			return delta_fail(err, DELTA_E_APPEND_ONLY,
					  "This table is configured to only allow appends. If you would like to permit updates or deletes, use 'ALTER "
					  "TABLE <table_name> SET TBLPROPERTIES (delta.appendOnly=false)'.");
		break;
	case CHECKED:
		if (checked || !constrained(s, f))
			return 0;
		break;
	case NO_FIELD:
		if (!fields_have(s->fields, s->field_n, f->key))
			return 0;
		break;
	case OFF:
		if (!property_on(s, f->key))
			return 0;
		break;
	}
	return delta_fail(err, DELTA_E_FEATURES_WRITE,
			  "Unsupported Delta write feature: the table requires writer table feature(s) that are unsupported by this version of tarn: %s.",
			  f->name);
}

static int ask_named(const struct delta_snapshot *s, struct slice name, bool removes, bool checked, struct error *err)
{
	for (size_t i = 0; i < ARRAY_LEN(features); i++)
		if (sl_eqs(name, features[i].name))
			return ask(s, &features[i], removes, checked, err);
	return delta_fail(err, DELTA_E_FEATURES_WRITE,
			  "Unsupported Delta write feature: the table requires writer table feature(s) that are unsupported by this version of tarn: %.*s.",
			  SL(name));
}

int delta_change_check(const struct delta_snapshot *s, bool removes, bool constraints_checked, struct error *err)
{
	const struct delta_protocol *p = &s->protocol;
	int rc = 0;
	if (p->writer > 7)
		return delta_fail(err, DELTA_E_PROTOCOL,
				  "Unsupported Delta protocol version: table requires reader version %d and writer version %d, but this version of "
				  "tarn supports reader versions 1, 2, 3 and writer versions 1, 2, 3, 4, 5, 6, 7.", p->reader, p->writer);
	for (size_t i = 0; p->writer == 7 && i < p->writer_feature_n && rc == 0; i++)
		rc = ask_named(s, p->writer_features[i], removes, constraints_checked, err);
	for (size_t i = 0; p->writer < 7 && i < ARRAY_LEN(features) && rc == 0; i++)
		if (features[i].since && features[i].since <= p->writer)
			rc = ask(s, &features[i], removes, constraints_checked, err);
	return rc;
}

/* ---- the protocol of a new table ---- */

static bool type_has(const struct sp_type *t, enum sp_kind kind)
{
	bool has = t->kind == kind || (t->key && type_has(t->key, kind)) || (t->item && type_has(t->item, kind));
	for (size_t i = 0; i < t->field_n && !has; i++)
		has = type_has(t->fields[i].type, kind);
	return has;
}

static bool meta_on(const struct delta_meta *m, const char *key)
{
	for (size_t i = 0; i < m->config_n; i++)
		if (sl_eqs(m->config[i].key, key))
			return sl_eq_nocase(m->config[i].value, S("true"));
	return false;
}

static int new_protocol(struct arena *a, const struct delta_meta *m, struct delta_protocol *p, struct error *err)
{
	struct sp_field *fields;
	size_t n;
	int rc = delta_fields_parse(a, m->schema_text, &fields, &n, err);
	bool local = false, vectors = meta_on(m, "delta.enableDeletionVectors");
	*p = (struct delta_protocol){ .reader = 1, .writer = 2 };
	if (rc)
		return rc;
	for (size_t i = 0; i < n; i++)
		local |= type_has(fields[i].type, SP_TIMESTAMP_NTZ);
	if (meta_on(m, "delta.enableChangeDataFeed"))
		p->writer = 4;
	if (!local && !vectors)
		return 0;
	p->reader_features = arena_alloc(a, 2 * sizeof(*p->reader_features));
	p->writer_features = arena_alloc(a, 7 * sizeof(*p->writer_features));
	if (vectors)
		p->reader_features[p->reader_feature_n++] = S("deletionVectors");
	if (local)
		p->reader_features[p->reader_feature_n++] = S("timestampNtz");
	memcpy(p->writer_features, p->reader_features, p->reader_feature_n * sizeof(*p->writer_features));
	p->writer_feature_n = p->reader_feature_n;
	p->writer_features[p->writer_feature_n++] = S("appendOnly");
	p->writer_features[p->writer_feature_n++] = S("invariants");
	if (p->writer == 4)
		p->writer_features[p->writer_feature_n++] = S("changeDataFeed");
	p->reader = 3;
	p->writer = 7;
	return 0;
}

/* ---- the entry ---- */

static int put_removes(struct buf *b, const struct change *op, struct error *err)
{
	for (size_t i = 0; i < op->in->remove_n; i++) {
		const struct delta_file *f = delta_snapshot_file(op->base, op->in->removes[i]);
		struct delta_file gone;
		if (!f || !f->live)
			return err_set(err, ERR_INTERNAL, "the snapshot has no file %.*s", SL(op->in->removes[i]));
		gone = *f;
		gone.deleted_ms = op->in->now_ms;
		gone.data_change = !op->in->rearranges;
		delta_put_remove(b, &gone);
	}
	return 0;
}

static int put_entry(struct buf *b, struct change *op, struct error *err)
{
	const struct delta_change *in = op->in;
	struct delta_info info = { .now_ms = in->now_ms, .read_version = op->base->version, .operation = in->operation,
				   .parameters = in->parameters.p ? in->parameters : S("{}"), .metrics = in->metrics.p ? in->metrics : S("{}"),
				   .user = in->user, .blind = !in->remove_n && !in->reads_all };
	struct delta_protocol protocol;
	int rc = 0;
	delta_put_info(b, &info, &op->o.p, in->add_n ? in->adds[0].path : S(""));
	if (op->base->version < 0) {
		rc = new_protocol(&op->o.p.arena, in->meta, &protocol, err);
		if (rc)
			return rc;
		delta_put_protocol(b, &protocol);
	}
	if (in->meta)
		delta_put_meta(b, in->meta);
	if (in->app.p) {
		struct delta_txn txn = { in->app, in->app_version, in->now_ms };
		delta_put_txn(b, &txn);
	}
	rc = put_removes(b, op, err);
	for (size_t i = 0; i < in->add_n && rc == 0; i++) {
		struct delta_file f = in->adds[i];
		f.data_change = !in->rearranges;
		delta_put_add(b, &f);
	}
	return rc;
}

static void on_checkpointed(void *arg)
{
	struct change *op = arg;
	end(op, op->version, false, NULL);
}

static void on_committed(void *arg, int64_t version, bool skipped, const struct error *err)
{
	struct change *op = arg;
	op->version = version;
	if (err || skipped || !delta_checkpoint_due(op->base, version))
		end(op, version, skipped, err);
	else
		delta_checkpoint_at(&op->o, version, op->now_ms, on_checkpointed);
}

static void no_work(void *arg)
{
}

static void refuse(void *arg)
{
	struct change *op = arg;
	end(op, -1, false, &op->err);
}

struct owed *delta_change(const struct delta_table *t, const struct delta_change *in, delta_commit_cb cb, void *arg)
{
	struct change *op = delta_op_new(sizeof(*op), t, release);
	struct delta_commit c = { .app = in->app, .app_version = in->app_version, .reads_all = in->reads_all, .appends_pass = true, .reads = in->removes,
				  .read_n = in->remove_n };
	struct buf text = { 0 };
	int rc = 0;
	op->in = in;
	op->now_ms = in->now_ms;
	op->cb = cb;
	op->arg = arg;
	op->base = in->base ? in->base : (op->none = delta_snapshot_new());
	if (op->base->version >= 0)
		rc = delta_change_check(op->base, in->remove_n && !in->rearranges, in->constraints_checked, &op->err);
	else if (!in->meta)
		rc = err_set(&op->err, ERR_INTERNAL, "a new table needs metadata");
	if (rc == 0)
		rc = put_entry(&text, op, &op->err);
	c.base = op->base;
	c.text = buf_slice(&text);
	if (rc)
		delta_job(&op->o, no_work, refuse);
	else
		delta_step(&op->o, delta_commit(&op->o.p.table, &c, on_committed, op));
	buf_free(&text);
	return &op->o.owed;
}

struct delta_meta delta_meta_new(struct arena *a, const struct delta_table *t, const struct sp_field *fields, size_t n,
				 const struct slice *partition, size_t partition_n, int64_t now_ms, struct slice seed)
{
	struct delta_meta m = { .created_ms = now_ms, .partition_n = partition_n };
	struct buf b = { 0 };
	char id[37];
	buf_addf(&b, "table|%.*s|%.*s|%lld|%.*s", SL(t->bucket), SL(t->path), (long long)now_ms, SL(seed));
	delta_uuid(buf_slice(&b), id);
	buf_free(&b);
	m.id = arena_dup(a, sl(id));
	m.schema_text = delta_fields_text(a, fields, n);
	m.partition = arena_alloc(a, (partition_n + 1) * sizeof(*m.partition));
	for (size_t i = 0; i < partition_n; i++)
		m.partition[i] = arena_dup(a, partition[i]);
	return m;
}
