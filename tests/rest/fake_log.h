/* A record log in memory: topics made on first use with one partition, records without a partition of their own in
 * the last one (as the recorded proxy chose), answers one step later. */
#ifndef TARN_TESTS_FAKE_LOG_H
#define TARN_TESTS_FAKE_LOG_H

#include <stdlib.h>

#include "core/ports.h"

enum { FAKE_TOPICS_MAX = 32, FAKE_RECORDS_MAX = 256, FAKE_STEPS_MAX = 700 };

struct fake_record {
	struct slice topic, key, value, trace;
	int partition;
	int64_t offset, timestamp_ms;
};

struct fake_step {
	struct owed owed;
	append_cb appended;
	read_cb read;
	topics_cb topics;
	void *arg;
	struct append_result results[FAKE_RECORDS_MAX];
	size_t n;
	int64_t high;
	int code;
};

struct fake_log {
	struct record_log port;
	struct arena arena;
	struct topic_info topics[FAKE_TOPICS_MAX];
	size_t topic_n;
	struct fake_record records[FAKE_RECORDS_MAX];
	size_t record_n;
	struct fake_step steps[FAKE_STEPS_MAX];
	size_t step_n;
	int fail_with; /* Kafka code for every append, 0: none */
	bool down;     /* every call fails as a whole */
};

static inline struct topic_info *fake_log_topic(struct fake_log *f, struct slice name, int partitions)
{
	for (size_t i = 0; i < f->topic_n; i++)
		if (sl_eq(f->topics[i].name, name))
			return &f->topics[i];
	f->topics[f->topic_n] = (struct topic_info){ arena_dup(&f->arena, name), partitions };
	return &f->topics[f->topic_n++];
}

static inline struct fake_record *fake_log_record(struct fake_log *f, struct slice topic, int partition, int64_t offset)
{
	for (size_t i = 0; i < f->record_n; i++)
		if (sl_eq(f->records[i].topic, topic) && f->records[i].partition == partition && f->records[i].offset == offset)
			return &f->records[i];
	return NULL;
}

static inline int64_t fake_log_end(struct fake_log *f, struct slice topic, int partition)
{
	int64_t n = 0;

	while (fake_log_record(f, topic, partition, n))
		n++;
	return n;
}

static inline struct slice fake_dup(struct fake_log *f, struct slice s)
{
	return s.p ? arena_dup(&f->arena, s) : s;
}

static inline struct append_result fake_append_one(struct fake_log *f, const struct log_append *in)
{
	struct topic_info *t = fake_log_topic(f, in->topic, 1);
	struct append_result out = { 0 };

	out.partition = in->partition < 0 ? t->partition_n - 1 : in->partition;
	out.error = f->fail_with ? f->fail_with : out.partition >= t->partition_n ? 3 : 0;
	if (out.error || f->down)
		return out;
	out.offset = fake_log_end(f, t->name, out.partition);
	f->records[f->record_n++] = (struct fake_record){ t->name, fake_dup(f, in->record.key), fake_dup(f, in->record.value),
							  fake_dup(f, in->record.trace), out.partition, out.offset,
							  in->record.timestamp_ms };
	return out;
}

/* Cancelled: its turn is passed over. */
static inline void fake_drop(struct owed *o)
{
	((struct fake_step *)o)->arg = NULL;
}

static inline struct fake_step *fake_step(struct fake_log *f, void *arg)
{
	struct fake_step *s = &f->steps[f->step_n++];
	*s = (struct fake_step){ .arg = arg };
	owed_init(&s->owed, NULL, fake_drop);
	return s;
}

static inline struct owed *fake_append(void *self, const struct log_append *in, size_t n, append_cb cb, void *arg)
{
	struct fake_log *f = self;
	struct fake_step *s = fake_step(f, arg);
	s->appended = cb;
	s->n = n;
	for (size_t i = 0; i < n; i++)
		s->results[i] = fake_append_one(f, &in[i]);
	return &s->owed;
}

static inline struct owed *fake_read(void *self, struct slice topic, int partition, int64_t offset, size_t max_bytes, read_cb cb,
				     void *arg)
{
	struct fake_log *f = self;
	struct fake_step *s = fake_step(f, arg);
	s->read = cb;
	s->high = fake_log_end(f, topic, partition);
	return &s->owed;
}

static inline struct owed *fake_topics(void *self, topics_cb cb, void *arg)
{
	struct fake_step *s = fake_step(self, arg);
	s->topics = cb;
	return &s->owed;
}

static inline void fake_log_init(struct fake_log *f)
{
	*f = (struct fake_log){ .port = { .append = fake_append, .read = fake_read, .topics = fake_topics } };
	f->port.self = f;
}

static inline void fake_log_free(struct fake_log *f)
{
	arena_free(&f->arena);
}

/* Lets everything asked for answer. */
static inline void fake_log_run(struct fake_log *f)
{
	struct error down = { .kind = ERR_NETWORK, .text = "broker down" };

	for (size_t i = 0; i < f->step_n; i++) {
		struct fake_step *s = &f->steps[i];
		if (!s->arg)
			continue;
		owed_end(&s->owed);
		if (s->appended)
			s->appended(s->arg, f->down ? NULL : s->results, f->down ? 0 : s->n, f->down ? &down : NULL);
		else if (s->read)
			s->read(s->arg, s->code, NULL, 0, 0, s->high);
		else
			s->topics(s->arg, f->down ? NULL : f->topics, f->down ? 0 : f->topic_n, f->down ? &down : NULL);
	}
	f->step_n = 0;
}

#endif
