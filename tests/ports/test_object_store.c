/* The object_store port: one suite, on the local side and on the remote side (over HTTP to the same service). */
#include "env.h"
#include "remote/remote.h"
#include "s3/s3.h"

static struct s3 s;
static struct object_store store;
static bool remote;

static void setup(bool over_http)
{
	struct error err;
	remote = over_http;
	env_open("s3");
	conf_set(env_conf, "buckets", "bkt", "");
	conf_set(env_conf, "identities", "AKIATARN", "se/cret");
	conf_set(env_conf, "remote", "s3_key", "AKIATARN");
	conf_set(env_conf, "remote", "s3_secret", "se/cret");
	env_serve(&s3_service, &s);
	if (remote)
		ck_assert_int_eq(remote_s3_open(&env, env_on.url, &env_ports.objects, &err), 0);
	store = env_ports.objects;
}

static void setup_local(void)
{
	setup(false);
}

static void setup_remote(void)
{
	setup(true);
}

static void teardown(void)
{
	if (remote)
		remote_s3_close(&store);
	env_close();
}

struct answer {
	int calls, kind;
	char code[32];
	char text[4096];
	bool more;
};

static void note(struct answer *a, const struct error *err)
{
	a->calls++;
	a->kind = err ? err->kind : 0;
	snprintf(a->code, sizeof(a->code), "%s", err && err->def ? err->def->code : "");
}

static void on_put(void *arg, const struct error *err)
{
	note(arg, err);
}

static void on_get(void *arg, struct slice body, const struct error *err)
{
	struct answer *a = arg;
	note(a, err);
	snprintf(a->text, sizeof(a->text), "%.*s", body.n > 100 ? 100 : (int)body.n, body.p ? body.p : "");
}

static void on_list(void *arg, const struct object_entry *e, size_t n, bool more, const struct error *err)
{
	struct answer *a = arg;
	note(a, err);
	a->more = more;
	a->text[0] = 0;
	for (size_t i = 0; i < n && i < 20; i++) {
		ck_assert(e[i].modified_ms > 0);
		ck_assert_int_eq((int)e[i].etag.n, 32);
		snprintf(a->text + strlen(a->text), sizeof(a->text) - strlen(a->text), "%s%.*s=%d", i ? " " : "", SL(e[i].key), (int)e[i].size);
	}
}

static void wait_for(struct answer *a)
{
	ck_assert_int_eq(a->calls, 0); /* never before the call returns */
	env_until(a->calls);
	ck_assert_int_eq(a->calls, 1);
}

static struct answer put(const char *bucket, struct slice key, struct slice body)
{
	struct answer a = { 0 };
	store.put(store.self, sl(bucket), key, S("application/json"), body, S("t-000000000001"), on_put, &a);
	wait_for(&a);
	return a;
}

static struct answer get(const char *bucket, struct slice key)
{
	struct answer a = { 0 };
	store.get(store.self, sl(bucket), key, on_get, &a);
	wait_for(&a);
	return a;
}

static struct answer list(const char *bucket, const char *prefix, const char *after)
{
	struct answer a = { 0 };
	store.list(store.self, sl(bucket), sl(prefix), after ? sl(after) : sl(NULL), on_list, &a);
	wait_for(&a);
	return a;
}

static struct answer del(const char *bucket, struct slice key)
{
	struct answer a = { 0 };
	store.del(store.self, sl(bucket), key, on_put, &a);
	wait_for(&a);
	return a;
}

START_TEST(round_trip)
{
	struct slice keys[] = { S("plain"), S("topics/x.pin/partition=0/x.pin+0+0000000000.json"), S("a b/\xc3\xbc&=?#%//..") };
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		ck_assert_int_eq(put("bkt", keys[i], S("{\"a\":1}\n")).kind, 0);
		ck_assert_str_eq(get("bkt", keys[i]).text, "{\"a\":1}\n");
		ck_assert_int_eq(del("bkt", keys[i]).kind, 0);
		ck_assert_str_eq(get("bkt", keys[i]).code, "NoSuchKey");
	}
	ck_assert_int_eq(put("bkt", S("empty"), S("")).kind, 0);
	ck_assert_int_eq(get("bkt", S("empty")).kind, 0);
	ck_assert_int_eq(del("bkt", S("never")).kind, 0);
}
END_TEST

