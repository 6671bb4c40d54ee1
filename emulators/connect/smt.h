/* Single message transforms: the chain that a connector's "transforms" name, with its predicates.
 * The classes, their settings and what they say are those of Kafka's connect-transforms 4.0.
 *
 *   smt.c         the chain, predicates           smt_kinds.c  the classes and their settings
 *   smt_field.c   transforms of fields            smt_cast.c   Cast, MaskField
 *   smt_time.c    TimestampConverter, -Router     smt_shape.c  Flatten, schemas, headers, topics */
#ifndef TARN_CONNECT_SMT_H
#define TARN_CONNECT_SMT_H

#include "connect/connect.h"

#define SMT_DATA "org.apache.kafka.connect.errors.DataException: "
#define SMT_CONFIG "org.apache.kafka.common.config.ConfigException: "

struct smt_stage;
/* Settings of a transform or predicate: those of its prefix, and what its definitions say of the others. */
struct smt_conf {
	struct arena *a; /* of the chain */
	const struct con_config *config;
	struct slice prefix; /* "transforms.x." */
	const struct con_def *defs;
	size_t def_n;
};
struct slice smt_text(const struct smt_conf *c, const char *name);       /* absent: null */
struct slice *smt_list(const struct smt_conf *c, const char *name, size_t *n);
bool smt_truth(const struct smt_conf *c, const char *name);
/* As a list prints: "[a, b]". */
struct slice smt_list_text(struct arena *a, const struct slice *v, size_t n);
bool smt_in(const struct slice *v, size_t n, struct slice name);

struct smt_kind {
	const char *name; /* of the class, without package and side */
	bool sides;       /* it comes as $Key and $Value */
	const struct con_def *defs;
	size_t def_n;
	/* configure(): makes the state. Errors: INVALID, text = a chain of exceptions. */
	int (*make)(const struct smt_conf *c, struct smt_stage *st, struct error *err);
	/* Changes the record; *drop: nothing is left of it. What it makes lives in a. Errors: INVALID, a chain of exceptions. */
	int (*apply)(const struct smt_stage *st, struct arena *a, struct sink_record *r, bool *drop, struct error *err);
};
struct smt_predicate_kind {
	const char *name;
	const struct con_def *defs;
	size_t def_n;
	int (*make)(const struct smt_conf *c, struct smt_stage *st, struct error *err);
	bool (*test)(const struct smt_stage *st, const struct sink_record *r);
};
struct smt_stage {
	const struct smt_kind *kind;
	bool key; /* $Key */
	const char *class;
	void *state;
	const struct smt_predicate_kind *predicate; /* NULL: always */
	bool negate;
	struct java_regex *regex; /* TopicNameMatches */
	struct slice header;      /* HasHeaderKey */
	struct java_regex *router, *router_whole; /* RegexRouter */
};
struct smt_chain {
	struct arena arena;
	struct smt_stage *stages;
	size_t n;
};

extern const struct smt_kind smt_kinds[];
extern const size_t smt_kind_n;
extern const struct smt_predicate_kind smt_predicates[];
extern const size_t smt_predicate_n;
/* By the class name a configuration gives: whole, or the worker's short names (with or without package). *key: the side. NULL: no such. */
const struct smt_kind *smt_kind_of(const char *class, bool *key);
const struct smt_predicate_kind *smt_predicate_of(const char *class);
/* The whole name: "org.apache.kafka.connect.transforms.Cast$Value". */
char *smt_class(struct arena *a, const struct smt_kind *kind, bool key);

/* The chain of a validated configuration. Errors: INVALID, a chain of exceptions: the task can't start. Free it in any case. */
int smt_open(struct smt_chain *chain, const struct con_config *config, struct error *err) WARN_UNUSED;
void smt_close(struct smt_chain *chain);
/* Runs the stage on a record. */
int smt_run(const struct smt_stage *st, struct arena *a, struct sink_record *r, bool *drop, struct error *err) WARN_UNUSED;

/* ---- of the transforms ---- */
static inline struct cv_data *smt_side(const struct smt_stage *st, struct sink_record *r)
{
	return st->key ? &r->key : &r->value;
}
/* requireMap, requireStruct. */
int smt_need_map(const struct cv_value *v, const char *purpose, struct error *err) WARN_UNUSED;
int smt_need_struct(const struct cv_value *v, const char *purpose, struct error *err) WARN_UNUSED;
/* SchemaUtil.copySchemaBasics onto a schema of that type. */
struct cv_schema *smt_basics(struct arena *a, const struct cv_schema *from, enum cv_kind type);
/* A field's value, with its default or without. */
static inline struct cv_value smt_value(const struct cv_struct *st, size_t field, bool with_default)
{
	return with_default ? *cv_struct_at(st, field) : st->v[field];
}
int smt_make_nothing(const struct smt_conf *c, struct smt_stage *st, struct error *err);

