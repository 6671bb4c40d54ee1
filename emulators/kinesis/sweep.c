/* Records that nobody sees any more, of deleted streams and past the retention period: removed a piece a tick, between which
 * everything else is served. What is to go is written down with the deletion, so it goes on after a restart. */
#include "kinesis/kinesis.h"

enum { TRIM_EVERY_MS = 60000, TRIM_SHARDS = 64 };

bool kin_going(const struct kinesis *k, int64_t id)
{
	return k->going[id / 8] >> id % 8 & 1;
}

void kin_goes(struct kinesis *k, int64_t id)
{
	k->going[id / 8] |= (uint8_t)(1 << id % 8);
}

/* Looks at some shards. 0: there was none to look at. */
static int trim_some(struct kinesis *k, struct error *err)
{
	int64_t now_ms = clock_now_ms(k->env->clock);
	size_t left = TRIM_SHARDS;
	for (struct kin_stream *s = k->streams; s; s = s->next) {
		for (; s->trimming && left; s->trimming--, left--) {
			const struct kin_shard *sh = &s->shards[s->trimming - 1];
			int rc = kin_store_trim(&k->db, s->id, sh->ix, kin_horizon(s, now_ms), sh->next_index - 1, err);
			if (rc < 0)
				return rc;
		}
	}
	return left < TRIM_SHARDS;
}

static void step(void *arg)
{
	struct kinesis *k = arg;
	struct error err = { 0 };
	int64_t ended = 0;
	int more = trim_some(k, &err);
	if (!more)
		more = kin_store_sweep(&k->db, &ended, &err);
	if (ended)
		k->going[ended / 8] &= (uint8_t)~(1 << ended % 8);
	if (more < 0) /* a full disk; the next deletion or trim tries again */
		log_error(k->env, "sweep-failed", "error=\"%s\"", err.text);
	else if (more)
		kin_sweep(k);
}

void kin_sweep(struct kinesis *k)
{
	loop_later(k->env->loop, &k->sweep, step, k);
}

void kin_trim(struct kinesis *k, struct kin_stream *s, int64_t now_ms)
{
	if (now_ms - s->trimmed_ms < TRIM_EVERY_MS)
		return;
	s->trimmed_ms = now_ms;
	s->trimming = s->shard_n;
	kin_sweep(k);
}

static void note_going(void *arg, int64_t id)
{
	struct kinesis *k = arg;
	if (id <= 0 || id > KIN_STREAM_ID_MAX)
		return;
	kin_goes(k, id);
	if (id > k->next_id)
		k->next_id = id;
}

int kin_sweep_open(struct kinesis *k, struct error *err)
{
	int rc = kin_store_going(&k->db, note_going, k, err);
	if (!rc)
		kin_sweep(k);
	return rc;
}

void kin_sweep_close(struct kinesis *k)
{
	loop_never(k->env->loop, &k->sweep);
}
