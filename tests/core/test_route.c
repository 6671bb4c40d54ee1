/* Operation rows and the router over them. */
#include "check_main.h"
#include "core/route.h"

#include <stdio.h>
#include <string.h>

static const struct route first[] = {
	{ "GET", "/", "Root", "the root" },
	{ "GET", "/topics", "ListTopics", "names" },
	{ "GET", "/topics/new", "NewTopic", "a literal before {}" },
	{ "GET", "/topics/{}", "GetTopic", "one" },
	{ "POST", "/topics/{}", "Produce", "records" },
	{ "GET", "/topics/{}/partitions/{}", "GetPartition", "one of one" },
	{ NULL, NULL, "NoPath", "found elsewhere" },
	{ "DELETE", "/tags/{+}", "Untag", "an ARN has slashes" },
	{ "GET", "/api/2.{}/jobs", "Jobs", "inside a segment" },
	{ "GET", "/{}/{}/{}/{}/{}/{}", "Six", "as many as there are" },
};
struct wide {
	struct route route;
	int more;
};
static const struct wide second[] = {
	{ { "PUT", "/topics/{}", "PutTopic", "in a second table" }, 7 },
	{ { "PATCH", "/wide", "Wide", "alone" }, 8 },
};
static const struct routes table1 = ROUTES(first), table2 = ROUTES(second);
static const struct routes *const tables[] = { &table1, &table2, NULL };

static const struct {
	const char *method, *path, *name; /* NULL: none */
	const char *args;                 /* joined by ',' */
	unsigned allowed;
} cases[] = {
	{ "GET", "/", "Root", "" },
	{ "HEAD", "/", "Root", "" },
	{ "GET", "//", "Root", "" },
	{ "GET", "/topics", "ListTopics", "" },
	{ "GET", "/topics/", "ListTopics", "" },
	{ "GET", "/topics//", NULL, "", 0 },
	{ "GET", "/topic", NULL, "", 0 },
	{ "GET", "/topicsx", NULL, "", 0 },
	{ "GET", "/topics/new", "NewTopic", "" },
	{ "GET", "/topics/news", "GetTopic", "news" },
	{ "GET", "/topics/a%2fb+c%zz", "GetTopic", "a/b+c%zz" },
	{ "GET", "/topic%73", NULL, "", 0 },
	{ "POST", "/topics/a/", "Produce", "a" },
	{ "post", "/topics/a", NULL, "", ROUTE_GET | ROUTE_HEAD | ROUTE_POST | ROUTE_PUT },
	{ "DELETE", "/topics/a", NULL, "", ROUTE_GET | ROUTE_HEAD | ROUTE_POST | ROUTE_PUT },
	{ "OPTIONS", "/wide", NULL, "", ROUTE_PATCH },
	{ "HEAD", "/wide", NULL, "", ROUTE_PATCH },
	{ "GET", "/topics/a/partitions/0", "GetPartition", "a,0" },
	{ "GET", "/topics//partitions/0", NULL, "", 0 },
	{ "DELETE", "/tags/arn:a/b/c%20d", "Untag", "arn:a/b/c d" },
	{ "DELETE", "/tags/", NULL, "", 0 },
	{ "DELETE", "/tags", NULL, "", 0 },
	{ "GET", "/api/2.1/jobs", "Jobs", "1" },
	{ "GET", "/api/2./jobs", NULL, "", 0 },
	{ "GET", "/api/3.1/jobs", NULL, "", 0 },
	{ "GET", "/1/2/3/4/5/6", "Six", "1,2,3,4,5,6" },
	{ "GET", "", NULL, "", 0 },
	{ "PUT", "/topics/x", "PutTopic", "x" },
	{ "PATCH", "/wide", "Wide", "" },
};

START_TEST(finds)
{
	struct arena a = { 0 };
	struct http_req req = { .arena = &a, .method = sl(cases[_i].method), .path = sl(cases[_i].path) };
	struct slice arg[HTTP_ARGS_MAX];
	unsigned allowed = 99;
	const struct route *r = route_find(tables, &req, arg, &allowed);
	char args[128] = "";
	ck_assert_str_eq(r ? r->name : "-", cases[_i].name ? cases[_i].name : "-");
	for (size_t i = 0, n = 0; r && i < HTTP_ARGS_MAX && arg[i].p; i++)
		n += (size_t)snprintf(args + n, sizeof(args) - n, "%s%.*s", i ? "," : "", SL(arg[i]));
	ck_assert_str_eq(args, cases[_i].args);
	ck_assert_uint_eq(allowed, r ? 99 : cases[_i].allowed);
	if (r && !strcmp(r->name, "PutTopic"))
		ck_assert_int_eq(((const struct wide *)r)->more, 7);
	arena_free(&a);
}
END_TEST

START_TEST(lists)
{
	ck_assert_str_eq(route_at(tables, 0)->name, "Root");
	ck_assert_str_eq(route_at(tables, 6)->name, "NoPath");
	ck_assert_str_eq(route_at(tables, ARRAY_LEN(first))->name, "PutTopic");
	ck_assert_str_eq(route_at(tables, ARRAY_LEN(first) + 1)->name, "Wide");
	ck_assert_ptr_null(route_at(tables, ARRAY_LEN(first) + 2));
	ck_assert_ptr_eq(route_named(tables, S("Wide")), &second[1]);
	ck_assert_ptr_null(route_named(tables, S("wide")));
	ck_assert_ptr_null(route_named(tables, sl(NULL)));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("route");
	TCase *t = tcase_create("route");
	tcase_add_loop_test(t, finds, 0, ARRAY_LEN(cases));
	tcase_add_test(t, lists);
	suite_add_tcase(s, t);
	return run_suite(s);
}
