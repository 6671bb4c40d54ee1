/* The AWS port is one endpoint also where its services run in several processes: what is for a service that doesn't run here, and has
 * an address in [remote], is handed on to the AWS port there as it came, Host and signature too, and answered as that answers. */
#ifndef TARN_ELSEWHERE_H
#define TARN_ELSEWHERE_H

#include "core/service.h"

/* How many services have an address in [remote] for this, at most. */
enum { ELSEWHERE_MAX = 4 };

/* The address of the process that serves svc on its AWS port; NULL: none is known, or svc isn't handed on. Borrowed from conf. */
const char *elsewhere_at(const struct conf *conf, const struct service *svc);
/* Errors: INVALID, an address that is none of HTTP. */
int elsewhere_check(const struct conf *conf, struct error *err) WARN_UNUSED;
/* Answers call by handing it on to svc, which elsewhere_at knows. under_way: the list that holds it until it is answered; who closes
 * cancels all of it (owed_cancel_all) before the listeners close. */
void elsewhere_call(const struct env *env, const struct service *svc, struct owed **under_way, struct http_call *call);
extern const struct setting elsewhere_settings[];

#endif
