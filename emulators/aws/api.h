/* How AWS's control planes are written here: an API is a table of operations with the shapes of their requests and answers, what they
 * keep are documents, and a hook does what is more than that.
 *
 *	static int get_role(struct aws_call *c)
 *	{
 *		json_t *role = aws_find(c->aws, c->at, &roles, jstr(c->in, "RoleName"));
 *		if (!role)
 *			return aws_refuse(c, 404, "NoSuchEntity", "The role with name %s cannot be found.", jstr(c->in, "RoleName"));
 *		json_object_set(c->out, "Role", role);
 *		return 0;
 *	}
 *	static const struct aws_op ops[] = {
 *		{ AWS_OP("iam", "GetRole", "a role"), "RoleName!:s1-64~[\\w+=,.@-]+~", "Role:{CreateDate:t Tags:[{}]}", get_role },
 *		...
 *	const struct routes iam_ops = ROUTES(ops);
 *	const struct aws_api iam_api = { .name = "iam", .scope = "iam", .protocol = AWS_QUERY, .ops = { &iam_ops } };
 *
 * The API is then a row of `apis` in service.c, its scope a word of aws_service.aws and its tables rows of aws_service.routes; what
 * wire.c must know of it (version, name space, target) are rows there. */
#ifndef TARN_AWS_API_H
#define TARN_AWS_API_H

#include "aws/aws.h"
#include "aws/shape.h"
#include "core/authority.h"
#include "core/identities.h"
#include "core/json.h"
#include "core/sigv4.h"

struct aws_call;
typedef int aws_hook(struct aws_call *c);

/* The name that a row has: "iam.GetRole" in journal, metrics and help, the fault site "aws.iam.GetRole". */
#define AWS_OP(api, name, doc) { NULL, NULL, api "." name, doc, NULL, 0 }
/* The same of a REST API. */
#define AWS_REST_OP(api, method, path, name, doc) { method, path, api "." name, doc, NULL, 0 }

struct aws_op {
	struct route route;
	const char *in, *out; /* shapes (shape.h). out NULL: nothing is answered but that it is done; "" an empty answer */
	aws_hook *run;
	/* Which resource a policy is asked about: adds its ARN. NULL: "*". */
	void (*resource)(struct aws_call *c, struct buf *arn);
	const char *action; /* of policies, where it isn't the operation's: "s3:ListBucket"; AWS_ANYONE: it isn't asked for, the hook knows better */
	/* The resource's own policy, as text; NULL or the answer NULL: it has none. With .gate nothing helps without its word. */
	const char *(*policy)(struct aws_call *c);
	bool gate, unsigned_too; /* unsigned_too: who calls needn't sign; c->who is nobody then */
	int status;         /* of the answer, where it isn't 200 */
};

#define AWS_ANYONE "-"
enum { AWS_TABLES_MAX = 8 };

struct aws_api {
	const char *name;      /* "iam": word of help, first half of policies' actions */
	const char *scope;     /* of signatures: as name, mostly */
	enum aws_protocol protocol;
	enum shape_time time;  /* in JSON */
	/* The own policy of the resource that a call is about, which is the gate to it (keys of KMS); NULL, or it answers NULL: none. */
	const char *(*policy)(struct aws_call *c);
	bool nameless;         /* values aren't told in "Value at 'name' failed to satisfy constraint" */
	const char *invalid;   /* code of requests that break their shape; NULL: "ValidationException", query "ValidationError" */
	const struct routes *ops[AWS_TABLES_MAX]; /* of struct aws_op; then NULL */
	/* Called once what is kept has been read (stack's things are made here, if they aren't there), and at the end. NULL: nothing. */
	int (*open)(struct aws *a, struct error *err);
	void (*close)(struct aws *a);
};

enum { AWS_LATER = 1 }; /* of a hook: it answers later, by aws_answer */

/* Where a resource lies. */
struct aws_place {
	const char *account, *region;
};

