/* aws-chunked bodies; with a chain, too, where every signature but by chance is wrong. In whatever pieces they come, they are the same. */
#include "s3/body.h"

static enum s3_chunk_result in_pieces(struct slice all, size_t step, struct buf *out)
{
	struct s3_dechunk d = { 0 };
	enum s3_chunk_result rc = S3_CHUNK_OK;
	while (all.n && rc == S3_CHUNK_OK) {
		struct slice in = sl_of(all.p, all.n < step ? all.n : step), data;
		all = sl_from(all, in.n);
		while (in.n && rc == S3_CHUNK_OK) {
			rc = s3_dechunk(&d, &in, &data);
			buf_addsl(out, data);
		}
	}
	if (rc == S3_CHUNK_OK)
		rc = s3_dechunk_end(&d);
	s3_dechunk_free(&d);
	return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct arena a = { 0 };
	struct s3_chunked out;
	struct sigv4_chain chain = { .amz_date = "20260105T090000Z", .scope = "20260105/us-east-1/s3/aws4_request" };
	enum s3_chunk_result rc = s3_chunked_decode(&a, sl_of(p, n), NULL, false, &out);
	for (size_t step = 1; step < 8; step += 3) {
		struct buf b = { 0 };
		if (in_pieces(sl_of(p, n), step, &b) != rc || (rc == S3_CHUNK_OK && !sl_eq(buf_slice(&b), out.body)) || b.n > n)
			abort();
		buf_free(&b);
	}
	(void)s3_chunked_decode(&a, sl_of(p, n), &chain, true, &out);
	arena_free(&a);
	return 0;
}
