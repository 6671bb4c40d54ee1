/* Reset, restart, and other state in place: services close and open while the process, its listeners and their connections stay. */
#include "core/adopt.h"
#include "core/park.h"
#include "stack/control.h"
#include "stack/events.h"
#include "stack/control.h"
#include "stack/inside.h"
#include "browse/browse.h"
#include "journey/journey.h"
#include "stack/reset.h"
#include "snapshot/snapshot.h"

static bool waits_for_reset(void *arg, const struct http_call *call)
{
	const struct server *s = arg;
	const struct http_call *one = s->resets;
	bool stays = events_has(s->events, call) || control_runs(s, call) || snapshots_has(s->snapshots, call) || (s->swap && s->swap->call == call);
	for (const struct server_swap *w = s->swaps; w && !stays; w = w->next)
		stays = w->call == call;
	if (stays)
		return true;
	while (one && one != call)
		one = one->user;
	return one != NULL;
}

static void cut_clients(struct server *s)
{
	for (size_t i = 0; i < s->listener_n; i++)
		http_cut(s->listeners[i].http, waits_for_reset, s);
}

static bool is_part(void *arg, const char *owner)
{
	const struct server *s = arg;
	struct slice word, rest = buf_slice(&s->parts);
	while (rest.p && rest.n) {
		sl_cut(rest, ',', &word, &rest);
		if (sl_eqs(word, owner))
			return true;
	}
	return false;
}

bool server_empties(const struct server *s, const struct slot *t)
{
	return s->swap || (s->empties && (!s->parts.n || is_part((void *)(uintptr_t)s, t->svc->name)));
}

/* What is parked has files open that are to be replaced. A swap that fails has changed nothing: what was opens again. */
static int begin(struct server *s, struct error *err)
{
	if (s->empties)
		return reset_begin(s->dir, s->parts.n ? is_part : NULL, s, err);
	if (!s->swap || s->swap->rc)
		return 0;
	if (s->env.durability != DURABILITY_OFF && s->dir)
		park_end();
	s->swap->rc = s->swap->swap(s->swap->arg, &s->swap->err);
	return 0;
}

/* A reset is one when all is on disk that the stack makes of nothing. */
static int end(struct server *s, struct error *err)
{
	server_commit(s);
	for (size_t i = 0; i < s->slot_n; i++)
		if (s->slots[i].failed)
			return err_set(err, ERR_STORE, "%s could not commit", s->slots[i].svc->name);
	bool left = false;
	int rc = s->empties ? reset_end(s->dir, &left, err) : 0;
	if (!rc && left)
		reset_sweep(s->env.loop, s->dir);
	return rc;
}

static int reopen(struct server *s, struct error *err)
{
	int holds = adopt_holds(s->env.adopt), rc;
	adopt_close(s->env.adopt);
	s->env.adopt = NULL;
	if ((rc = begin(s, err)) || (rc = adopt_open(&s->env, &s->env.adopt, err)))
		return rc;
	if (s->swap && !s->swap->rc && s->swap->opened)
		s->swap->opened(s->swap->arg);
	adopt_hold(s->env.adopt, holds);
	for (size_t i = 0; i < s->slot_n; i++) {
		s->slots[i].env.adopt = s->env.adopt;
		s->slots[i].env.lives += server_empties(s, &s->slots[i]);
		if ((rc = server_open_slot(s, &s->slots[i], err)))
			return rc;
	}
	if ((rc = server_start_services(s, err)))
		return rc;
	adopt_again(s->env.adopt);
	return end(s, err);
}

static void answer_resets(struct server *s, int rc, const struct error *err, int64_t us)
{
	while (s->resets) {
		struct http_call *call = s->resets;
		s->resets = call->user;
		if (rc)
			control_error(call, 500, err->text);
		else
			http_reply(call, 200, "application/json", arena_printf(call->req.arena, "{\"reset\":true,\"ms\":%.1f}\n", (double)us / 1000));
	}
}

static void answer_swap(struct server *s, int rc, const struct error *err, int64_t us)
{
	struct server_swap *w = s->swap;
	s->swap = NULL;
	if (!w)
		return;
	if (!w->rc && rc) {
		w->rc = rc;
		w->err = *err;
	}
	w->done(w->arg, w->rc, &w->err, us);
}

static void keep_remotes(struct server *s)
{
	struct ports before = s->ports;
	s->ports = (struct ports){ .stores = before.stores };
	if (s->remote_log) {
		s->ports.log = before.log;
		s->ports.consumers = before.consumers;
		s->ports.broker = before.broker;
	}
	if (s->remote_objects)
		s->ports.objects = before.objects;
	if (s->remote_stream)
		s->ports.stream = before.stream;
}

static void clients_leave(struct server *s)
{
	for (size_t i = 0; i < s->listener_n; i++)
		tcp_leave(s->listeners[i].tcp);
}

static void clients_return(struct server *s)
{
	for (size_t i = 0; i < s->listener_n; i++)
		tcp_return(s->listeners[i].tcp);
}

