/* The Python of notebooks, unpacked: once, whole, where only its user writes. */
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "databricks/python.h"
#include "env.h"

static char *folder;

static void setup(void)
{
	env_open("python");
	env_folder();
	folder = xasprintf("%s/cache", env.dir);
	setenv("XDG_CACHE_HOME", folder, 1);
	setenv("TMPDIR", env.dir, 1);
}

static void teardown(void)
{
	free(folder);
	env_close();
}

static char *unpack(void)
{
	struct error err = { 0 };
	char *path = NULL;
	ck_assert_msg(dbx_python_unpack(&path, &err) == 0, "%s", err.text);
	return path;
}

static off_t size_of(const char *dir, const char *name, struct timespec *when)
{
	char *path = xasprintf("%s/%s", dir, name);
	struct stat st = { 0 };
	off_t size = stat(path, &st) ? -1 : st.st_size;
	if (when)
		*when = st.st_mtim;
	free(path);
	return size;
}

START_TEST(once)
{
	struct timespec first, second;
	char *path = unpack();
	ck_assert(!strncmp(path, folder, strlen(folder)) && strstr(path, "/tarn/python-"));
	ck_assert_int_gt(size_of(path, "kernel/tarn_client.py", &first), 1000);
	ck_assert_int_gt(size_of(path, "standin/pyspark/sql/session.py", NULL), 1000);
	char *again = unpack();
	ck_assert_str_eq(path, again);
	ck_assert_int_gt(size_of(path, "kernel/tarn_client.py", &second), 1000);
	ck_assert(first.tv_sec == second.tv_sec && first.tv_nsec == second.tv_nsec);
	free(path);
	free(again);
}
END_TEST

START_TEST(mends)
{
	char *path = unpack(), *file = xasprintf("%s/kernel/tarn_main.py", path);
	off_t size = size_of(path, "kernel/tarn_main.py", NULL);
	ck_assert_int_eq(truncate(file, 3), 0);
	free(unpack());
	ck_assert_int_eq(size_of(path, "kernel/tarn_main.py", NULL), size);
	ck_assert_int_eq(unlink(file), 0);
	free(unpack());
	ck_assert_int_eq(size_of(path, "kernel/tarn_main.py", NULL), size);
	free(file);
	free(path);
}
END_TEST

START_TEST(elsewhere)
{
	char *tarn = xasprintf("%s/tarn", folder), *instead = xasprintf("%s/tarn-python-%d/python-", env.dir, (int)getuid());
	ck_assert(!mkdir(folder, 0755) || errno == EEXIST);
	ck_assert(!mkdir(tarn, 0755) || errno == EEXIST);
	ck_assert_int_eq(chmod(tarn, 0777), 0); /* others may put programs there */
	char *path = unpack();
	ck_assert_msg(!strncmp(path, instead, strlen(instead)), "%s", path);
	ck_assert_int_eq(chmod(tarn, 0755), 0);
	free(path);
	free(instead);
	free(tarn);
}
END_TEST

START_TEST(paths)
{
	char *all = dbx_python_path("/x", true, "/y:/z"), *real = dbx_python_path("/x", false, "");
	ck_assert_str_eq(all, "/x/kernel:/x/standin:/y:/z");
	ck_assert_str_eq(real, "/x/kernel");
	free(all);
	free(real);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("python");
	TCase *t = tcase_create("python");
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, once);
	tcase_add_test(t, mends);
	tcase_add_test(t, elsewhere);
	tcase_add_test(t, paths);
	suite_add_tcase(s, t);
	return run_suite(s);
}
