/* aws.db: the documents of all APIs, and the tables of those that keep many rows. */
#include "aws/resource.h"

#include "aws/store.h"

static const char *const steps[] = {
	DOCS_TABLE ";" LOGS_TABLES ";" METRICS_TABLES ";" TRAIL_TABLES,
};
static const char *const queries[AWS_Q] = {
	DOCS_QUERIES,
	LOGS_QUERIES(AWS_Q_LOGS),
	METRICS_QUERIES(AWS_Q_METRICS),
	TRAIL_QUERIES(AWS_Q_TRAIL),
};

/* Where a document lies, as its row's parent: "ACCOUNT REGION". */
static int on_row(void *arg, const char *kind, const char *parent, const char *key, json_t *doc, struct error *err)
{
	struct aws *a = arg;
	struct slice account, region;
	if (!strcmp(kind, "aws.drawn")) {
		a->drawn = (uint64_t)json_integer_value(doc);
		return 0;
	}
	sl_cut(sl(parent), ' ', &account, &region);
	aws_index(a, kind, account, region, key, json_incref(doc));
	return 0;
}

int aws_store_open(struct aws *a, struct error *err)
{
	int rc = db_open(&a->db, a->env, "aws", steps, ARRAY_LEN(steps), queries, AWS_Q, err);
	return rc ? rc : docs_each(&a->db, on_row, a, err);
}

void aws_store_close(struct aws *a)
{
	aws_index_free(a);
	db_close(&a->db);
}
