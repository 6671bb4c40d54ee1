/* Where in a log: ListOffsets, OffsetForLeaderEpoch; and DeleteRecords, which moves its start. */
#include "kafka/cluster.h"
#include "kafka/node.h"
#include "kafka/producer.h"
#include "kafka/seek.h"
#include "kafka/segment.h"

/* ---- by time ---- */

struct search {
	struct kafka *k;
	int64_t ts, start, end; /* ts KFK_NEWEST: the greatest */
	struct kfk_found *out;
};

static bool search_row(void *arg, const struct kfk_row *row)
{
	struct search *s = arg;
	struct kp_batch b;
	struct kp_cursor cur;
	struct kp_record rec;
	int64_t least = s->ts == KFK_NEWEST ? row->max_ts : s->ts;
	if (row->base >= s->end)
		return false;
	if (kp_batch_parse(row->bytes, &b))
		return true;
	/* DIFFERS: in a batch that is large when decompressed the first record is taken for the one. */
	int rc = kp_cursor_open(&cur, &b, &s->k->plain);
	if (rc == ERR_LIMIT)
		*s->out = (struct kfk_found){ row->base > s->start ? row->base : s->start, row->max_ts, b.leader_epoch };
	if (rc)
		return rc != ERR_LIMIT;
	while (kp_cursor_next(&cur, &rec)) {
		if (rec.ts < least || rec.offset < s->start)
			continue;
		*s->out = (struct kfk_found){ rec.offset, rec.ts, b.leader_epoch };
		return false;
	}
	return true;
}

int kfk_offset_at(struct kafka *k, struct kfk_topic *t, int partition, int64_t ts, bool committed, struct kfk_found *out)
{
	const struct kfk_part *p = &t->parts[partition];
	struct search s = { .k = k, .ts = ts, .start = p->start, .end = committed ? kfk_last_stable(p) : p->stable, .out = out };
	struct error err;
	int rc = 0;
	*out = (struct kfk_found){ -1, -1, -1 };
	if (ts == KFK_LATEST)
		*out = (struct kfk_found){ s.end, -1, p->epoch };
	else if (ts == KFK_EARLIEST || ts == KFK_EARLIEST_LOCAL)
		*out = (struct kfk_found){ p->start, -1, kfk_epoch_of(k, t, partition, p->start) };
	else if (ts == KFK_NEWEST)
		rc = kfk_store_newest(&k->db, t->id, partition, p->start, search_row, &s, &err);
	else if (ts >= 0)
		rc = kfk_store_since(&k->db, t->id, partition, p->start, ts, search_row, &s, &err);
	return rc ? kfk_store_failed(k, "list-offsets", &err) : KE_NONE;
}

/* ---- ListOffsets ---- */

/* Since which version a time below 0 means something; the others are asked for by mistake, or by a client of the future. */
static int16_t since(int64_t ts)
{
	static const int16_t versions[] = { 0, 0, 7, 8, 9 };
	return ts >= 0 ? 0 : ts < -(int64_t)ARRAY_LEN(versions) ? INT16_MAX : versions[-ts - 1];
}

/* Version 0 gives the offsets where segments begin, the newest first, as of a time: those that weren't appended to after it. */
static void old_offsets(struct kafka *k, struct kfk_call *c, struct kfk_topic *t, const struct kp_list_offsets_req_partition *in,
			struct kp_list_offsets_resp_partition *out)
{
	const struct kfk_part *p = &t->parts[in->partition_index];
	const struct kfk_segments *all = kfk_segments(k, t, in->partition_index);
	size_t segments = all ? all->n : 0, most = in->max_num_offsets > 0 ? (size_t)in->max_num_offsets : 0, n = 0, i = segments;
	int64_t *at = arena_alloc(c->arena, (segments + 2) * sizeof(*at));
	bool last = in->timestamp == KFK_LATEST || in->timestamp >= clock_now_ms(k->env->clock);
	if (last && p->stable > p->start)
		at[n++] = p->stable;
	while (!last && in->timestamp >= 0 && i && all->v[i - 1].changed_ms > in->timestamp)
		i--;
	if (in->timestamp == KFK_EARLIEST || (last && !segments))
		at[n++] = p->start;
	else
		while (i && n < most)
			at[n++] = all->v[--i].base > p->start ? all->v[i].base : p->start;
	out->old_style_offsets = at;
	out->old_style_offset_n = (int32_t)(n < most ? n : most);
}

