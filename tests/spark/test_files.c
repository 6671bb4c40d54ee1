/* Files of JSON and CSV beside what Spark 3.5 makes of them: schema and rows. */
#include <check.h>

#include "check_main.h"
#include "spark/csv.h"
#include "spark/print.h"

static const struct {
	bool csv;
	const char *options, *file, *read;
} files[] = {
	{ false, "",
	  "{\"b\":1,\"a\":\"x\"}\n{\"b\":2.5,\"c\":[1,2]}\n\n{\"b\":null,\"d\":{\"z\":true,\"y\":null}}\n",
	  "a:string\tb:double\tc:array<bigint>\td:struct<y:string,z:boolean>\nx\t1.0\t\\N\t\\N\n\\N\t2.5\t[1, 2]\t\\N\n\\N\t\\N\t\\N\t{null, true}\n" },
	{ false, "",
	  "{\"a\":1}\nno json\n{\"a\":\"x\"}\n",
	  "_corrupt_record:string\ta:string\n\\N\t1\nno json\t\\N\n\\N\tx\n" },
	{ false, "mode=DROPMALFORMED",
	  "{\"a\":1}\n{\"a\":",
	  "a:bigint\n1\n" },
	{ false, "",
	  "[{\"a\":1},{\"a\":2}]\n[{\"a\":3}]",
	  "a:bigint\n1\n2\n3\n" },
	{ false, "multiLine=true",
	  "[\n {\"a\": 1},\n {\"a\": \"y\"}\n]\n",
	  "a:string\n1\ny\n" },
	{ false, "",
	  "{\"a\":1}\n[{\"a\":1},2]\n5\n",
	  "_corrupt_record:string\ta:bigint\n\\N\t1\n[{\"a\":1},2]\t\\N\n5\t\\N\n" },
	{ false, "",
	  "{\"a\":{\"b\":1.50}}\n{\"a\":\"t\"}\n",
	  "a:string\n{\"b\":1.5}\nt\n" },
	{ false, "",
	  "{\"a\":12345678901234567890,\"b\":1e3,\"c\":-0}\n",
	  "a:decimal(20,0)\tb:double\tc:bigint\n12345678901234567890\t1000.0\t0\n" },
	{ false, "",
	  "{\"a\":[{\"b\":1},{\"c\":\"\"}],\"e\":{},\"f\":[]}\n",
	  "a:array<struct<b:bigint,c:string>>\tf:array<string>\n[{1, null}, {null, }]\t[]\n" },
	{ false, "inferTimestamp=true",
	  "{\"a\":\"2020-01-01T01:02:03Z\",\"b\":\"x\"}\n",
	  "a:timestamp\tb:string\n2020-01-01 01:02:03\tx\n" },
	{ false, "primitivesAsString=true",
	  "{\"a\":1,\"b\":true,\"c\":{\"d\":2}}\n",
	  "a:string\tb:string\tc:struct<d:string>\n1\ttrue\t{2}\n" },
	{ false, "dropFieldIfAllNull=true",
	  "{\"a\":null,\"b\":[],\"c\":{\"d\":null},\"e\":1}\n",
	  "e:bigint\n1\n" },
	{ false, "",
	  "{'a':'q'}\n{\"a\":\"\\u00e9\\ud83d\\ude00\\n\"}\r\n",
	  "a:string\nq\n\303\251\360\237\230\200\\n\n" },
	{ false, "",
	  "{\"a\":NaN,\"b\":\"NaN\"}\n{\"a\":1.5,\"b\":\"x\"}\n",
	  "a:double\tb:string\nNaN\tNaN\n1.5\tx\n" },
	{ false, "",
	  "{\"A\":1,\"a\":2}\n",
	  "! COLUMN_ALREADY_EXISTS\n" },
	{ false, "",
	  "{\"a\":01}\n{\"a\":1,}\n{a:1}\n{\"z\":1} rest\n",
	  "_corrupt_record:string\tz:bigint\n{\"a\":01}\t\\N\n{\"a\":1,}\t\\N\n{a:1}\t\\N\n\\N\t1\n" },
	{ true, "",
	  "a,b,c\n1,2.5,x\n,\"\",y z\n 3 ,4,\"q,\"\"r\"\n5,6\n7,8,9,10\n\n  \n\"u\"v,w,z\n\"p\" ,q,r\n\"open,1,2\n",
	  "_c0:string\t_c1:string\t_c2:string\na\tb\tc\n1\t2.5\tx\n\\N\t\\N\ty z\n 3 \t4\t\"q,\"\"r\"\n5\t6\t\\N\n7\t8\t9\n\"u\"v\tw\tz\np\tq\tr\nopen,1,2\t\\N\t\\N\n" },
	{ true, "header=true inferSchema=true",
	  "a,b,c\n1,2.5,x\n,\"\",y z\n5,6\n7,8,9,10\n",
	  "a:int\tb:double\tc:string\n1\t2.5\tx\n\\N\t\\N\ty z\n5\t6.0\t\\N\n7\t8.0\t9\n" },
	{ true, "header=true inferSchema=true",
	  "d,t,m,b,n,s\n2020-01-01,2020-01-01 10:00:00,2020-01-01,true,1,1d\n2020-01-02,2020-01-02T10:00:00Z,2020-01-02 10:00:00,FALSE,12345678901,+5\n",
	  "d:date\tt:timestamp\tm:timestamp\tb:boolean\tn:bigint\ts:double\n2020-01-01\t2020-01-01 10:00:00\t2020-01-01 00:00:00\ttrue\t1\t1.0\n2020-01-02\t2020-01-02 10:00:00\t2020-01-02 10:00:00\tfalse\t12345678901\t5.0\n" },
	{ true, "header=true inferSchema=true",
	  "a,a,,A\n1,2,3,4\n",
	  "a0:int\ta1:int\t_c2:int\tA3:int\n1\t2\t3\t4\n" },
	{ true, "header=true inferSchema=true",
	  "n,x\n12345678901234567890,1\n5.,NaN\n",
	  "n:decimal(20,0)\tx:double\n12345678901234567890\t1.0\n5\tNaN\n" },
	{ true, "header=true mode=DROPMALFORMED",
	  "a,b\n1,2,3\n4\n5,6\n",
	  "a:string\tb:string\n5\t6\n" },
	{ true, "header=true sep=|",
	  "a|b\r\n1|\"x|y\"\r\n",
	  "a:string\tb:string\n1\tx|y\n" },
	{ true, "header=true multiLine=true comment=#",
	  "a,b\n#c\n\"x\ny\",\"z\\\"w\"\n",
	  "a:string\tb:string\nx\\ny\tz\"w\n" },
	{ true, "sep=; escape=\" nullValue=-",
	  "a;b\n\"x\"\"y\";-\n",
	  "_c0:string\t_c1:string\na\tb\nx\"y\t\\N\n" },
	{ true, "ignoreLeadingWhiteSpace=true ignoreTrailingWhiteSpace=true",
	  " a , \"b\" \n",
	  "_c0:string\t_c1:string\na\tb\n" },
	{ true, "inferSchema=true",
	  "a,\"1,000\",-,0x1p3\n",
	  "_c0:string\t_c1:string\t_c2:string\t_c3:double\na\t1,000\t-\t8.0\n" },
	{ true, "",
	  "x,\n,\"\\\\\"\n",
	  "_c0:string\t_c1:string\nx\t\\N\n\\N\t\\\\\n" },
};

