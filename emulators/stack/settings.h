/* Every setting there is: the stack's own and those of the services. */
#ifndef TARN_SETTINGS_H
#define TARN_SETTINGS_H

#include "core/conf.h"

/* Tables for conf_assign and conf_check, whichever services run. */
const struct setting *const *settings_all(void);

#endif
