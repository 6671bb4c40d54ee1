/* Kafka's ConfigDef: what its validators say of a setting. Texts are kafka-clients' 4.0. */
#ifndef TARN_CONNECT_CHECK_H
#define TARN_CONNECT_CHECK_H

#include "connect/connect.h"

/* Says that a value is wrong: "Invalid value V for configuration NAME: TEXT"; v absent: null. */
void con_wrong(struct con_checking *k, const struct con_def *d, struct slice v, const char *fmt, ...) PRINTF_LIKE(4, 5);
/* A text as it stands. */
void con_wrong_text(struct con_checking *k, const struct con_def *d, struct slice text);
struct arena *con_checking_arena(struct con_checking *k);

/* ValidString, CaseInsensitiveValidString of one_of; NonEmptyString; NonNullValidator; non-empty list; a pattern; both. */
void con_check_one_of(struct con_checking *k, const struct con_def *d, struct slice v);
void con_check_any_case(struct con_checking *k, const struct con_def *d, struct slice v);
void con_check_text(struct con_checking *k, const struct con_def *d, struct slice v);
void con_check_not_null(struct con_checking *k, const struct con_def *d, struct slice v);
void con_check_list(struct con_checking *k, const struct con_def *d, struct slice v);
void con_check_regex(struct con_checking *k, const struct con_def *d, struct slice v);
void con_check_text_regex(struct con_checking *k, const struct con_def *d, struct slice v);
/* regex_text.c: PatternSyntaxException's message of a mistake ("Unclosed group") in a pattern. */
struct slice con_regex_text(struct arena *a, struct slice pattern, const char *what);
/* ReplaceField's renames, Cast's spec. */
void con_check_renames(struct con_checking *k, const struct con_def *d, struct slice v);
void con_check_casts(struct con_checking *k, const struct con_def *d, struct slice v);
/* Range: at least one_of; between "lo..hi". */
void con_check_range(struct con_checking *k, const struct con_def *d, struct slice v);
/* nonEmptyStringWithoutControlChars; unique aliases ("transformation", "predicate" in one_of). */
void con_check_name(struct con_checking *k, const struct con_def *d, struct slice v);
void con_check_aliases(struct con_checking *k, const struct con_def *d, struct slice v);
/* The S3 sink's: one of them ("Value must be one of"); the same in brackets; in any case, said in lower case; a region; a part's
 * size; a time zone; a class of credentials. */
void con_check_value(struct con_checking *k, const struct con_def *d, struct slice v);
void con_check_bracketed(struct con_checking *k, const struct con_def *d, struct slice v);
void con_check_lower(struct con_checking *k, const struct con_def *d, struct slice v);
void con_check_region(struct con_checking *k, const struct con_def *d, struct slice v);
void con_check_part_size(struct con_checking *k, const struct con_def *d, struct slice v);
void con_check_zone(struct con_checking *k, const struct con_def *d, struct slice v);
void con_check_credentials(struct con_checking *k, const struct con_def *d, struct slice v);
/* Classes of a kind. */
void con_check_converter(struct con_checking *k, const struct con_def *d, struct slice v);
void con_check_header_converter(struct con_checking *k, const struct con_def *d, struct slice v);
void con_check_transform(struct con_checking *k, const struct con_def *d, struct slice v);
void con_check_predicate(struct con_checking *k, const struct con_def *d, struct slice v);
/* Whether a worker with the S3 plugin can load a class of that name. */
bool con_class_known(struct slice v);
/* A converter by its class, or the worker's short name for it ("Json"); absent: none. */
struct slice con_converter_name(struct slice v);

/* ---- a configuration judged ---- */

const char *con_plugin_version(enum con_plugin p); /* "10.0.3" */

struct con_setting {
	struct con_def def; /* with its whole name */
	const char *value;  /* as it counts: what is given, the default, NULL for null */
	struct slice *errors;
	size_t n, cap;
};
struct con_judgement {
	struct con_setting *v; /* in the order in which the worker tells them */
	size_t n, cap;
	const char **groups;
	size_t group_n, group_cap;
	size_t error_n;
};
/* Judges a configuration whose connector.class is one of con_class_of's. All of out lives in a. */
void con_judge(struct arena *a, const struct con_config *c, enum con_plugin plugin, struct con_judgement *out);
struct slice con_first_error(const struct con_judgement *j); /* empty: there is none */
/* The settings that the class of a connector defines, as GET /connector-plugins/NAME/config lists them: the connector's own, then the worker's. */
void con_definitions(struct arena *a, const char *class, enum con_plugin plugin, struct con_judgement *out);
/* Settings given that nobody knows: their names, in order. */
size_t con_unknown(struct arena *a, const struct con_config *c, enum con_plugin plugin, struct slice **out);

/* ---- defs.c ---- */
extern const struct con_def con_worker_defs[], con_sink_defs[], con_source_defs[], con_s3_defs[], con_file_sink_defs[], con_file_source_defs[];
extern const struct con_def con_json_defs[], con_string_defs[], con_plain_defs[];
extern const size_t con_worker_def_n, con_sink_def_n, con_source_def_n, con_s3_def_n, con_file_sink_def_n, con_file_source_def_n;
extern const size_t con_json_def_n, con_string_def_n, con_plain_def_n;

#endif
