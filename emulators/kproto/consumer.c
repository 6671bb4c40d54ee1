#include "kproto/consumer.h"

#include "kproto/code.h"
#include "kproto/message.h"

static struct ports *ports_of(const struct consumer *c)
{
	return c->all->env->ports;
}

/* ---- partitions that are read ---- */

static void buffer_drop(struct kp_place *p)
{
	owed_cancel(p->read);
	p->n = p->at = 0;
	arena_reset(&p->arena);
}

static void place_free(struct kp_place *p)
{
	buffer_drop(p);
	arena_free(&p->arena);
	free(p->topic);
	free(p);
}

void kp_places_drop(struct consumer *c)
{
	while (c->places) {
		struct kp_place *p = c->places;
		c->places = p->next;
		place_free(p);
	}
}

struct kp_place *kp_place_add(struct consumer *c, struct slice topic, int partition, int64_t position)
{
	struct kp_place *p = xcalloc(1, sizeof(*p)), **at = &c->places;
	*p = (struct kp_place){ .c = c, .topic = xstrndup(topic.p, topic.n), .partition = partition, .position = position, .polled = -1 };
	while (*at)
		at = &(*at)->next;
	*at = p;
	return p;
}

static struct kp_place *find(struct consumer *c, struct slice topic, int partition)
{
	for (struct kp_place *p = c->places; p; p = p->next)
		if (p->partition == partition && sl_eqs(topic, p->topic))
			return p;
	return NULL;
}

/* ---- reading ---- */

static void on_read(void *arg, int code, const struct log_record *r, size_t n, int64_t next, int64_t high)
{
	struct kp_place *p = arg;
	struct consumer *c = p->c;
	(void)high;
	if (code == KE_OFFSET_OUT_OF_RANGE) {
		p->position = !strcmp(c->reset, "earliest") ? -2 : -1;
		if (!strcmp(c->reset, "none"))
			kp_consumer_wrong(c, code, "Fetch position is out of range, and there is no reset policy");
	} else if (!code) {
		p->records = arena_alloc(&p->arena, (n + 1) * sizeof(*r));
		for (size_t i = 0; i < n; i++) {
			p->records[i] = r[i];
			struct slice *const parts[] = { &p->records[i].key, &p->records[i].value, &p->records[i].trace, &p->records[i].headers };
			for (size_t j = 0; j < ARRAY_LEN(parts); j++)
				*parts[j] = parts[j]->p ? arena_dup(&p->arena, *parts[j]) : *parts[j];
		}
		p->n = n;
		p->at = 0;
		p->after = next;
		if (!n)
			p->position = next;
	}
	p->dry = !n;
	kp_poll_turn(c);
}

static void read_on(struct consumer *c)
{
	struct record_log *log = &ports_of(c)->log;
	for (struct kp_place *p = c->places; p; p = p->next) {
		if (p->read || p->at < p->n || p->dry || p->position < -2)
			continue;
		arena_reset(&p->arena);
		p->n = p->at = 0;
		struct owed *(*read)(void *, struct slice, int, int64_t, size_t, read_cb, void *) =
			c->committed && log->read_committed ? log->read_committed : log->read;
		owed_keep(&p->read, read(log->self, sl(p->topic), p->partition, p->position, c->fetch_bytes, on_read, p));
	}
}

/* ---- poll ---- */

static void poll_drop(struct owed *o)
{
	struct kp_poll *p = (struct kp_poll *)o;
	loop_never(p->c->all->env->loop, &p->turn);
	owed_cancel(p->wait);
	if (p->c->poll == p)
		p->c->poll = NULL;
	free(p);
}

static void poll_answer(struct kp_poll *p, const struct consumed *r, size_t n, const struct error *err)
{
	owed_end(&p->owed);
	if (p->c->poll == p)
		p->c->poll = NULL;
	p->cb(p->arg, r, n, err);
	poll_drop(&p->owed);
}

static size_t take(struct consumer *c, size_t most, struct consumed *out)
{
	size_t n = 0;
	for (struct kp_place *p = c->places; p && n < most; p = p->next) {
		while (p->at < p->n && n < most)
			out[n++] = (struct consumed){ sl(p->topic), p->partition, p->records[p->at++] };
		if (p->n && n) {
			p->position = p->at < p->n ? p->records[p->at].offset : p->after;
			p->polled = p->position;
		}
	}
	return n;
}

