/* MWAA's API on the AWS port, shared by its files: mwaa.c (tokens, REST call, the web server's own), mwaa_env.c (environments). */
#ifndef TARN_AIRFLOW_MWAA_H
#define TARN_AIRFLOW_MWAA_H

#include "airflow/rest.h"

/* One request of the AWS API. */
struct af_aws {
	struct airflow *a;
	struct http_call *call;
	struct slice name; /* what the row's {} took */
	json_t *body;
};
void mwaa_reply(struct http_call *call, int status, json_t *o); /* takes o */
void mwaa_refuse(struct http_call *call, int status, const char *code, const char *fmt, ...) PRINTF_LIKE(4, 5);
/* host:port of the web server. Heap. */
char *mwaa_web_address(const struct airflow *a);
/* The environment that the request names; NULL: refused. */
json_t *mwaa_environment(struct af_aws *in);

#endif
