/* A bucket as a website: website.c. */
#ifndef TARN_S3_WEBSITE_H
#define TARN_S3_WEBSITE_H

#include "config.h"

extern const struct s3_shape s3_website_shapes[];
int s3_website_check(struct s3 *s, struct s3_req *r, const struct xml_node *root) WARN_UNUSED;
/* Whether a Host header is a bucket's website's. */
bool s3_website_host(struct slice host, struct slice *bucket);
/* Serves the request, if it is for a website: it is answered then, or will be. */
bool s3_website(struct s3 *s, struct s3_req *r);

#endif