static int list_part(struct kafka *k, struct kfk_call *c, struct kfk_topic *t, const struct kp_list_offsets_req_partition *in, int isolation,
		     struct kp_list_offsets_resp_partition *out)
{
	struct kfk_found found;
	if (!t || in->partition_index < 0 || in->partition_index >= t->part_n)
		return KE_UNKNOWN_TOPIC_OR_PARTITION;
	int code = isolation == 0 || isolation == 1 ? kfk_not_leader(k, c, t, in->partition_index, in->current_leader_epoch) : KE_UNKNOWN_SERVER_ERROR;
	if (code)
		return code;
	if (c->version < since(in->timestamp))
		return KE_UNSUPPORTED_VERSION;
	if (c->version == 0) {
		old_offsets(k, c, t, in, out);
		return KE_NONE;
	}
	code = kfk_offset_at(k, t, in->partition_index, in->timestamp, isolation == 1, &found);
	if (!code) {
		out->offset = found.offset;
		out->timestamp = found.ts;
		out->leader_epoch = found.epoch;
	}
	return code;
}

enum kfk_done kfk_serve_list_offsets(struct kafka *k, struct kfk_call *c)
{
	const struct kp_list_offsets_req *req = c->req;
	struct kp_list_offsets_resp *resp = c->resp;
	resp->topics = kp_elements(&kp_list_offsets_resp_topic_table, c->arena, (size_t)req->topic_n);
	resp->topic_n = req->topic_n;
	for (int32_t i = 0; i < req->topic_n; i++) {
		const struct kp_list_offsets_req_topic *in = &req->topics[i];
		struct kp_list_offsets_resp_topic *out = &resp->topics[i];
		struct kfk_topic *t = kfk_topic(k, in->name);
		bool may = kfk_may(k, c->conn, "DescribeTopic", in->name);
		bool *twice = arena_alloc(c->arena, t ? (size_t)t->part_n : 1);
		out->name = in->name;
		out->partitions = kp_elements(&kp_list_offsets_resp_partition_table, c->arena, (size_t)in->partition_n);
		out->partition_n = in->partition_n;
		for (int32_t j = 0; j < in->partition_n; j++) {
			int32_t index = in->partitions[j].partition_index;
			bool *seen = t && index >= 0 && index < t->part_n ? &twice[index] : NULL;
			out->partitions[j].partition_index = index;
			out->partitions[j].error_code = (int16_t)(!may ? KE_TOPIC_AUTHORIZATION_FAILED : seen && *seen && c->version ? KE_INVALID_REQUEST
								  : list_part(k, c, t, &in->partitions[j], req->isolation_level, &out->partitions[j]));
			if (seen)
				*seen = true;
		}
	}
	return KFK_ANSWERED;
}

/* ---- OffsetForLeaderEpoch ---- */

static int epoch_part(struct kafka *k, struct kfk_call *c, struct kfk_topic *t, const struct kp_offset_for_leader_epoch_req_partition *in,
		      struct kp_offset_for_leader_epoch_resp_partition *out)
{
	int32_t found;
	int64_t end;
	if (!t || in->partition < 0 || in->partition >= t->part_n)
		return KE_UNKNOWN_TOPIC_OR_PARTITION;
	int code = kfk_not_leader(k, c, t, in->partition, in->current_leader_epoch);
	if (!code)
		code = kfk_epoch_end(k, t, in->partition, in->leader_epoch, &found, &end);
	if (code)
		return code;
	out->leader_epoch = found;
	out->end_offset = end;
	return KE_NONE;
}

