/* tarn topic tail: the newest records of a topic, and what comes. */
#include <signal.h>
#include <unistd.h>

#include "core/clock.h"
#include "kproto/batch.h"
#include "tarn/cmd_topic.h"

enum { FETCH_MOST = 12, FETCH_BYTES = 8 << 20, WAIT_MS = 500, IDLE_ROUNDS = 3 };

struct line {
	int32_t partition;
	int64_t offset, ts;
	struct slice key, value; /* of tail.texts */
};
struct tail {
	struct topic_options *o;
	const char *name;
	const struct kp_metadata_resp_topic *t; /* of the client's arena: asked for anew when that is emptied */
	int32_t part_n;
	int64_t *at, *end; /* by partition; owned. at -1: isn't read */
	struct line *lines;
	size_t n, cap;
	struct arena texts;
	struct buf plain;
	bool streaming; /* lines are printed as they come */
	bool moved;     /* something was read in this round */
};

static volatile sig_atomic_t interrupted;

static void on_interrupt(int n)
{
	(void)n;
	interrupted = 1;
}

/* ---- a record ---- */

static void show_text(struct slice s)
{
	if (!s.p) {
		fputs("null", stdout);
		return;
	}
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if (c == '\n' || c == '\r' || c == '\t')
			printf("\\%c", c == '\n' ? 'n' : c == '\r' ? 'r' : 't');
		else if (c < 32 || c == 127)
			printf("\\x%02x", c);
		else
			putchar(c);
	}
}

static void show(const struct tail *x, const struct line *l)
{
	char time[32];
	if (x->o->values) {
		fwrite(l->value.p ? l->value.p : "", 1, l->value.n, stdout);
		putchar('\n');
		return;
	}
	clock_iso(l->ts, time);
	printf("%d:%lld\t%s\t", l->partition, (long long)l->offset, time);
	show_text(l->key);
	putchar('\t');
	show_text(l->value);
	putchar('\n');
}

static json_t *row_of(const struct line *l)
{
	char time[32];
	clock_iso(l->ts, time);
	return json_pack("{s:i, s:I, s:s, s:o, s:o}", "partition", (int)l->partition, "offset", (json_int_t)l->offset, "time", time, "key",
			 cmd_kafka_text(l->key), "value", cmd_kafka_text(l->value));
}

static void take(struct tail *x, int32_t partition, const struct kp_record *r)
{
	struct line one = { partition, r->offset, r->ts, r->key, r->value };
	if (x->streaming) {
		show(x, &one);
		return;
	}
	GROW(x->lines, x->n, x->cap);
	one.key = r->key.p ? arena_dup(&x->texts, r->key) : r->key;
	one.value = r->value.p ? arena_dup(&x->texts, r->value) : r->value;
	x->lines[x->n++] = one;
}

/* ---- reading ---- */

/* A batch's records from x->at on. What can't be opened is stepped over, and said. */
static void take_batch(struct tail *x, int32_t partition, const struct kp_batch *b)
{
	struct kp_cursor cur;
	struct kp_record r;
	if (!(b->attributes & KP_ATTR_CONTROL)) {
		if (kp_cursor_open(&cur, b, &x->plain)) {
			cmd_warn("%d:%lld: the batch can't be read", partition, (long long)b->base_offset);
		} else {
			while (kp_cursor_next(&cur, &r))
				if (r.offset >= x->at[partition])
					take(x, partition, &r);
		}
	}
	x->at[partition] = b->base_offset + b->last_delta + 1;
	x->moved = true;
}

static int take_partition(struct tail *x, const struct kp_fetch_resp_partition *p)
{
	struct slice rest = p->records;
	int32_t index = p->partition_index;
	struct kp_batch b;
	if (index < 0 || index >= x->part_n)
		return EXIT_OK;
	if (p->error_code == KE_OFFSET_OUT_OF_RANGE && p->log_start_offset > x->at[index]) {
		x->at[index] = p->log_start_offset;
		x->moved = true;
		return EXIT_OK;
	}
	if (p->error_code && p->error_code != KE_NOT_LEADER_OR_FOLLOWER && p->error_code != KE_LEADER_NOT_AVAILABLE)
		return cmd_kafka_refused(x->name, p->error_code, sl(NULL));
	while (rest.n) {
		int code = kp_batch_parse(rest, &b);
		if (code == KE_UNSUPPORTED_FOR_MESSAGE_FORMAT)
			return cmd_fail(EXIT_FAILED, NULL, "%s-%d: messages of a format before Kafka 0.11", x->name, index);
		if (code)
			break; /* the last may be cut */
		take_batch(x, index, &b);
		rest = sl_from(rest, b.bytes.n);
	}
	return EXIT_OK;
}

/* Partitions of a leader, as far as they are to be read. False: there are none. */
static bool ask_for(struct tail *x, int32_t leader, struct kp_fetch_req_topic *topic)
{
	topic->partitions = kp_elements(&kp_fetch_req_partition_table, kafka_client_arena(x->o->k.c), (size_t)x->part_n);
	topic->partition_n = 0;
	for (int32_t i = 0; i < x->t->partition_n; i++) {
		int32_t index = x->t->partitions[i].partition_index;
		if (x->t->partitions[i].leader_id != leader || index >= x->part_n || x->at[index] < 0 || (!x->o->follow && x->at[index] >= x->end[index]))
			continue;
		struct kp_fetch_req_partition *p = &topic->partitions[topic->partition_n++];
		p->partition = index;
		p->fetch_offset = x->at[index];
		p->partition_max_bytes = FETCH_BYTES;
	}
	return topic->partition_n > 0;
}

