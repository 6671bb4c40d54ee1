/* What converters make of foreign bytes, transforms of that, and whether what is written with its schema is read as the same. */
#include <stdlib.h>
#include <string.h>

#include "connect/smt.h"

static const char *const stages[][4] = {
	{ "Flatten$Value", NULL, NULL, NULL },
	{ "Cast$Value", "spec", "a:int8,b:string,c:float64,d:boolean", NULL },
	{ "MaskField$Value", "fields", "a,b,c", NULL },
	{ "ReplaceField$Value", "renames", "a:b,b:c", NULL },
	{ "ExtractField$Value", "field", "a.b", "V2" },
	{ "TimestampConverter$Value", "field", "a", NULL },
	{ "InsertField$Value", "topic.field", "a!", NULL },
	{ "HoistField$Value", "field", "a", NULL },
	{ "ValueToKey", "fields", "a,b", NULL },
	{ "HeaderFrom$Value", "fields", "a,b", NULL },
	{ "SetSchemaMetadata$Value", "schema.name", "x", NULL },
};

static void open_chain(struct smt_chain *chain, size_t i)
{
	struct con_config c = { 0 };
	struct error err;
	char key[64], class[96];
	(void)snprintf(class, sizeof(class), "org.apache.kafka.connect.transforms.%s", stages[i][0]);
	con_put(&c, S("transforms"), S("x"));
	con_put(&c, S("transforms.x.type"), sl(class));
	con_put(&c, S("transforms.x.target.type"), S("string"));
	con_put(&c, S("transforms.x.format"), S("yyyy-MM-dd'T'HH:mm"));
	con_put(&c, S("transforms.x.headers"), S("h,i"));
	con_put(&c, S("transforms.x.operation"), S("move"));
	if (stages[i][1]) {
		(void)snprintf(key, sizeof(key), "transforms.x.%s", stages[i][1]);
		con_put(&c, sl(key), sl(stages[i][2]));
	}
	if (stages[i][3])
		con_put(&c, S("transforms.x.field.syntax.version"), sl(stages[i][3]));
	if (smt_open(chain, &c, &err))
		abort();
	con_config_free(&c);
}

/* Written with its schema it reads as the same again. */
static void again(struct arena *a, const struct cv_data *d)
{
	struct con_conv c = { .how = CONVERT_JSON, .schemas = true };
	struct cv_data back;
	struct error err;
	struct buf b = { 0 };
	if (d->schema && !cv_write_envelope(a, &b, d->schema, &d->v, 0, &err)) {
		if (con_convert(a, &c, arena_dup(a, buf_slice(&b)), &back, &err) == 0 && !cv_schema_equal(d->schema, back.schema))
			abort();
	}
	buf_reset(&b);
	cv_write_object(&b, &d->v);
	cv_print(&b, &d->v);
	con_print_values(&b, &d->v, true);
	buf_free(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static struct smt_chain chains[ARRAY_LEN(stages)];
	struct arena a = { 0 };
	struct sink_record r = { .topic = S("t"), .timestamp_ms = 5 };
	struct con_conv c = { .how = n ? (enum con_converter)(p[0] % CONVERTERS_N) : CONVERT_JSON, .schemas = n && p[0] & 0x40 };
	struct slice in = sl_of(n ? p + 1 : p, n ? n - 1 : 0);
	struct error err;
	bool drop;
	size_t i = n > 1 ? p[1] % ARRAY_LEN(stages) : 0;
	if (!chains[i].stages)
		open_chain(&chains[i], i);
	if (con_convert(&a, &c, in, &r.value, &err) == 0) {
		again(&a, &r.value);
		if (smt_run(&chains[i].stages[0], &a, &r, &drop, &err) == 0)
			again(&a, &r.value);
	}
	arena_free(&a);
	return 0;
}
