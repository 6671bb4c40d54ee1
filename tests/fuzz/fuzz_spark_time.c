/* Texts of times, intervals and zones, and patterns: what is read is printed, and read again, as the same. */
#include "spark/pattern.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static void again(bool same)
{
	if (!same)
		abort();
}

static void texts(struct arena *a, struct slice s)
{
	struct buf b = { 0 };
	struct sp_value v = { 0 }, w = { 0 };
	struct slice why;
	int32_t days, days2;
	int64_t us, us2;
	if (sp_text_date(s, &days)) {
		sp_print_date(&b, days);
		again(sp_text_date(buf_slice(&b), &days2) && days2 == days);
	}
	buf_reset(&b);
	if (sp_text_timestamp(s, NULL, 0, &us)) {
		sp_print_timestamp(&b, us, NULL);
		again(sp_text_timestamp(buf_slice(&b), NULL, 0, &us2) && us2 == us);
	}
	(void)sp_literal_timestamp(s, sp_zone_make(a, s), 0, &us);
	buf_reset(&b);
	if (sp_interval_units(s, &v.c, a, &why)) {
		sp_print_interval(&b, &sp_types[SP_INTERVAL], &v, SP_INTERVAL_ANSI);
		if (sp_interval_units(buf_slice(&b), &w.c, NULL, NULL))
			again(w.c.months == v.c.months && w.c.days == v.c.days && w.c.us == v.c.us);
	}
	for (uint8_t first = 0; first < 4; first++)
		for (uint8_t last = first; last < 4; last++) {
			struct sp_type t = { .kind = SP_INTERVAL_DT, .precision = first, .scale = last };
			buf_reset(&b);
			if (sp_text_interval(&t, s, &v, a, &why))
				sp_print_interval(&b, &t, &v, SP_INTERVAL_ANSI);
			t.kind = SP_INTERVAL_YM;
			buf_reset(&b);
			if (last < 2 && sp_text_interval(&t, s, &v, a, &why)) {
				sp_print_interval(&b, &t, &v, SP_INTERVAL_ANSI);
				again(sp_text_interval(&t, buf_slice(&b), &w, a, &why) && v.i == w.i);
			}
		}
	buf_free(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct arena a = { 0 };
	struct slice s = sl_of(p, n), pattern, text;
	(void)sl_cut(s, '\n', &pattern, &text);
	texts(&a, s);
	for (int use = 0; use < 2; use++)
		for (int policy = 0; policy < 3; policy++) {
			struct sp_error err = { 0 };
			struct buf b = { 0 };
			struct sp_pattern *x = sp_pattern_make(&a, pattern, (enum sp_pattern_use)use, (enum sp_time_policy)policy, &err);
			int64_t us = 0;
			if (x && use == SP_PATTERN_PARSE)
				(void)sp_pattern_timestamp(x, text, NULL, &us);
			if (x && use == SP_PATTERN_FORMAT)
				again(!sp_pattern_print(x, &b, INT64_C(1589634245067800) - (int64_t)n, NULL, &err) || err.set);
			buf_free(&b);
			sp_error_free(&err);
		}
	arena_free(&a);
	return 0;
}
