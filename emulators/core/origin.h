/* Whom a port serves over HTTP. Any web page may send requests to 127.0.0.1, under any name that its owner's DNS gives this
 * machine: so a request must be for a name of ours, and one that a browser sends for a page must be of a page of ours. */
#ifndef TARN_ORIGIN_H
#define TARN_ORIGIN_H

#include "conf.h"
#include "http.h"

/* Called when the headers are in, before the body is read. Returns true when the call is answered: 403 with a line that names the
 * setting for a Host that isn't ours or on [http] hosts, or for a page (Origin, Sec-Fetch-Site) that isn't ours or on [http]
 * origins. acts: what is posted here acts on this machine, so a POST that any page could send unasked (a simple request) is
 * refused too, and pages that are served get the CORS answers which the port's services don't give. */
/* judges, of arg (NULL: nobody): whether who serves the request judges pages that aren't ours by rules of its own. */
bool origin_answered(const struct env *env, bool acts, bool (*judges)(void *arg, struct http_call *call), void *arg, struct http_call *call);
/* Whether a Host header ("name:port") is for us: an address, a name without a point (they aren't in public DNS), localhost, AWS's
 * names and LocalStack's, or one of [http] hosts. conf may be NULL. */
bool origin_host(const struct conf *conf, struct slice host);
/* Whether pages of that origin ("http://name:port") may ask a port that is reached as host: its own pages, those of our other
 * ports on this machine, and [http] origins. */
bool origin_page(const struct conf *conf, struct slice origin, struct slice host);
/* Whether it is a page of this machine: of localhost, or an address that only it has; at any port. */
bool origin_local(struct slice origin);
/* Whether it is an address that only this machine has. */
bool origin_loopback(struct slice address);
/* Whether a browser sends it for any page without asking first: nothing in it but a method and types that HTML forms have. */
bool origin_simple(const struct http_req *req);

extern const struct setting origin_settings[];

#endif