int smt_make_insert(const struct smt_conf *, struct smt_stage *, struct error *);
int smt_insert(const struct smt_stage *, struct arena *, struct sink_record *, bool *, struct error *);
int smt_make_replace(const struct smt_conf *, struct smt_stage *, struct error *);
int smt_replace(const struct smt_stage *, struct arena *, struct sink_record *, bool *, struct error *);
int smt_make_mask(const struct smt_conf *, struct smt_stage *, struct error *);
int smt_mask(const struct smt_stage *, struct arena *, struct sink_record *, bool *, struct error *);
int smt_make_value_to_key(const struct smt_conf *, struct smt_stage *, struct error *);
int smt_value_to_key(const struct smt_stage *, struct arena *, struct sink_record *, bool *, struct error *);
int smt_make_extract(const struct smt_conf *, struct smt_stage *, struct error *);
int smt_extract(const struct smt_stage *, struct arena *, struct sink_record *, bool *, struct error *);
int smt_make_hoist(const struct smt_conf *, struct smt_stage *, struct error *);
int smt_hoist(const struct smt_stage *, struct arena *, struct sink_record *, bool *, struct error *);
int smt_make_cast(const struct smt_conf *, struct smt_stage *, struct error *);
int smt_cast(const struct smt_stage *, struct arena *, struct sink_record *, bool *, struct error *);
int smt_make_convert(const struct smt_conf *, struct smt_stage *, struct error *);
int smt_convert(const struct smt_stage *, struct arena *, struct sink_record *, bool *, struct error *);
int smt_make_time_router(const struct smt_conf *, struct smt_stage *, struct error *);
int smt_time_router(const struct smt_stage *, struct arena *, struct sink_record *, bool *, struct error *);
int smt_make_regex_router(const struct smt_conf *, struct smt_stage *, struct error *);
int smt_regex_router(const struct smt_stage *, struct arena *, struct sink_record *, bool *, struct error *);
int smt_make_flatten(const struct smt_conf *, struct smt_stage *, struct error *);
int smt_flatten(const struct smt_stage *, struct arena *, struct sink_record *, bool *, struct error *);
int smt_filter(const struct smt_stage *, struct arena *, struct sink_record *, bool *, struct error *);
int smt_make_metadata(const struct smt_conf *, struct smt_stage *, struct error *);
int smt_metadata(const struct smt_stage *, struct arena *, struct sink_record *, bool *, struct error *);
int smt_make_header_from(const struct smt_conf *, struct smt_stage *, struct error *);
int smt_header_from(const struct smt_stage *, struct arena *, struct sink_record *, bool *, struct error *);
int smt_make_insert_header(const struct smt_conf *, struct smt_stage *, struct error *);
int smt_insert_header(const struct smt_stage *, struct arena *, struct sink_record *, bool *, struct error *);
int smt_make_drop_headers(const struct smt_conf *, struct smt_stage *, struct error *);
int smt_drop_headers(const struct smt_stage *, struct arena *, struct sink_record *, bool *, struct error *);
int smt_make_topic_matches(const struct smt_conf *, struct smt_stage *, struct error *);
int smt_make_has_header(const struct smt_conf *, struct smt_stage *, struct error *);
/* smt_cast.c: a value as a type; schema NULL: schemaless. */
int smt_cast_value(struct arena *a, const struct cv_schema *schema, const struct cv_value *v, enum cv_kind to, struct cv_value *out, struct error *err) WARN_UNUSED;
/* Cast's spec: what the list says. Errors: INVALID: "Class: message" as parseFieldTypes throws it. */
struct smt_cast_spec {
	struct slice field; /* absent: the whole value */
	enum cv_kind type;
};
int smt_cast_parse(struct arena *a, const struct slice *list, size_t n, struct smt_cast_spec *out, struct error *err) WARN_UNUSED;
/* A time as Values.dateFormatFor chooses: a time, a date or both. */
struct slice smt_date_text(struct arena *a, int64_t ms);

#endif
