/* What ConfigDef's validators say. Texts are kafka-clients' 4.0, Kafka Connect's and the S3 sink's. */
#include "connect/check.h"
#include "connect/smt.h"

static struct slice list_text(struct con_checking *k, struct slice v, struct slice **items, size_t *n)
{
	struct arena *a = con_checking_arena(k);
	struct slice rest = v.n ? v : sl(NULL), word, *out = NULL;
	size_t cap = 0;
	*n = 0;
	while (rest.p) {
		sl_cut(rest, ',', &word, &rest);
		ARENA_GROW(a, out, *n, cap);
		out[(*n)++] = sl_trim(word);
	}
	*items = out;
	return smt_list_text(a, out, *n);
}

static bool listed(const char *list, struct slice v, bool any_case)
{
	struct slice word, rest = sl(list);
	while (rest.p) {
		sl_cut(rest, ',', &word, &rest);
		word = sl_trim(word);
		if (any_case ? sl_eq_nocase(word, v) : sl_eq(word, v))
			return true;
	}
	return false;
}

void con_check_one_of(struct con_checking *k, const struct con_def *d, struct slice v)
{
	if (!v.p || !listed(d->one_of, v, false))
		con_wrong(k, d, v, "String must be one of: %s", d->one_of);
}

void con_check_any_case(struct con_checking *k, const struct con_def *d, struct slice v)
{
	if (!v.p || !listed(d->one_of, v, true))
		con_wrong(k, d, v, "String must be one of (case insensitive): %s", d->one_of);
}

void con_check_text(struct con_checking *k, const struct con_def *d, struct slice v)
{
	if (v.p && !v.n)
		con_wrong(k, d, v, "String must be non-empty");
}

void con_check_not_null(struct con_checking *k, const struct con_def *d, struct slice v)
{
	if (!v.p)
		con_wrong(k, d, v, "entry must be non null");
}

void con_check_list(struct con_checking *k, const struct con_def *d, struct slice v)
{
	if (!v.n)
		con_wrong(k, d, v.p ? S("[]") : v, "Empty list");
}

void con_check_regex(struct con_checking *k, const struct con_def *d, struct slice v)
{
	struct java_regex x;
	struct error err;
	if (!v.p) {
		con_wrong(k, d, v, "Invalid regex: Cannot invoke \"String.isEmpty()\" because \"this.pattern\" is null");
		return;
	}
	int rc = java_regex_open(&x, NULL, v, JAVA_REGEX_WHOLE | JAVA_REGEX_EXACT, &err);
	if (rc == ERR_INVALID)
		con_wrong(k, d, v, "Invalid regex: %.*s", SL(con_regex_text(con_checking_arena(k), v, err.text)));
	java_regex_free(&x);
}

void con_check_text_regex(struct con_checking *k, const struct con_def *d, struct slice v)
{
	if (v.p && !v.n)
		con_check_text(k, d, v);
	else
		con_check_regex(k, d, v);
}

void con_check_renames(struct con_checking *k, const struct con_def *d, struct slice v)
{
	struct slice *items, from, to;
	size_t n;
	struct slice all = list_text(k, v, &items, &n);
	for (size_t i = 0; i < n; i++) {
		struct slice one = items[i];
		while (one.n && one.p[one.n - 1] == ':')
			one.n--;
		sl_cut(one, ':', &from, &to);
		if (to.p && sl_chr(to, ':') < 0)
			continue;
		con_wrong(k, d, all, "Invalid rename mapping: %.*s", SL(items[i]));
		return;
	}
}

void con_check_casts(struct con_checking *k, const struct con_def *d, struct slice v)
{
	struct arena *a = con_checking_arena(k);
	struct slice *items, why;
	struct smt_cast_spec *specs;
	struct error err;
	size_t n;
	(void)list_text(k, v, &items, &n);
	specs = arena_alloc(a, (n + 1) * sizeof(*specs));
	if (!n)
		con_wrong_text(k, d, S("Must specify at least one field to cast."));
	else if (smt_cast_parse(a, items, n, specs, &err) && sl_after(sl(err.text), S(SMT_CONFIG), &why))
		con_wrong_text(k, d, arena_dup(a, why));
}

void con_check_range(struct con_checking *k, const struct con_def *d, struct slice v)
{
	struct slice lo, hi;
	int64_t n, least, most;
	sl_cut(sl(d->one_of), ' ', &lo, &hi);
	if (!v.p || !sl_int(v, INT64_MIN, INT64_MAX, &n))
		con_wrong(k, d, sl(NULL), "Value must be non-null");
	else if (sl_int(lo, INT64_MIN, INT64_MAX, &least) && n < least)
		con_wrong(k, d, v, "Value must be at least %lld", (long long)least);
	else if (hi.p && sl_int(hi, INT64_MIN, INT64_MAX, &most) && n > most)
		con_wrong(k, d, v, "Value must be no more than %lld", (long long)most);
}