/* A round over the leaders. *more: something is still to be read. */
static int round_of(struct tail *x, bool *more)
{
	struct kp_fetch_req_topic topic = { .topic = sl(x->name) };
	struct kp_fetch_req req = { .replica_id = -1, .max_wait_ms = x->o->follow ? WAIT_MS : 0, .min_bytes = x->o->follow, .max_bytes = FETCH_BYTES, .session_epoch = -1,
				    .topics = &topic, .topic_n = 1, .rack_id = S("") };
	struct kp_fetch_resp resp;
	struct error err;
	int rc = cmd_kafka_topic(&x->o->k, x->name, &x->t);
	*more = x->moved = false;
	for (int32_t i = 0; !rc && i < x->t->partition_n; i++) {
		int32_t before = 0, leader = x->t->partitions[i].leader_id;
		while (before < i && x->t->partitions[before].leader_id != leader)
			before++;
		if (before < i || leader < 0 || !ask_for(x, leader, &topic))
			continue;
		*more = true;
		if (kafka_client_ask(x->o->k.c, leader, KP_FETCH, FETCH_MOST, &req, &resp, &err))
			return cmd_kafka_lost(&err);
		for (int32_t p = 0; !rc && resp.response_n && p < resp.responses->partition_n; p++)
			rc = take_partition(x, &resp.responses->partitions[p]);
	}
	(void)fflush(stdout);
	kafka_client_forget(x->o->k.c);
	return rc;
}

/* ---- where it starts ---- */

/* --from, else so far before the end that the newest lines are among them. */
static int start(struct tail *x)
{
	const char *from = x->o->from;
	int64_t when = -2, *first = xcalloc((size_t)x->part_n + 1, sizeof(*first)), offset = -1;
	struct error err;
	int rc = EXIT_OK;
	if (from && !sl_eqs(S("earliest"), from) && !sl_int(sl(from), 0, INT64_MAX, &offset) && !clock_parse_iso(sl(from), &when))
		rc = cmd_fail(EXIT_USAGE, "--from earliest", "%s is no offset and no time", from);
	else if (kafka_client_offsets(x->o->k.c, x->t, -1, x->end, &err) || kafka_client_offsets(x->o->k.c, x->t, when, first, &err))
		rc = cmd_kafka_lost(&err);
	for (int32_t i = 0; !rc && i < x->part_n; i++) {
		int64_t back = x->end[i] - x->o->lines;
		x->at[i] = first[i] < 0 ? x->end[i] : first[i]; /* by time: there is none so late */
		if (offset >= 0)
			x->at[i] = offset > x->at[i] ? offset : x->at[i];
		else if (!from && back > x->at[i])
			x->at[i] = back;
		if (x->o->partition >= 0 && x->o->partition != i)
			x->at[i] = -1;
	}
	free(first);
	return rc;
}

static int by_time(const void *a, const void *b)
{
	const struct line *x = a, *y = b;
	if (x->ts != y->ts)
		return x->ts < y->ts ? -1 : 1;
	if (x->partition != y->partition)
		return x->partition < y->partition ? -1 : 1;
	return x->offset < y->offset ? -1 : x->offset > y->offset;
}

/* Those that were read, oldest first. */
static void print_lines(const struct tail *x)
{
	size_t from = !x->o->from && x->n > (size_t)x->o->lines ? x->n - (size_t)x->o->lines : 0;
	json_t *rows = json_array();
	if (x->n)
		qsort(x->lines, x->n, sizeof(*x->lines), by_time);
	for (size_t i = from; i < x->n; i++) {
		if (cmd_is_json())
			json_array_append_new(rows, row_of(&x->lines[i]));
		else
			show(x, &x->lines[i]);
	}
	if (cmd_is_json())
		(void)cmd_kafka_rows(json_incref(rows), "");
	json_decref(rows);
	(void)fflush(stdout);
}

int topic_tail(void *self, char **words, int n)
{
	struct topic_options *o = self;
	struct tail x = { .o = o, .name = words[1] };
	bool more = true, follow = o->follow;
	int rc = follow && cmd_is_json() ? cmd_fail(EXIT_USAGE, NULL, "--follow has no end, --json one answer") : cmd_kafka_open(&o->k);
	(void)n;
	if (!rc)
		rc = cmd_kafka_topic(&o->k, x.name, &x.t);
	if (rc)
		return rc;
	x.part_n = x.t->partition_n;
	x.at = xcalloc((size_t)x.part_n + 1, sizeof(*x.at));
	x.end = xcalloc((size_t)x.part_n + 1, sizeof(*x.end));
	rc = start(&x);
	o->follow = false;
	for (int idle = 0; !rc && more && idle < IDLE_ROUNDS; idle = x.moved ? 0 : idle + 1) /* nothing may stand before the end: a compacted log */
		rc = round_of(&x, &more);
	if (!rc)
		print_lines(&x);
	o->follow = x.streaming = follow;
	(void)signal(SIGINT, on_interrupt);
	while (!rc && follow && !interrupted)
		rc = round_of(&x, &more);
	free(x.at);
	free(x.end);
	free(x.lines);
	arena_free(&x.texts);
	buf_free(&x.plain);
	return interrupted ? EXIT_OK : rc;
}
