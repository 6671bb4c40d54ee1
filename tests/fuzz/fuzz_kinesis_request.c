/* A whole request body for each operation of a small account: any JSON object gets an answer that is JSON. The first byte
 * chooses the operation; iterators, tokens, hash keys and sequence numbers are all read on this way. */
#include <stdlib.h>
#include <string.h>

#include "kinesis/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static struct env env;
static struct ports ports; /* nobody's */
static struct kinesis k;

static void open_once(void)
{
	struct conf *conf = conf_new();
	struct error err;
	conf_set(conf, "streams", "s", "2");
	env = (struct env){ .loop = loop_new(), .conf = conf, .name = "kinesis", .ports = &ports, .durability = DURABILITY_OFF };
	env.clock = clock_new(env.loop);
	env.log = log_new(2, LOG_ERROR);
	env.metrics = metrics_new();
	clock_freeze(env.clock, 1767603600000);
	if (kinesis_service.open(&k, &env, &err))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct buf out = { 0 };
	struct error err;
	if (!env.loop)
		open_once();
	if (n > 1 && n < 1 << 20) {
		kin_invoke(&k, sl(route_at(kinesis_service.routes, p[0] % kin_routes.n)->name), sl_of(p + 1, n - 1), S("us-east-1"), S("000000000000"), 1767603600000, &out);
		json_t *answer = out.n ? json_loadb(out.p, out.n, JSON_ALLOW_NUL, NULL) : NULL;
		if (out.n && !json_is_object(answer))
			abort();
		json_decref(answer);
	}
	buf_free(&out);
	if (service_dirty(&kinesis_service, &k) && service_commit(&kinesis_service, &k, &err))
		abort();
	return 0;
}
