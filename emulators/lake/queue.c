/* The queue: slow work is done one piece at a time, in order. A piece is a clean run (run.c) or a statement (select.c).
 */
#include "lake/lake.h"

#include <stdlib.h>
#include <string.h>

void lake_queue(struct lake *l, struct lake_task *t)
{
	t->l = l;
	t->next = NULL;
	loop_working_add(l->env->loop, 1);
	l->task_n++;
	if (l->last)
		l->last->next = t;
	l->last = t;
	if (l->first)
		return;
	l->first = t;
	t->start(t);
}

void lake_next(struct lake *l)
{
	struct lake_task *done = l->first;
	l->first = done->next;
	if (!l->first)
		l->last = NULL;
	l->task_n--;
	loop_working_add(l->env->loop, -1);
	done->free(done);
	if (l->first && !l->closing)
		l->first->start(l->first);
}

/* Messages quote what a client sent, and are cut at a length: what is no UTF-8 becomes '?', so that the body is JSON.
 */
static void add_message(struct buf *b, struct slice text)
{
	struct buf good = { 0 };
	for (size_t i = 0, n; i < text.n; i += n) {
		for (n = 1; n < 4 && i + n < text.n && !sl_is_utf8(sl_of(text.p + i, n)); n++)
			;
		if (sl_is_utf8(sl_of(text.p + i, n))) {
			buf_add(&good, text.p + i, n);
		} else {
			buf_addc(&good, '?');
			n = 1;
		}
	}
	buf_json_string(b, buf_slice(&good));
	buf_free(&good);
}

void lake_fail(struct http_call *call, const struct error *err)
{
	static const struct {
		int kind, status;
		const char *code;
	} rows[] = {
		{ ERR_INVALID, 400, "INVALID_PARAMETER_VALUE" }, { ERR_NOT_FOUND, 404, "RESOURCE_DOES_NOT_EXIST" },
		{ ERR_CONFLICT, 400, "RESOURCE_ALREADY_EXISTS" },{ ERR_DENIED, 403, "PERMISSION_DENIED" },        { ERR_LIMIT, 400, "QUOTA_EXCEEDED" },
		{ ERR_TIMEOUT, 408, "DEADLINE_EXCEEDED" },       { ERR_THROTTLED, 429, "REQUEST_LIMIT_EXCEEDED" },
		{ ERR_UNSUPPORTED, 404, "ENDPOINT_NOT_FOUND" },  { ERR_NETWORK, 503, "TEMPORARILY_UNAVAILABLE" },
	};
	const char *code = "INTERNAL_ERROR";
	int status = 500;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (rows[i].kind == err->kind) {
			code = rows[i].code;
			status = rows[i].status;
		}
	if (err->kind == ERR_UNSUPPORTED && err->def) { /* a table's feature, not an address of ours */
		code = "NOT_IMPLEMENTED";
		status = 501;
	}
	struct buf b = { 0 };
	buf_addf(&b, "{\"error_code\":\"%s\",\"message\":", code);
	add_message(&b, sl(err->text));
	buf_adds(&b, "}\n");
	http_reply(call, status, "application/json", buf_slice(&b));
	buf_free(&b);
}

void lake_drop(struct lake *l)
{
	enum { TURNS_MAX = 100, TURN_MS = 10 };
	l->closing = true;
	/* A job must end before its store goes; an object that a remote store still owes is given up after a second. */
	for (int turn = 0; l->job || (l->owed && turn < TURNS_MAX); turn++) {
		lake_store_interrupt(&l->store);
		loop_turn(l->env->loop, TURN_MS);
	}
	while (l->first && !l->owed) {
		struct lake_task *t = l->first;
		l->first = t->next;
		loop_working_add(l->env->loop, -1);
		t->free(t);
	}
	lake_store_cancel(&l->store);
}
