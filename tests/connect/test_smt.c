/* Converters and transforms beside what Kafka's own made of the same configurations and values: smt.txt. */
#include "check_main.h"
#include <stdlib.h>
#include <string.h>

#include "connect/check.h"
#include "connect/report.h"
#include "connect/smt.h"

static struct slice unescape(struct arena *a, struct slice s)
{
	char *to = arena_alloc(a, s.n + 1);
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] != '\\' || i + 1 == s.n) {
			to[n++] = s.p[i];
			continue;
		}
		i++;
		to[n++] = s.p[i] == 'n' ? '\n' : s.p[i] == 't' ? '\t' : s.p[i] == 'r' ? '\r' : s.p[i];
	}
	return sl_of(to, n);
}

static void show(struct arena *a, struct buf *out, const struct cv_data *d, struct error *err, int *rc)
{
	if (d->schema && !*rc)
		*rc = cv_write_envelope(a, out, d->schema, &d->v, false, err);
	else if (!*rc)
		cv_write_object(out, &d->v);
}

static int read_record(struct arena *a, bool schemas, struct slice key, struct slice value, struct slice headers, struct sink_record *r, struct error *err)
{
	struct con_conv json = { .how = CONVERT_JSON, .schemas = schemas }, simple = { .how = CONVERT_SIMPLE_HEADER };
	struct slice one, name, text;
	int rc;
	*r = (struct sink_record){ .log = { .offset = 42 }, .topic = S("orders"), .partition = 3, .timestamp_ms = 1719828900123 };
	if ((rc = con_convert(a, &json, key, &r->key, err)) || (rc = con_convert(a, &json, value, &r->value, err)))
		return rc;
	while (!rc && headers.n) {
		struct cv_data d;
		sl_cut(headers, '&', &one, &headers);
		sl_cut(one, '=', &name, &text);
		if (!(rc = con_convert_header(a, &simple, text, &d, err)))
			cv_headers_add(a, &r->headers, name, d);
	}
	return rc;
}

static bool transform(struct arena *a, struct slice config, struct sink_record *r, bool *drop, struct buf *out, struct error *err)
{
	struct smt_chain chain = { 0 };
	struct con_config c = { 0 };
	struct slice one, name, value;
	int rc;
	con_put(&c, S("transforms"), S("x"));
	while (config.p) {
		sl_cut(config, ';', &one, &config);
		sl_cut(one, '=', &name, &value);
		if (sl_eqs(name, "type"))
			con_put(&c, S("transforms.x.type"), arena_printf(a, "org.apache.kafka.connect.transforms.%.*s", SL(value)));
		else if (sl_eqs(name, "predicate")) {
			con_put(&c, S("predicates"), S("p"));
			con_put(&c, S("transforms.x.predicate"), S("p"));
			con_put(&c, S("predicates.p.type"), arena_printf(a, "org.apache.kafka.connect.transforms.predicates.%.*s", SL(value)));
		} else if (sl_eqs(name, "p")) {
			con_put(&c, S("predicates.p.name"), value);
			con_put(&c, S("predicates.p.pattern"), value);
		} else {
			con_put(&c, arena_printf(a, "transforms.x.%.*s", SL(name)), value);
		}
	}
	rc = smt_open(&chain, &c, err);
	if (rc) {
		const char *cause = strstr(err->text, "\nCaused by: ");
		buf_addf(out, "C %s", cause ? cause + 12 : err->text);
	} else if ((rc = smt_run(&chain.stages[0], a, r, drop, err))) {
		buf_addf(out, "E %s", err->text);
	}
	/* What the record holds may be the chain's. */
	arena_take(a, &chain.arena);
	smt_close(&chain);
	con_config_free(&c);
	return !rc;
}

