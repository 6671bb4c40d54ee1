/* A job's question to the loop: the job waits on the pool until who answers has done so. For the rare work that can't be split into
 * jobs around it (a function of a user's program called in the middle of a statement). */
#ifndef TARN_QUESTION_H
#define TARN_QUESTION_H

#include <stdbool.h>

struct loop;
struct question;
/* On the loop, before the job begins. asked(arg) is called on the loop for every question. */
struct question *question_new(struct loop *l, void (*asked)(void *arg), void *arg);
/* In the job: returns true when it has been answered, false: it was cancelled, or none will ever be answered any more. */
bool question_ask(struct question *q);
/* On the loop: the question that waits is answered. */
void question_answer(struct question *q);
/* On the loop: the one that waits, and all to come, are not answered. */
void question_cancel(struct question *q);
/* On the loop, when the job is over. NULL is fine. */
void question_free(struct question *q);

#endif
