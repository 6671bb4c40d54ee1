/* Zones, patterns and ISO texts of Joda-Time: what a checked pattern prints is a text, a zone's span holds the time or ends behind it, and
 * what is read of a text that a pattern made is the same time. */
#include <stdlib.h>
#include <string.h>

#include "connect/joda.h"

static void check(bool holds)
{
	if (!holds)
		abort();
}

/* Milliseconds of the first bytes, within years that four digits name. */
static int64_t time_of(struct slice s)
{
	uint64_t u = 0;
	for (size_t i = 0; i < s.n && i < 8; i++)
		u = u << 8 | (unsigned char)s.p[i];
	return (int64_t)(u % UINT64_C(250000000000000));
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct arena a = { 0 };
	struct slice s = sl_of(p, n), zone, pattern;
	struct joda_zone z = { .id = "UTC" };
	struct error err;
	struct buf b = { .max = 1 << 16 };
	int64_t ms = time_of(s), back;
	sl_cut(s, '\n', &zone, &pattern);
	pattern = pattern.p ? pattern : S("");
	if (joda_zone_make(&a, zone, &z, &err))
		z = (struct joda_zone){ .id = "UTC" };
	if (!joda_pattern_check(pattern, &err))
		joda_print(pattern, &z, joda_names_of(zone), joda_span(&z, 1 + ms % 100000000, ms), &b);
	if (joda_parse_iso(s, &back, &err))
		back = 0;
	buf_reset(&b);
	joda_print(S("yyyy-MM-dd'T'HH:mm:ss.SSSZZ"), &z, joda_names_of(S("en")), ms, &b);
	if (joda_zone_offset(&z, ms) % 60000 == 0)
		check(!joda_parse_iso(buf_slice(&b), &back, &err) && back == ms);
	buf_free(&b);
	arena_free(&a);
	return 0;
}