struct aws_call {
	struct aws *aws;
	const struct env *env;
	const struct aws_api *api;
	const struct aws_op *op;
	struct http_call *http;
	struct aws_ask ask;
	json_t *in, *out;      /* the request, decoded and checked; the answer, an object at first. Freed with the call */
	struct buf json;       /* the answer as the text of JSON, in the place of out, where there is much of it; freed with the call */
	bool large;            /* its request was */
	struct identity who;
	struct sigv4_auth auth;
	struct aws_place at;
	struct arena *arena;   /* as long as the call */
	int64_t now_ms;        /* emulated */
	json_t *also;          /* members beside an error's message (kafka's invalidParameter), or NULL; freed with the call */
	/* An error, when code is set. */
	int status;
	char code[128];
	struct buf text;
	struct owed *owed;     /* what it waits for: cancelled when tarn stops */
	struct aws_call *prev, *next; /* those that answer later */
};

/* Of a hook: return aws_refuse(...). An operation that was refused has changed nothing. */
int aws_refuse(struct aws_call *c, int status, const char *code, const char *fmt, ...) PRINTF_LIKE(4, 5);
/* Of a hook whose store failed: logs it, 500. */
int aws_broken(struct aws_call *c, const struct error *err);
/* Answers what AWS_LATER owes: c->out, or what aws_refuse was told. c is gone then. */
void aws_answer(struct aws_call *c);
/* Whether the caller may do that beside its operation ("iam:PassRole" on a role's ARN); else refuses it in the API's words. As a hook. */
int aws_authorize(struct aws_call *c, const char *action, struct slice resource, const struct policy_fact *facts, size_t fact_n);
/* Whether the caller may hand a role to a service ("kafkaconnect.amazonaws.com"). As a hook; which roles there are isn't looked at. */
int aws_pass_role(struct aws_call *c, const char *role_arn, const char *service);
/* "arn:aws:SERVICE:REGION:ACCOUNT:" and what follows; kept in the call's arena. */
const char *aws_arn(struct aws_call *c, const char *service, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* ---- resources: resource.c ---- */

/* A kind of documents; a variable of its own each. global: one set for all regions. */
struct aws_kind {
	const char *name; /* "iam.role": in the database; released ones stay */
	bool global;
};
/* The document, borrowed: valid until it is dropped or kept anew. Who changes it in place keeps it, or it isn't durable. NULL: none. */
json_t *aws_find(const struct aws *a, struct aws_place at, const struct aws_kind *kind, const char *key);
/* Takes doc over, new or in the place of what the key had (which may be the same). Errors: STORE, and doc is gone. */
int aws_keep(struct aws *a, struct aws_place at, const struct aws_kind *kind, const char *key, json_t *doc, struct error *err) WARN_UNUSED;
/* Without such a document nothing happens. */
int aws_drop(struct aws *a, struct aws_place at, const struct aws_kind *kind, const char *key, struct error *err) WARN_UNUSED;
/* Walks a kind's documents in a place, by key. Nothing may be kept anew or dropped meanwhile:
 *	for (struct aws_walk w = aws_walk(a, at, &roles); (role = aws_next(&w));) ... w.key */
struct aws_walk {
	const struct aws *a;
	const struct aws_kind *kind;
	struct aws_place at;
	size_t i;
	const char *key;
	bool all;
};
struct aws_walk aws_walk(const struct aws *a, struct aws_place at, const struct aws_kind *kind);
json_t *aws_next(struct aws_walk *w);
/* The same over all places, which stand in w->at: for what happens by itself. */
struct aws_walk aws_walk_all(const struct aws *a, const struct aws_kind *kind);
size_t aws_count(const struct aws *a, struct aws_place at, const struct aws_kind *kind);

/* A page of a list: c->out[list] is items from where the token says on (by c->in[token_in]), at most c->in[limit] or so many, and
 * c->out[token_out] says where it goes on. Takes items. 0, or -1: the token is none of ours. */
int aws_page(struct aws_call *c, json_t *items, const char *list, const char *limit, size_t most, const char *token_in, const char *token_out);

/* Identifiers, of a counter and the seed: the same in every run, never twice. */
void aws_uuid(struct aws *a, char out[37]);
void aws_hex(struct aws *a, int digits, char *out);       /* lower case, and a NUL */
void aws_letters(struct aws *a, int n, char *out);        /* A-Z 2-7, and a NUL */
uint64_t aws_chance(struct aws *a);

/* ---- tags ---- */

/* [{Key, Value}] as AWS's services keep them. Sets those of more in tags (an array), and takes those of keys away. */
void aws_tags_set(json_t *tags, const json_t *more, const char *key, const char *value);
void aws_tags_drop(json_t *tags, const json_t *keys, const char *key);

#endif
