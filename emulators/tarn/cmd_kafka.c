#include "tarn/cmd_kafka.h"

#include "tarn/cmd_lake.h"

const struct flag kafka_flags[] = {
	{ "bootstrap", 0, FLAG_TEXT, offsetof(struct cmd_kafka, bootstrap), "HOST:PORT", "any Kafka, by plain text, instead of the stack that runs here" },
	{ "json", 0, FLAG_ON, offsetof(struct cmd_kafka, json), NULL, "the answer as JSON: {\"schema\", \"command\", \"ok\", \"data\", ...}" },
	{ NULL },
};

void cmd_kafka_done(void *self)
{
	struct cmd_kafka *k = self;
	kafka_client_close(k->c);
}

int cmd_kafka_open(struct cmd_kafka *k)
{
	struct error err;
	char *at = k->bootstrap ? xstrdup(k->bootstrap) : cmd_endpoint(k->data, "kafka");
	int rc;
	if (!at)
		return cmd_fail(EXIT_START, "tarn up -d", "no stack with kafka runs on %s", cmd_data(k->data));
	rc = kafka_client_open(at, &k->c, &err);
	free(at);
	if (rc == ERR_INVALID)
		return cmd_fail(EXIT_USAGE, "--bootstrap 127.0.0.1:9092", "%s", err.text);
	return rc ? cmd_kafka_lost(&err) : EXIT_OK;
}

int cmd_kafka_lost(const struct error *err)
{
	return cmd_error(EXIT_START, "UNREACHABLE", "tarn status, or tarn up -d", "kafka: %s", err->text);
}

int cmd_kafka_refused(const char *what, int code, struct slice message)
{
	const char *text = kp_code_text(code);
	if (message.p && message.n)
		return cmd_error(EXIT_FAILED, kp_code_name(code), NULL, "%s: %.*s", what, SL(message));
	return cmd_error(EXIT_FAILED, kp_code_name(code), code == KE_UNKNOWN_TOPIC_OR_PARTITION ? "tarn topic ls" : NULL, "%s: %s", what,
			 text ? text : kp_code_name(code));
}

int cmd_kafka_topic(struct cmd_kafka *k, const char *name, const struct kp_metadata_resp_topic **out)
{
	const struct kp_metadata_resp *m;
	struct error err;
	if (kafka_client_metadata(k->c, sl(name), &m, &err))
		return cmd_kafka_lost(&err);
	if (m->topic_n != 1 || m->topics->error_code)
		return cmd_kafka_refused(name, m->topic_n == 1 ? m->topics->error_code : KE_UNKNOWN_TOPIC_OR_PARTITION, sl(NULL));
	*out = m->topics;
	return EXIT_OK;
}

json_t *cmd_kafka_text(struct slice s)
{
	struct buf b = { 0 };
	json_t *v = s.p ? json_stringn(s.p, s.n) : json_null();
	for (size_t i = 0; !v && i < s.n; i++) {
		if ((unsigned char)s.p[i] >= 32 && (unsigned char)s.p[i] < 127)
			buf_addc(&b, s.p[i]);
		else
			buf_addf(&b, "\\x%02x", (unsigned char)s.p[i]);
	}
	if (!v)
		v = json_stringn(b.p ? b.p : "", b.n);
	buf_free(&b);
	return v;
}

int cmd_kafka_rows(json_t *rows, const char *columns)
{
	char *text;
	if (cmd_is_json()) {
		text = json_dumps(rows, 0);
		cmd_json(sl(text));
		free(text);
	} else {
		cmd_lake_members(rows, columns);
	}
	json_decref(rows);
	return EXIT_OK;
}
