#include "question.h"

#include <pthread.h>
#include <uv.h>

#include "loop.h"
#include "mem.h"

struct question {
	uv_async_t wake; /* first: it is freed when the handle has closed */
	void (*asked)(void *arg);
	void *arg;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool waiting, answered, cancelled;
};

static void on_wake(uv_async_t *h)
{
	struct question *q = (struct question *)h;
	bool waiting;
	pthread_mutex_lock(&q->lock);
	waiting = q->waiting && !q->answered && !q->cancelled;
	pthread_mutex_unlock(&q->lock);
	if (waiting)
		q->asked(q->arg);
}

struct question *question_new(struct loop *l, void (*asked)(void *arg), void *arg)
{
	struct question *q = xcalloc(1, sizeof(*q));
	q->asked = asked;
	q->arg = arg;
	pthread_mutex_init(&q->lock, NULL);
	pthread_cond_init(&q->changed, NULL);
	uv_async_init(loop_uv(l), &q->wake, on_wake);
	uv_unref((uv_handle_t *)&q->wake); /* the job keeps the loop alive */
	return q;
}

bool question_ask(struct question *q)
{
	bool answered;
	pthread_mutex_lock(&q->lock);
	q->waiting = true;
	q->answered = false;
	if (!q->cancelled)
		uv_async_send(&q->wake);
	while (!q->answered && !q->cancelled)
		pthread_cond_wait(&q->changed, &q->lock);
	q->waiting = false;
	answered = q->answered && !q->cancelled;
	pthread_mutex_unlock(&q->lock);
	return answered;
}

static void end(struct question *q, bool *how)
{
	pthread_mutex_lock(&q->lock);
	*how = true;
	pthread_cond_signal(&q->changed);
	pthread_mutex_unlock(&q->lock);
}

void question_answer(struct question *q)
{
	end(q, &q->answered);
}

void question_cancel(struct question *q)
{
	end(q, &q->cancelled);
}

static void closed(uv_handle_t *h)
{
	struct question *q = (struct question *)h;
	pthread_cond_destroy(&q->changed);
	pthread_mutex_destroy(&q->lock);
	free(q);
}

void question_free(struct question *q)
{
	if (q)
		uv_close((uv_handle_t *)&q->wake, closed);
}
