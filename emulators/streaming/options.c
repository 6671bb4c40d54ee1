/* A streaming query's options: the words of Spark's and Databricks' readers and writers, in any case. */
#include <ctype.h>

#include "core/clock.h"
#include "core/json.h"
#include "streaming/options.h"

void sq_options_init(struct sq_options *o, const struct datasets *sets, struct slice name)
{
	*o = (struct sq_options){ .sets = sets, .initial = SQ_LATEST, .interval_ms = SQ_TRIGGER_MS, .records_max = SQ_RECORDS };
	snprintf(o->name, sizeof(o->name), "%.*s", SL(name));
}

static bool plain_name(struct slice v)
{
	for (size_t i = 0; i < v.n; i++)
		if (!isalnum((unsigned char)v.p[i]) && !memchr("_.-", v.p[i], 3))
			return false;
	return v.n > 0 && v.n <= SQ_NAME_MAX && v.p[0] != '.';
}

static int set_name(char *to, struct slice v, const char *what, struct error *err)
{
	if (!plain_name(v))
		return err_set(err, ERR_INVALID, "%s is a name of letters, digits, _ . and -, not %.*s", what, SL(v));
	memcpy(to, v.p, v.n);
	to[v.n] = '\0';
	return 0;
}

static int set_stream(struct sq_options *o, struct slice v, struct error *err)
{
	return set_name(o->stream, v, "streamName (one stream a query)", err);
}

static int set_table(struct sq_options *o, struct slice v, struct error *err)
{
	return set_name(o->table, v, "table", err);
}

static int set_dataset(struct sq_options *o, struct slice v, struct error *err)
{
	const struct dataset *d = dataset_find(o->sets, v);
	struct arena a = { 0 };
	if (!d)
		(void)err_set(err, ERR_INVALID, "dataset is one of %.*s, not %.*s", SL(dataset_names(&a, o->sets)), SL(v));
	arena_free(&a);
	o->set = d ? d : o->set;
	return d ? 0 : ERR_INVALID;
}

static bool plain_text(struct slice v)
{
	return sl_is_utf8(v) && sl_chr(v, '\0') < 0 && sl_chr(v, '"') < 0 && sl_chr(v, '\n') < 0;
}

static int set_checkpoint(struct sq_options *o, struct slice v, struct error *err)
{
	if (!v.n || v.n >= sizeof(o->checkpoint) || !plain_text(v))
		return err_set(err, ERR_INVALID, "checkpointLocation is a path of up to %d bytes, without quotes", SQ_OPTION_MAX - 1);
	snprintf(o->checkpoint, sizeof(o->checkpoint), "%.*s", SL(v));
	return 0;
}

static int set_time(struct sq_options *o, struct slice v, struct error *err)
{
	if (!clock_parse_iso(v, &o->initial_ms) || o->initial_ms <= 0)
		return err_set(err, ERR_INVALID, "a time is written as 2026-01-05T09:00:00Z, not %.*s", SL(v));
	o->initial = SQ_AT_TIMESTAMP;
	return 0;
}

/* {"at_timestamp": "2026-01-05T09:00:00Z"}, Databricks' form. */
static int set_json_position(struct sq_options *o, struct slice v, struct error *err)
{
	json_t *j = json_loadb(v.p, v.n, 0, NULL);
	const char *at = jstr(j, "at_timestamp");
	int rc;
	if (json_object_get(j, "format"))
		rc = err_set(err, ERR_INVALID, "initialPosition: a format isn't read; write the time as 2026-01-05T09:00:00Z");
	else if (!at)
		rc = err_set(err, ERR_INVALID, "initialPosition: {\"at_timestamp\": \"2026-01-05T09:00:00Z\"} is wanted");
	else
		rc = set_time(o, sl(at), err);
	json_decref(j);
	return rc;
}

static int set_position(struct sq_options *o, struct slice v, struct error *err)
{
	struct slice word, time;
	if (sl_eq_nocase(v, S("latest")))
		o->initial = SQ_LATEST;
	else if (sl_eq_nocase(v, S("earliest")) || sl_eq_nocase(v, S("trim_horizon")))
		o->initial = SQ_TRIM_HORIZON;
	else if (sl_starts(v, S("{")))
		return set_json_position(o, v, err);
	else if (sl_eq_nocase(v, S("at_timestamp")))
		o->initial = SQ_AT_TIMESTAMP;
	else if (sl_cut(v, ':', &word, &time) && sl_eq_nocase(word, S("at_timestamp")))
		return set_time(o, time, err);
	else
		return err_set(err, ERR_INVALID, "initialPosition is latest, earliest, trim_horizon or at_timestamp:TIME, not %.*s", SL(v));
	return 0;
}

