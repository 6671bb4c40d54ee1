/* Long statements: megabytes are split into tokens and translated in jobs, while the loop serves the others.
 *
 * The text of a long command is moved, with the session's arena, into a struct of its own, which the session keeps until the command is
 * over. A job finds its tokens; then, for each statement of it that is long, another one translates it for the tables as they are. Who
 * waits for its turn to write finds it translated when that comes, unless the tables have changed. */
#include "rds/rds.h"

struct rds_parse {
	struct rds_session *s; /* NULL: gone */
	struct owed *job;
	bool works;
	volatile bool stop;    /* set by the loop while a job works */
	struct arena arena;    /* tokens, a text that was joined */
	char *text;            /* any other */
	struct slice sql;
	struct tokens t;
	struct rds_ends ends;
	size_t end_i;
	int rc;
	struct error err;
	/* the statement that was translated last */
	bool has;
	size_t from, to;
	struct rds_catalogue *cat;
	struct rds_scope scope;
	struct rds_translation out;
};

/* Some hundred megabytes of tokens take the kernel a while to take back. */
static void free_work(void *arg)
{
	struct rds_parse *p = arg;
	arena_free(&p->arena);
	free(p->text);
	buf_free(&p->out.sql);
}

static void free_done(void *arg)
{
	free(arg);
}

static void free_here(void *arg)
{
	free_work(arg);
	free(arg);
}

static const struct job_kind free_kind = { free_work, free_done, NULL, free_here, "the end of a statement of MySQL" };

static void forget_translation(struct rds_parse *p)
{
	rds_catalogue_free(p->cat);
	p->cat = NULL;
	p->has = false;
}

static void stop(void *arg)
{
	struct rds_parse *p = arg;
	p->stop = true;
}

void rds_parse_kill(struct rds_parse *p)
{
	if (p && p->works)
		stop(p);
}

static void drop(void *arg)
{
	struct rds_parse *p = arg;
	forget_translation(p);
	free_here(p);
}

void rds_parse_free(struct rds_session *s)
{
	struct rds_parse *p = s->parse;
	if (!p)
		return;
	s->parse = NULL;
	p->s = NULL;
	if (p->works) {
		owed_cancel(p->job);
		return;
	}
	forget_translation(p);
	loop_long_job(s->r->env->loop, &free_kind, p);
}

/* The job is done. False: the statement was killed meanwhile, and has its answer. */
static bool goes_on(struct rds_parse *p)
{
	struct error err;
	p->works = false;
	if (!p->s->why)
		return true;
	rds_answered(p->s, rds_killed(p->s->why, &err), &err);
	return false;
}

/* ---- tokens ---- */

static void lex_work(void *arg)
{
	struct rds_parse *p = arg;
	p->rc = rds_lex_until(&p->arena, p->sql, &p->stop, &p->t, &p->err);
	for (size_t i = 0; !p->rc && i < p->t.n; i++) {
		if (!tok_is(&p->t.at[i], ";"))
			continue;
		ARENA_GROW(&p->arena, p->ends.at, p->ends.n, p->ends.cap);
		p->ends.at[p->ends.n++] = i;
	}
}

static void lex_done(void *arg)
{
	struct rds_parse *p = arg;
	if (!goes_on(p))
		return;
	p->s->t = p->t;
	if (p->rc)
		rds_answered(p->s, p->rc, &p->err);
	else
		rds_again(p->s);
}

static const struct job_kind lex_kind = { lex_work, lex_done, stop, drop, "a statement of MySQL" };

static void start(struct rds_parse *p, const struct job_kind *kind)
{
	p->works = true;
	owed_keep(&p->job, loop_long_job(p->s->r->env->loop, kind, p));
}

void rds_parse_begin(struct rds_session *s, struct slice sql, bool kept)
{
	struct rds_parse *p = xcalloc(1, sizeof(*p));
	p->s = s;
	s->parse = p;
	arena_take(&p->arena, &s->arena);
	if (!kept) {
		p->text = xmalloc(sql.n);
		memcpy(p->text, sql.p, sql.n);
		sql.p = p->text;
	}
	s->sql = p->sql = sql;
	start(p, &lex_kind);
}

size_t rds_parse_end(struct rds_parse *p, size_t from)
{
	while (p->end_i < p->ends.n && p->ends.at[p->end_i] < from)
		p->end_i++;
	return p->end_i < p->ends.n ? p->ends.at[p->end_i] : p->t.n;
}

/* ---- translation ---- */

static void translate_work(void *arg)
{
	struct rds_parse *p = arg;
	rds_translate_long(&p->arena, &p->scope, p->sql, p->t.at + p->from, p->to - p->from, &p->out);
}

static void translate_done(void *arg)
{
	struct rds_parse *p = arg;
	p->has = true;
	if (goes_on(p))
		rds_again(p->s);
}

static const struct job_kind translate_kind = { translate_work, translate_done, stop, drop, "a statement of MySQL" };

int rds_parse_translate(struct rds_session *s, const struct tok *t, size_t n, struct rds_translation **out)
{
	struct rds_parse *p = s->parse;
	*out = NULL;
	if (!p || (size_t)(t[n - 1].text.p + t[n - 1].text.n - t->text.p) <= RDS_LONG)
		return 0;
	if (p->has && p->from == s->from && p->cat == s->r->cat) {
		*out = p->out.rc == RDS_LATER ? NULL : &p->out;
		return 0;
	}
	forget_translation(p);
	p->from = s->from;
	p->to = s->to;
	p->cat = rds_catalogue_use(s->r->cat);
	p->scope = rds_scope_of(s);
	p->scope.s = NULL;
	p->scope.stop = &p->stop;
	start(p, &translate_kind);
	return RDS_LATER;
}

char *rds_parse_text(struct rds_session *s, const char *sql)
{
	struct rds_parse *p = s->parse;
	if (!p || !p->has || sql != p->out.sql.p)
		return NULL;
	char *text = p->out.sql.p;
	p->out.sql = (struct buf){ 0 };
	forget_translation(p);
	return text;
}