enum kfk_done kfk_serve_leader_epoch(struct kafka *k, struct kfk_call *c)
{
	const struct kp_offset_for_leader_epoch_req *req = c->req;
	struct kp_offset_for_leader_epoch_resp *resp = c->resp;
	resp->topics = kp_elements(&kp_offset_for_leader_epoch_resp_topic_table, c->arena, (size_t)req->topic_n);
	resp->topic_n = req->topic_n;
	for (int32_t i = 0; i < req->topic_n; i++) {
		const struct kp_offset_for_leader_epoch_req_topic *in = &req->topics[i];
		struct kp_offset_for_leader_epoch_resp_topic *out = &resp->topics[i];
		struct kfk_topic *t = kfk_topic(k, in->topic);
		bool may = kfk_may(k, c->conn, "DescribeTopic", in->topic);
		out->topic = in->topic;
		out->partitions = kp_elements(&kp_offset_for_leader_epoch_resp_partition_table, c->arena, (size_t)in->partition_n);
		out->partition_n = in->partition_n;
		for (int32_t j = 0; j < in->partition_n; j++) {
			out->partitions[j].partition = in->partitions[j].partition;
			out->partitions[j].error_code =
				(int16_t)(may ? epoch_part(k, c, t, &in->partitions[j], &out->partitions[j]) : KE_TOPIC_AUTHORIZATION_FAILED);
		}
	}
	return KFK_ANSWERED;
}

/* ---- DeleteRecords ---- */

int kfk_move_start(struct kafka *k, struct kfk_topic *t, int partition, int64_t start)
{
	struct kfk_part *p = &t->parts[partition];
	struct error err;
	if (start <= p->start)
		return KE_NONE;
	if (kfk_store_start(&k->db, t->id, partition, start, &err))
		return kfk_store_failed(k, "start", &err);
	p->start = start;
	kfk_producers_start(k, t, partition);
	kfk_goes(k, t->id, partition, start);
	return KE_NONE;
}

static int delete_part(struct kafka *k, struct kfk_call *c, struct kfk_topic *t, const struct kp_delete_records_req_partition *in, int64_t *low)
{
	if (!t || in->partition_index < 0 || in->partition_index >= t->part_n)
		return KE_UNKNOWN_TOPIC_OR_PARTITION;
	const struct kfk_part *p = &t->parts[in->partition_index];
	int64_t to = in->offset == -1 ? p->stable : in->offset;
	int code = kfk_internal(sl(t->name)) ? KE_INVALID_TOPIC_EXCEPTION : kfk_not_leader(k, c, t, in->partition_index, -1);
	if (!code && !t->set.deletes)
		code = KE_POLICY_VIOLATION;
	if (!code && (to < 0 || to > p->stable))
		code = KE_OFFSET_OUT_OF_RANGE;
	if (!code)
		code = kfk_move_start(k, t, in->partition_index, to);
	if (!code)
		*low = p->start;
	return code;
}

enum kfk_done kfk_serve_delete_records(struct kafka *k, struct kfk_call *c)
{
	const struct kp_delete_records_req *req = c->req;
	struct kp_delete_records_resp *resp = c->resp;
	resp->topics = kp_elements(&kp_delete_records_resp_topic_table, c->arena, (size_t)req->topic_n);
	resp->topic_n = req->topic_n;
	for (int32_t i = 0; i < req->topic_n; i++) {
		const struct kp_delete_records_req_topic *in = &req->topics[i];
		struct kp_delete_records_resp_topic *out = &resp->topics[i];
		struct kfk_topic *t = kfk_topic(k, in->name);
		bool may = kfk_may(k, c->conn, "DeleteTopic", in->name);
		out->name = in->name;
		out->partitions = kp_elements(&kp_delete_records_resp_partition_table, c->arena, (size_t)in->partition_n);
		out->partition_n = in->partition_n;
		for (int32_t j = 0; j < in->partition_n; j++) {
			struct kp_delete_records_resp_partition *part = &out->partitions[j];
			part->partition_index = in->partitions[j].partition_index;
			part->low_watermark = -1;
			part->error_code = (int16_t)(may ? delete_part(k, c, t, &in->partitions[j], &part->low_watermark) : KE_TOPIC_AUTHORIZATION_FAILED);
		}
	}
	return KFK_ANSWERED;
}
