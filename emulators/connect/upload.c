/* An object that goes to the store part by part while its records come: one call at a time, repeated where that may help. */
#include "connect/connect.h"
#include "core/identities.h"

struct part {
	struct part *next;
	struct buf body;
};
struct con_upload {
	struct con_bucket *bucket;
	struct object_store *store;
	struct arena arena;
	struct object_put in;
	struct slice id;       /* absent: not begun */
	struct slice *etags;
	size_t n, cap, waiting;
	int64_t bytes;
	struct part *parts, **last;
	struct owed *call, *wait; /* wait: before it is repeated */
	int tries;
	bool ended, complete, stuck;
	struct error trouble;  /* kind 0: none */
	void (*sent)(void *arg);
	void *sent_arg;
	put_cb cb;
	void *arg;
};

static void go(void *arg);

struct con_upload *con_upload_new(struct con_bucket *b, struct slice key, struct slice trace, void (*sent)(void *arg), void *arg)
{
	const struct stores *stores = &b->k->env->ports->stores;
	struct object_store *o = con_bucket_store(b);
	struct error err;
	if (!o->begin && !b->parts.self && (!stores->self || identities_enforced(b->k->env->conf) || stores->open(stores->self, &b->target, &b->parts, &err)))
		return NULL;
	struct con_upload *u = xcalloc(1, sizeof(*u));
	u->bucket = con_bucket_hold(b);
	u->store = o->begin ? o : &b->parts;
	u->in = (struct object_put){ .bucket = sl(b->name), .key = arena_dup(&u->arena, key), .trace = trace.p ? arena_dup(&u->arena, trace) : sl(NULL),
				     .headers = b->headers, .header_n = b->header_n };
	u->last = &u->parts;
	u->sent = sent;
	u->sent_arg = arg;
	return u;
}

const struct error *con_upload_trouble(const struct con_upload *u)
{
	return u->stuck ? &u->trouble : NULL;
}

size_t con_upload_waiting(const struct con_upload *u)
{
	return u->stuck ? 0 : u->waiting; /* the next record finds out why */
}

int64_t con_upload_bytes(const struct con_upload *u)
{
	return u->bytes;
}

void con_upload_part(struct con_upload *u, struct buf *body)
{
	struct part *p = xcalloc(1, sizeof(*p));
	p->body = *body;
	*body = (struct buf){ .max = body->max };
	u->bytes += (int64_t)p->body.n;
	u->waiting++;
	*u->last = p;
	u->last = &p->next;
	go(u);
}

/* The call has failed: it is tried again by itself while nobody waits for the end, and by con_upload_again after it. */
static void failed(struct con_upload *u, const struct error *err)
{
	u->trouble = *err;
	if (u->ended) {
		u->cb(u->arg, &u->trouble);
		return;
	}
	log_warn(u->bucket->k->env, "part-failed", "key=%.*s part=%zu error=\"%s\"", SL(u->in.key), u->n + 1, err->text);
	u->stuck = !con_worth_repeating(err);
	if (u->stuck)
		u->sent(u->sent_arg);
	else
		owed_keep(&u->wait, owed_after(u->bucket->k->env->loop, (int64_t)200 << (u->tries < 6 ? u->tries++ : 6), go, u));
}

static void on_begun(void *arg, struct slice id, const struct error *err)
{
	struct con_upload *u = arg;
	if (err) {
		failed(u, err);
		return;
	}
	u->id = arena_dup(&u->arena, id);
	go(u);
}

static void on_part(void *arg, struct slice etag, const struct error *err)
{
	struct con_upload *u = arg;
	struct part *p = u->parts;
	if (err) {
		failed(u, err);
		return;
	}
	ARENA_GROW(&u->arena, u->etags, u->n, u->cap);
	u->etags[u->n++] = arena_dup(&u->arena, etag);
	u->parts = p->next;
	if (!u->parts)
		u->last = &u->parts;
	u->waiting--;
	u->tries = 0;
	buf_free(&p->body);
	free(p);
	go(u);
	if (!u->ended)
		u->sent(u->sent_arg);
}

static void on_complete(void *arg, const struct error *err)
{
	struct con_upload *u = arg;
	u->complete = !err;
	if (err)
		u->trouble = *err;
	u->cb(u->arg, err ? &u->trouble : NULL);
}

static void go(void *arg)
{
	struct con_upload *u = arg;
	struct object_store *o = u->store;
	if (u->call || u->wait || u->stuck)
		return;
	if (!u->id.p)
		owed_keep(&u->call, o->begin(o->self, &u->in, on_begun, u));
	else if (u->parts)
		owed_keep(&u->call, o->part(o->self, &u->in, u->id, (int)u->n + 1, buf_slice(&u->parts->body), on_part, u));
	else if (u->ended)
		owed_keep(&u->call, o->complete(o->self, &u->in, u->id, u->etags, u->n, on_complete, u));
}

void con_upload_end(struct con_upload *u, struct buf *body, put_cb cb, void *arg)
{
	u->ended = true;
	u->stuck = false; /* once more, to say it */
	u->cb = cb;
	u->arg = arg;
	owed_cancel_all(&u->wait);
	if (body->n)
		con_upload_part(u, body);
	else
		go(u);
}

void con_upload_again(struct con_upload *u)
{
	go(u);
}

static void on_aborted(void *arg, const struct error *err)
{
	con_bucket_release(arg);
}

void con_upload_drop(struct con_upload *u)
{
	struct object_store *o = u->store;
	owed_cancel_all(&u->call);
	owed_cancel_all(&u->wait);
	/* Nobody keeps what aborting owes: closing the store takes it back; con_buckets_close doesn't ask who holds. */
	if (u->id.p && !u->complete)
		(void)o->abort(o->self, &u->in, u->id, on_aborted, u->bucket);
	else
		con_bucket_release(u->bucket);
	for (struct part *p = u->parts, *next; p; p = next) {
		next = p->next;
		buf_free(&p->body);
		free(p);
	}
	arena_free(&u->arena);
	free(u);
}