static void run(struct arena *a, struct slice config, bool schemas, struct slice key, struct slice value, struct slice headers, struct buf *out)
{
	struct sink_record r;
	struct error err;
	bool drop = false;
	int rc = read_record(a, schemas, key, value, headers, &r, &err);
	if (rc) {
		buf_addf(out, "E %s", err.text);
		return;
	}
	if (config.n && !transform(a, config, &r, &drop, out, &err))
		return;
	if (drop) {
		buf_adds(out, "D");
		return;
	}
	buf_addf(out, "R %.*s | ", SL(r.topic));
	show(a, out, &r.key, &err, &rc);
	buf_adds(out, " | ");
	show(a, out, &r.value, &err, &rc);
	buf_adds(out, " |");
	for (size_t i = 0; i < r.headers.n; i++) {
		buf_addf(out, " %.*s=", SL(r.headers.v[i].name));
		show(a, out, &r.headers.v[i].data, &err, &rc);
	}
	if (rc) {
		buf_reset(out);
		buf_addf(out, "E %s", err.text);
	}
}

static char *text_of(const char *path, size_t *n)
{
	FILE *f = fopen(path, "r");
	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(fseek(f, 0, SEEK_END), 0);
	*n = (size_t)ftell(f);
	rewind(f);
	char *text = malloc(*n + 1);
	ck_assert_uint_eq(fread(text, 1, *n, f), *n);
	fclose(f);
	return text;
}

START_TEST(test_cases)
{
	size_t n, cases = 0, wrong = 0;
	char *text = text_of("tests/connect/smt.txt", &n);
	struct slice rest = sl_of(text, n), line, f[6];
	while (rest.n) {
		struct arena a = { 0 };
		struct buf out = { 0 };
		sl_cut(rest, '\n', &line, &rest);
		if (!line.n || line.p[0] == '#')
			continue;
		struct slice cells = line;
		for (int i = 0; i < 6; i++)
			sl_cut(cells, '\t', &f[i], &cells);
		run(&a, f[0], sl_eqs(f[1], "1"), sl_eqs(f[2], "-") ? sl(NULL) : unescape(&a, f[2]), sl_eqs(f[3], "-") ? sl(NULL) : unescape(&a, f[3]), unescape(&a, f[4]), &out);
		struct slice wanted = unescape(&a, f[5]);
		cases++;
		if (!sl_eq(wanted, buf_slice(&out))) {
			wrong++;
			printf("%.*s\n is %.*s\n", SL(line), SL(buf_slice(&out)));
		}
		buf_free(&out);
		arena_free(&a);
	}
	free(text);
	ck_assert_uint_gt(cases, 1000);
	ck_assert_uint_eq(wrong, 0);
}
END_TEST

/* Errors of the settings that a validation of FileStreamSink has, as "name :: text"; how many they are. */
static size_t judged(struct arena *a, struct slice settings, struct slice *out, size_t room)
{
	struct con_config c = { 0 };
	struct con_judgement j;
	size_t n = 0;
	con_put(&c, S("name"), S("n"));
	con_put(&c, S("connector.class"), S("FileStreamSink"));
	con_put(&c, S("topics"), S("t"));
	while (settings.p) {
		struct slice one = settings, name, value;
		ssize_t at = sl_find(settings, S(" ; "));
		if (at >= 0)
			one.n = (size_t)at;
		settings = at >= 0 ? sl_from(settings, (size_t)at + 3) : sl(NULL);
		sl_cut(one, '=', &name, &value);
		if (sl_eqs(value, "-"))
			con_remove(&c, arena_cstr(a, name));
		else
			con_put(&c, name, value);
	}
	con_judge(a, &c, CON_S3_10_0, &j);
	for (size_t i = 0; i < j.n; i++)
		for (size_t e = 0; e < j.v[i].n && n < room; e++)
			out[n++] = arena_printf(a, "%s :: %.*s", j.v[i].def.name, SL(j.v[i].errors[e]));
	con_config_free(&c);
	return n;
}