static void on_turn(void *arg)
{
	struct kp_poll *p = arg;
	struct consumer *c = p->c;
	struct error err;
	if (c->wrong) {
		(void)err_set(&err, ERR_INVALID, "%s", c->wrong);
		free(c->wrong);
		c->wrong = NULL;
		poll_answer(p, NULL, 0, &err);
		return;
	}
	size_t there = 0;
	bool more = false; /* an answer of Kafka has what all partitions have: those that are being read are waited for */
	for (struct kp_place *at = c->places; at; at = at->next) {
		there += at->n - at->at;
		more = more || at->read;
	}
	if ((there && !more) || p->over) {
		there = there < p->most ? there : p->most;
		struct consumed *out = xcalloc(there + 1, sizeof(*out));
		size_t n = take(c, there, out);
		poll_answer(p, out, n, NULL);
		free(out);
		return;
	}
	kp_group_go_on(c);
	read_on(c);
}

void kp_poll_turn(struct consumer *c)
{
	if (c->poll)
		loop_later(c->all->env->loop, &c->poll->turn, on_turn, c->poll);
}

void kp_consumer_wrong(struct consumer *c, int code, const char *text)
{
	free(c->wrong);
	c->wrong = xstrdup(text ? text : kp_code_text(code) ? kp_code_text(code) : "unknown error");
	kp_poll_turn(c);
}

static void poll_over(void *arg)
{
	struct kp_poll *p = arg;
	p->over = true;
	on_turn(p);
}

static void save_later(struct consumer *c);

static struct owed *local_poll(struct consumer *c, size_t most, int64_t wait_ms, consumed_cb cb, void *arg)
{
	struct kp_poll *p = xcalloc(1, sizeof(*p));
	owed_init(&p->owed, &c->all->owed, poll_drop);
	p->c = c;
	p->most = most;
	p->cb = cb;
	p->arg = arg;
	c->poll = p;
	c->polled_ms = clock_now_ms(c->all->env->clock);
	for (struct kp_place *at = c->places; at; at = at->next)
		at->dry = false;
	owed_keep(&p->wait, owed_after(c->all->env->loop, wait_ms, poll_over, p));
	save_later(c);
	kp_poll_turn(c);
	return &p->owed;
}

void kp_consumers_wake(struct kp_consumers *all)
{
	for (struct consumer *c = all->first; c; c = c->next) {
		for (struct kp_place *p = c->places; p; p = p->next)
			p->dry = false;
		kp_poll_turn(c);
	}
}

/* ---- what it reads ---- */

static void unsubscribe(struct consumer *c)
{
	kp_group_end(c, true);
	kp_places_drop(c);
	for (size_t i = 0; i < c->topic_n; i++)
		free(c->topics[i]);
	free(c->topics);
	c->topics = NULL;
	c->topic_n = 0;
	if (c->regex_ok)
		java_regex_free(&c->regex);
	arena_reset(&c->regex_arena);
	c->regex_ok = c->subscribed = false;
	free(c->pattern);
	c->pattern = NULL;
}

/* To the same topics as now: nothing changes. */
static bool same_topics(const struct consumer *c, const struct slice *topics, size_t n)
{
	size_t found = 0;
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < c->topic_n; k++)
			found += sl_eqs(topics[i], c->topics[k]);
	return c->subscribed && !c->pattern && n && n == c->topic_n && found == n;
}

/* As Kafka's consumer: who reads other topics from now on commits what was read, who reads none any more doesn't. */
static void local_subscribe(struct consumer *c, const struct slice *topics, size_t n, struct slice pattern)
{
	struct error err;
	if (same_topics(c, topics, n))
		return;
	bool was = c->subscribed && (n || pattern.p);
	/* Another subscription of a member: it stays one, and asks for other topics. */
	enum kp_member state = c->state;
	char *member = c->member ? xstrdup(c->member) : NULL;
	if (was)
		kp_commit_all(c, &c->all->leaving);
	if (was && state != KP_NO_MEMBER)
		kp_group_end(c, false);
	unsubscribe(c);
	if (was && state != KP_NO_MEMBER)
		c->member = member;
	else
		free(member);
	c->topics = xcalloc(n + 1, sizeof(*c->topics));
	for (size_t i = 0; i < n; i++)
		c->topics[c->topic_n++] = xstrndup(topics[i].p, topics[i].n);
	c->subscribed = n || pattern.p;
	if (!n && pattern.p) {
		c->pattern = xstrndup(pattern.p, pattern.n);
		c->regex_ok = !java_regex_open(&c->regex, &c->regex_arena, sl(c->pattern), JAVA_REGEX_WHOLE, &err);
		if (!c->regex_ok)
			kp_consumer_wrong(c, KE_INVALID_REGULAR_EXPRESSION, err.text);
	}
	kp_poll_turn(c);
}

static void local_assign(struct consumer *c, const struct consumer_place *p, size_t n)
{
	kp_commit_all(c, &c->all->leaving);
	unsubscribe(c);
	for (size_t i = 0; i < n; i++)
		if (!find(c, p[i].topic, p[i].partition))
			(void)kp_place_add(c, p[i].topic, p[i].partition, -3);
	kp_poll_turn(c);
}

static size_t local_assignment(struct consumer *c, struct arena *a, struct consumer_place **out)
{
	size_t n = 0;
	for (struct kp_place *p = c->places; p; p = p->next)
		n++;
	*out = arena_alloc(a, (n + 1) * sizeof(**out));
	n = 0;
	for (struct kp_place *p = c->places; p; p = p->next)
		(*out)[n++] = (struct consumer_place){ .topic = arena_dup(a, sl(p->topic)), .partition = p->partition, .offset = p->position };
	return n;
}

static int local_seek(struct consumer *c, const struct consumer_place *to, struct error *err)
{
	struct kp_place *p = find(c, to->topic, to->partition);
	if (!p)
		return err_set(err, ERR_NOT_FOUND, "No current assignment for partition %.*s-%d", SL(to->topic), to->partition);
	buffer_drop(p);
	p->position = to->offset;
	p->polled = to->offset >= 0 ? to->offset : -1;
	p->dry = false;
	kp_poll_turn(c);
	return 0;
}

/* ---- commits ---- */

/* A request about places, and its answer in the same order. */
struct asking {
	struct owed owed;
	struct consumer *c;
	struct owed *step;
	struct arena arena;
	struct consumer_place *p;
	size_t n;
	places_cb cb;
	void *arg;
};

static void asking_drop(struct owed *o)
{
	struct asking *k = (struct asking *)o;
	owed_cancel(k->step);
	arena_free(&k->arena);
	free(k);
}

static struct asking *asking_new(struct consumer *c, const struct consumer_place *p, size_t n, places_cb cb, void *arg)
{
	struct asking *k = xcalloc(1, sizeof(*k));
	owed_init(&k->owed, &c->all->owed, asking_drop);
	k->c = c;
	k->cb = cb;
	k->arg = arg;
	k->p = arena_alloc(&k->arena, (n + 1) * sizeof(*p));
	for (size_t i = 0; i < n; i++) {
		k->p[i] = p[i];
		k->p[i].topic = arena_dup(&k->arena, p[i].topic);
		k->p[i].metadata = p[i].metadata.p ? arena_dup(&k->arena, p[i].metadata) : S("");
	}
	k->n = n;
	return k;
}

static void asking_end(struct asking *k, const struct error *err)
{
	owed_end(&k->owed);
	k->cb(k->arg, k->p, err ? 0 : k->n, err);
	asking_drop(&k->owed);
}

static struct consumer_place *of(struct asking *k, struct slice topic, int partition, size_t hint)
{
	for (size_t i = 0; i < k->n; i++) {
		struct consumer_place *p = &k->p[(hint + i) % k->n];
		if (p->partition == partition && sl_eq(p->topic, topic))
			return p;
	}
	return NULL;
}

static void on_committed(void *arg, const void *answer, const struct error *err)
{
	const struct kp_offset_commit_resp *resp = answer;
	struct asking *k = arg;
	for (int32_t i = 0; resp && i < resp->topic_n; i++)
		for (int32_t j = 0; j < resp->topics[i].partition_n; j++) {
			struct consumer_place *p = of(k, resp->topics[i].name, resp->topics[i].partitions[j].partition_index, (size_t)i);
			if (p)
				p->error = resp->topics[i].partitions[j].error_code;
		}
	asking_end(k, err);
}

static struct kp_offset_commit_req commit_request(const struct consumer *c, struct arena *a, const struct consumer_place *p, size_t n)
{
	struct kp_offset_commit_req req;
	kp_init(&kp_offset_commit_req_table, &req);
	req.group_id = sl(c->group);
	if (c->member && c->subscribed) {
		req.member_id = sl(c->member);
		req.generation_id_or_member_epoch = c->generation;
		req.group_instance_id = sl(c->instance);
	}
	req.topics = kp_elements(&kp_offset_commit_req_topic_table, a, n);
	req.topic_n = (int32_t)n;
	for (size_t i = 0; i < n; i++) {
		struct kp_offset_commit_req_partition *one = kp_elements(&kp_offset_commit_req_partition_table, a, 1);
		one->partition_index = p[i].partition;
		one->committed_offset = p[i].offset;
		one->committed_metadata = p[i].metadata.p ? p[i].metadata : S("");
		req.topics[i].name = p[i].topic;
		req.topics[i].partitions = one;
		req.topics[i].partition_n = 1;
	}
	return req;
}

