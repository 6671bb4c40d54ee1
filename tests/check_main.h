/* The main() of every unit test: one suite, run in this process (sanitizers and debuggers see it whole). */
#ifndef TARN_CHECK_MAIN_H
#define TARN_CHECK_MAIN_H

#include <check.h>
#include <stdlib.h>

static int run_suite(Suite *s)
{
	SRunner *r = srunner_create(s);
	srunner_set_fork_status(r, CK_NOFORK);
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif
