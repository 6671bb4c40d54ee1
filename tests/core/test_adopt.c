/* Which names are like the stack's, what is made of them once, and what stays away: core/adopt.h; names in texts: core/text.h. */
#include "env.h"

#include "core/adopt.h"
#include "core/text.h"

static char made[1024];

static int on_make(void *self, struct slice name, const char *like, struct error *err)
{
	size_t n = strlen(made);
	snprintf(made + n, sizeof(made) - n, "%s%s:%.*s<%s", n ? " " : "", (const char *)self, SL(name), like);
	return sl_starts(name, S("bad")) ? err_set(err, ERR_INVALID, "no") : 0;
}

static struct adopt *begin(void)
{
	struct adopt *a;
	struct error err;
	made[0] = '\0';
	env_open("adopt");
	conf_set(env_conf, "stack", "adopt", "on");
	conf_set(env_conf, "stack", "user", "0affea73130b");
	conf_set(env_conf, "adopt", "user", "[0-9a-f]{12}");
	conf_set(env_conf, "topics", "0affea73130b.a", "1");
	conf_set(env_conf, "topics", "log", "1");
	conf_set(env_conf, "streams", "streaming-0affea73130b-a", "2");
	conf_set(env_conf, "buckets", "user-0affea73130b-bucket", "");
	conf_set(env_conf, "adopt.streams", "Shared", "streaming-0affea73130b-a");
	ck_assert_int_eq(adopt_open(&env, &a, &err), 0);
	ck_assert_ptr_nonnull(a);
	adopt_by(a, &(struct adopt_hook){ "topics", on_make, "topic" });
	adopt_by(a, &(struct adopt_hook){ "streams", on_make, "stream" });
	adopt_by(a, &(struct adopt_hook){ "buckets", on_make, "bucket" });
	adopt_by(a, &(struct adopt_hook){ "users", on_make, "user" });
	return a;
}

static const struct {
	const char *section, *name;
	bool is;
	const char *made;
} names[] = {
	{ "topics", "12ab34cd56ef.a", true, "user:12ab34cd56ef<0affea73130b topic:12ab34cd56ef.a<0affea73130b.a" },
	{ "topics", "12ab34cd56ef.other", false, "user:12ab34cd56ef<0affea73130b" },
	{ "topics", "12ab34cd56ef", false, "user:12ab34cd56ef<0affea73130b" },
	{ "topics", "12AB34cd56ef.a", false, "" },
	{ "topics", "12ab34cd56e.a", false, "" },
	{ "topics", "012ab34cd56ef.a", false, "" },
	{ "topics", "0affea73130b.b", false, "" },
	{ "topics", "x.12ab34cd56ef.a", false, "" },
	{ "streams", "streaming-12ab34cd56ef-a", true, "user:12ab34cd56ef<0affea73130b stream:streaming-12ab34cd56ef-a<streaming-0affea73130b-a" },
	{ "streams", "Shared", true, "stream:Shared<streaming-0affea73130b-a" },
	{ "streams", "shared", false, "" },
	{ "buckets", "user-12ab34cd56ef-bucket", true, "user:12ab34cd56ef<0affea73130b bucket:user-12ab34cd56ef-bucket<user-0affea73130b-bucket" },
	{ "buckets", "user-12ab34cd56ef-bucketx", false, "" },
	{ "buckets", "user--bucket", false, "" },
	{ "buckets", "", false, "" },
};

START_TEST(names_that_are_like)
{
	struct adopt *a = begin();
	ck_assert_int_eq(adopt_name(a, names[_i].section, sl(names[_i].name)), names[_i].is);
	ck_assert_str_eq(made, names[_i].made);
	adopt_close(a);
	env_close();
}
END_TEST

START_TEST(once_and_no_more)
{
	struct adopt *a = begin();
	struct adopted one;
	ck_assert(adopt_name(a, "streams", S("Shared")));
	ck_assert(!adopt_name(a, "streams", S("Shared"))); /* it was deleted since */
	adopt_gone(a, "streams", S("streaming-12ab34cd56ef-a"));
	ck_assert(!adopt_name(a, "streams", S("streaming-12ab34cd56ef-a")));
	adopt_user_of(a, "topics", S("aaaaaaaaaaaa.a"));
	ck_assert_str_eq(adopt_user(a, 0), "aaaaaaaaaaaa");
	ck_assert_ptr_null(adopt_user(a, 1));
	ck_assert(adopt_at(a, 0, &one));
	ck_assert_str_eq(one.kind, "stream");
	ck_assert(!adopt_at(a, 2, &one)); /* what is gone isn't told */
	adopt_close(a);
	env_close();
}
END_TEST

START_TEST(no_more_than_the_most)
{
	struct adopt *a;
	char name[40];
	a = begin();
	for (int i = 0; i < 105; i++) {
		snprintf(name, sizeof(name), "%012x.a", i + 1);
		ck_assert_int_eq(adopt_name(a, "topics", sl(name)), i < 100);
	}
	ck_assert_ptr_null(adopt_user(a, 100));
	adopt_close(a);
	env_close();
}
END_TEST

