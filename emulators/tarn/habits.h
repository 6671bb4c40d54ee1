/* What the environment of a container says that was made for LocalStack: tarn up --localstack. */
#ifndef TARN_HABITS_H
#define TARN_HABITS_H

#include "tarn/launch.h"

/* Reads the variables (tarn help localstack lists them) into options, over what flags said. What isn't served, or can't be as it is said,
 * is named on stderr. 0 or an exit code. Strings live as long as the process. */
int habits_take(struct launch *l);
/* The list for help. */
void habits_help(void);

#endif
