/* The table of statements: reading, running and `tarn help scenario` go by it. */
#include "core/near.h"
#include "scenario/scenario.h"
#include "stack/services.h"
#include "stack/sites.h"

bool verb_head(const struct verb *v, struct scenario *sc, const char *value)
{
	void *at = (char *)sc + v->at;
	switch (v->head) {
	case HEAD_NONE:
		return true;
	case HEAD_TEXT:
		*(const char **)at = value;
		return true;
	case HEAD_NUMBER:
		return sl_int(sl(value), 0, INT64_MAX, at);
	case HEAD_DURATION:
		return clock_parse_duration(sl(value), at);
	case HEAD_TIME:
		sc->clock_set = clock_parse_iso(sl(value), at);
		return sc->clock_set;
	case HEAD_SWITCH:
		*(bool *)at = !strcmp(value, "on");
		return *(bool *)at || !strcmp(value, "off");
	}
	return false;
}

static int check_clock(const struct statement *st, const struct word **at, struct error *err)
{
	int64_t ms;
	bool until;
	*at = &st->words[st->word_n - 1];
	return clock_words(st, &ms, &until, err);
}

static int check_query(const struct statement *st, const struct word **at, struct error *err)
{
	bool named = false;
	for (size_t i = 0; i < st->word_n; i++)
		named |= !st->words[i].key;
	return named || st->here ? 0 : err_set(err, ERR_INVALID, "query wants NAME, or a here-document of SQL");
}

static int check_fault(const struct statement *st, const struct word **at, struct error *err)
{
	struct near near = near_to(sl(st->words[0].text));
	struct buf b = { 0 };
	int rc = 0, what = near_place(&near, "add clear rm", ' ');
	*at = &st->words[what == 0 && st->word_n > 1 ? 1 : 0];
	if (what < 0)
		return err_set(err, ERR_INVALID, "fault add SITE key=value..., or fault clear [NAME...], not %s%s", st->words[0].text, near_words(&near));
	for (size_t i = 1; what > 0 && i < st->word_n; i++) {
		*at = &st->words[i];
		if (st->words[i].key)
			return err_set(err, ERR_INVALID, "fault clear has no %s=", st->words[i].key);
	}
	fault_spec(st, &b);
	if (what == 0)
		rc = faults_check(buf_slice(&b), sites_known, err);
	buf_free(&b);
	return rc;
}

/* The i-th word, if what it says is known before the scenario runs, is one of some. */
static int check_word(const struct statement *st, size_t i, const char *words, const char *usage, const struct word **at, struct error *err)
{
	struct near near = near_to(sl(st->words[i].text));
	*at = &st->words[i];
	if (strstr(st->words[i].text, "${") || near_place(&near, words, ' ') >= 0)
		return 0;
	return err_set(err, ERR_INVALID, "%s, not %s%s", usage, st->words[i].text, near_words(&near));
}

static int check_snapshot(const struct statement *st, const struct word **at, struct error *err)
{
	return check_word(st, 0, "save restore", "snapshot save|restore NAME", at, err);
}

static int check_connector(const struct statement *st, const struct word **at, struct error *err)
{
	*at = NULL;
	if (st->word_n == 1 && !st->here)
		return err_set(err, ERR_INVALID, "connector NAME pause|resume|stop|restart|delete, or NAME and a here-document of JSON");
	if (st->word_n == 1)
		return 0;
	return check_word(st, 1, "pause resume stop restart delete", "connector NAME pause|resume|stop|restart|delete", at, err);
}

static int check_reset(const struct statement *st, const struct word **at, struct error *err)
{
	for (size_t i = 0; i < st->word_n; i++) {
		struct near near = near_to(sl(st->words[i].text));
		bool known = false;
		*at = &st->words[i];
		for (size_t k = 0; services[k] && !known; k++)
			known = near_is(&near, services[k]->name);
		if (!known)
			return err_set(err, ERR_INVALID, "there is no service %s%s", st->words[i].text, near_words(&near));
	}
	return 0;
}

