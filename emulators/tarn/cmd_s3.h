/* tarn s3: cmd_s3.c, what it lists (cmd_s3_list.c), and cp and sync (cmd_s3_copy.c). */
#ifndef TARN_CMD_S3_H
#define TARN_CMD_S3_H

#include <jansson.h>

#include "tarn/cmd.h"
#include "tarn/s3_client.h"

enum { S3_FILTERS = 64 };
struct cmd_s3_filter {
	bool in;
	const char *pattern;
};
struct cmd_s3_options {
	const char *data, *endpoint, *region;
	bool json, recursive, force, drop, dry;
	int64_t expires;
	struct cmd_s3_filter filters[S3_FILTERS]; /* in the order they were given */
	size_t filter_n;
	struct http_header headers[S3_CALL_HEADERS / 2]; /* for what cp and sync write */
	size_t header_n;
	struct s3_client *c; /* by cmd_s3_open */
	json_t *done;        /* with --json: what was done; owned */
	struct arena a;
};
/* A place that was named: a file or folder here, or "s3://BUCKET/KEY". */
struct cmd_s3_place {
	bool remote;
	const char *word;
	struct slice bucket, key; /* key "": the bucket */
	const char *path;         /* here; "-": stdin or stdout */
};
struct cmd_s3_entry {
	struct slice name; /* behind the folder or prefix, parts by '/' */
	int64_t size;
	struct slice etag, modified; /* of an object */
};
struct cmd_s3_entries {
	struct cmd_s3_entry *at;
	size_t n, cap; /* at: of the options' arena */
};

/* ---- cmd_s3.c ---- */
/* Connects, if that isn't done. 0 or an exit code. */
int cmd_s3_open(struct cmd_s3_options *o);
/* Reads a word. 0 or an exit code. */
int cmd_s3_place(struct cmd_s3_options *o, const char *word, struct cmd_s3_place *out);
/* The same, which must be "s3://…". */
int cmd_s3_remote(struct cmd_s3_options *o, const char *word, struct cmd_s3_place *out);
/* Says what a call ran into. Returns the exit code. */
int cmd_s3_failed(const struct s3_call *call, const char *what, const struct error *err);
/* Prints "what: from to to", or keeps it for --json. to may be NULL. */
void cmd_s3_did(struct cmd_s3_options *o, const char *what, const char *from, const char *to);
/* Removes objects of a bucket, named without prefix. 0 or an exit code. */
int cmd_s3_remove(struct cmd_s3_options *o, struct slice bucket, struct slice prefix, const struct cmd_s3_entries *all);

/* ---- cmd_s3_list.c ---- */
/* The objects below a prefix, in their order; names begin behind it. on_folder, if any, is called for what ends at the first '/', and
 * those aren't listed. 0 or an exit code. */
int cmd_s3_list(struct cmd_s3_options *o, struct slice bucket, struct slice prefix, void (*on_folder)(struct cmd_s3_options *o, struct slice name),
	    struct cmd_s3_entries *out);
/* The files below a folder, in the order that objects have. Links to folders aren't followed. 0 or an exit code. */
int cmd_s3_files(struct cmd_s3_options *o, const char *folder, struct cmd_s3_entries *out);
/* Whether the last of --exclude and --include that fits lets it in. */
bool cmd_s3_wanted(const struct cmd_s3_options *o, struct slice name);

/* ---- cmd_s3_copy.c ---- */
int cmd_s3_cp(void *self, char **words, int n);
int cmd_s3_sync(void *self, char **words, int n);
int cmd_s3_cat(void *self, char **words, int n);

#endif
