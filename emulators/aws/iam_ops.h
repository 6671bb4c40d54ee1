/* Texts of shapes and the functions that IAM's operations share. */
#ifndef TARN_IAM_OPS_H
#define TARN_IAM_OPS_H

#include "aws/iam.h"

#define IAM_NAME "s1-64~[\\w+=,.@-]+~"
#define IAM_NAME_128 "s1-128~[\\w+=,.@-]+~"
#define IAM_PATH "Path:s1-512~(\\u002F)|(\\u002F[\\u0021-\\u007E]+\\u002F)~"
#define IAM_PREFIX "PathPrefix:s1-512~\\u002F[\\u0021-\\u007F]*~"
#define IAM_TAGS "[{Key!:s1-128~[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+~ Value!:s0-256~[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*~}]0-50"
#define IAM_TAG_KEYS "[s1-128~[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+~]0-50"
#define IAM_PAGE "Marker:s1-320~[\\u0020-\\u00FF]+~ MaxItems:i1-1000"
#define IAM_DOCUMENT "s1-131072"
#define IAM_ARN "s20-2048"

/* Users, groups, roles and instance profiles, which are named and have a path. */
struct iam_entity {
	const char *word, *what;     /* "User" as in the operations' names; "user" */
	const char *name, *id, *list; /* members: "UserName", "UserId", "Users" */
	const char *prefix, *arn;    /* "AIDA"; "user" */
	const struct aws_kind *kind;
	size_t inline_max;           /* characters of all its inline policies */
};
enum { IAM_USER, IAM_GROUP, IAM_ROLE, IAM_PROFILE, IAM_ENTITIES };
extern const struct iam_entity iam_entities[IAM_ENTITIES];
/* Which of them an operation is about, by its name. */
const struct iam_entity *iam_entity_of(const struct aws_call *c);

/* The document that the request names, borrowed; NULL: refused. */
json_t *iam_named(struct aws_call *c, const struct iam_entity *e);
json_t *iam_named_as(struct aws_call *c, const struct iam_entity *e, const char *name);
/* Keeps a document of an entity. As a hook. */
int iam_keep(struct aws_call *c, const struct iam_entity *e, json_t *doc);
/* A new entity, kept, as the request says it; NULL: refused. path NULL: the request's. */
json_t *iam_new(struct aws_call *c, const struct iam_entity *e, const char *path, json_t *doc);
/* What is told of it: brief as lists do. The caller's. */
json_t *iam_view(const json_t *doc, const struct iam_entity *e, bool brief);
/* A page of items, with IsTruncated. Takes items. As a hook. */
int iam_page(struct aws_call *c, json_t *items, const char *list);
/* Text with percent signs, as documents are answered. */
json_t *iam_escaped(const char *text);
/* Checks tags, and those that are there already plus them; sets them. As a hook. */
int iam_tag(struct aws_call *c, json_t *doc);
void iam_untag(struct aws_call *c, json_t *doc);
int iam_list_tags(struct aws_call *c, const json_t *doc);
/* Reads and drops: whether a document is right. As a hook. */
int iam_check_document(struct aws_call *c, const char *text, enum policy_use use);
/* Characters of a document without white space, which is how AWS counts. */
size_t iam_size(const char *text);
/* A user or role is gone: trust policies that name it name its id from now on, which nobody has again. As a hook. */
int iam_gone(struct aws_call *c, const struct iam_entity *e, const json_t *doc);
int iam_no_such(struct aws_call *c, const char *fmt, ...) PRINTF_LIKE(2, 3);
bool iam_listed(const json_t *list, const char *text);
/* Takes a text out of a list; false: it wasn't there. */
bool iam_unlist(json_t *list, const char *text);
json_t *iam_array(json_t *doc, const char *name); /* that member, made when it isn't there */

extern const struct routes iam_entity_ops, iam_user_ops, iam_role_ops, iam_grant_ops, iam_policy_ops, iam_account_ops, iam_simulate_ops;
void iam_resource(struct aws_call *c, struct buf *arn); /* the entity's ARN, or that of the policy */
/* iam_stack.c: users, roles and policies of the stack's settings. */
int iam_seed(struct aws *a, struct error *err) WARN_UNUSED;
json_t *iam_entity_doc(struct aws *a, struct aws_place at, const struct iam_entity *e, const char *name, const char *path, const char *id, int64_t now_ms);

#endif
