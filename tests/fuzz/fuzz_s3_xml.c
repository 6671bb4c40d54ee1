/* XML bodies: DeleteObjects and CompleteMultipartUpload. */
#include "s3/s3.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct arena a = { 0 };
	struct http_req http = { .arena = &a, .method = S("POST"), .path = S("/b/k"), .body = sl_of(p, n) };
	struct s3_req r = { .http = &http, .a = &a, .body = sl_of(p, n) };
	struct s3_part_ref *parts;
	struct s3_delete *del;
	size_t count;
	bool quiet;
	r.fail.arena = &a;
	(void)(s3_parse_delete(&r, &del, &count, &quiet) == 0);
	(void)(s3_parse_complete(&r, &parts, &count) == 0);
	arena_free(&a);
	return 0;
}
