#include "stack/more.h"

#include "remote/remote.h"
#include "stack/inside.h"

static int make(const struct conf *conf, const struct service *svc, size_t i, struct more **out, struct error *err)
{
	const char *section = svc->more ? conf_section(conf, svc->more, i) : NULL;
	*out = NULL;
	if (!section)
		return 0;
	struct slice name = sl_from(sl(section), strlen(svc->more));
	bool ok = name.n > 0 && name.n <= MORE_NAME_MAX;
	for (size_t k = 0; k < name.n && ok; k++)
		ok = (name.p[k] >= 'a' && name.p[k] <= 'z') || (name.p[k] >= '0' && name.p[k] <= '9') || name.p[k] == '-';
	if (!ok)
		return err_set(err, ERR_INVALID, "[%s]: a name has 1 to %d of a-z, 0-9 and -", section, MORE_NAME_MAX);
	struct more *m = xcalloc(1, sizeof(*m));
	snprintf(m->section, sizeof(m->section), "%s", section);
	snprintf(m->key, sizeof(m->key), "%s-%.*s", svc->endpoint, SL(name));
	*out = m;
	return 0;
}

int more_port(const struct conf *conf, const struct more *m)
{
	return (int)conf_int(conf, m->section, "port", 0);
}

/* Its own settings as the remote sides read them. */
static struct conf *remote_conf(const struct conf *conf, const struct more *m)
{
	struct conf *own = conf_new();
	const char *name, *value;
	for (size_t i = 0; conf_at(conf, m->section, i, &name, &value); i++)
		if (sl_starts(sl(name), S("kafka")))
			conf_set(own, "remote", name, value);
	return own;
}

int more_open(struct more *m, struct env *env, const struct ports *stack, struct error *err)
{
	const char *kafka = conf_get(env->conf, m->section, "kafka");
	int rc;
	if (!kafka || !*kafka)
		return 0;
	m->ports = *stack;
	m->ports.log = (struct record_log){ 0 };
	m->ports.broker = (struct broker){ 0 };
	m->ports.consumers = (struct consumers){ 0 };
	m->conf = remote_conf(env->conf, m);
	m->env = *env;
	m->env.conf = m->conf;
	rc = remote_kafka_open(&m->env, kafka, &m->ports.log, err);
	if (!rc)
		rc = remote_consumers_open(&m->env, kafka, &m->ports.consumers, err);
	if (!rc)
		remote_broker_open(&m->env, kafka, &m->ports.broker);
	m->remote = true;
	env->ports = &m->ports;
	return rc;
}

void more_free(struct more *m)
{
	if (m && m->remote) {
		remote_broker_close(&m->ports.broker);
		remote_consumers_close(&m->ports.consumers);
		remote_kafka_close(&m->ports.log);
	}
	if (m)
		conf_free(m->conf);
	free(m);
}

int more_slots(struct server *s, const struct service *svc, struct error *err)
{
	struct more *m;
	int rc;
	for (size_t i = 0; !(rc = make(s->conf, svc, i, &m, err)) && m; i++) {
		struct slot *t = &s->slots[s->slot_n];
		if (s->slot_n == SLOTS_MAX) {
			more_free(m);
			return err_set(err, ERR_LIMIT, "[%s*]: at most %d services in a process", svc->more, SLOTS_MAX);
		}
		*t = (struct slot){ .svc = svc, .env = s->env, .more = m };
		t->env.name = m->section;
		s->slot_n++;
		if ((rc = server_open_slot(s, t, err)))
			return rc;
		t->started = true;
	}
	return rc;
}
