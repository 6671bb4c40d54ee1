/* Topics as tables, for one statement: temporary tables of its session. */
#include "lake/store_file.h"

#include <jansson.h>

static int run(const struct lake_session *x, struct buf *sql, struct error *err)
{
	int rc = sqlite3_exec(x->h, buf_cstr(sql), NULL, NULL, NULL);
	buf_free(sql);
	return rc ? lake_session_failed(x, err) : 0;
}

int lake_store_raw_begin(struct lake_session *x, struct slice name, struct error *err)
{
	struct buf sql = { 0 };
	int rc = lake_session_open(x, err);
	if (rc)
		return rc;
	x->raw_n++;
	buf_addf(&sql, "CREATE TEMP TABLE tarn_raw_%zu(object_key TEXT, line INTEGER, json TEXT, record TEXT)", x->raw_n);
	rc = run(x, &sql, err);
	if (rc)
		return rc;
	sqlite3_finalize(x->raw);
	x->raw = NULL;
	buf_addf(&sql, "INSERT INTO tarn_raw_%zu VALUES(?,?,?,?)", x->raw_n);
	rc = sqlite3_prepare_v2(x->h, buf_cstr(&sql), -1, &x->raw, NULL);
	buf_free(&sql);
	return rc ? lake_session_failed(x, err) : 0;
}

static int insert(struct lake_session *x, struct slice key, size_t line, struct slice json, struct slice record, struct error *err)
{
	struct buf hex = { 0 };
	if (!sl_is_utf8(record) || sl_chr(record, '\0') >= 0) {
		buf_hex(&hex, record.p, record.n);
		record = buf_slice(&hex);
	}
	db_bind(x->raw, 1, key);
	sqlite3_bind_int64(x->raw, 2, (sqlite3_int64)line);
	db_bind(x->raw, 3, json);
	db_bind(x->raw, 4, record);
	int rc = sqlite3_step(x->raw);
	sqlite3_reset(x->raw);
	sqlite3_clear_bindings(x->raw);
	buf_free(&hex);
	return rc == SQLITE_DONE ? 0 : lake_session_failed(x, err);
}

/* A line is a record, or an array of them: then each is a row. */
static int add_line(struct lake_session *x, struct slice key, size_t line, struct slice text, struct error *err)
{
	json_t *root = json_loadb(text.p, text.n, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
	int rc = 0;
	if (!json_is_array(root)) {
		rc = insert(x, key, line, json_is_object(root) ? text : sl(NULL), text, err);
	} else {
		for (size_t i = 0; !rc && i < json_array_size(root); i++) {
			const json_t *item = json_array_get(root, i);
			char *dump = json_dumps(item, JSON_ENCODE_ANY | JSON_COMPACT);
			rc = insert(x, key, line, json_is_object(item) ? sl(dump) : sl(NULL), sl(dump), err);
			free(dump);
		}
	}
	json_decref(root);
	return rc;
}

int lake_store_raw_add(struct lake_session *x, struct slice key, struct slice body, struct error *err)
{
	struct slice rest = body, line;
	int rc = 0;
	x->raw_bytes += body.n;
	if (x->raw_bytes > LAKE_RAW_BYTES)
		return err_set(err, ERR_LIMIT, "the topics of the statement have more than %d bytes", LAKE_RAW_BYTES);
	if (sqlite3_exec(x->h, "BEGIN", NULL, NULL, NULL))
		return lake_session_failed(x, err);
	for (size_t no = 1; !rc && rest.p && rest.n && !x->stop; no++) {
		sl_cut(rest, '\n', &line, &rest);
		if (sl_trim(line).n)
			rc = add_line(x, key, no, sl_trim(line), err);
	}
	if (sqlite3_exec(x->h, rc ? "ROLLBACK" : "COMMIT", NULL, NULL, NULL) && !rc)
		rc = lake_session_failed(x, err);
	return rc;
}

/* Columns in the order of their names, as Spark infers them. */
static int add_columns(struct lake_session *x, struct buf *view, struct error *err)
{
	struct buf sql = { 0 };
	sqlite3_stmt *st = NULL;
	buf_addf(&sql, "SELECT DISTINCT key FROM tarn_raw_%zu r, json_each(r.json) WHERE r.json IS NOT NULL ORDER BY key LIMIT %d",
		 x->raw_n, LAKE_RAW_KEYS);
	int rc = sqlite3_prepare_v2(x->h, buf_cstr(&sql), -1, &st, NULL);
	buf_free(&sql);
	while (!rc && (rc = sqlite3_step(st)) == SQLITE_ROW) {
		struct slice key = db_text(st, 0);
		rc = 0;
		/* A path has no way to say these; the record has the value. */
		if (!key.n || sl_chr(key, '"') >= 0 || sl_chr(key, '\'') >= 0 || sl_chr(key, '\\') >= 0)
			continue;
		buf_addf(view, "json->>'$.\"%.*s\"' AS ", SL(key));
		lake_quote(view, key, '\"');
		buf_adds(view, ", ");
	}
	sqlite3_finalize(st);
	return rc == SQLITE_DONE ? 0 : lake_session_failed(x, err);
}

int lake_store_raw_end(struct lake_session *x, struct slice name, struct error *err)
{
	struct buf sql = { 0 };
	buf_adds(&sql, "CREATE TEMP VIEW ");
	lake_quote(&sql, name, '\"');
	buf_adds(&sql, " AS SELECT ");
	int rc = add_columns(x, &sql, err);
	buf_addf(&sql, "object_key AS _object_key, line AS _line, record AS _record FROM tarn_raw_%zu", x->raw_n);
	if (!rc)
		return run(x, &sql, err);
	buf_free(&sql);
	return rc;
}
