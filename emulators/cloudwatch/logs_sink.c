/* Lines of tarn's own services: they wait in memory for the end of the tick, a buffer a stream, and are written with its commit. */
#include "cloudwatch/logs.h"

#include "core/text.h"

enum { TARGETS_MAX = 32, WAITING_MAX = 1 << 20, LINE_MAX_BYTES = 256 << 10, EXPIRE_PIECE = 200 };

/* A stream that lines go to. */
struct target {
	char *region, *group, *stream;
	int64_t grp, id;            /* 0: not looked up since something was dropped */
	struct buf lines;           /* at_ms, length, text */
	int64_t first_ms, last_ms, bytes;
	uint64_t used;
};

struct logs_sink {
	struct logs *l;
	struct target targets[TARGETS_MAX];
	size_t n, waiting; /* waiting: bytes */
	uint64_t uses;
	int64_t expired_ms; /* when groups' old lines were last looked for */
};

struct logs_sink *logs_sink_new(struct logs *l)
{
	struct logs_sink *s = xcalloc(1, sizeof(*s));
	s->l = l;
	return s;
}

static void target_free(struct target *t)
{
	free(t->region);
	free(t->group);
	free(t->stream);
	buf_free(&t->lines);
	*t = (struct target){ 0 };
}

void logs_sink_free(struct logs_sink *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->n; i++)
		target_free(&s->targets[i]);
	free(s);
}

bool logs_sink_waits(const struct logs_sink *s)
{
	return s->waiting > 0;
}

void logs_sink_forget(struct logs_sink *s)
{
	for (size_t i = 0; i < s->n; i++)
		s->targets[i].id = 0;
}

static struct aws_place place_of(const struct logs_sink *s, const struct target *t)
{
	const struct conf *conf = s->l->a->env->conf;
	return (struct aws_place){ .account = identities_account(conf), .region = *t->region ? t->region : identities_region(conf) };
}

/* The stream's ids, made where they aren't. */
static int look_up(struct logs_sink *s, struct target *t, struct error *err)
{
	struct logs *l = s->l;
	struct aws_place at = place_of(s, t);
	struct log_stream st;
	json_t *group = aws_find(l->a, at, &logs_groups, t->group);
	if (!group && !(group = logs_group_make(l, at, t->group, err)))
		return ERR_STORE;
	t->grp = jint(group, "id");
	int rc = logs_stream_find(&l->store, t->grp, sl(t->stream), &st, err);
	if (rc > 0)
		t->id = st.id;
	return rc ? rc > 0 ? 0 : rc : logs_stream_new(&l->store, t->grp, sl(t->stream), clock_now_ms(l->a->env->clock), &t->id, err);
}

static int write_lines(struct logs_sink *s, struct target *t, struct error *err)
{
	struct logs *l = s->l;
	struct rd r = rd_of(t->lines.p, t->lines.n);
	int64_t now_ms = clock_now_ms(l->a->env->clock);
	int rc = t->id ? 0 : look_up(s, t, err);
	while (!rc && r.n) {
		int64_t at_ms = (int64_t)rd_u64be(&r);
		struct slice text = rd_bytes(&r, rd_u32be(&r));
		rc = logs_line_put(&l->store, t->grp, t->id, at_ms, now_ms, text, err);
		logs_count(l, place_of(s, t), t->group, at_ms, text);
	}
	return rc ? rc : logs_stream_grows(&l->store, t->id, t->first_ms, t->last_ms, now_ms, t->bytes, err);
}