START_TEST(it_is_kept)
{
	struct adopt *a, *again;
	struct adopted one;
	struct error err;
	a = begin();
	env_folder();
	ck_assert(adopt_name(a, "topics", S("12ab34cd56ef.a")));
	adopt_gone(a, "buckets", S("user-12ab34cd56ef-bucket"));
	adopt_write(a);
	adopt_close(a);
	made[0] = '\0';
	ck_assert_int_eq(adopt_open(&env, &again, &err), 0);
	adopt_by(again, &(struct adopt_hook){ "topics", on_make, "topic" });
	adopt_by(again, &(struct adopt_hook){ "users", on_make, "user", true });
	adopt_again(again);
	ck_assert_str_eq(made, "user:12ab34cd56ef<0affea73130b");
	ck_assert(adopt_at(again, 1, &one));
	ck_assert_str_eq(one.name, "12ab34cd56ef.a");
	ck_assert(!adopt_name(again, "buckets", S("user-12ab34cd56ef-bucket")));
	adopt_close(again);
	conf_set(env_conf, "stack", "adopt", "off");
	ck_assert_int_eq(adopt_open(&env, &again, &err), 0); /* what was adopted is still known */
	ck_assert(!adopt_on(again));
	ck_assert_str_eq(adopt_user(again, 0), "12ab34cd56ef");
	ck_assert(!adopt_name(again, "topics", S("aaaaaaaaaaaa.a")));
	adopt_close(again);
	env_close();
}
END_TEST

START_TEST(off_and_a_bad_pattern)
{
	struct adopt *a = begin();
	struct error err;
	adopt_close(a);
	conf_set(env_conf, "adopt", "user", "[0-9");
	ck_assert_int_eq(adopt_open(&env, &a, &err), ERR_INVALID);
	ck_assert_ptr_nonnull(strstr(err.text, "[adopt] user = [0-9: "));
	conf_set(env_conf, "adopt", "user", "[0-9]+");
	conf_set(env_conf, "stack", "adopt", "off");
	ck_assert_int_eq(adopt_open(&env, &a, &err), 0);
	ck_assert(!adopt_on(a));
	adopt_hold(a, 1);
	ck_assert(!adopt_on(a)); /* the stack says no */
	adopt_close(a);
	conf_free(env_conf);
	env.conf = env_conf = conf_new();
	ck_assert_int_eq(adopt_open(&env, &a, &err), 0);
	ck_assert(!adopt_on(a));
	adopt_hold(a, 1);
	ck_assert(adopt_on(a));
	adopt_hold(a, -1);
	ck_assert(!adopt_on(a));
	adopt_close(a);
	ck_assert(!adopt_name(NULL, "topics", S("12ab34cd56ef.a")));
	env_close();
}
END_TEST

static const struct {
	const char *text, *from, *to, *out;
} texts[] = {
	{ "user-abc-bucket", "abc", "x1", "user-x1-bucket" }, { "abc.pages abc abcd xabc _abc_", "abc", "y", "y.pages y abcd xabc _y_" },
	{ "abcabc", "abc", "y", "abcabc" },                    { "abc", "abc", "", "" },
	{ "", "abc", "y", "" },                                { "a", "", "y", "a" },
	{ "aa.a", "a", "b", "aa.b" },
};

START_TEST(whole_names_give_way)
{
	struct buf b = { 0 };
	(void)buf_renamed(&b, sl(texts[_i].text), sl(texts[_i].from), sl(texts[_i].to));
	ck_assert_str_eq(buf_cstr(&b), texts[_i].out);
	buf_free(&b);
}
END_TEST

START_TEST(whose_names)
{
	struct conf *c = conf_new();
	char *user;
	conf_set(c, "topics", "0affea73130b.a", "1");
	conf_set(c, "topics", "plain", "1");
	ck_assert_ptr_null(adopt_names_user(c, "12471ce1b695"));
	conf_set(c, "adopt", "user", "[0-9a-f]{12}");
	user = adopt_names_user(c, "12471ce1b695");
	ck_assert_str_eq(user, "0affea73130b");
	free(user);
	user = adopt_names_user(c, "plain");
	ck_assert_str_eq(user, "plain");
	free(user);
	conf_set(c, "buckets", "user-aaaaaaaaaaaa-bucket", "");
	ck_assert_ptr_null(adopt_names_user(c, "12471ce1b695")); /* two, so it is nobody's */
	conf_free(c);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("adopt");
	TCase *t = tcase_create("adopt");
	tcase_add_loop_test(t, names_that_are_like, 0, ARRAY_LEN(names));
	tcase_add_test(t, once_and_no_more);
	tcase_add_test(t, no_more_than_the_most);
	tcase_add_test(t, it_is_kept);
	tcase_add_test(t, off_and_a_bad_pattern);
	tcase_add_loop_test(t, whole_names_give_way, 0, ARRAY_LEN(texts));
	tcase_add_test(t, whose_names);
	suite_add_tcase(s, t);
	return run_suite(s);
}
