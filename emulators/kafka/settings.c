/* Names, defaults and sentences: Kafka 3.9.1's LogConfig and ConfigDef, asked by running them. */
#include "kafka/settings.h"

#define FOREVER "9223372036854775807"
#define REPLICAS "partition:broker pairs, or *: kept, nothing is throttled"
#define TIERED "tiered storage: there is none"

static const struct kfk_setting settings[] = {
	{ "cleanup.policy", "delete", 'L', 0, 0, "compact, delete", "log.cleanup.policy", "what becomes of old records: deleted, compacted by key, or both" },
	{ "compression.gzip.level", "-1", 'i', -1, 9, NULL, "compression.gzip.level", "how hard gzip tries, 1 to 9; -1: its default" },
	{ "compression.lz4.level", "9", 'i', 1, 17, NULL, "compression.lz4.level", "how hard lz4 tries" },
	{ "compression.type", "producer", 's', 0, 0, "uncompressed, zstd, lz4, snappy, gzip, producer", "compression.type",
	  "the codec of what is kept; producer: as it was sent" },
	{ "compression.zstd.level", "3", 'i', -131072, 22, NULL, "compression.zstd.level", "how hard zstd tries" },
	{ "delete.retention.ms", "86400000", 'l', 0, INT64_MAX, NULL, "log.cleaner.delete.retention.ms",
	  "how long a tombstone stays after the first compaction that saw it" },
	{ "file.delete.delay.ms", "60000", 'l', 0, INT64_MAX, NULL, "log.segment.delete.delay.ms", "kept: there are no files to delete" },
	{ "flush.messages", FOREVER, 'l', 1, INT64_MAX, NULL, "log.flush.interval.messages", "kept: every tick is written before it is answered" },
	{ "flush.ms", FOREVER, 'l', 0, INT64_MAX, NULL, "log.flush.interval.ms log.flush.scheduler.interval.ms",
	  "kept: every tick is written before it is answered" },
	{ "follower.replication.throttled.replicas", "", 'L', 0, 0, NULL, NULL, REPLICAS },
	{ "index.interval.bytes", "4096", 'i', 0, INT32_MAX, NULL, "log.index.interval.bytes", "kept: every batch is indexed" },
	{ "leader.replication.throttled.replicas", "", 'L', 0, 0, NULL, NULL, REPLICAS },
	{ "local.retention.bytes", "-2", 'l', -2, INT64_MAX, NULL, "log.local.retention.bytes", TIERED },
	{ "local.retention.ms", "-2", 'l', -2, INT64_MAX, NULL, "log.local.retention.ms", TIERED },
	{ "max.compaction.lag.ms", FOREVER, 'l', 1, INT64_MAX, NULL, "log.cleaner.max.compaction.lag.ms", "a record is compacted at the latest after that" },
	{ "max.message.bytes", "1048588", 'i', 0, INT32_MAX, NULL, "message.max.bytes", "the largest batch that is taken" },
	{ "message.downconversion.enable", "true", 'b', 0, 0, NULL, "log.message.downconversion.enable", "whether old clients are given old messages" },
	{ "message.format.version", "3.0-IV1", 's', 0, 0, NULL, "log.message.format.version", "kept: batches are of magic 2" },
	{ "message.timestamp.after.max.ms", "3600000", 'l', 0, INT64_MAX, NULL, "log.message.timestamp.after.max.ms",
	  "how far a record's time may be ahead of the broker's" },
	{ "message.timestamp.before.max.ms", FOREVER, 'l', 0, INT64_MAX, NULL, "log.message.timestamp.before.max.ms",
	  "how far a record's time may be behind the broker's" },
	{ "message.timestamp.difference.max.ms", FOREVER, 'l', 0, INT64_MAX, NULL, "log.message.timestamp.difference.max.ms",
	  "both of these, where they aren't set" },
	{ "message.timestamp.type", "CreateTime", 's', 0, 0, "CreateTime, LogAppendTime", "log.message.timestamp.type",
	  "whose time a record has: the producer's, or of its arrival" },
	{ "min.cleanable.dirty.ratio", "0.5", 'd', 0, 1, NULL, "log.cleaner.min.cleanable.ratio", "the share that is new, from which on a log is compacted" },
	{ "min.compaction.lag.ms", "0", 'l', 0, INT64_MAX, NULL, "log.cleaner.min.compaction.lag.ms", "a record isn't compacted before that" },
	{ "min.insync.replicas", "1", 'i', 1, INT32_MAX, NULL, "min.insync.replicas", "replicas that must be in sync for acks=all" },
	{ "preallocate", "false", 'b', 0, 0, NULL, "log.preallocate", "kept: there are no files to make" },
	{ "remote.log.copy.disable", "false", 'b', 0, 0, NULL, NULL, TIERED },
	{ "remote.log.delete.on.disable", "false", 'b', 0, 0, NULL, NULL, TIERED },
	{ "remote.storage.enable", "false", 'b', 0, 0, NULL, NULL, TIERED },
	{ "retention.bytes", "-1", 'l', INT64_MIN, INT64_MAX, NULL, "log.retention.bytes", "of a partition, beyond which its oldest segments go; -1: never" },
	{ "retention.ms", "604800000", 'l', -1, INT64_MAX, NULL, "log.retention.ms log.retention.minutes log.retention.hours",
	  "segments go whose newest record is older; -1: never" },
	{ "segment.bytes", "1073741824", 'i', 14, INT32_MAX, NULL, "log.segment.bytes", "where a segment is full; it is what goes, or is compacted, as a whole" },
	{ "segment.index.bytes", "10485760", 'i', 4, INT32_MAX, NULL, "log.index.size.max.bytes", "kept: an index grows as it must" },
	{ "segment.jitter.ms", "0", 'l', 0, INT64_MAX, NULL, "log.roll.jitter.ms log.roll.jitter.hours", "segments end up to that much earlier, by chance" },
	{ "segment.ms", "604800000", 'l', 1, INT64_MAX, NULL, "log.roll.ms log.roll.hours", "where a segment ends by time" },
	{ "unclean.leader.election.enable", "false", 'b', 0, 0, NULL, "unclean.leader.election.enable", "kept: no replica is ever behind" },
};

