/* What CloudWatch shows of the database (AWS/RDS, by DBInstanceIdentifier), and its logs. */
#include "core/measure.h"
#include "core/ports.h"
#include "rds/rds.h"

#define OF_INSTANCE { "DBInstanceIdentifier" }
static const struct measure connections = { "AWS/RDS", "DatabaseConnections", "Count", OF_INSTANCE, MEASURE_GAUGE };

static void on_look(void *arg)
{
	const struct rds *r = arg;
	struct slice name = sl(conf_str(r->env->conf, "rds", "instance", "tarn"));
	double n = 0;
	for (const struct rds_session *s = r->sessions; s; s = s->next)
		n++;
	measure_add(r->env, &connections, sl(NULL), &name, n);
}

void rds_measure_open(struct rds *r)
{
	measures_on_look(r->env->measures, on_look, r);
}

static void say(const struct rds_session *s, const char *log, const char *kind, struct slice text)
{
	const struct env *env = s->r->env;
	const struct log_lines *lines = &env->ports->lines;
	const char *id = conf_str(env->conf, "rds", "instance", "tarn");
	struct buf line = { 0 };
	char when[32];
	if (!lines->rds_wants(lines->self, id, log))
		return;
	char *group = xasprintf("/aws/rds/instance/%s/%s", id, log);
	clock_iso(s->c->now_ms, when);
	buf_addf(&line, "%.23s000Z\t%5u %s\t", when, (unsigned)s->id, kind);
	buf_addsl(&line, sl_of(text.p, text.n < 4096 ? text.n : 4096));
	lines_put(env, sl(NULL), group, id, buf_slice(&line));
	free(group);
	buf_free(&line);
}

void rds_log_command(const struct rds_session *s, struct slice sql, const char *why)
{
	if (!s->r->env->ports->lines.self)
		return;
	if (sql.n)
		say(s, "general", "Query", sql);
	if (why)
		say(s, "error", "[ERROR]", sl(why));
}