/* Nothing is under way that may still write when its service is gone. */
static bool is_quiet(const struct server *s)
{
	const struct loop_work *w;
	for (size_t i = 0; i < s->slot_n; i++)
		if (s->slots[i].svc->busy && s->slots[i].svc->busy(s->slots[i].self))
			return false;
	for (size_t i = 0; (w = loop_work_at(s->env.loop, i)); i++)
		if (!w->calls && !reset_sweeps(w))
			return false;
	return true;
}

/* Its asker hears why. */
static int go_back(struct server *s, int rc, struct error *err)
{
	s->swap->rc = rc;
	s->swap->err = *err;
	server_close_slots(s);
	park_end();
	park_begin();
	keep_remotes(s);
	rc = s->swap->back(s->swap->arg, err);
	return rc ? rc : reopen(s, err);
}

/* Services close as at the end of the process, and open: on an empty folder, on what there was, on what a swap put there. Listeners,
 * addresses, clock, authority, journal and log stay; a reset of all disarms faults. */
static void once(struct server *s)
{
	static const char *const words[] = { "restart", "reset", "swap" };
	struct error err = { 0 };
	int64_t began = clock_real_us();
	bool whole = s->swap || (s->empties && !s->parts.n);
	bool quiet = is_quiet(s);
	clients_leave(s);
	journeys_end(s);
	browses_end(s);
	owed_cancel_all(&s->elsewhere);
	park_begin();
	if (quiet)
		park_quiet();
	db_doom(whole);
	server_close_slots(s);
	cut_clients(s);
	hops_forget(s->env.hops);
	metrics_forget(s->env.metrics);
	if (s->empties && whole) {
		faults_clear(s->env.faults, sl(NULL));
		metrics_anew(s->env.metrics);
	}
	keep_remotes(s);
	int rc = reopen(s, &err);
	if (rc && s->swap && !s->swap->rc && s->swap->back)
		rc = go_back(s, rc, &err);
	park_end();
	db_doom(false);
	int64_t us = clock_real_us() - began;
	if (rc) {
		log_error(&s->env, "reset-failed", "error=\"%s\"", err.text);
		s->stopping = true;
	} else {
		clients_return(s);
		log_info(&s->env, words[s->swap ? 2 : s->empties], "us=%lld services=%.*s", (long long)us, (int)s->parts.n, s->parts.n ? s->parts.p : "");
	}
	s->empties = false;
	buf_reset(&s->parts);
	s->reset_rc = rc;
	if (s->reset_err)
		*s->reset_err = err;
	answer_resets(s, rc, &err, us);
	answer_swap(s, rc, &err, us);
}

/* Between two ticks. Each swap is one of its own, for its asker wants to hear what became of his; resets before it are one. */
void server_reopen(struct server *s)
{
	if (s->resets || s->empties)
		once(s);
	while (s->swaps && !s->stopping) {
		s->swap = s->swaps;
		s->swaps = s->swap->next;
		once(s);
	}
	while (s->stopping && (s->swap = s->swaps)) {
		struct error err;
		s->swaps = s->swap->next;
		answer_swap(s, err_set(&err, ERR_TIMEOUT, "the stack stops"), &err, 0);
	}
}

static void nothing(void *arg)
{
}

void server_swap(struct server *s, struct server_swap *w)
{
	struct server_swap **at = &s->swaps;
	while (*at)
		at = &(*at)->next;
	w->next = NULL;
	w->rc = 0;
	*at = w;
	loop_later(s->env.loop, &s->turn, nothing, s);
}

void server_restart(struct server *s, struct http_call *call)
{
	call->user = s->resets;
	s->resets = call;
}

static bool has_slot(const struct server *s, struct slice name)
{
	for (size_t i = 0; i < s->slot_n; i++)
		if (sl_eqs(name, s->slots[i].svc->name))
			return true;
	return false;
}

/* Several in a tick are one; one who wants all gone is enough. */
static int want_reset(struct server *s, struct slice parts, struct error *err)
{
	struct slice word, rest = parts;
	struct buf names = { 0 };
	while (rest.p) {
		sl_cut(rest, ',', &word, &rest);
		word = sl_trim(word);
		if (!word.n)
			continue;
		if (!has_slot(s, word)) {
			buf_free(&names);
			return err_set(err, ERR_INVALID, "no service that runs here is called \"%.*s\" (see: tarn help services)", SL(word));
		}
		buf_addf(&names, "%.*s,", SL(word));
	}
	if (!names.n || (s->empties && !s->parts.n))
		buf_reset(&s->parts);
	else
		buf_addsl(&s->parts, buf_slice(&names));
	buf_free(&names);
	s->empties = true;
	return 0;
}

int server_reset(struct server *s, struct slice parts, struct http_call *call, struct error *err)
{
	int rc = want_reset(s, parts, err);
	if (!rc)
		server_restart(s, call);
	return rc;
}

int server_reset_now(struct server *s, struct slice parts, struct error *err)
{
	int rc = want_reset(s, parts, err);
	if (rc)
		return rc;
	s->reset_err = err;
	loop_turn(s->env.loop, 0);
	rc = s->reset_rc;
	s->reset_err = NULL;
	return rc;
}