/* Once an emulated hour: a piece of what groups no longer keep. */
int logs_sink_expire(struct logs_sink *s, struct error *err)
{
	struct logs *l = s->l;
	int64_t now_ms = clock_now_ms(l->a->env->clock), cutoff;
	json_t *group;
	if (now_ms - s->expired_ms < 3600000)
		return 0;
	s->expired_ms = now_ms;
	for (struct aws_walk w = aws_walk_all(l->a, &logs_groups); (group = aws_next(&w));) {
		int n = (cutoff = logs_cutoff(group, now_ms)) ? logs_expire(&l->store, jint(group, "id"), cutoff, EXPIRE_PIECE, err) : 0;
		if (n < 0)
			return n;
		if (n == EXPIRE_PIECE)
			s->expired_ms = 0; /* there is more: with the next lines */
	}
	return 0;
}

int logs_sink_flush(struct logs_sink *s, struct error *err)
{
	int rc = 0;
	if (!s->waiting)
		return 0;
	for (size_t i = 0; i < s->n; i++) {
		struct target *t = &s->targets[i];
		if (!rc && t->lines.n)
			rc = write_lines(s, t, err);
		buf_free(&t->lines);
		t->bytes = 0;
	}
	s->waiting = 0;
	return rc ? rc : logs_sink_expire(s, err);
}

static struct target *target_of(struct logs_sink *s, struct slice region, struct slice group, struct slice stream)
{
	struct target *t = NULL;
	struct error err;
	for (size_t i = 0; i < s->n; i++) {
		t = &s->targets[i];
		if (sl_eqs(stream, t->stream) && sl_eqs(group, t->group) && sl_eqs(region.p ? region : S(""), t->region))
			return t;
	}
	if (s->n < TARGETS_MAX) {
		t = &s->targets[s->n++];
	} else {
		/* Who hasn't been written to for longest gives way. */
		if (logs_sink_flush(s, &err))
			log_error(s->l->a->env, "store-failed", "error=\"%s\"", err.text);
		t = s->targets;
		for (size_t i = 1; i < s->n; i++)
			if (s->targets[i].used < t->used)
				t = &s->targets[i];
		target_free(t);
	}
	t->region = xstrndup(region.p ? region.p : "", region.n);
	t->group = xstrndup(group.p, group.n);
	t->stream = xstrndup(stream.p, stream.n);
	return t;
}

static void on_put(void *self, struct slice region, struct slice group, struct slice stream, int64_t at_ms, struct slice text)
{
	struct aws *a = self;
	struct buf good = { 0 };
	struct error err;
	if (!a->logs || !text.n)
		return;
	struct logs_sink *s = a->logs->sink;
	struct target *t = target_of(s, region, group, stream);
	if (text.n > LINE_MAX_BYTES)
		text.n = LINE_MAX_BYTES;
	t->used = ++s->uses;
	t->first_ms = !t->lines.n || at_ms < t->first_ms ? at_ms : t->first_ms;
	t->last_ms = !t->lines.n || at_ms > t->last_ms ? at_ms : t->last_ms;
	t->bytes += (int64_t)text.n + LOGS_EVENT_OVERHEAD;
	buf_utf8_mend(&good, text, "?");
	buf_u64be(&t->lines, (uint64_t)at_ms);
	buf_u32be(&t->lines, (uint32_t)good.n);
	buf_addsl(&t->lines, buf_slice(&good));
	buf_free(&good);
	s->waiting += text.n + 12;
	if (s->waiting > WAITING_MAX && logs_sink_flush(s, &err))
		log_error(a->env, "store-failed", "error=\"%s\"", err.text);
}

static bool rds_wants(void *self, const char *instance, const char *log)
{
	static const struct aws_kind instances = { "rds.instance" };
	const struct aws *a = self;
	const struct conf *conf = a->env->conf;
	const json_t *doc = aws_find(a, (struct aws_place){ identities_account(conf), identities_region(conf) }, &instances, instance), *one;
	size_t i;
	json_array_foreach (json_object_get(doc, "EnabledCloudwatchLogsExports"), i, one)
		if (!strcmp(json_string_value(one), log))
			return true;
	return false;
}

void logs_sink_provide(struct aws *a, struct log_lines *out)
{
	*out = (struct log_lines){ a, on_put, rds_wants };
}
