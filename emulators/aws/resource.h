/* Documents in memory, for resource.c and store.c. */
#ifndef TARN_AWS_RESOURCE_H
#define TARN_AWS_RESOURCE_H

#include "aws/api.h"

/* Puts a document that is a row already into its place; doc is taken over. */
void aws_index(struct aws *a, const char *kind, struct slice account, struct slice region, const char *key, json_t *doc);
void aws_index_free(struct aws *a);

#endif
