/* DIFFERS: EC2's machines and networks are documents: nothing runs, nothing is routed, and the state of a machine is a word.
 *
 *   ec2.c           the table of operations
 *   kinds.c     what all kinds share: finding by id, Describe with filters, tags
 *   home.c      what every account has in a region: the default VPC; and the stack's machines
 *   net.c       VPCs, subnets, route tables, internet gateways
 *   endpoints.c VPC endpoints
 *   groups.c    security groups and their rules
 *   machines.c  instances
 *   pairs.c     key pairs
 *   facts.c     regions, zones, images, types
 *
 * A document is what Describe answers (names as in the answer), times in ms; members that begin with '_' are our own. */
#ifndef TARN_AWS_EC2_H
#define TARN_AWS_EC2_H

#include "aws/api.h"
#include "core/crypt.h"

#define EC2_IMAGE "ami-0c02fb55956c7d316"

struct ec2_filter {
	const char *name, *path; /* "attachment.vpc-id", "attachmentSet.vpcId" */
};
struct ec2_kind {
	struct aws_kind kind;
	const char *prefix;      /* "vpc-" */
	const char *param;       /* "VpcId": of requests */
	const char *member;      /* "vpcId": of documents */
	const char *set;         /* "vpcSet": of Describe's answer */
	const char *code, *noun; /* "InvalidVpcID", "vpc ID": its errors are CODE.NotFound */
	const char *tagged;      /* "vpc": type of resource in tags */
	const struct ec2_filter *filters; /* beside tag:KEY, tag-key */
};
extern const struct ec2_kind ec2_vpcs, ec2_subnets, ec2_tables, ec2_gateways, ec2_acls, ec2_endpoints, ec2_groups, ec2_instances, ec2_volumes;
extern const struct ec2_kind *const ec2_kinds[]; /* then NULL */

/* Begins each hook: what the account has in the region from the first day is made, if it wasn't yet. 0, or it is refused. */
int ec2_begin(struct aws_call *c) WARN_UNUSED;
/* The document; a refusal when there is none. */
int ec2_find(struct aws_call *c, const struct ec2_kind *kind, const char *id, json_t **out) WARN_UNUSED;
int ec2_absent(struct aws_call *c, const struct ec2_kind *kind, const char *id);
/* Keeps a document, new or changed; takes it over. 0, or it is refused. */
int ec2_keep(struct aws_call *c, const struct ec2_kind *kind, json_t *doc) WARN_UNUSED;
int ec2_drop(struct aws_call *c, const struct ec2_kind *kind, const char *id) WARN_UNUSED;
/* A fresh id of 17 digits, in the call's arena. */
const char *ec2_id(struct aws_call *c, const char *prefix);
/* Whether a document passes the Filter of a request; a refusal when a filter isn't known. 1, 0, or -1. */
int ec2_fits(struct aws_call *c, const struct ec2_filter *filters, const json_t *doc) WARN_UNUSED;
int ec2_describe(struct aws_call *c, const struct ec2_kind *kind, void (*show)(struct aws_call *c, json_t *doc));
/* The tags that a request makes a resource with, as tagSet. */
json_t *ec2_tags_of(struct aws_call *c, const char *type);
json_t *ec2_tag_set(const json_t *tags); /* of [{Key, Value}] */
bool ec2_is(const json_t *doc, const char *member, const char *value);
/* The document of a kind in the region for which member is value; NULL: none. */
json_t *ec2_with(struct aws_call *c, const struct ec2_kind *kind, const char *member, const char *value);
void ec2_done(struct aws_call *c); /* "return" true */

/* Parts that others make, too. Each gives the document, kept; NULL: it is refused. */
json_t *ec2_make_vpc(struct aws_call *c, const char *id, const char *cidr, bool is_default, json_t *tags);
json_t *ec2_make_subnet(struct aws_call *c, const char *id, const json_t *vpc, const char *cidr, const char *zone, bool is_default, json_t *tags);
json_t *ec2_make_group(struct aws_call *c, const char *id, const char *vpc, const char *name, const char *text, json_t *tags);
json_t *ec2_make_instance(struct aws_call *c, const char *id, const json_t *subnet, const char *address, json_t *tags);
json_t *ec2_make_endpoint(struct aws_call *c, const char *id, const char *vpc, const char *service, const char *type, json_t *tags);
void ec2_set_state(json_t *instance, int code);
const char *ec2_zone(struct aws_call *c, int i); /* "us-east-1a" */

aws_hook ec2_describe_vpcs, ec2_create_vpc, ec2_delete_vpc, ec2_describe_vpc_attribute, ec2_modify_vpc_attribute, ec2_describe_subnets, ec2_create_subnet,
	ec2_delete_subnet, ec2_modify_subnet_attribute, ec2_describe_tables, ec2_create_table, ec2_delete_table, ec2_create_route, ec2_delete_route,
	ec2_associate_table, ec2_disassociate_table, ec2_describe_gateways, ec2_create_gateway, ec2_attach_gateway, ec2_detach_gateway,
	ec2_delete_gateway, ec2_describe_acls;
aws_hook ec2_describe_endpoints, ec2_create_endpoint, ec2_modify_endpoint, ec2_delete_endpoints, ec2_describe_endpoint_services, ec2_describe_prefix_lists;
aws_hook ec2_describe_groups, ec2_create_group, ec2_delete_group, ec2_authorize_in, ec2_authorize_out, ec2_revoke_in, ec2_revoke_out,
	ec2_describe_rules;
aws_hook ec2_describe_instances, ec2_describe_status, ec2_describe_attribute, ec2_run, ec2_start, ec2_stop, ec2_reboot, ec2_terminate,
	ec2_describe_volumes, ec2_describe_credits, ec2_get_uefi, ec2_modify_instance;
aws_hook ec2_describe_pairs, ec2_create_pair, ec2_import_pair, ec2_delete_pair;
aws_hook ec2_create_tags, ec2_delete_tags, ec2_describe_tags;
aws_hook ec2_describe_zones, ec2_describe_regions, ec2_describe_account, ec2_describe_images, ec2_describe_types, ec2_describe_addresses,
	ec2_describe_nat_gateways, ec2_describe_interfaces;

#endif
