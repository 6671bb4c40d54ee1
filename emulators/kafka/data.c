/* ListOffsets and OffsetForLeaderEpoch. */
#include "kafka/sasl.h"

/* ---- ListOffsets ---- */

static void list_part(struct kafka *k, struct kfk_call *c, struct kfk_topic *t)
{
	int64_t offset = -1, found = -1;
	int32_t index = kfk_i32(c);
	int32_t epoch = c->version >= 4 ? kfk_i32(c) : -1;
	int64_t ts = kfk_i64(c);
	int32_t most = c->version == 0 ? kfk_i32(c) : 1;
	kfk_tags(c);
	int code = c->denied ? KE_TOPIC_AUTHORIZATION_FAILED
		 : !t || index < 0 || index >= t->part_n ? KE_UNKNOWN_TOPIC_OR_PARTITION : epoch > 0 ? KE_UNKNOWN_LEADER_EPOCH : KE_NONE;
	if (!code && !c->r.bad)
		code = kfk_offset_at(k, t, index, ts, &offset, &found);
	kfk_put_i32(c, index);
	kfk_put_i16(c, code);
	if (c->version == 0) {
		bool any = !code && offset >= 0 && most > 0;
		kfk_put_array(c, any ? 1 : 0);
		if (any)
			kfk_put_i64(c, offset);
		return;
	}
	kfk_put_i64(c, found);
	kfk_put_i64(c, offset);
	if (c->version >= 4)
		kfk_put_i32(c, code || offset < 0 ? -1 : 0); /* leader epoch */
	kfk_put_tags(c);
}

/* Reads topics with their partitions to the end of the request and answers each partition as it comes. */
static enum kfk_done each_part(struct kafka *k, struct kfk_call *c, void (*answer)(struct kafka *k, struct kfk_call *c, struct kfk_topic *t))
{
	int32_t n = kfk_array(c);
	kfk_put_array(c, n < 0 ? 0 : n);
	for (int32_t i = 0; i < n && !c->r.bad; i++) {
		struct slice topic = kfk_str(c);
		int32_t m = kfk_array(c);
		kfk_put_str(c, topic.p ? topic : S(""));
		kfk_put_array(c, m < 0 ? 0 : m);
		c->denied = !kfk_may(k, c->conn, "DescribeTopic", topic.p ? topic : S(""));
		for (int32_t j = 0; j < m && !c->r.bad; j++)
			answer(k, c, kfk_topic(k, topic));
		kfk_tags(c);
		kfk_put_tags(c);
	}
	kfk_tags(c);
	kfk_put_tags(c);
	return c->r.bad ? KFK_MALFORMED : KFK_ANSWERED;
}

enum kfk_done kfk_serve_list_offsets(struct kafka *k, struct kfk_call *c)
{
	(void)kfk_i32(c); /* replica id */
	if (c->version >= 2) {
		(void)kfk_i8(c); /* isolation */
		kfk_put_i32(c, 0);
	}
	return each_part(k, c, list_part);
}

/* ---- OffsetForLeaderEpoch: there was ever one epoch, 0, and it ends where the log does ---- */

static void epoch_part(struct kafka *k, struct kfk_call *c, struct kfk_topic *t)
{
	int32_t index = kfk_i32(c);
	if (c->version >= 2)
		(void)kfk_i32(c); /* current epoch */
	int32_t epoch = kfk_i32(c);
	kfk_tags(c);
	bool known = !c->denied && t && index >= 0 && index < t->part_n;
	kfk_put_i16(c, c->denied ? KE_TOPIC_AUTHORIZATION_FAILED : known ? KE_NONE : KE_UNKNOWN_TOPIC_OR_PARTITION);
	kfk_put_i32(c, index);
	if (c->version >= 1)
		kfk_put_i32(c, known && epoch == 0 ? 0 : -1);
	kfk_put_i64(c, known && epoch == 0 ? t->parts[index].stable : -1);
	kfk_put_tags(c);
}

enum kfk_done kfk_serve_leader_epoch(struct kafka *k, struct kfk_call *c)
{
	if (c->version >= 3)
		(void)kfk_i32(c); /* replica id */
	if (c->version >= 2)
		kfk_put_i32(c, 0); /* throttle */
	return each_part(k, c, epoch_part);
}
