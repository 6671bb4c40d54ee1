/* Error bodies in the form of a Databricks workspace: {"error_code":"RESOURCE_DOES_NOT_EXIST","message":"..."}. */
#ifndef TARN_PROBLEM_H
#define TARN_PROBLEM_H

#include "conf.h"
#include "http.h"

/* Answers with the status and code of the error's kind. */
void problem_reply(struct http_call *call, const struct error *err);
/* Answers with the service's own status and code. Bytes of the message that are no UTF-8 become '?': it may quote what a client
 * sent. */
void problem_send(struct http_call *call, int status, const char *code, const char *fmt, ...) PRINTF_LIKE(4, 5);
/* For .admit of struct service: who isn't an identity is answered as a workspace answers. */
bool problem_admits(const struct conf *conf, struct http_call *call);
/* No operation has this method and path; the log names it. */
void problem_no_route(const struct env *env, struct http_call *call);

#endif