const struct kfk_setting *kfk_settings(size_t *n)
{
	*n = ARRAY_LEN(settings);
	return settings;
}

const struct kfk_setting *kfk_setting(struct slice name)
{
	for (size_t i = 0; i < ARRAY_LEN(settings); i++)
		if (sl_eqs(name, settings[i].name))
			return &settings[i];
	return NULL;
}

static bool PRINTF_LIKE(4, 5) refuse(struct buf *why, const struct kfk_setting *s, struct slice value, const char *format, ...)
{
	va_list ap;
	buf_addf(why, "Invalid value %.*s for configuration %s: ", SL(value), s->name);
	va_start(ap, format);
	buf_addv(why, format, ap);
	va_end(ap);
	return false;
}

static bool number(struct slice value, int64_t lo, int64_t hi, int64_t *out)
{
	value = sl_trim(value);
	if (value.n > 1 && value.p[0] == '+' && value.p[1] != '-')
		value = sl_from(value, 1);
	return sl_int(value, lo, hi, out);
}

int64_t kfk_setting_int(struct slice value)
{
	int64_t n = 0;
	(void)number(value, INT64_MIN, INT64_MAX, &n);
	return n;
}

bool kfk_setting_bool(struct slice value)
{
	return sl_eq_nocase(sl_trim(value), S("true"));
}

static bool valid_number(const struct kfk_setting *s, struct slice value, struct buf *why)
{
	int64_t n;
	bool is = s->type == 'i' ? number(value, INT32_MIN, INT32_MAX, &n) : number(value, INT64_MIN, INT64_MAX, &n);
	if (!is)
		return refuse(why, s, value, "Not a number of type %s", s->type == 'i' ? "INT" : "LONG");
	if (sl_eqs(S("compression.gzip.level"), s->name) && (n < -1 || !n || n > 9))
		return refuse(why, s, value, "Value must be between 1 and 9 or equal to -1");
	if (n < s->min)
		return refuse(why, s, sl_trim(value), "Value must be at least %lld", (long long)s->min);
	if (n > s->max)
		return refuse(why, s, sl_trim(value), "Value must be no more than %lld", (long long)s->max);
	return true;
}

static bool valid_double(const struct kfk_setting *s, struct slice value, struct buf *why)
{
	char text[64], *end;
	struct slice t = sl_trim(value);
	snprintf(text, sizeof(text), "%.*s", SL(t));
	double d = strtod(text, &end);
	if (!t.n || t.n >= sizeof(text) || *end)
		return refuse(why, s, value, "Not a number of type DOUBLE");
	if (d < (double)s->min)
		return refuse(why, s, t, "Value must be at least %lld", (long long)s->min);
	return d <= (double)s->max || refuse(why, s, t, "Value must be no more than %lld", (long long)s->max);
}

