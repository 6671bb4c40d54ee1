/* More of a service: a section [rest.NAME] is one more REST proxy beside the first, over the stack's brokers or those of another cluster. */
#ifndef TARN_MORE_H
#define TARN_MORE_H

#include "core/service.h"

enum { MORE_NAME_MAX = 24 };
struct more {
	char section[8 + MORE_NAME_MAX]; /* "rest.NAME" */
	char key[8 + MORE_NAME_MAX];     /* of its endpoint: "rest-NAME" */
	struct env env;                  /* what the remote sides of its ports stand on */
	struct conf *conf;
	struct ports ports;              /* its own, where it is over another cluster */
	bool remote;
};
struct server;
/* Opens as many more of a service as sections of the config say. Errors: INVALID, LIMIT, or the service's. */
int more_slots(struct server *s, const struct service *svc, struct error *err) WARN_UNUSED;
/* Its port; 0: any that is free. */
int more_port(const struct conf *conf, const struct more *m);
/* Opens the ports of another cluster, if it names one, in place of the stack's in env. */
int more_open(struct more *m, struct env *env, const struct ports *stack, struct error *err) WARN_UNUSED;
void more_free(struct more *m); /* NULL is fine */

#endif