void con_check_name(struct con_checking *k, const struct con_def *d, struct slice v)
{
	struct buf b = { 0 };
	if (v.p && !v.n)
		con_wrong(k, d, v, "String may not be empty");
	for (size_t i = 0; i < v.n;) {
		uint32_t c = java_next(v, &i);
		if (c < 0x20 || (c >= 0x7f && c < 0xa0))
			buf_addf(&b, "%s%u", b.n ? ", " : "", c);
	}
	if (b.n)
		con_wrong(k, d, v, "String may not contain control sequences but had the following ASCII chars: %.*s", SL(buf_slice(&b)));
	buf_free(&b);
}

void con_check_aliases(struct con_checking *k, const struct con_def *d, struct slice v)
{
	struct slice *items;
	size_t n;
	struct slice all = list_text(k, v, &items, &n);
	for (size_t i = 0; i < n; i++) {
		if (!smt_in(items, i, items[i]))
			continue;
		con_wrong(k, d, all, "Duplicate alias provided.");
		return;
	}
}

/* ---- the S3 sink's ---- */

void con_check_value(struct con_checking *k, const struct con_def *d, struct slice v)
{
	if (v.p && !listed(d->one_of, v, false))
		con_wrong(k, d, v, "Value must be one of: %s", d->one_of);
}

void con_check_bracketed(struct con_checking *k, const struct con_def *d, struct slice v)
{
	if (v.p && !listed(d->one_of, v, false))
		con_wrong(k, d, v, "Value must be one of: [%s]", d->one_of);
}

void con_check_lower(struct con_checking *k, const struct con_def *d, struct slice v)
{
	char *lower = arena_cstr(con_checking_arena(k), v);
	for (char *p = lower; *p; p++)
		*p = (char)(*p >= 'A' && *p <= 'Z' ? *p + 32 : *p);
	con_check_one_of(k, d, v.p ? sl(lower) : v);
}

/* All regions of the SDK; the text has those that the recorded plugin named. */
void con_check_region(struct con_checking *k, const struct con_def *d, struct slice v)
{
	static const char regions[] = "af-south-1,ap-east-1,ap-east-2,ap-northeast-1,ap-northeast-2,ap-northeast-3,ap-south-1,ap-south-2,ap-southeast-1,ap-southeast-2,"
				      "ap-southeast-3,ap-southeast-4,ap-southeast-5,ap-southeast-7,ca-central-1,ca-west-1,eu-central-1,eu-central-2,eu-north-1,eu-south-1,"
				      "eu-south-2,eu-west-1,eu-west-2,eu-west-3,eu-isoe-west-1,il-central-1,me-central-1,me-south-1,mx-central-1,sa-east-1,us-east-1,us-east-2,"
				      "us-west-1,us-west-2,us-gov-east-1,us-gov-west-1,us-iso-east-1,us-iso-west-1,us-isob-east-1,us-isof-east-1,us-isof-south-1,cn-north-1,cn-northwest-1";
	if (!v.p || !listed(regions, v, true))
		con_wrong(k, d, v, "Value must be one of: us-east-1, us-east-2, us-west-1, us-west-2, eu-west-1, eu-central-1");
}

void con_check_part_size(struct con_checking *k, const struct con_def *d, struct slice v)
{
	int64_t n;
	if (!v.p || !sl_int(v, INT32_MIN, INT32_MAX, &n))
		con_wrong(k, d, sl(NULL), "Part size must be non-null");
	else if (n < 5242880)
		con_wrong(k, d, v, "Part size must be at least: 5242880 bytes (5MB)");
}

void con_check_zone(struct con_checking *k, const struct con_def *d, struct slice v)
{
	struct joda_zone zone;
	struct error err;
	if (v.n && joda_zone_make(con_checking_arena(k), v, &zone, &err))
		con_wrong(k, d, v, "%s", err.text);
}

static bool is_credentials(struct slice v)
{
	return sl_starts(v, S("com.amazonaws.auth.")) || sl_eqs(v, "io.confluent.connect.s3.auth.AwsAssumeRoleCredentialsProvider");
}

void con_check_credentials(struct con_checking *k, const struct con_def *d, struct slice v)
{
	if (!v.p)
		con_wrong(k, d, v, "Class must extend: interface com.amazonaws.auth.AWSCredentialsProvider");
	else if (!is_credentials(v))
		con_wrong(k, d, arena_printf(con_checking_arena(k), "class %.*s", SL(v)), "Class must extend: interface com.amazonaws.auth.AWSCredentialsProvider");
}

/* ---- classes ---- */

#define TRANSFORMS "org.apache.kafka.connect.transforms."
#define STORAGE "org.apache.kafka.connect.storage."

