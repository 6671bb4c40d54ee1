/* RDS: subnet groups, parameter groups, engine versions (rds_groups.c); instances and tags are in rds.c. */
#ifndef TARN_AWS_RDS_GROUPS_H
#define TARN_AWS_RDS_GROUPS_H

#include "aws/api.h"

extern const struct aws_kind dbi_subnet_groups, dbi_parameter_groups;
extern const struct routes rds_group_ops;
/* A subnet group as an instance shows it, the caller's; "default" is of the default VPC. 0, or it is refused. */
int dbi_subnet_group(struct aws_call *c, const char *name, json_t **out) WARN_UNUSED;
/* A page by MaxRecords and Marker. Takes items. */
int dbi_page(struct aws_call *c, json_t *items, const char *list);

#endif
