/* What CloudWatch shows of the database (AWS/RDS, by DBInstanceIdentifier). */
#include "core/measure.h"
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
