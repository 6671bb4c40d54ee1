/* Mounts: which paths lead where, what can't be mounted, what survives a restart. */
#include "databricks/databricks.h"
#include "env.h"

static struct dbx_mounts m;
static const struct ports ports = { .paths = { &m, dbx_mounts_find } };
static struct arena a;

static void open_mounts(void)
{
	struct error err = { 0 };
	ck_assert_msg(dbx_mounts_open(&m, &env, &err) == 0, "%s", err.text);
}

static int mount(const char *source, const char *point, struct error *err)
{
	struct dbx_mounting p;
	*err = (struct error){ 0 };
	int rc = dbx_mounts_check(&m, &a, sl(source), sl(point), &p, err);
	return rc ? rc : dbx_mounts_add(&m, &p, err);
}

static void setup(void)
{
	env_open("mounts");
	env_folder();
	conf_set(env_conf, "mounts", "/mnt/conf", "s3a://conf-bucket/deep/er/");
	open_mounts();
}

static void teardown(void)
{
	dbx_mounts_close(&m);
	env_close();
	arena_free(&a);
}

static const struct {
	const char *path, *bucket, *key; /* bucket NULL: key is the error */
} paths[] = {
	{ "/mnt/one/topics", "bucket-1", "topics" },
	{ "/mnt/one", "bucket-1", "" },
	{ "/mnt/one/", "bucket-1", "" },
	{ "dbfs:/mnt/one/topics/", "bucket-1", "topics" },
	{ "dbfs:///mnt/one/a", "bucket-1", "a" },
	{ "/dbfs/mnt/one/a/b.json", "bucket-1", "a/b.json" },
	{ "/mnt/conf/x", "conf-bucket", "deep/er/x" },
	{ "/mnt/conf", "conf-bucket", "deep/er" },
	{ "s3a://b2/topics", "b2", "topics" },
	{ "s3n://AKIA:sec%2Fret@b2/topics/", "b2", "topics" },
	{ "s3://b2", "b2", "" },
	{ "/mnt/oneX", "user-student-bucket", "dbfs/mnt/oneX" },
	{ "dbfs:/mnt/two/topics", "user-student-bucket", "dbfs/mnt/two/topics" },
	{ "/tmp/x", "user-student-bucket", "dbfs/tmp/x" },
	{ "dbfs:/FileStore/tables/a.csv", "user-student-bucket", "dbfs/FileStore/tables/a.csv" },
	{ "/", "user-student-bucket", "dbfs" },
	{ "/mnt", "user-student-bucket", "dbfs/mnt" },
	{ "dbfs:/user/hive/warehouse/pin", "user-student-bucket", "tables/pin" },
	{ "/user/hive/warehouse", "user-student-bucket", "tables" },
	{ "/user/hive/warehouses", "user-student-bucket", "dbfs/user/hive/warehouses" },
	{ "mnt/one", NULL, "java.lang.IllegalArgumentException: not a path of S3 or DBFS: mnt/one" },
	{ "", NULL, "java.lang.IllegalArgumentException: not a path of S3 or DBFS: " },
	{ "s3a://AKIA:sec/ret@b2/topics", NULL,
	  "java.lang.NullPointerException: null uri host. This can be caused by unencoded / in the password string" },
	{ "s3a://AKIA@b2/x", NULL,
	  "java.lang.IllegalArgumentException: AWS Access Key ID and Secret Access Key must be specified as the username or password "
	  "(respectively) of a s3a URL" },
	{ "s3a:///x", NULL, "java.lang.IllegalArgumentException: no bucket in the path s3a:///x" },
	{ "s3a://b 2/x", NULL, "java.lang.IllegalArgumentException: no bucket in the path s3a://b 2/x" },
};

START_TEST(resolves)
{
	struct error err;
	struct object_path p;
	ck_assert_int_eq(mount("s3n://KEY:SECRET@bucket-1", "/mnt/one", &err), 0);
	int rc = path_resolve(&ports, &a, sl(paths[_i].path), &p, &err);
	if (!paths[_i].bucket) {
		ck_assert_int_ne(rc, 0);
		ck_assert_str_eq(err.text, paths[_i].key);
		return;
	}
	ck_assert_msg(rc == 0, "%s: %s", paths[_i].path, err.text);
	ck_assert_str_eq(arena_cstr(&a, p.bucket), paths[_i].bucket);
	ck_assert_str_eq(arena_cstr(&a, p.key), paths[_i].key);
}
END_TEST