/* Kafka's list is in the order of a HashMap: it is compared as a set. */
START_TEST(test_validation)
{
	size_t n, cases = 0;
	char *text = text_of("tests/connect/validate.txt", &n);
	struct slice rest = sl_of(text, n), line, settings;
	while (rest.p) {
		struct arena a = { 0 };
		struct slice out[64];
		size_t found = 0, ours;
		sl_cut(rest, '\n', &line, &rest);
		if (!sl_after(line, S("## "), &settings))
			continue;
		ours = judged(&a, unescape(&a, settings), out, 64);
		while (rest.n && rest.p[0] != '#') {
			sl_cut(rest, '\n', &line, &rest);
			struct slice wanted = unescape(&a, line);
			size_t i = 0;
			while (i < ours && !sl_eq(out[i], wanted))
				i++;
			ck_assert_msg(i < ours, "%.*s: missing %.*s", SL(settings), SL(wanted));
			found++;
		}
		ck_assert_msg(found == ours, "%.*s: %zu for %zu, the first %.*s", SL(settings), ours, found, SL(out[0]));
		cases++;
		arena_free(&a);
	}
	ck_assert_uint_gt(cases, 40);
	free(text);
}
END_TEST

static const struct {
	struct con_failure f;
	const char *lines[4]; /* of the task's trace, in this order */
} traces[] = {
	{ { STAGE_TRANSFORMATION, "org.apache.kafka.connect.transforms.Cast$Value",
	    "org.apache.kafka.connect.errors.DataException: Value (x) was out of range for requested data type\nCaused by: java.lang.NumberFormatException: For input string: \"x\"" },
	  { "ConnectException: Tolerance exceeded in error handler\n\tat ", "DataException: Value (x) was out of range for requested data type\n\tat org.apache.kafka.connect.transforms.Cast.castValueToType(Cast.java:307)\n",
	    "(RetryWithToleranceOperator.java:244)\n\t... 15 more\nCaused by: java.lang.NumberFormatException: For input string: \"x\"\n\tat java.base/java.lang.", "\n\t... 21 more\n" } },
	{ { STAGE_VALUE_CONVERTER, "org.apache.kafka.connect.converters.IntegerConverter",
	    "org.apache.kafka.connect.errors.DataException: Failed to deserialize integer: \nCaused by: org.apache.kafka.common.errors.SerializationException: Size of data received by IntegerDeserializer is not 4" },
	  { "WorkerSinkTask.convertAndTransformRecord(WorkerSinkTask.java:541)", "NumberConverter.toConnectData(NumberConverter.java:116)\n\tat org.apache.kafka.connect.converters.IntegerConverter.toConnectData(IntegerConverter.java:32)",
	    "IntegerDeserializer is not 4\n\tat org.apache.kafka.common.serialization.IntegerDeserializer.deserialize", "\n\t... 19 more\n" } },
	{ { STAGE_KEY_CONVERTER, "org.apache.kafka.connect.json.JsonConverter",
	    "org.apache.kafka.connect.errors.DataException: JsonConverter with schemas.enable requires \"schema\" and \"payload\" fields" },
	  { "(WorkerSinkTask.java:538)", "at org.apache.kafka.connect.json.JsonConverter.toConnectData(JsonConverter.java:350)\n\tat org.apache.kafka.connect.storage.Converter.toConnectData(Converter.java:91)",
	    "... 14 more\n", "" } },
};

START_TEST(test_trace)
{
	char *trace = con_trace_failure(&traces[_i].f, true);
	const char *at = trace;
	for (size_t i = 0; i < ARRAY_LEN(traces[_i].lines); i++) {
		at = strstr(at, traces[_i].lines[i]);
		ck_assert_msg(at != NULL, "%s\nis not in\n%s", traces[_i].lines[i], trace);
	}
	free(trace);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("connect transforms");
	TCase *t = tcase_create("cases");

	tcase_set_timeout(t, 60);
	tcase_add_test(t, test_cases);
	tcase_add_test(t, test_validation);
	tcase_add_loop_test(t, test_trace, 0, (int)ARRAY_LEN(traces));
	suite_add_tcase(s, t);
	return run_suite(s);
}
