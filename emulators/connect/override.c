#include "connect/override.h"

#include "core/text.h"

#define PREFIX "consumer.override."

enum type { INT, LONG, BOOLEAN, WORD, RESET };
/* Of kafka-clients 4.0. */
static const struct row {
	const char *name;
	enum type type;
	int64_t least;      /* of numbers */
	const char *one_of; /* WORD */
} rows[] = {
	{ "allow.auto.create.topics", BOOLEAN }, { "auto.commit.interval.ms", INT, 0 }, { "auto.offset.reset", RESET }, { "check.crcs", BOOLEAN },
	{ "client.dns.lookup", WORD, 0, "use_all_dns_ips, resolve_canonical_bootstrap_servers_only" }, { "connections.max.idle.ms", LONG, INT64_MIN },
	{ "default.api.timeout.ms", INT, 0 }, { "enable.auto.commit", BOOLEAN }, { "enable.metrics.push", BOOLEAN }, { "exclude.internal.topics", BOOLEAN },
	{ "fetch.max.bytes", INT, 0 }, { "fetch.max.wait.ms", INT, 0 }, { "fetch.min.bytes", INT, 0 }, { "group.protocol", WORD, 0, "CONSUMER, CLASSIC" },
	{ "heartbeat.interval.ms", INT, INT32_MIN }, { "isolation.level", WORD, 0, "read_committed, read_uncommitted" },
	{ "max.partition.fetch.bytes", INT, 0 }, { "max.poll.interval.ms", INT, 1 }, { "max.poll.records", INT, 1 }, { "metadata.max.age.ms", LONG, 0 },
	{ "metrics.num.samples", INT, 1 }, { "metrics.recording.level", WORD, 0, "INFO, DEBUG, TRACE" }, { "metrics.sample.window.ms", LONG, 0 },
	{ "receive.buffer.bytes", INT, -1 }, { "reconnect.backoff.max.ms", LONG, 0 }, { "reconnect.backoff.ms", LONG, 0 }, { "request.timeout.ms", INT, 0 },
	{ "retry.backoff.max.ms", LONG, 0 }, { "retry.backoff.ms", LONG, 0 }, { "security.protocol", WORD, 0, "SASL_SSL, PLAINTEXT, SSL, SASL_PLAINTEXT" },
	{ "send.buffer.bytes", INT, -1 }, { "session.timeout.ms", INT, INT32_MIN }, { "socket.connection.setup.timeout.max.ms", LONG, INT64_MIN },
	{ "socket.connection.setup.timeout.ms", LONG, INT64_MIN },
};

const char *con_override(const struct con_config *c, const char *key, const char *dflt)
{
	const char *v;
	char full[128];
	(void)snprintf(full, sizeof(full), PREFIX "%s", key);
	v = con_get(c, full);
	return v && *v ? v : dflt;
}

static int wrong(const struct row *row, const char *v, struct error *err, const char *fmt, ...) PRINTF_LIKE(4, 5);
static int wrong(const struct row *row, const char *v, struct error *err, const char *fmt, ...)
{
	struct buf b = { .max = 600 };
	va_list ap;
	va_start(ap, fmt);
	buf_addv(&b, fmt, ap);
	va_end(ap);
	int rc = err_set(err, ERR_INVALID, "org.apache.kafka.common.KafkaException: Failed to construct kafka consumer\nCaused by: "
			 "org.apache.kafka.common.config.ConfigException: Invalid value %s for configuration %s: %.*s", v, row->name, SL(buf_slice(&b)));
	buf_free(&b);
	return rc;
}

static bool is_one_of(const char *list, const char *v, bool any_case)
{
	struct slice word, rest = sl(list);
	while (rest.p) {
		sl_cut(rest, ',', &word, &rest);
		word = sl_trim(word);
		if (any_case ? sl_eq_nocase(word, sl(v)) : sl_eqs(word, v))
			return true;
	}
	return false;
}

static int check(const struct row *row, const char *v, struct error *err)
{
	struct slice s = sl_trim(sl(v));
	bool any_case = !strcmp(row->name, "group.protocol") || !strcmp(row->name, "security.protocol");
	int64_t n;
	switch (row->type) {
	case INT:
		if (!sl_int(s, INT32_MIN, INT32_MAX, &n))
			return wrong(row, v, err, "Not a number of type INT");
		return n < row->least ? wrong(row, v, err, "Value must be at least %lld", (long long)row->least) : 0;
	case LONG:
		if (!sl_int(s, INT64_MIN, INT64_MAX, &n))
			return wrong(row, v, err, "Not a number of type LONG");
		return n < row->least ? wrong(row, v, err, "Value must be at least %lld", (long long)row->least) : 0;
	case BOOLEAN:
		return sl_eq_nocase(s, S("true")) || sl_eq_nocase(s, S("false")) ? 0 : wrong(row, v, err, "Expected value to be either true or false");
	case WORD:
		return is_one_of(row->one_of, v, any_case) ? 0 : wrong(row, v, err, any_case ? "String must be one of (case insensitive): %s" : "String must be one of: %s", row->one_of);
	case RESET:
		break;
	}
	/* DIFFERS: by_duration is refused in the words for what isn't known. */
	return is_one_of("earliest, latest, none", v, true) ? 0 :
	       wrong(row, v, err, "Invalid value `%s` for configuration auto.offset.reset. The value must be either 'earliest', 'latest', 'none' or of the format "
		     "'by_duration:<PnDTnHnMn.nS.>'.", v);
}

int con_overrides_check(const struct con_config *c, struct error *err)
{
	int rc = 0;
	for (size_t i = 0; i < ARRAY_LEN(rows) && !rc; i++) {
		const char *v = con_override(c, rows[i].name, NULL);
		rc = v ? check(&rows[i], v, err) : 0;
	}
	return rc;
}