/* Without a workspace in the process: what names its bucket leads there all the same. */
START_TEST(resolves_without_mounts)
{
	const struct ports none = { 0 };
	struct error err;
	struct object_path p;
	ck_assert_int_eq(path_resolve(&none, &a, S("s3a://K:S@b2/x/"), &p, &err), 0);
	ck_assert(sl_eqs(p.bucket, "b2") && sl_eqs(p.key, "x"));
	ck_assert_int_eq(path_resolve(&none, &a, S("dbfs:/mnt/conf/x"), &p, &err), ERR_NOT_FOUND);
	ck_assert_str_eq(err.text, "[PATH_NOT_FOUND] Path does not exist: dbfs:/mnt/conf/x. (databricks, which keeps the mounts, "
				   "doesn't run here)");
}
END_TEST

static const struct {
	const char *source, *point;
	int kind;
	const char *error;
} refused[] = {
	{ "s3a://b2", "/mnt/conf", ERR_CONFLICT,
	  "java.rmi.RemoteException: java.lang.IllegalArgumentException: requirement failed: Directory already mounted: /mnt/conf; nested "
	  "exception is: \n\tjava.lang.IllegalArgumentException: requirement failed: Directory already mounted: /mnt/conf" },
	{ "s3a://b2", "dbfs:/mnt/conf/", ERR_CONFLICT, "Directory already mounted: /mnt/conf;" },
	{ "s3a://b2", "/mnt/conf/below", ERR_CONFLICT, "nested mounts are not supported" },
	{ "s3a://b2", "/mnt", ERR_CONFLICT, "nested mounts are not supported" },
	{ "s3a://b2", "/", ERR_INVALID, "a mount point is a path" },
	{ "s3a://b2", "mnt/x", ERR_INVALID, "a mount point is a path" },
	{ "gs://b2", "/mnt/x", ERR_INVALID, "not a path of S3" },
	{ "s3n://AKIA:a/b@b2", "/mnt/x", ERR_INVALID, "unencoded / in the password string" },
};

START_TEST(refuses)
{
	struct error err;
	ck_assert_int_eq(mount(refused[_i].source, refused[_i].point, &err), refused[_i].kind);
	ck_assert_msg(strstr(err.text, refused[_i].error) != NULL, "%s", err.text);
	ck_assert_uint_eq(m.n, 1);
}
END_TEST

START_TEST(lives_on)
{
	struct error err;
	ck_assert_int_eq(mount("s3n://KEY:SECRET@bucket-1/f", "/mnt/one", &err), 0);
	ck_assert_int_eq(mount("s3a://bucket-0", "/mnt/a", &err), 0);
	ck_assert_int_eq(dbx_mounts_remove(&m, S("/mnt/a"), &err), 0);
	ck_assert(m.db.in_tx); /* all of a tick at its end */
	ck_assert_int_eq(db_commit(&m.db, &err), 0);
	dbx_mounts_close(&m);
	open_mounts();
	ck_assert_uint_eq(m.n, 2);
	ck_assert_str_eq(m.rows[0].point, "/mnt/conf");
	ck_assert_str_eq(m.rows[1].point, "/mnt/one");
	ck_assert_str_eq(m.rows[1].source, "s3n://bucket-1/f"); /* without the keys */
	ck_assert_int_eq(mount("s3a://b2", "/mnt/one", &err), ERR_CONFLICT);
}
END_TEST

START_TEST(unmounts)
{
	struct error err;
	ck_assert_int_eq(dbx_mounts_remove(&m, S("dbfs:/mnt/conf/"), &err), 0);
	ck_assert_int_eq(dbx_mounts_remove(&m, S("/mnt/conf"), &err), ERR_NOT_FOUND);
	ck_assert_str_eq(err.text, "java.rmi.RemoteException: java.lang.IllegalArgumentException: requirement failed: Directory not mounted: "
				   "/mnt/conf; nested exception is: \n\tjava.lang.IllegalArgumentException: requirement failed: Directory "
				   "not mounted: /mnt/conf");
	ck_assert_int_eq(mount("s3a://b2", "/mnt/conf", &err), 0);
}
END_TEST

START_TEST(a_wrong_line_in_conf)
{
	struct error err = { 0 };
	dbx_mounts_close(&m);
	conf_set(env_conf, "mounts", "/mnt/conf", "s3a://K:a/b@bucket");
	ck_assert_int_eq(dbx_mounts_open(&m, &env, &err), ERR_INVALID);
	ck_assert_str_eq(err.text, "[mounts] /mnt/conf: java.lang.NullPointerException: null uri host. This can be caused by unencoded / in "
				   "the password string");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("mounts");
	TCase *t = tcase_create("mounts");
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, resolves, 0, ARRAY_LEN(paths));
	tcase_add_test(t, resolves_without_mounts);
	tcase_add_loop_test(t, refuses, 0, ARRAY_LEN(refused));
	tcase_add_test(t, lives_on);
	tcase_add_test(t, unmounts);
	tcase_add_test(t, a_wrong_line_in_conf);
	suite_add_tcase(s, t);
	return run_suite(s);
}