/* "5s", or Spark's "5 seconds". */
static bool duration(struct slice v, int64_t *ms)
{
	static const char *const words[][2] = { { "milli", "ms" }, { "sec", "s" }, { "min", "m" }, { "hour", "h" }, { "day", "d" } };
	struct slice number, unit;
	char text[40];
	if (clock_parse_duration(v, ms))
		return true;
	if (!sl_cut(v, ' ', &number, &unit) || number.n > 12)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (!sl_starts_nocase(sl_trim(unit), sl(words[i][0])))
			continue;
		snprintf(text, sizeof(text), "%.*s%s", SL(number), words[i][1]);
		return clock_parse_duration(sl(text), ms);
	}
	return false;
}

static int set_trigger(struct sq_options *o, struct slice v, struct error *err)
{
	const int64_t day = 24 * 3600 * 1000;
	if (sl_eq_nocase(v, S("once"))) {
		o->trigger = SQ_ONCE;
	} else if (sl_eq_nocase(v, S("availableNow"))) {
		o->trigger = SQ_AVAILABLE_NOW;
	} else if (duration(v, &o->interval_ms) && o->interval_ms >= 100 && o->interval_ms <= 31 * day) {
		o->trigger = SQ_INTERVAL;
	} else {
		return err_set(err, ERR_INVALID, "trigger is an interval from 100ms to 31d, once or availableNow, not %.*s", SL(v));
	}
	return 0;
}

static int set_records(struct sq_options *o, struct slice v, struct error *err)
{
	return sl_int(v, 1, SQ_RECORDS_MAX, &o->records_max)
		       ? 0
		       : err_set(err, ERR_INVALID, "maxRecordsPerBatch is a number from 1 to %d, not %.*s", SQ_RECORDS_MAX, SL(v));
}

static int set_loss(struct sq_options *o, struct slice v, struct error *err)
{
	o->no_fail_on_data_loss = sl_eq_nocase(v, S("false"));
	return o->no_fail_on_data_loss || sl_eq_nocase(v, S("true")) ? 0
								     : err_set(err, ERR_INVALID, "failOnDataLoss is true or false");
}

static int set_key(struct sq_options *o, struct slice v, struct error *err)
{
	if (!v.n || v.n > 256 || !plain_text(v))
		return err_set(err, ERR_INVALID, "partitionKey has 1 to 256 bytes, without quotes");
	snprintf(o->partition_key, sizeof(o->partition_key), "%.*s", SL(v));
	return 0;
}

static int set_shared(struct sq_options *o, struct slice v, struct error *err)
{
	bool yes = sl_eq_nocase(v, S("true"));
	if (!yes && !sl_eq_nocase(v, S("false")))
		return err_set(err, ERR_INVALID, "shared is true or false");
	o->shared = yes ? SQ_SHARED : SQ_NOT_SHARED;
	return 0;
}

/* "title=prefix", or several with commas between. */
static int add_variants(struct sq_options *o, struct slice v, struct error *err)
{
	struct slice one;
	while (v.p && v.n) {
		sl_cut(v, ',', &one, &v);
		one = sl_trim(one);
		struct slice choice, variant;
		if (one.n > SQ_NAME_MAX || !sl_cut(one, '=', &choice, &variant) || !plain_name(choice) || !plain_name(variant))
			return err_set(err, ERR_INVALID, "a variant is NAME=VARIANT, not %.*s", SL(one));
		if (o->variant_n == SQ_VARIANTS_MAX)
			return err_set(err, ERR_INVALID, "more than %d variants", SQ_VARIANTS_MAX);
		snprintf(o->variants[o->variant_n++], sizeof(o->variants[0]), "%.*s", SL(one));
	}
	return 0;
}

/* DIFFERS: options that say where and as whom to reach AWS are not looked at, and not kept; the stack decides that. */
static int forget(struct sq_options *o, struct slice v, struct error *err)
{
	return 0;
}

static const struct {
	const char *name;
	int (*set)(struct sq_options *o, struct slice v, struct error *err);
} options[] = {
	{ "streamName", set_stream },
	{ "initialPosition", set_position },
	{ "initialTimestamp", set_time },
	{ "dataset", set_dataset },
	{ "table", set_table },
	{ "checkpointLocation", set_checkpoint },
	{ "trigger", set_trigger },
	{ "maxRecordsPerBatch", set_records },
	{ "failOnDataLoss", set_loss },
	{ "partitionKey", set_key },
	{ "shared", set_shared },
	{ "variant", add_variants },
	{ "region", forget },
	{ "awsAccessKey", forget },
	{ "awsSecretKey", forget },
};

int sq_option(struct sq_options *o, struct slice key, struct slice value, struct error *err)
{
	struct buf b = { 0 };
	for (size_t i = 0; i < ARRAY_LEN(options); i++)
		if (sl_eq_nocase(key, sl(options[i].name)))
			return options[i].set(o, value, err);
	for (size_t i = 0; i < ARRAY_LEN(options); i++)
		buf_addf(&b, "%s%s", i ? ", " : "", options[i].name);
	int rc = err_set(err, ERR_INVALID, "a streaming query has no option %.*s; there are %s", (int)(key.n > 60 ? 60 : key.n), key.p,
			buf_cstr(&b));
	buf_free(&b);
	return rc;
}

