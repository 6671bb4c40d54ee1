/* Access control lists and quotas in kafka.db. They change seldom: statements are made when they are needed. */
#include "kafka/acl.h"
#include "kafka/quota.h"

int kfk_store_acl(struct db *db, const struct kfk_acl *acl, bool add, struct error *err)
{
	sqlite3_stmt *st = NULL;
	const int numbers[] = { acl->resource, acl->pattern, acl->operation, acl->permission };
	const struct slice texts[] = { acl->name, acl->principal, acl->host };
	int rc = db_prepare(db, add ? "INSERT OR IGNORE INTO acls (resource, pattern, operation, permission, name, principal, host) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"
				    : "DELETE FROM acls WHERE resource = ?1 AND pattern = ?2 AND operation = ?3 AND permission = ?4 AND name = ?5"
				      " AND principal = ?6 AND host = ?7",
			    &st, err);
	if (rc)
		return rc;
	for (int i = 0; i < 4; i++)
		sqlite3_bind_int(st, i + 1, numbers[i]);
	for (int i = 0; i < 3; i++)
		db_bind(st, i + 5, texts[i]);
	if (!(rc = db_begin(db, err)))
		rc = db_run(db, st, err);
	sqlite3_finalize(st);
	return rc;
}

int kfk_store_acls(struct db *db, kfk_acl_fn each, void *arg, struct error *err)
{
	sqlite3_stmt *st = NULL;
	int rc = db_prepare(db, "SELECT resource, pattern, operation, permission, name, principal, host FROM acls", &st, err);
	if (rc)
		return rc;
	while ((rc = sqlite3_step(st)) == SQLITE_ROW) {
		struct kfk_acl acl = { (int8_t)sqlite3_column_int(st, 0), (int8_t)sqlite3_column_int(st, 1), (int8_t)sqlite3_column_int(st, 2),
				       (int8_t)sqlite3_column_int(st, 3), db_text(st, 4), db_text(st, 5), db_text(st, 6) };
		each(arg, &acl);
	}
	rc = rc == SQLITE_DONE ? 0 : db_error(db, err);
	sqlite3_finalize(st);
	return rc;
}

int kfk_store_quota(struct db *db, const char *entity, const char *name, const double *value, struct error *err)
{
	sqlite3_stmt *st = NULL;
	int rc = db_prepare(db, value ? "INSERT OR REPLACE INTO quotas (entity, name, value) VALUES (?1, ?2, ?3)" : "DELETE FROM quotas WHERE entity = ?1 AND name = ?2",
			    &st, err);
	if (rc)
		return rc;
	db_bind(st, 1, sl(entity));
	db_bind(st, 2, sl(name));
	if (value)
		sqlite3_bind_double(st, 3, *value);
	if (!(rc = db_begin(db, err)))
		rc = db_run(db, st, err);
	sqlite3_finalize(st);
	return rc;
}

int kfk_store_quotas(struct db *db, kfk_quota_fn each, void *arg, struct error *err)
{
	sqlite3_stmt *st = NULL;
	int rc = db_prepare(db, "SELECT entity, name, value FROM quotas ORDER BY entity, name", &st, err);
	if (rc)
		return rc;
	while ((rc = sqlite3_step(st)) == SQLITE_ROW)
		each(arg, db_text(st, 0), db_text(st, 1), sqlite3_column_double(st, 2));
	rc = rc == SQLITE_DONE ? 0 : db_error(db, err);
	sqlite3_finalize(st);
	return rc;
}