static size_t polled(struct consumer *c, struct arena *a, struct consumer_place **out)
{
	size_t n = 0;
	for (struct kp_place *p = c->places; p; p = p->next)
		n += p->polled >= 0;
	*out = arena_alloc(a, (n + 1) * sizeof(**out));
	n = 0;
	for (struct kp_place *p = c->places; p; p = p->next)
		if (p->polled >= 0)
			(*out)[n++] = (struct consumer_place){ .topic = sl(p->topic), .partition = p->partition, .offset = p->polled };
	return n;
}

static void on_nothing(struct owed *o)
{
	struct asking *k = (struct asking *)o;
	k->cb(k->arg, k->p, k->n, NULL);
}

static struct owed *local_commit(struct consumer *c, const struct consumer_place *p, size_t n, places_cb cb, void *arg)
{
	struct arena arena = { 0 };
	struct consumer_place *all;
	struct broker *b = &ports_of(c)->broker;
	if (!n) {
		n = polled(c, &arena, &all);
		p = all;
	}
	struct asking *k = asking_new(c, p, n, cb, arg);
	if (n) {
		struct kp_offset_commit_req req = commit_request(c, &k->arena, k->p, n);
		owed_keep(&k->step, b->ask(b->self, KP_OFFSET_COMMIT, &req, on_committed, k));
	} else {
		owed_soon(&k->owed, c->all->env->loop, on_nothing);
	}
	arena_free(&arena);
	return &k->owed;
}

void kp_told_no_one(void *arg, const void *answer, const struct error *err)
{
	(void)arg;
	(void)answer;
	(void)err;
}

void kp_commit_all(struct consumer *c, struct owed **list)
{
	struct arena arena = { 0 };
	struct consumer_place *all;
	struct broker *b = &ports_of(c)->broker;
	size_t n = c->auto_commit_ms ? polled(c, &arena, &all) : 0;
	if (n) {
		struct kp_offset_commit_req req = commit_request(c, &arena, all, n);
		owed_keep(list, b->ask(b->self, KP_OFFSET_COMMIT, &req, kp_told_no_one, NULL));
	}
	arena_free(&arena);
}

static void save(void *arg)
{
	struct consumer *c = arg;
	kp_commit_all(c, &c->saving);
}

/* As kafka-clients: when the interval is over, and only what was polled. */
static void save_later(struct consumer *c)
{
	if (c->auto_commit_ms && !c->save.slot)
		clock_at(c->all->env->clock, &c->save, clock_now_ms(c->all->env->clock) + c->auto_commit_ms, save, c);
}

static void on_group_offsets(void *arg, const void *answer, const struct error *err)
{
	const struct kp_offset_fetch_resp *resp = answer;
	struct asking *k = arg;
	for (int32_t g = 0; resp && g < resp->group_n; g++)
		for (int32_t i = 0; i < resp->groups[g].topic_n; i++)
			for (int32_t j = 0; j < resp->groups[g].topics[i].partition_n; j++) {
				struct consumer_place *p = of(k, resp->groups[g].topics[i].name, resp->groups[g].topics[i].partitions[j].partition_index, (size_t)i);
				if (!p)
					continue;
				p->offset = resp->groups[g].topics[i].partitions[j].committed_offset;
				p->metadata = resp->groups[g].topics[i].partitions[j].metadata;
				p->error = resp->groups[g].topics[i].partitions[j].error_code ? resp->groups[g].topics[i].partitions[j].error_code : resp->groups[g].error_code;
			}
	asking_end(k, err);
}

static struct owed *local_committed(struct consumer *c, const struct consumer_place *p, size_t n, places_cb cb, void *arg)
{
	struct asking *k = asking_new(c, p, n, cb, arg);
	struct broker *b = &ports_of(c)->broker;
	struct kp_offset_fetch_req req;
	struct kp_offset_fetch_req_group *group = kp_elements(&kp_offset_fetch_req_group_table, &k->arena, 1);
	kp_init(&kp_offset_fetch_req_table, &req);
	req.groups = group;
	req.group_n = 1;
	group->group_id = sl(c->group);
	group->topics = arena_alloc(&k->arena, (n + 1) * sizeof(*group->topics));
	group->topic_n = (int32_t)n;
	for (size_t i = 0; i < n; i++) {
		int32_t *one = arena_alloc(&k->arena, sizeof(*one));
		*one = k->p[i].partition;
		k->p[i].offset = -1;
		group->topics[i].name = k->p[i].topic;
		group->topics[i].partition_indexes = one;
		group->topics[i].partition_index_n = 1;
	}
	owed_keep(&k->step, b->ask(b->self, KP_OFFSET_FETCH, &req, on_group_offsets, k));
	return &k->owed;
}

