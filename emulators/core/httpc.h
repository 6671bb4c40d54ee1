/* HTTP client on the loop: libcurl's multi interface, and messages to our own listeners. libcurl is named in lib_curl.h only. */
#ifndef TARN_HTTPC_H
#define TARN_HTTPC_H

#include "http.h"

enum { HTTPC_HOPS_MAX = 16, HTTPC_ANSWER_DEFAULT = 512 << 20 };
struct httpc;
struct owed;
struct httpc_resp;
struct httpc_req {
	struct slice method, url; /* url absolute */
	const struct http_header *headers;
	size_t header_n;
	struct slice body;
	int64_t timeout_ms; /* 0: 30,000 */
	int hops;           /* sent on behalf of a call: its hops and one; over HTTPC_HOPS_MAX to our own it fails: a circle */
	size_t answer_max;  /* of the answer's body, bytes: a longer one is ERR_LIMIT; 0: HTTPC_ANSWER_DEFAULT */
	bool limited;       /* the asker's own limit runs on the emulated clock: a peer's silence doesn't hold that clock */
	/* Takes the body of the answer as it comes, in place of resp.body; so: what its head said. False: not now, httpc_more gives these bytes
	 * again. NULL: resp.body is the whole. Not for what is sent to our own listeners. */
	bool (*piece)(void *arg, const struct httpc_resp *so, struct slice bytes);
	struct slice aws_service; /* "s3": signed with SigV4 (key, secret and region below); absent: unsigned */
	struct slice key, secret, region;
};
struct httpc_resp {
	int status; /* 0: no answer, see err */
	const struct http_header *headers;
	size_t header_n;
	struct slice body;
};
/* err is NULL when a whole answer came (whatever its status); its kind is NETWORK, TIMEOUT or LIMIT otherwise. */
typedef void (*httpc_cb)(void *arg, const struct httpc_resp *resp, const struct error *err);

struct httpc *httpc_new(struct loop *l);
void httpc_free(struct httpc *h); /* calls still under way are dropped without their callback */
/* From now on what is sent to that listener's address goes to it as a message, without a socket: same limits, journal, faults, and time
 * limit. http_listen and http_close call these. */
void httpc_own(struct httpc *h, struct http_listener *l);
/* Whether a url leads to one of those. */
bool httpc_is_own(const struct httpc *h, struct slice url);
void httpc_disown(struct httpc *h, const struct http_listener *l);
/* Copies what it needs; cb is called once, on the loop, later, unless what it returns is cancelled (owed.h). Connections are kept
 * and reused. */
struct owed *httpc_send(struct httpc *h, const struct httpc_req *req, httpc_cb cb, void *arg);
/* What httpc_send gave: goes on after a piece that returned false, later than that call. */
void httpc_more(struct owed *sent);

#endif
