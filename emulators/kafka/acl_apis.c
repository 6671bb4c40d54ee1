/* DescribeAcls, CreateAcls, DeleteAcls. */
#include "kafka/acl.h"

enum { DELETE_MAX = 10000 };

/* Why none of the three can be done; NONE: it can. */
static int refused(struct kafka *k, const struct kfk_call *c, const char *action)
{
	return !kfk_may(k, c->conn, action, sl(NULL)) ? KE_CLUSTER_AUTHORIZATION_FAILED : kfk_authorizer(k) ? KE_NONE : KE_SECURITY_DISABLED;
}

static struct slice text_of(int code, const char *disabled)
{
	return sl(code == KE_SECURITY_DISABLED ? disabled : kp_code_text(code));
}

/* ---- DescribeAcls ---- */

static bool filter_ok(const struct kfk_acl *f)
{
	return f->resource >= KFK_ANY_RESOURCE && f->resource < KFK_RESOURCES && f->pattern >= KFK_ANY_PATTERN && f->pattern <= KFK_PREFIXED &&
	       f->operation >= KFK_ANY_OP && f->operation < KFK_OPERATIONS && f->permission >= KFK_ANY_PERMISSION && f->permission <= KFK_ALLOW;
}

/* Version 0 knows literal patterns only. */
static bool told(const struct kfk_call *c, const struct kfk_acl *filter, const struct kfk_acl *acl)
{
	return kfk_acl_fits(filter, acl) && (c->version > 0 || acl->pattern == KFK_LITERAL);
}

enum kfk_done kfk_serve_describe_acls(struct kafka *k, struct kfk_call *c)
{
	const struct kp_describe_acls_req *req = c->req;
	struct kp_describe_acls_resp *resp = c->resp;
	struct kfk_acl filter = { req->resource_type_filter, req->pattern_type_filter, req->operation, req->permission_type, req->resource_name_filter,
				  req->principal_filter, req->host_filter };
	struct kp_describe_acls_resp_resource *at = NULL;
	resp->error_code = (int16_t)refused(k, c, "DescribeCluster");
	if (!resp->error_code && !filter_ok(&filter))
		resp->error_code = KE_INVALID_REQUEST;
	if (resp->error_code) {
		resp->error_message = text_of(resp->error_code, "No Authorizer is configured on the broker");
		return KFK_ANSWERED;
	}
	resp->resources = kp_elements(&kp_describe_acls_resp_resource_table, c->arena, k->acls->n);
	struct kp_describe_acls_resp_acl *acls = kp_elements(&kp_describe_acls_resp_acl_table, c->arena, k->acls->n);
	for (size_t i = 0; i < k->acls->n; i++) {
		const struct kfk_acl *acl = &k->acls->all[i];
		if (!told(c, &filter, acl))
			continue;
		if (!at || at->resource_type != acl->resource || at->pattern_type != acl->pattern || !sl_eq(at->resource_name, acl->name)) {
			at = &resp->resources[resp->resource_n++];
			*at = (struct kp_describe_acls_resp_resource){ .resource_type = acl->resource, .resource_name = acl->name, .pattern_type = acl->pattern,
								       .acls = &acls[i] };
		}
		at->acls[at->acl_n++] = (struct kp_describe_acls_resp_acl){ acl->principal, acl->host, acl->operation, acl->permission };
	}
	return KFK_ANSWERED;
}

/* ---- CreateAcls ---- */

static int judge(const struct kfk_acl *a, struct arena *arena, struct slice *why)
{
	*why = sl(NULL);
	if (a->resource == KFK_CLUSTER && !sl_eqs(a->name, KFK_CLUSTER_NAME))
		*why = S("The only valid name for the CLUSTER resource is kafka-cluster");
	else if (!a->name.n)
		*why = S("Invalid empty resource name");
	else if (a->resource <= KFK_ANY_RESOURCE || a->resource >= KFK_RESOURCES)
		*why = arena_printf(arena, "Invalid resourceType %s", a->resource == KFK_ANY_RESOURCE ? "ANY" : "UNKNOWN");
	else if (a->pattern != KFK_LITERAL && a->pattern != KFK_PREFIXED)
		*why = arena_printf(arena, "Invalid patternType %s", a->pattern == KFK_ANY_PATTERN ? "ANY" : a->pattern == KFK_MATCH ? "MATCH" : "UNKNOWN");
	else if (a->operation <= KFK_ANY_OP || a->operation >= KFK_OPERATIONS)
		*why = arena_printf(arena, "Invalid operation %s", a->operation == KFK_ANY_OP ? "ANY" : "UNKNOWN");
	else if (a->permission != KFK_DENY && a->permission != KFK_ALLOW)
		*why = arena_printf(arena, "Invalid permissionType %s", a->permission == KFK_ANY_PERMISSION ? "ANY" : "UNKNOWN");
	else if (sl_chr(a->principal, ':') < 0)
		*why = arena_printf(arena, "Could not parse principal from `%.*s` (no colon is present separating the principal type from the principal name)",
				    SL(a->principal));
	return why->p ? KE_INVALID_REQUEST : KE_NONE;
}

