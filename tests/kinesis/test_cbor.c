/* CBOR bodies that say more than they hold. */
#include <string.h>
#include <sys/resource.h>

#include "check_main.h"
#include "kinesis/wire.h"

static long peak_kib(void)
{
	struct rusage u;
	getrusage(RUSAGE_SELF, &u);
	return u.ru_maxrss;
}

static json_t *read_bytes(const void *p, size_t n)
{
	struct error err;
	return kin_cbor_read(sl_of(p, n), &err);
}

/* {"...": an array of 0x0a000000 items, cut short */
START_TEST(a_size_claims_no_memory)
{
	static const uint8_t array[] = { 0xa1, 0x61, 'a', 0x9a, 0x0a, 0, 0, 0, 0xf5 }, map[] = { 0xba, 0x0a, 0, 0, 0, 0x61, 'a', 0xf5 };
	uint8_t nested[4096];
	long before = peak_kib();
	ck_assert_ptr_null(read_bytes(array, sizeof(array)));
	ck_assert_ptr_null(read_bytes(map, sizeof(map)));
	/* Each claims what could still be there, but not all of them together. */
	for (size_t i = 0; i + 3 <= sizeof(nested); i += 3) {
		nested[i] = 0x99;
		nested[i + 1] = 0x0f;
		nested[i + 2] = 0;
	}
	ck_assert_ptr_null(read_bytes(nested, 4095));
	ck_assert_int_lt(peak_kib() - before, 16 << 10);
}
END_TEST

/* As in a JSON body; jansson takes none there. */
START_TEST(a_key_holds_no_nul)
{
	static const uint8_t in[] = { 0xa1, 0x62, 'a', 0, 1 };
	ck_assert_ptr_null(read_bytes(in, sizeof(in)));
}
END_TEST

START_TEST(sizes_that_hold)
{
	static const uint8_t in[] = { 0xa2, 0x61, 'a', 0x83, 1, 2, 0x80, 0x61, 'b', 0xbf, 0x61, 'c', 0xa1, 0x61, 'd', 0x41, 'x', 0xff };
	json_t *v = read_bytes(in, sizeof(in));
	ck_assert_ptr_nonnull(v);
	char *text = json_dumps(v, JSON_COMPACT | JSON_SORT_KEYS);
	ck_assert_str_eq(text, "{\"a\":[1,2,[]],\"b\":{\"c\":{\"d\":\"eA==\"}}}");
	free(text);
	json_decref(v);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("cbor");
	TCase *t = tcase_create("all");

	tcase_add_test(t, a_size_claims_no_memory);
	tcase_add_test(t, a_key_holds_no_nul);
	tcase_add_test(t, sizes_that_hold);
	suite_add_tcase(s, t);
	return run_suite(s);
}