static void on_times(void *arg, const void *answer, const struct error *err)
{
	const struct kp_list_offsets_resp *resp = answer;
	struct asking *k = arg;
	for (int32_t i = 0; resp && i < resp->topic_n; i++)
		for (int32_t j = 0; j < resp->topics[i].partition_n; j++) {
			struct consumer_place *p = of(k, resp->topics[i].name, resp->topics[i].partitions[j].partition_index, (size_t)i);
			if (p) {
				p->offset = resp->topics[i].partitions[j].offset;
				p->error = resp->topics[i].partitions[j].error_code;
			}
		}
	asking_end(k, err);
}

static struct owed *local_times(struct consumer *c, const struct consumer_place *p, size_t n, places_cb cb, void *arg)
{
	struct asking *k = asking_new(c, p, n, cb, arg);
	struct broker *b = &ports_of(c)->broker;
	struct kp_list_offsets_req req;
	kp_init(&kp_list_offsets_req_table, &req);
	req.replica_id = -1;
	req.isolation_level = c->committed;
	req.topics = kp_elements(&kp_list_offsets_req_topic_table, &k->arena, n);
	req.topic_n = (int32_t)n;
	for (size_t i = 0; i < n; i++) {
		struct kp_list_offsets_req_partition *one = kp_elements(&kp_list_offsets_req_partition_table, &k->arena, 1);
		one->partition_index = k->p[i].partition;
		one->timestamp = k->p[i].offset;
		req.topics[i].name = k->p[i].topic;
		req.topics[i].partitions = one;
		req.topics[i].partition_n = 1;
		k->p[i].offset = -1;
	}
	owed_keep(&k->step, b->ask(b->self, KP_LIST_OFFSETS, &req, on_times, k));
	return &k->owed;
}

/* ---- life ---- */

static char *text_or(struct slice s, const char *dflt)
{
	return s.p ? xstrndup(s.p, s.n) : dflt ? xstrdup(dflt) : NULL;
}

static struct consumer *local_open(void *self, const struct consumer_conf *conf)
{
	struct kp_consumers *all = self;
	struct consumer *c = xcalloc(1, sizeof(*c));
	c->all = all;
	c->group = text_or(conf->group, "");
	c->client = text_or(conf->client, "consumer");
	c->instance = text_or(conf->instance, NULL);
	c->reset = text_or(conf->reset, "latest");
	c->auto_commit_ms = conf->auto_commit_ms;
	c->session_ms = conf->session_ms ? conf->session_ms : KP_SESSION_MS;
	c->committed = conf->committed;
	c->fetch_bytes = conf->fetch_bytes ? conf->fetch_bytes : KP_FETCH_BYTES;
	c->next = all->first;
	all->first = c;
	return c;
}

static void consumer_free(struct consumer *c)
{
	owed_cancel_all(&c->saving);
	clock_cancel(c->all->env->clock, &c->save);
	for (struct consumer **at = &c->all->first; *at; at = &(*at)->next) {
		if (*at == c) {
			*at = c->next;
			break;
		}
	}
	arena_free(&c->regex_arena);
	free(c->wrong);
	free(c->group);
	free(c->client);
	free(c->instance);
	free(c->reset);
	free(c->member);
	free(c->asked_for);
	free(c);
}

static void local_close(struct consumer *c)
{
	kp_commit_all(c, &c->all->leaving);
	unsubscribe(c);
	consumer_free(c);
}

static void woken(void *arg)
{
	kp_consumers_wake(arg);
}

void kp_consumers_provide(struct kp_consumers *all, const struct env *env, struct ports *ports)
{
	all->env = env;
	ports->consumers = (struct consumers){ .self = all, .open = local_open, .close = local_close, .subscribe = local_subscribe, .assign = local_assign,
					       .assignment = local_assignment, .poll = local_poll, .seek = local_seek, .commit = local_commit,
					       .committed = local_committed, .times = local_times };
	ports->log.watch(ports->log.self, woken, all);
}

void kp_consumers_close(struct kp_consumers *all)
{
	while (all->first) {
		struct consumer *c = all->first;
		kp_group_end(c, false);
		kp_places_drop(c);
		if (c->regex_ok)
			java_regex_free(&c->regex);
		for (size_t i = 0; i < c->topic_n; i++)
			free(c->topics[i]);
		free(c->topics);
		free(c->pattern);
		consumer_free(c);
	}
	owed_cancel_all(&all->leaving);
	owed_cancel_all(&all->owed);
}
