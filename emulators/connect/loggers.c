#include "connect/loggers.h"

#include "core/json.h"

/* DIFFERS: the loggers of a worker at its start are these; a real one lists each class that has logged. Levels are told, not obeyed: what
 * tarn logs is [log]'s. */
static const char *const names[] = {
	"io.confluent.connect.s3.S3SinkConnector", "io.confluent.connect.s3.S3SinkTask", "io.confluent.connect.s3.TopicPartitionWriter",
	"io.confluent.connect.s3.util.Version", "io.confluent.connect.storage.partitioner.TimeBasedPartitioner",
	"org.apache.kafka.clients.Metadata", "org.apache.kafka.clients.NetworkClient", "org.apache.kafka.clients.admin.AdminClientConfig",
	"org.apache.kafka.clients.consumer.ConsumerConfig", "org.apache.kafka.clients.consumer.internals.ConsumerCoordinator",
	"org.apache.kafka.clients.producer.KafkaProducer", "org.apache.kafka.clients.producer.ProducerConfig",
	"org.apache.kafka.connect.cli.AbstractConnectCli", "org.apache.kafka.connect.cli.ConnectStandalone",
	"org.apache.kafka.connect.file.FileStreamSinkTask", "org.apache.kafka.connect.file.FileStreamSourceTask",
	"org.apache.kafka.connect.json.JsonConverterConfig", "org.apache.kafka.connect.runtime.ConnectorConfig",
	"org.apache.kafka.connect.runtime.TransformationChain", "org.apache.kafka.connect.runtime.Worker", "org.apache.kafka.connect.runtime.WorkerConfig",
	"org.apache.kafka.connect.runtime.WorkerConnector", "org.apache.kafka.connect.runtime.WorkerSinkTask", "org.apache.kafka.connect.runtime.WorkerSourceTask",
	"org.apache.kafka.connect.runtime.WorkerTask", "org.apache.kafka.connect.runtime.isolation.PluginUtils", "org.apache.kafka.connect.runtime.rest.RestServer",
	"org.apache.kafka.connect.runtime.standalone.StandaloneHerder", "org.apache.kafka.connect.storage.FileOffsetBackingStore", "root",
};
static const char *const levels[] = { "OFF", "FATAL", "ERROR", "WARN", "INFO", "DEBUG", "TRACE", "ALL" };

static struct con_logger *place(struct con_loggers *l, struct slice name)
{
	size_t at = 0;
	while (at < l->n && sl_cmp(sl(l->v[at].name), name) < 0)
		at++;
	if (at < l->n && sl_eqs(name, l->v[at].name))
		return &l->v[at];
	if (l->n == l->cap) {
		l->cap = l->cap ? 2 * l->cap : 64;
		l->v = xrealloc(l->v, l->cap * sizeof(*l->v));
	}
	memmove(l->v + at + 1, l->v + at, (l->n++ - at) * sizeof(*l->v));
	l->v[at] = (struct con_logger){ xstrndup(name.p, name.n), "INFO", -1 };
	return &l->v[at];
}

void con_loggers_open(struct con_loggers *l)
{
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		(void)place(l, sl(names[i]));
}

void con_loggers_close(struct con_loggers *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->v[i].name);
	free(l->v);
	*l = (struct con_loggers){ 0 };
}

const struct con_logger *con_logger_find(const struct con_loggers *l, struct slice name)
{
	for (size_t i = 0; i < l->n; i++)
		if (sl_eqs(name, l->v[i].name))
			return &l->v[i];
	return NULL;
}

const char *con_logger_level(struct slice name)
{
	for (size_t i = 0; i < ARRAY_LEN(levels); i++)
		if (sl_eq_nocase(name, sl(levels[i])))
			return levels[i];
	return NULL;
}

static bool below(const char *name, struct slice of)
{
	size_t n = strlen(name);
	return sl_eqs(of, name) || sl_eqs(of, "root") || (n > of.n && !memcmp(name, of.p, of.n) && name[of.n] == '.');
}

void con_logger_set(struct con_loggers *l, struct slice name, const char *level, int64_t now_ms, struct buf *out)
{
	(void)place(l, name);
	jw_list(out, NULL);
	for (size_t i = 0; i < l->n; i++) {
		struct con_logger *o = &l->v[i];
		if (!below(o->name, name))
			continue;
		if (strcmp(o->level, level))
			o->modified_ms = now_ms;
		o->level = level;
		jw_text(out, NULL, o->name);
	}
	jw_list_end(out);
}

void con_logger_json(const struct con_logger *l, const char *name, struct buf *out)
{
	jw_obj(out, name);
	jw_text(out, "level", l->level);
	if (l->modified_ms < 0)
		jw_raw(out, "last_modified", S("null"));
	else
		jw_int(out, "last_modified", l->modified_ms);
	jw_obj_end(out);
}

void con_loggers_json(const struct con_loggers *l, struct buf *out)
{
	jw_obj(out, NULL);
	for (size_t i = 0; i < l->n; i++) {
		jw_key(out, sl(l->v[i].name));
		con_logger_json(&l->v[i], NULL, out);
	}
	jw_obj_end(out);
}
