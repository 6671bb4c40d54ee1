/* DescribeClientQuotas. */
#include "kafka/kafka.h"

/* ---- DescribeClientQuotas: there are none; who lists users asks for them as well ---- */

enum kfk_done kfk_serve_describe_quotas(struct kafka *k, struct kfk_call *c)
{
	int32_t n = kfk_array(c);
	for (int32_t i = 0; i < n && !c->r.bad; i++) {
		(void)kfk_str(c); /* kind of entity, how it is matched, by what */
		(void)kfk_i8(c);
		(void)kfk_str(c);
		kfk_tags(c);
	}
	(void)kfk_i8(c); /* strict */
	kfk_tags(c);
	if (c->r.bad)
		return KFK_MALFORMED;
	kfk_put_i32(c, 0); /* throttle */
	kfk_put_i16(c, kfk_may(k, c->conn, "DescribeClusterDynamicConfiguration", sl(NULL)) ? KE_NONE : KE_CLUSTER_AUTHORIZATION_FAILED);
	kfk_put_str(c, sl(NULL));
	kfk_put_array(c, 0);
	kfk_put_tags(c);
	return KFK_ANSWERED;
}