/* Whether word is one of list, ", " between its words. */
static bool among(struct slice list, struct slice word)
{
	struct slice one;
	while (list.p) {
		sl_cut(list, ',', &one, &list);
		if (sl_eq(sl_trim(one), word))
			return true;
	}
	return false;
}

/* "1:2", "*" */
static bool replica(struct slice word)
{
	struct slice partition, broker;
	int64_t n;
	return sl_cut(word, ':', &partition, &broker) && sl_int(partition, 0, INT32_MAX, &n) && sl_int(broker, 0, INT32_MAX, &n);
}

static bool valid_list(const struct kfk_setting *s, struct slice value, struct buf *why)
{
	struct slice list = sl_trim(value), word;
	bool all = s->valid || sl_eqs(list, "*");
	if (!list.n)
		return true;
	while (list.p && (s->valid || !all)) {
		sl_cut(list, ',', &word, &list);
		word = sl_trim(word);
		if (s->valid && !among(sl(s->valid), word))
			return refuse(why, s, word, "String must be one of: %s", s->valid);
		if (!s->valid && !replica(word)) {
			buf_addf(why, "Invalid value [%.*s] for configuration %s: %s must be the literal '*' or a list of replicas in the following format: "
				      "[partitionId]:[brokerId],[partitionId]:[brokerId],...",
				 SL(sl_trim(value)), s->name, s->name);
			return false;
		}
	}
	return true;
}

/* "2.8", "2.8-IV1", "2.8.1" */
static bool is_version(struct slice value)
{
	static const char *const known[] = {
		"0.8.0", "0.8.1", "0.8.2", "0.9.0", "0.10.0", "0.10.1", "0.10.2", "0.11.0", "1.0", "1.1", "2.0", "2.1", "2.2", "2.3", "2.4",
		"2.5",	 "2.6",	  "2.7",   "2.8",   "3.0",    "3.1",    "3.2",    "3.3",    "3.4", "3.5", "3.6", "3.7", "3.8", "3.9", "4.0",
	};
	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		struct slice rest;
		if (sl_after(value, sl(known[i]), &rest) && (!rest.n || rest.p[0] == '.' || rest.p[0] == '-'))
			return true;
	}
	return false;
}

bool kfk_setting_valid(const struct kfk_setting *s, struct slice value, struct buf *why)
{
	struct slice t = sl_trim(value);
	switch (s->type) {
	case 'l':
	case 'i':
		return valid_number(s, value, why);
	case 'd':
		return valid_double(s, value, why);
	case 'b':
		return sl_eq_nocase(t, S("true")) || sl_eq_nocase(t, S("false")) || refuse(why, s, value, "Expected value to be either true or false");
	case 'L':
		return valid_list(s, value, why);
	default:
		if (s->valid)
			return among(sl(s->valid), t) || refuse(why, s, t, "String must be one of: %s", s->valid);
		return is_version(t) || refuse(why, s, t, "Version %.*s is not a valid version", SL(t));
	}
}

static struct slice own(const struct kfk_config *v, size_t n, const char *name, const char *otherwise)
{
	for (size_t i = 0; i < n; i++)
		if (sl_eqs(v[i].name, name))
			return v[i].value;
	return sl(otherwise);
}

bool kfk_configs_valid(const struct kfk_config *v, size_t n, struct buf *why)
{
	for (size_t i = 0; i < n; i++) {
		const struct kfk_setting *s = kfk_setting(v[i].name);
		if (!s) {
			buf_addf(why, "Unknown topic config name: %.*s", SL(v[i].name));
			return false;
		}
		if (!kfk_setting_valid(s, v[i].value, why))
			return false;
	}
	int64_t least = kfk_setting_int(own(v, n, "min.compaction.lag.ms", "0")), most = kfk_setting_int(own(v, n, "max.compaction.lag.ms", FOREVER));
	if (least > most) {
		buf_addf(why, "conflict topic config setting min.compaction.lag.ms (%lld) > max.compaction.lag.ms (%lld)", (long long)least, (long long)most);
		return false;
	}
	if (kfk_setting_bool(own(v, n, "remote.storage.enable", "false"))) {
		buf_adds(why, "Tiered Storage functionality is disabled in the broker. Topic cannot be configured with remote log storage.");
		return false;
	}
	return true;
}