START_TEST(put_if_absent)
{
	struct answer a = { 0 }, b = { 0 }, c = { 0 };
	store.put_new(store.self, S("bkt"), S("log/0"), S("application/json"), S("first"), S(""), on_put, &a);
	wait_for(&a);
	ck_assert_int_eq(a.kind, 0);
	store.put_new(store.self, S("bkt"), S("log/0"), S("application/json"), S("second"), S(""), on_put, &b);
	wait_for(&b);
	ck_assert_int_eq(b.kind, ERR_CONFLICT);
	ck_assert_str_eq(b.code, "PreconditionFailed");
	ck_assert_str_eq(get("bkt", S("log/0")).text, "first");
	ck_assert_int_eq(del("bkt", S("log/0")).kind, 0);
	store.put_new(store.self, S("bkt"), S("log/0"), S("application/json"), S("third"), S(""), on_put, &c);
	wait_for(&c);
	ck_assert_int_eq(c.kind, 0);
	ck_assert_str_eq(get("bkt", S("log/0")).text, "third");
	ck_assert_int_eq(del("bkt", S("log/0")).kind, 0);
}
END_TEST

START_TEST(errors)
{
	ck_assert_str_eq(put("nope", S("k"), S("x")).code, "NoSuchBucket");
	ck_assert_str_eq(get("nope", S("k")).code, "NoSuchBucket");
	ck_assert_str_eq(list("nope", "", NULL).code, "NoSuchBucket");
	ck_assert_str_eq(get("bkt", S("k")).code, "NoSuchKey");
	ck_assert_int_eq(get("bkt", S("k")).kind, ERR_NOT_FOUND);
}
END_TEST

START_TEST(lists)
{
	char key[32];
	for (int i = 0; i < 12; i++)
		put("bkt", sl_of(key, (size_t)snprintf(key, sizeof(key), "p/%02d +&", i)), S("xyz"));
	put("bkt", S("q"), S(""));
	ck_assert_str_eq(list("bkt", "p/0", "p/07 +&").text, "p/08 +&=3 p/09 +&=3");
	ck_assert_str_eq(list("bkt", "q", NULL).text, "q=0");
	ck_assert_str_eq(list("bkt", "r", NULL).text, "");
}
END_TEST

static void on_buckets(void *arg, const struct object_entry *e, size_t n, bool more, const struct error *err)
{
	struct answer *a = arg;
	ck_assert_ptr_null(err);
	ck_assert(!more);
	for (size_t i = 0; i < n; i++)
		a->kind += sl_eqs(e[i].key, "bkt");
	a->calls++;
}

START_TEST(lists_buckets)
{
	struct answer a = { 0 };
	store.list(store.self, sl(NULL), S(""), sl(NULL), on_buckets, &a);
	wait_for(&a);
	ck_assert_int_eq(a.kind, 1);
}
END_TEST

START_TEST(pages)
{
	char key[32];
	struct answer a;
	for (int i = 0; i < 1001; i++) {
		struct answer one = { 0 };
		store.put(store.self, S("bkt"), sl_of(key, (size_t)snprintf(key, sizeof(key), "k%04d", i)), S(""), S("x"), S(""), on_put, &one);
		wait_for(&one);
	}
	ck_assert(list("bkt", "", NULL).more);
	a = list("bkt", "", "k0999");
	ck_assert(!a.more);
	ck_assert_str_eq(a.text, "k1000=1");
}
END_TEST

/* ---- calls that are cancelled ---- */

enum { ASKED = 5 };
#include "cancel.h"

static void ask_all(struct asked *out)
{
	memset(out, 0, sizeof(*out));
	owed_keep(&out->owed, store.put(store.self, S("bkt"), S("k"), S(""), S("x"), S(""), on_put, &out->a[0]));
	owed_keep(&out->owed, store.put_new(store.self, S("bkt"), S("n"), S(""), S("x"), S(""), on_put, &out->a[1]));
	owed_keep(&out->owed, store.get(store.self, S("bkt"), S("k"), on_get, &out->a[2]));
	owed_keep(&out->owed, store.list(store.self, S("bkt"), S(""), sl(NULL), on_list, &out->a[3]));
	owed_keep(&out->owed, store.del(store.self, S("bkt"), S("k"), on_put, &out->a[4]));
}

START_TEST(cancelled_before_the_first_turn)
{
	static struct asked all;
	ask_all(&all);
	owed_cancel_all(&all.owed);
	ck_assert_ptr_null(all.owed);
	rest();
	ck_assert_int_eq(answered(&all), 0);
	ck_assert_int_eq(put("bkt", S("later"), S("x")).kind, 0);
	ck_assert_str_eq(get("bkt", S("later")).text, "x");
}
END_TEST

