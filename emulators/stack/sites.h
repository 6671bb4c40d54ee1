/* Every fault site there is: those of HTTP, by service and operation, and those that services declare. */
#ifndef TARN_SITES_H
#define TARN_SITES_H

#include "core/fault.h"

/* For faults_declare and faults_check, whichever services run. */
int sites_known(struct slice site, enum fault_act act, struct error *err);
/* Calls each(arg, site) for every site; names are whole, or end with ".*". The struct is gone when it returns. */
void sites_each(void (*each)(void *arg, const struct fault_site *site), void *arg);

#endif