struct reading {
	struct arena arena, keep, batch;
	struct sp_context cx;
	struct sp_run run;
	struct sp_csv_options csv;
	struct sp_json_options json;
	struct buf out;
};

static void set_options(struct reading *r, bool csv, const char *options)
{
	struct slice rest = sl(options), one, name, value;
	while (rest.p && rest.n) {
		(void)sl_cut(rest, ' ', &one, &rest);
		(void)sl_cut(one, '=', &name, &value);
		ck_assert(!(csv ? sp_csv_option(&r->csv, name, value, &r->run.err) : sp_json_option(&r->json, name, value, &r->run.err)));
	}
}

static const struct sp_type *schema_of(struct reading *r, bool csv, struct slice file)
{
	struct sp_csv_infer *x;
	struct sp_json_infer *y;
	if (csv) {
		x = sp_csv_infer_new(&r->arena, &r->csv, &r->run.err);
		return !x || sp_csv_infer_add(x, file, &r->run.err) ? NULL : sp_csv_infer_end(x, &r->run.err);
	}
	y = sp_json_infer_new(&r->arena, &r->json);
	return sp_json_infer_add(y, file, &r->run.err) ? NULL : sp_json_infer_end(y, &r->run.err);
}

static void add_cell(struct buf *out, const struct sp_vec *v, size_t row)
{
	struct sp_value x = sp_get(v, row);
	struct buf b = { 0 };
	if (x.null)
		buf_adds(&b, "\\N");
	else
		sp_print(&b, v->type, &x, NULL);
	for (size_t i = 0; i < b.n; i++) {
		static const char odd[] = "\n\t\r\\";
		const char *at = strchr(odd, b.p[i]);
		if (at && !x.null)
			buf_addf(out, "\\%c", "ntr\\"[at - odd]);
		else
			buf_addc(out, b.p[i]);
	}
	buf_free(&b);
}