static const char *const others[] = {
	"java.lang.Object", "java.lang.String",
	STORAGE "Converter", STORAGE "HeaderConverter", TRANSFORMS "Transformation", TRANSFORMS "predicates.Predicate",
	"org.apache.kafka.connect.file.FileStreamSinkConnector", "org.apache.kafka.connect.file.FileStreamSourceConnector",
	"io.confluent.connect.s3.S3SinkConnector", "io.confluent.connect.s3.storage.S3Storage",
	"io.confluent.connect.s3.auth.AwsAssumeRoleCredentialsProvider",
	"com.amazonaws.auth.DefaultAWSCredentialsProviderChain", "com.amazonaws.auth.EnvironmentVariableCredentialsProvider",
	"com.amazonaws.auth.SystemPropertiesCredentialsProvider", "com.amazonaws.auth.EC2ContainerCredentialsProviderWrapper",
	"com.amazonaws.auth.InstanceProfileCredentialsProvider", "com.amazonaws.auth.WebIdentityTokenCredentialsProvider",
	"com.amazonaws.auth.profile.ProfileCredentialsProvider",
};

struct slice con_converter_name(struct slice v)
{
	for (size_t i = 0; i < CONVERTERS_N; i++) {
		struct slice class = sl(con_converter_classes[i]), name = class;
		while (sl_chr(name, '.') >= 0)
			name = sl_from(name, (size_t)sl_chr(name, '.') + 1);
		struct slice pruned = sl_of(name.p, name.n - (sizeof("Converter") - 1));
		if (sl_eq(v, class) || sl_eq(v, name) || sl_eq(v, pruned))
			return class;
	}
	return sl(NULL);
}

static bool is_abstract_transform(struct slice v)
{
	struct slice name;
	for (size_t i = 0; i < smt_kind_n; i++)
		if (smt_kinds[i].sides && sl_after(v, S(TRANSFORMS), &name) && sl_eqs(name, smt_kinds[i].name))
			return true;
	return false;
}

/* The S3 plugin's classes that a configuration names. */
static bool is_plugin_class(struct slice v)
{
	static const char *const names[] = {
		"format.json.JsonFormat", "format.bytearray.ByteArrayFormat", /* DIFFERS: Avro's and Parquet's are not there */
	}, *const partitioners[] = { "DefaultPartitioner", "FieldPartitioner", "TimeBasedPartitioner", "DailyPartitioner", "HourlyPartitioner" };
	struct slice rest;
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (sl_after(v, S("io.confluent.connect.s3."), &rest) && sl_eqs(rest, names[i]))
			return true;
	for (size_t i = 0; i < ARRAY_LEN(partitioners); i++)
		if (sl_after(v, S("io.confluent.connect.storage.partitioner."), &rest) && sl_eqs(rest, partitioners[i]))
			return true;
	return false;
}

bool con_class_known(struct slice v)
{
	bool key;
	char name[256];
	if (v.n >= sizeof(name))
		return false;
	memcpy(name, v.p, v.n);
	name[v.n] = 0;
	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		if (!strcmp(name, others[i]))
			return true;
	return con_converter_name(v).p || smt_kind_of(name, &key) || smt_predicate_of(name) || is_abstract_transform(v) || is_plugin_class(v);
}

/* Utils.ensureConcreteSubclass. */
static void wrong_class(struct con_checking *k, const struct con_def *d, struct slice v, const char *interface)
{
	struct arena *a = con_checking_arena(k);
	bool same = sl_ends(v, sl(interface)) && (v.n == strlen(interface) || v.p[v.n - strlen(interface) - 1] == '.');
	if (is_abstract_transform(v) && !strcmp(interface, "Transformation"))
		con_wrong_text(k, d, arena_printf(a, "This class is abstract and cannot be created. Did you mean %.*s$Key, %.*s$Value?", SL(v), SL(v)));
	else if (same)
		con_wrong_text(k, d, S("This class is abstract and cannot be created."));
	else
		con_wrong_text(k, d, arena_printf(a, "Class class %.*s does not implement the %s interface", SL(v), interface));
}

void con_check_converter(struct con_checking *k, const struct con_def *d, struct slice v)
{
	struct slice name = v.p ? con_converter_name(v) : v;
	if (v.p && (!name.p || sl_eqs(name, con_converter_classes[CONVERT_SIMPLE_HEADER])))
		wrong_class(k, d, name.p ? name : v, "Converter");
}

void con_check_header_converter(struct con_checking *k, const struct con_def *d, struct slice v)
{
	if (v.p && !con_converter_name(v).p)
		wrong_class(k, d, v, "HeaderConverter");
}

void con_check_transform(struct con_checking *k, const struct con_def *d, struct slice v)
{
	bool key;
	if (v.p && !smt_kind_of(arena_cstr(con_checking_arena(k), v), &key))
		wrong_class(k, d, v, "Transformation");
}

void con_check_predicate(struct con_checking *k, const struct con_def *d, struct slice v)
{
	if (v.p && !smt_predicate_of(arena_cstr(con_checking_arena(k), v)))
		wrong_class(k, d, v, "Predicate");
}
