/* jobs.db: what an older release wrote is there, in its order; what is written comes back. */
#include "databricks/databricks.h"
#include "env.h"

static void setup(void)
{
	env_open("databricks");
	env_folder();
}

static struct databricks *open_workspace(void)
{
	struct databricks *j = xcalloc(1, sizeof(*j));
	struct error err = { 0 };
	ck_assert_msg(databricks_service.open(j, &env, &err) == 0, "%s", err.text);
	return j;
}

static void close_workspace(struct databricks *j)
{
	struct error err = { 0 };
	ck_assert_msg(!databricks_service.dirty(j) || databricks_service.commit(j, &err) == 0, "%s", err.text);
	databricks_service.close(j);
	free(j);
}

#define RUN(id, task) "{\"run_id\":" id ",\"job_id\":1,\"number\":" id ",\"name\":\"r\",\"type\":\"JOB_RUN\",\"settings\":{}," \
	"\"multi\":false,\"life\":3,\"result\":1,\"start\":5,\"end\":9," \
	"\"tasks\":[{\"run_id\":" task ",\"key\":\"t\",\"spec\":{},\"life\":3,\"result\":1}]}"

static void written_before(void)
{
	static const char *const old[] = {
		"CREATE TABLE docs (kind TEXT NOT NULL, id INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (kind, id)) STRICT, WITHOUT ROWID",
	};
	struct db db;
	struct error err = { 0 };
	ck_assert_msg(db_open(&db, &env, "jobs", old, ARRAY_LEN(old), NULL, 0, &err) == 0, "%s", err.text);
	ck_assert_int_eq(db_exec(&db, "INSERT INTO docs VALUES ('job', 1, '{\"settings\":{\"name\":\"nightly\"},\"created\":7}'),"
				      " ('job', 12, '{\"settings\":{\"name\":\"late\"},\"created\":8}'),"
				      " ('run', 2, '" RUN("2", "3") "'), ('run', 10, '" RUN("10", "11") "'),"
				      " ('last', 0, '{\"id\":12,\"statement\":4}')", &err), 0);
	db_close(&db);
}

START_TEST(an_older_folder_opens)
{
	for (int turn = 0; turn < 2; turn++) {
		if (turn == 0)
			written_before();
		struct databricks *j = open_workspace();
		ck_assert_uint_eq(j->job_n, 2);
		ck_assert_int_eq(j->jobs->job_id, 12);
		ck_assert_int_eq(j->jobs->next->created_ms, 7);
		ck_assert_uint_eq(j->run_n, 2);
		ck_assert_int_eq(j->runs->run_id, 10);
		ck_assert_int_eq(j->runs->next->run_id, 2);
		ck_assert_int_eq(j->runs->next->tasks[0].run_id, 3);
		ck_assert_int_eq(j->last_id, 12);
		ck_assert_int_eq(j->last_statement, 4);
		close_workspace(j);
	}
}
END_TEST

/* Two that begin in one tick are written together: the newest is still the first. */
START_TEST(runs_keep_their_order)
{
	struct databricks *j = open_workspace();
	struct error err = { 0 };
	struct dbx_run *r;
	json_t *settings = json_pack("{s:{s:s}, s:{}}", "notebook_task", "notebook_path", "/none", "new_cluster");
	for (int i = 0; i < 3; i++)
		ck_assert_msg(dbx_start(j, 0, "SUBMIT_RUN", settings, NULL, NULL, &r, &err) == 0, "%s", err.text);
	int64_t newest = r->run_id;
	json_decref(settings);
	close_workspace(j);
	j = open_workspace();
	ck_assert_uint_eq(j->run_n, 3);
	ck_assert_int_eq(j->runs->run_id, newest);
	for (r = j->runs; r->next; r = r->next)
		ck_assert_int_gt(r->run_id, r->next->run_id);
	ck_assert_int_eq(j->runs->life, DBX_INTERNAL_ERROR); /* its cluster went with the process */
	close_workspace(j);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("workspace store");
	TCase *t = tcase_create("store");
	tcase_add_checked_fixture(t, setup, env_close);
	tcase_add_test(t, an_older_folder_opens);
	tcase_add_test(t, runs_keep_their_order);
	suite_add_tcase(s, t);
	return run_suite(s);
}