int sq_options_parse(struct sq_options *o, struct slice line, struct error *err)
{
	struct slice rest = sl_trim(line), key, value;
	int rc = 0;
	while (!rc && rest.n) {
		if (!sl_cut(rest, '=', &key, &rest))
			return err_set(err, ERR_INVALID, "an option is NAME=VALUE, not %.*s", SL(key));
		bool quoted = rest.n && rest.p[0] == '"';
		if (quoted) {
			if (!sl_cut(sl_from(rest, 1), '"', &value, &rest))
				return err_set(err, ERR_INVALID, "option %.*s: the closing quote is missing", SL(key));
		} else {
			sl_cut(rest, ' ', &value, &rest);
		}
		rest = sl_trim(rest.p ? rest : S(""));
		rc = sq_option(o, sl_trim(key), value, err);
	}
	return rc;
}

/* The first of a name's parts that is a dataset's: "streaming-USER-orders", "USER_orders_table" -> orders. */
static const struct dataset *guess_set(const struct sq_options *o, struct slice name)
{
	const struct dataset *found = NULL;
	while (name.p && !found) {
		size_t n = 0;
		while (n < name.n && !memchr("-_.", name.p[n], 3))
			n++;
		found = n ? dataset_find(o->sets, sl_of(name.p, n)) : NULL;
		name = n < name.n ? sl_from(name, n + 1) : sl(NULL);
	}
	return found;
}

int sq_options_finish(struct sq_options *o, struct error *err)
{
	if (!plain_name(sl(o->name)))
		return err_set(err, ERR_INVALID, "a query's name has letters, digits, _ . and -");
	if (!o->stream[0])
		return err_set(err, ERR_INVALID, "option streamName is missing");
	if (o->initial == SQ_AT_TIMESTAMP && !o->initial_ms)
		return err_set(err, ERR_INVALID, "initialPosition=at_timestamp wants initialTimestamp=TIME");
	if (!o->table[0])
		memcpy(o->table, o->name, sizeof(o->table));
	for (size_t i = 0; !o->set && i < o->sets->n; i++)
		if (o->sets->at[i].stream && !strcmp(o->sets->at[i].stream, o->stream))
			o->set = &o->sets->at[i];
	if (!o->set && !(o->set = guess_set(o, sl(o->stream))))
		o->set = guess_set(o, sl(o->table));
	if (o->set)
		return 0;
	struct arena a = { 0 };
	int rc = err_set(err, ERR_INVALID, "option dataset is missing: %.*s, whose rules clean the records", SL(dataset_names(&a, o->sets)));
	arena_free(&a);
	return rc;
}

/* ---- out ---- */

static void each(const struct sq_options *o, void (*put)(void *arg, const char *key, struct slice value), void *arg)
{
	static const char *const triggers[] = { NULL, "once", "availableNow" };
	char iso[32], number[40];
	put(arg, "streamName", sl(o->stream));
	if (o->initial == SQ_AT_TIMESTAMP) {
		clock_iso(o->initial_ms, iso);
		put(arg, "initialPosition", S("at_timestamp"));
		put(arg, "initialTimestamp", sl(iso));
	} else {
		put(arg, "initialPosition", o->initial == SQ_LATEST ? S("latest") : S("earliest"));
	}
	put(arg, "dataset", sl(o->set->name));
	put(arg, "table", sl(o->table));
	if (o->checkpoint[0])
		put(arg, "checkpointLocation", sl(o->checkpoint));
	snprintf(number, sizeof(number), "%lldms", (long long)o->interval_ms);
	put(arg, "trigger", sl(o->trigger == SQ_INTERVAL ? number : triggers[o->trigger]));
	snprintf(number, sizeof(number), "%lld", (long long)o->records_max);
	put(arg, "maxRecordsPerBatch", sl(number));
	put(arg, "failOnDataLoss", o->no_fail_on_data_loss ? S("false") : S("true"));
	if (o->shared)
		put(arg, "shared", o->shared == SQ_SHARED ? S("true") : S("false"));
	if (o->partition_key[0])
		put(arg, "partitionKey", sl(o->partition_key));
	for (size_t i = 0; i < o->variant_n; i++)
		put(arg, "variant", sl(o->variants[i]));
}

static void put_line(void *arg, const char *key, struct slice value)
{
	struct buf *b = arg;
	buf_addf(b, "%s%s=\"%.*s\"", b->n ? " " : "", key, SL(value));
}

void sq_options_text(struct buf *b, const struct sq_options *o)
{
	each(o, put_line, b);
}

static void put_json(void *arg, const char *key, struct slice value)
{
	if (strcmp(key, "variant"))
		jw_str(arg, key, value);
}

void sq_options_json(struct buf *b, const struct sq_options *o)
{
	each(o, put_json, b);
	if (!o->variant_n)
		return;
	jw_list(b, "variants");
	for (size_t i = 0; i < o->variant_n; i++)
		jw_text(b, NULL, o->variants[i]);
	jw_list_end(b);
}
