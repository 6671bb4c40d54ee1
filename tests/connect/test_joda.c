/* Zones, patterns, names and ISO texts as Joda-Time on Java 17 has them: tests/connect/joda.txt was written by them. */
#include "check_main.h"
#include <stdio.h>
#include <string.h>

#include "connect/joda.h"

static char *lines[2048];
static size_t line_n;

static void result(struct buf *b, int rc, const struct error *err)
{
	if (rc) {
		buf_reset(b);
		buf_addf(b, "!%s", err->text);
	}
	buf_addc(b, 0);
}

START_TEST(test_line)
{
	struct arena a = { 0 };
	struct slice f[8] = { 0 }, rest = sl(lines[_i]);
	struct joda_zone z;
	struct error err = { 0 };
	struct buf b = { 0 };
	int64_t ms, duration;
	size_t n = 0;
	int rc;
	for (; n < 8 && rest.p; n++)
		sl_cut(rest, '\t', &f[n], &rest);
	if (sl_eqs(f[0], "zone")) {
		rc = joda_zone_make(&a, f[1], &z, &err);
		if (!rc)
			buf_addf(&b, "%lld", (long long)joda_zone_offset(&z, INT64_C(1719828000000)));
	} else if (sl_eqs(f[0], "time")) {
		rc = joda_parse_iso(f[1], &ms, &err);
		if (!rc)
			buf_addf(&b, "%lld", (long long)ms);
	} else {
		ck_assert(sl_int(f[4], 1, INT64_MAX, &duration) && sl_int(f[5], INT64_MIN, INT64_MAX, &ms));
		ck_assert_int_eq(joda_zone_make(&a, f[3], &z, &err), 0);
		rc = joda_pattern_check(f[1], &err);
		if (!rc)
			joda_print(f[1], &z, joda_names_of(f[2]), joda_span(&z, duration, ms), &b);
	}
	result(&b, rc, &err);
	ck_assert_msg(sl_eqs(f[n - 1], b.p), "%s: %s", lines[_i], b.p);
	buf_free(&b);
	arena_free(&a);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("joda");
	TCase *t = tcase_create("joda");
	FILE *in = fopen("tests/connect/joda.txt", "r");
	char line[1024];
	if (!in)
		return EXIT_FAILURE;
	while (fgets(line, sizeof(line), in) && line_n < ARRAY_LEN(lines)) {
		line[strcspn(line, "\n")] = 0;
		if (*line != '#')
			lines[line_n++] = strdup(line);
	}
	(void)fclose(in);
	tcase_add_loop_test(t, test_line, 0, (int)line_n);
	suite_add_tcase(s, t);
	int rc = run_suite(s);
	while (line_n)
		free(lines[--line_n]);
	return rc;
}
