/* aws-chunked bodies, with and without signatures. */
#include "s3/s3.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct sigv4_auth auth = { .date = S("20130524"), .region = S("r"), .service = S("s3"), .amz_date = S("20130524T000000Z"), .signature = S("0") };
	struct arena a = { 0 };
	struct s3_chunked out = { 0 };
	struct sigv4_chain chain;
	if (s3_chunked_decode(&a, sl_of(p, n), NULL, false, &out) == S3_CHUNK_OK && out.body.n > n)
		__builtin_trap();
	sigv4_chain_init(&chain, &auth, S("secret"));
	(void)s3_chunked_decode(&a, sl_of(p, n), &chain, true, &out);
	arena_free(&a);
	return 0;
}