static void add_rows(struct buf *out, const struct sp_batch *batch)
{
	for (size_t row = 0; row < batch->n; row++) {
		for (size_t i = 0; i < batch->column_n; i++) {
			if (i)
				buf_addc(out, '\t');
			add_cell(out, &batch->columns[i], row);
		}
		buf_addc(out, '\n');
	}
}

static void read_all(struct reading *r, bool csv, struct slice file)
{
	const struct sp_type *t = schema_of(r, csv, file);
	struct sp_csv_reader *x;
	struct sp_json_reader *y;
	struct sp_batch batch;
	if (!t) {
		buf_addf(&r->out, "! %s\n", r->run.err.class);
		return;
	}
	for (size_t i = 0; i < t->field_n; i++) {
		buf_addf(&r->out, "%s%.*s:", i ? "\t" : "", SL(t->fields[i].name));
		sp_type_simple(&r->out, t->fields[i].type);
	}
	buf_addc(&r->out, '\n');
	x = csv ? sp_csv_open(&r->run, &r->csv, t->fields, t->field_n, NULL, file) : NULL;
	y = csv ? NULL : sp_json_open(&r->run, &r->json, t->fields, t->field_n, NULL, file);
	while ((csv ? sp_csv_next(x, &r->batch, &batch) : sp_json_next(y, &r->batch, &batch)) > 0)
		add_rows(&r->out, &batch);
	sp_csv_close(x);
	sp_json_close(y);
}

START_TEST(test_files)
{
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		struct reading r = { 0 };
		r.run = (struct sp_run){ .cx = &r.cx, .keep = &r.keep, .batch = &r.batch };
		sp_csv_defaults(&r.csv, &r.cx);
		sp_json_defaults(&r.json, &r.cx);
		set_options(&r, files[i].csv, files[i].options);
		read_all(&r, files[i].csv, sl(files[i].file));
		ck_assert_msg(!strcmp(buf_cstr(&r.out), files[i].read), "%zu (%s):\n%s\nnot\n%s", i, files[i].options, r.out.p, files[i].read);
		buf_free(&r.out);
		sp_error_free(&r.run.err);
		arena_free(&r.arena);
		arena_free(&r.keep);
		arena_free(&r.batch);
	}
}
END_TEST

/* Columns that aren't needed aren't made. */
START_TEST(test_needed)
{
	struct reading r = { 0 };
	struct sp_field fields[] = { { .name = S("a"), .type = &sp_types[SP_BIGINT] }, { .name = S("b"), .type = &sp_types[SP_STRING] } };
	const bool needed[] = { false, true };
	struct sp_batch batch;
	struct sp_json_reader *x;
	r.run = (struct sp_run){ .cx = &r.cx, .keep = &r.keep, .batch = &r.batch };
	sp_json_defaults(&r.json, &r.cx);
	x = sp_json_open(&r.run, &r.json, fields, 2, needed, S("{\"a\":1,\"b\":\"x\"}\n{\"a\":[],\"b\":{\"c\": 1}}\n"));
	ck_assert_int_eq(sp_json_next(x, &r.batch, &batch), 1);
	ck_assert_uint_eq(batch.n, 2);
	ck_assert(!batch.columns[0].type);
	ck_assert(sl_eqs(batch.columns[1].str[1], "{\"c\":1}"));
	ck_assert_int_eq(sp_json_next(x, &r.batch, &batch), 0);
	sp_json_close(x);
	arena_free(&r.arena);
	arena_free(&r.keep);
	arena_free(&r.batch);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("files of JSON and CSV");
	TCase *tc = tcase_create("files");
	tcase_add_test(tc, test_files);
	tcase_add_test(tc, test_needed);
	suite_add_tcase(s, tc);
	return run_suite(s);
}