enum kfk_done kfk_serve_create_acls(struct kafka *k, struct kfk_call *c)
{
	const struct kp_create_acls_req *req = c->req;
	struct kp_create_acls_resp *resp = c->resp;
	int code = refused(k, c, "AlterCluster");
	resp->results = kp_elements(&kp_create_acls_resp_result_table, c->arena, (size_t)req->creation_n);
	resp->result_n = req->creation_n;
	for (int32_t i = 0; i < req->creation_n; i++) {
		const struct kp_create_acls_req_creation *in = &req->creations[i];
		struct kp_create_acls_resp_result *out = &resp->results[i];
		struct kfk_acl acl = { in->resource_type, in->resource_pattern_type, in->operation, in->permission_type, in->resource_name, in->principal, in->host };
		out->error_code = (int16_t)code;
		if (code)
			out->error_message = text_of(code, "No Authorizer is configured.");
		else if ((out->error_code = (int16_t)judge(&acl, c->arena, &out->error_message)) == KE_NONE)
			out->error_code = (int16_t)kfk_acl_add(k, &acl);
	}
	return KFK_ANSWERED;
}

/* ---- DeleteAcls ---- */

static void delete_fitting(struct kafka *k, struct kfk_call *c, const struct kfk_acl *filter, struct kp_delete_acls_resp_filter_result *out)
{
	out->matching_acls = kp_elements(&kp_delete_acls_resp_matching_acl_table, c->arena, k->acls->n);
	for (size_t i = 0; i < k->acls->n && out->matching_acl_n < DELETE_MAX;) {
		const struct kfk_acl *acl = &k->acls->all[i];
		if (!told(c, filter, acl)) {
			i++;
			continue;
		}
		struct kp_delete_acls_resp_matching_acl *one = &out->matching_acls[out->matching_acl_n++];
		*one = (struct kp_delete_acls_resp_matching_acl){
			.resource_type = acl->resource, .resource_name = arena_dup(c->arena, acl->name), .pattern_type = acl->pattern,
			.principal = arena_dup(c->arena, acl->principal), .host = arena_dup(c->arena, acl->host), .operation = acl->operation,
			.permission_type = acl->permission,
		};
		one->error_code = (int16_t)kfk_acl_drop(k, i);
		i += one->error_code != KE_NONE;
	}
}

enum kfk_done kfk_serve_delete_acls(struct kafka *k, struct kfk_call *c)
{
	const struct kp_delete_acls_req *req = c->req;
	struct kp_delete_acls_resp *resp = c->resp;
	int code = refused(k, c, "AlterCluster");
	resp->filter_results = kp_elements(&kp_delete_acls_resp_filter_result_table, c->arena, (size_t)req->filter_n);
	resp->filter_result_n = req->filter_n;
	for (int32_t i = 0; i < req->filter_n; i++) {
		const struct kp_delete_acls_req_filter *in = &req->filters[i];
		struct kp_delete_acls_resp_filter_result *out = &resp->filter_results[i];
		struct kfk_acl filter = { in->resource_type_filter, in->pattern_type_filter, in->operation, in->permission_type, in->resource_name_filter,
					  in->principal_filter, in->host_filter };
		out->error_code = (int16_t)(code ? code : filter_ok(&filter) ? KE_NONE : KE_INVALID_REQUEST);
		if (out->error_code)
			out->error_message = text_of(out->error_code, "No Authorizer is configured.");
		else
			delete_fitting(k, c, &filter, out);
	}
	return KFK_ANSWERED;
}
