/* Adoption: what a program names and the stack lacks is made of the stack's like one, where [stack] adopt = on. A name is like one of
 * the stack's when it has another user's name ([adopt] user: a pattern) in the place of the stack's; [adopt.SECTION] NAME = LIKE adds
 * names that are like one by agreement. What was adopted is kept in the state folder, for the log, tarn status and the next start.
 *
 * A service that doesn't find a thing asks adopt_name, and looks again when that says so; the thing was made by the service's own hook.
 * Every function takes NULL: adoption is off. */
#ifndef TARN_ADOPT_H
#define TARN_ADOPT_H

#include "conf.h"
#include "mem.h"

struct env;
struct adopt;
extern const struct setting adopt_settings[];

/* What makes things of a section of stack.conf ("topics"), or, for the section "users", is told of a user whose things appear. */
struct adopt_hook {
	const char *section;
	/* like: the stack's name that this one is like; of a user: the stack's user. What is there already stays. */
	int (*make)(void *self, struct slice name, const char *like, struct error *err);
	void *self;
	bool again; /* also of what was adopted before a restart: the service doesn't keep it */
};

/* Also where it is off. Errors: INVALID, a pattern that is none. */
int adopt_open(const struct env *env, struct adopt **out, struct error *err) WARN_UNUSED;
void adopt_close(struct adopt *a);
/* Whether more may be adopted. */
bool adopt_on(const struct adopt *a);
/* by 1: as long as somebody wants it, it is on, unless the stack says adopt = off; by -1: he has ended. */
void adopt_hold(struct adopt *a, int by);
/* How many hold it. */
int adopt_holds(const struct adopt *a);
/* h is copied. */
void adopt_by(struct adopt *a, const struct adopt_hook *h);
/* Once everything runs: calls those hooks. */
void adopt_again(struct adopt *a);
/* Keeps what is new in the state folder. */
void adopt_write(struct adopt *a);

/* What was adopted as lines, and such lines taken into one that was just opened: what a snapshot keeps of it. */
void adopt_lines(const struct adopt *a, struct buf *out);
void adopt_take_lines(struct adopt *a, struct slice lines);

/* Nothing of the section is called so: whether now there is. What was adopted once and then deleted stays away. */
bool adopt_name(struct adopt *a, const char *section, struct slice name);
/* A client deletes a thing: it isn't adopted when it is named again. */
void adopt_gone(struct adopt *a, const char *section, struct slice name);
/* A thing of that name was made: if it is another user's, that user is adopted. */
void adopt_user_of(struct adopt *a, const char *section, struct slice name);
/* Notes what its service makes by itself ("apis"). Returns false, and the log says so, when there are as many of the kind as may be. */
bool adopt_take(struct adopt *a, const char *kind, struct slice name, const char *from);
/* Whether it may be called a thing that is made on demand: of the stack's own, or adopted. */
bool adopt_has(const struct adopt *a, const char *kind, struct slice name);

/* Which other user's name stands in a name like one of the stack's, adopted or not; absent: nobody's. */
struct slice adopt_whose(const struct adopt *a, const char *section, struct slice name);
/* A text of the stack with a user's name in place of the stack's. */
struct slice adopt_text(struct arena *mem, const struct adopt *a, struct slice text, struct slice user);

/* Whose name the names of [topics], [streams] and [buckets] carry: user's, when one does; else the one that alone fits [adopt] user
 * there. NULL: nobody's. The caller frees it. */
char *adopt_names_user(const struct conf *conf, const char *user);

struct adopted {
	const char *kind; /* "topic" */
	const char *name, *from;
};
/* The i-th, in their order; false past the end. */
bool adopt_at(const struct adopt *a, size_t i, struct adopted *out);
/* The i-th user; NULL past the end. */
const char *adopt_user(const struct adopt *a, size_t i);

#endif
