/* Configuration: `key = value` lines under [section]s (stack.conf), overridden by --set. Who reads a setting declares it, as a
 * row: the rows check what is given before anything starts, and are `tarn help settings`. */
#ifndef TARN_CONF_H
#define TARN_CONF_H

#include "err.h"

struct conf;
struct conf *conf_new(void);
void conf_free(struct conf *c);
/* Adds what a text says; name is for messages ("stack.conf:12: ..."). */
int conf_parse(struct conf *c, const char *name, struct slice text, struct error *err) WARN_UNUSED;
/* Sets what isn't the user's: it is not checked. */
void conf_set(struct conf *c, const char *section, const char *key, const char *value);
/* NULL when absent. */
const char *conf_get(const struct conf *c, const char *section, const char *key);
const char *conf_str(const struct conf *c, const char *section, const char *key, const char *otherwise);
int64_t conf_int(const struct conf *c, const char *section, const char *key, int64_t otherwise);
bool conf_bool(const struct conf *c, const char *section, const char *key, bool otherwise);
/* The i-th key of a section, in file order; false past the end. */
bool conf_at(const struct conf *c, const char *section, size_t i, const char **key, const char **value);

/* The i-th of the sections that begin with prefix ("emit."), in file order; NULL past the end. */
const char *conf_section(const struct conf *c, const char *prefix, size_t i);
/* Takes what from says and c doesn't: of one section, or of all that begin with it when it ends with a point. */
void conf_inherit(struct conf *c, const struct conf *from, const char *section);
/* Puts `to` wherever `from` stands as a whole in keys and values of files, as buf_renamed does; what --set says stays, and counts. */
void conf_rename(struct conf *c, const char *from, const char *to);

/* ---- what can be set ---- */

enum setting_kind { SETTING_TEXT, SETTING_INT, SETTING_BOOL, SETTING_DURATION };
struct setting {
	const char *section, *key; /* "*" stands for any name: { "topics", "*" } and { "lake", "variant.*" } are maps */
	const char *otherwise;     /* without it, as help shows it: who reads the setting says it again; NULL: nothing */
	const char *doc;
	enum setting_kind kind;
	const char *words;         /* values beside those of its kind, "on-demand|" with nothing as one, "" nothing alone; of a text: the only ones */
	int64_t min, max;          /* SETTING_INT */
};
/* Tables end with a NULL section, a list of them with NULL. */
/* The row for a setting; NULL: nobody reads it. */
const struct setting *setting_find(const struct setting *const *declared, const char *section, const char *key);
/* "a number of 1..1000 or nothing": what a setting takes, added to out (empty before); of any text: nothing. */
void setting_values(const struct setting *s, struct buf *out);
/* SECTION.KEY=VALUE, or SECTION:KEY=VALUE, as on a command line; the longest section that is declared counts.
 * Errors: INVALID when it isn't of that form. */
int conf_assign(struct conf *c, const struct setting *const *declared, const char *text, struct error *err) WARN_UNUSED;
/* Whether everything that was parsed and assigned is declared, and a value for it. Errors: INVALID, "stack.conf:12: [kafka] has
 * no setting partitons (did you mean partitions?)". */
int conf_check(const struct conf *c, const struct setting *const *declared, struct error *err) WARN_UNUSED;

/* A stack is a folder or embedded in the binary: reads one of its files ("connect/s3-sink.properties")
 * into heap memory (*out, caller frees). Errors: NOT_FOUND. */
struct stack_files;
int stack_read(const struct stack_files *f, const char *path, char **out, size_t *n, struct error *err) WARN_UNUSED;
/* The i-th file under a folder prefix ("queries/"), in name order; NULL past the end. */
const char *stack_list(const struct stack_files *f, const char *prefix, size_t i);

#endif