static int check_set(const struct statement *st, const struct word **at, struct error *err)
{
	if ((st->word_n == 1 && st->words[0].key) || (st->word_n == 3 && !strcmp(st->words[1].text, "=")))
		return 0;
	return err_set(err, ERR_INVALID, "set NAME = VALUE");
}

const struct verb verbs[] = {
	{ "scenario", "\"TITLE\"", "what it is about, in a few words", VERB_HEAD, 1, 1, "", HEAD_TEXT, offsetof(struct scenario, title) },
	{ "about", "\"TEXT\"", "the same in a sentence", VERB_HEAD, 1, 1, "", HEAD_TEXT, offsetof(struct scenario, about) },
	{ "lesson", "N", "its place among the lessons", VERB_HEAD, 1, 1, "", HEAD_TEXT, offsetof(struct scenario, lesson) },
	{ "stack", "FOLDER", "the stack it runs on; without it the built-in one", VERB_HEAD, 1, 1, "", HEAD_TEXT, offsetof(struct scenario, stack) },
	{ "seed", "N", "what chance is made of; without it [stack] seed", VERB_HEAD, 1, 1, "", HEAD_NUMBER, offsetof(struct scenario, seed) },
	{ "adopt", "on|off", "whether names that the stack lacks are made like the stack's, as tarn exec does (off)", VERB_HEAD, 1, 1, "", HEAD_SWITCH, offsetof(struct scenario, adopt) },
	{ "timeout", "DURATION", "real time for the whole scenario (60s)", VERB_HEAD, 1, 1, "", HEAD_DURATION, offsetof(struct scenario, timeout_ms) },
	{ "note", "TEXT", "a remark, which the report has", VERB_BOTH, 0, -1, NULL, .run = run_note, .looks = true },
	{ "pause", "[TEXT]", "tarn run --step waits here, too", VERB_STEP, 0, -1, NULL, .run = run_note, .looks = true },
	{ "step", "\"TITLE\" [after=\"TITLE\"]", "begins a step: one point of the report; the first failed expect ends it; left out when the one it is after failed", VERB_STEP, 1, 1, "after" },
	{ "set", "NAME = VALUE", "gives ${NAME} a value", VERB_STEP, 0, -1, NULL, .check = check_set, .run = run_set, .looks = true },
	{ "emit", "WHAT [count=N] [via=V] ...", "tarn emit WHAT --count N ...", VERB_STEP, 1, 1, NULL, .run = run_emit },
	{ "send", "METHOD PATH|URL [to=SERVICE] [type=T] [header=\"Name: value\"]... [<<BODY]", "an HTTP request, to the API gateway if nothing else is said",
	  VERB_STEP, 2, 2, "to type header", .run = run_send },
	{ "put", "BUCKET/KEY [type=T] <<BODY", "an object", VERB_STEP, 1, 1, "type", .run = run_put },
	{ "produce", "TOPIC [key=K] [partition=N] [whole=on] <<RECORDS", "records of a topic, one a line; whole=on: all of it is one", VERB_STEP, 1, 1, "key partition whole", .run = run_produce },
	{ "consume", "TOPIC [partition=N] [from=OFFSET] [count=N]", "its records as rows: partition, offset, key, value", VERB_STEP, 1, 1, "partition from count", .run = run_consume, .looks = true },
	{ "capture", "NAME SUBJECT WORDS", "${NAME} is what expect SUBJECT WORDS would see", VERB_STEP, 2, -1, NULL, .check = check_capture, .run = run_capture, .looks = true },
	{ "connector", "NAME pause|resume|stop|restart|delete, or NAME <<JSON", "what Kafka Connect is told; JSON: makes or changes one", VERB_STEP, 1, 2, "", .check = check_connector, .run = run_connector },
	{ "snapshot", "save|restore NAME", "everything as it is now; everything as it was", VERB_STEP, 2, 2, "", .check = check_snapshot, .run = run_snapshot },
	{ "reset", "[SERVICE...]", "everything as in an empty folder, or these services", VERB_STEP, 0, -1, "", .check = check_reset, .run = run_reset },
	{ "query", "[on=lake|rds] [into=NAME] [error=NUMBER] QUESTION|<<SQL", "rows; NAME.json and NAME.column of the first one; rds: or its refusal",
	  VERB_STEP, 0, 1, "on into error", .check = check_query, .run = run_query, .looks = true },
	{ "exec", "[within=DURATION] [into=NAME] PROGRAM ARGS...", "runs a program in the scenario's folder as tarn exec does: names of AWS lead here; ${NAME} is what it prints; it ends with 0, or expect exit follows", VERB_STEP, 1, -1, NULL,
	  .run = run_exec },
	{ "clean", "", "tarn clean", VERB_STEP, 0, 0, "", .run = run_clean },
	{ "settle", "", "until nothing is in flight", VERB_STEP, 0, 0, "", .run = run_settle, .looks = true },
	{ "clock", "TIME | advance DURATION | advance to=TIME | freeze", "before the first step: freezes it at TIME; in a step: what falls due is run, in order",
	  VERB_BOTH, 1, 2, "to", HEAD_TIME, offsetof(struct scenario, clock_ms), check_clock, run_clock },
	{ "fault", "add SITE KEY=VALUE... | clear [NAME...]", "arms a fault; takes away all, or these: tarn help faults", VERB_STEP, 1, -1, NULL, .check = check_fault, .run = run_fault },
	{ "restart", "", "ends the stack and starts it on its state folder again", VERB_STEP, 0, 0, "", .run = run_restart },
	{ "expect", "SUBJECT WORDS OPERATOR VALUE", "compares", VERB_STEP, 1, -1, NULL, .check = check_expect, .run = run_expect, .looks = true },
	{ NULL },
};