static void cancel_all(void *arg, const struct object_entry *e, size_t n, bool more, const struct error *err)
{
	struct asked *all = arg;
	ck_assert_ptr_null(err);
	owed_cancel_all(&all->owed);
}

/* One answer cancels all the others, some of which are due in the same tick. */
START_TEST(cancelled_by_another_answer)
{
	static struct asked all;
	int n;
	ask_all(&all);
	owed_keep(&all.owed, store.list(store.self, S("bkt"), S(""), sl(NULL), cancel_all, &all));
	while (all.owed)
		loop_turn(env.loop, 5);
	n = answered(&all);
	rest();
	ck_assert_int_eq(answered(&all), n);
}
END_TEST

/* Who answers closes first: nobody is called, nothing is left. */
START_TEST(under_way_when_the_port_closes)
{
	static struct asked all;
	ask_all(&all);
}
END_TEST

/* ---- objects_each ---- */

struct walked {
	struct answer done;
	int seen, stop_at; /* 0: never */
	char first[32], last[32];
};

static bool on_object(void *arg, const struct object_entry *e)
{
	struct walked *w = arg;
	ck_assert_int_eq(w->done.calls, 0);
	if (!w->seen++)
		snprintf(w->first, sizeof(w->first), "%.*s", SL(e->key));
	ck_assert(sl_cmp(e->key, sl(w->last)) > 0);
	snprintf(w->last, sizeof(w->last), "%.*s", SL(e->key));
	return w->seen != w->stop_at;
}

static void on_walked(void *arg, const struct error *err)
{
	note(&((struct walked *)arg)->done, err);
}

static struct walked walk(const char *bucket, const char *prefix, const char *after, int stop_at)
{
	struct walked w = { .stop_at = stop_at };
	struct owed *owed = NULL;
	owed_keep(&owed, objects_each(&store, sl(bucket), sl(prefix), sl(after), on_object, on_walked, &w));
	wait_for(&w.done);
	ck_assert_ptr_null(owed);
	return w;
}

START_TEST(every_object_of_several_pages)
{
	char key[32];
	struct walked w;
	struct owed *owed = NULL;
	ck_assert_int_eq(walk("bkt", "", NULL, 0).seen, 0);
	for (int i = 0; i < 2100; i++) {
		struct answer one = { 0 };
		store.put(store.self, S("bkt"), sl_of(key, (size_t)snprintf(key, sizeof(key), "k%04d", i)), S(""), S("x"), S(""), on_put, &one);
		wait_for(&one);
	}
	put("bkt", S("other"), S("x"));
	w = walk("bkt", "k", NULL, 0);
	ck_assert_int_eq(w.seen, 2100);
	ck_assert_str_eq(w.last, "k2099");
	ck_assert_int_eq(w.done.kind, 0);
	w = walk("bkt", "k", "k1049", 0);
	ck_assert_int_eq(w.seen, 1050);
	ck_assert_str_eq(w.first, "k1050");
	w = walk("bkt", "k", NULL, 1001); /* on the second page */
	ck_assert_int_eq(w.seen, 1001);
	ck_assert_str_eq(w.last, "k1000");
	ck_assert_int_eq(w.done.kind, 0);
	w = walk("nope", "", NULL, 0);
	ck_assert_str_eq(w.done.code, "NoSuchBucket");
	/* Cancelled between two pages. */
	memset(&w, 0, sizeof(w));
	owed_keep(&owed, objects_each(&store, S("bkt"), S("k"), sl(NULL), on_object, on_walked, &w));
	while (!w.seen)
		loop_turn(env.loop, 5);
	owed_cancel_all(&owed);
	rest();
	ck_assert_int_eq(w.seen, 1000);
	ck_assert_int_eq(w.done.calls, 0);
}
END_TEST

static TCase *suite_of(const char *name, void (*before)(void))
{
	TCase *t = tcase_create(name);

	tcase_add_checked_fixture(t, before, teardown);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, round_trip);
	tcase_add_test(t, put_if_absent);
	tcase_add_test(t, errors);
	tcase_add_test(t, lists);
	tcase_add_test(t, lists_buckets);
	tcase_add_test(t, pages);
	tcase_add_test(t, cancelled_before_the_first_turn);
	tcase_add_test(t, cancelled_by_another_answer);
	cancel_tests(t);
	tcase_add_test(t, under_way_when_the_port_closes);
	tcase_add_test(t, every_object_of_several_pages);
	return t;
}

int main(void)
{
	Suite *suite = suite_create("object_store");
	suite_add_tcase(suite, suite_of("local", setup_local));
	suite_add_tcase(suite, suite_of("remote", setup_remote));
	return run_suite(suite);
}
