/* Scripts of the user's that run around the start and the end of a stack, as LocalStack has them: DIR/{boot,start,ready,shutdown}.d,
 * files *.sh (run as they are, so they must be executable) and *.py (by python3), by name, those of a folder before those below it.
 * One that fails is reported and the next one runs. */
#ifndef TARN_INIT_H
#define TARN_INIT_H

#include "stack/server.h"

enum init_stage { INIT_BOOT, INIT_START, INIT_READY, INIT_SHUTDOWN, INIT_STAGES };
struct init;

/* Looks for them. A folder that isn't there has none. */
struct init *init_new(const char *dir);
void init_free(struct init *i);
/* Runs those of a stage, one after the other, while the server (and whatever the scripts call of it) goes on; BOOT's before there
 * is one: s NULL. Their environment is that of tarn exec, what they print goes to stdout. Ends early when stop() says so. */
void init_run(struct init *i, enum init_stage stage, struct server *s, bool (*stop)(void));
/* Whether a stage has passed. i NULL: no scripts, all have passed that pass at a start. */
bool init_completed(const struct init *i, enum init_stage stage);
/* {"completed": ..., "scripts": [...]}: of one stage, named in any case, or of all (stage absent). i may be NULL. False: no such
 * stage. */
bool init_json(const struct init *i, struct slice stage, struct buf *out);

#endif