const struct verb *verb_find(const char *name, struct error *err)
{
	struct near near = near_to(sl(name));
	for (const struct verb *v = verbs; v->name; v++)
		if (near_is(&near, v->name))
			return v;
	err_set(err, ERR_INVALID, "no such statement: %s%s", name, near_words(&near));
	return NULL;
}

static int check_option(const struct verb *v, const struct word *w, struct error *err)
{
	struct near near = near_to(sl(w->key));
	if (near_place(&near, v->options, ' ') >= 0)
		return 0;
	return err_set(err, ERR_INVALID, "%s has no %s=%s", v->name, w->key, near_words(&near));
}

int verb_check(const struct verb *v, const struct statement *st, const struct word **at, struct error *err)
{
	int n = 0;
	for (size_t i = 0; i < st->word_n; i++) {
		*at = &st->words[i];
		if (!st->words[i].key)
			n++;
		else if (v->options && check_option(v, &st->words[i], err))
			return ERR_INVALID;
		if (v->options && v->max >= 0 && n > v->max)
			return err_set(err, ERR_INVALID, "a word too many: %s%s%s", v->name, *v->words ? " " : "", v->words);
	}
	*at = NULL;
	if (v->options ? n < v->min : (int)st->word_n < v->min)
		return err_set(err, ERR_INVALID, "words are missing: %s %s", v->name, v->words);
	return v->check ? v->check(st, at, err) : 0;
}

/* ---- looking alone ---- */

bool runner_looks(const struct statement *st, bool *acted)
{
	static const char *const of_answers[] = { "status", "header", "body", "json", "exit", "stdout", "stderr" };
	const struct verb *v = verb_find(st->verb, NULL);
	const char *word = st->word_n ? st->words[0].text : "";
	bool looks = v && v->looks;
	if (!strcmp(st->verb, "send"))
		looks = !strcmp(word, "GET") || !strcmp(word, "HEAD");
	if (!strcmp(st->verb, "send") || !strcmp(st->verb, "exec"))
		*acted = !looks;
	for (size_t i = 0; looks && *acted && !strcmp(st->verb, "expect") && i < ARRAY_LEN(of_answers); i++)
		looks = strcmp(word, of_answers[i]) != 0;
	return looks;
}
