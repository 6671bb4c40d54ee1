/* The list of services. */
#ifndef TARN_SERVICES_H
#define TARN_SERVICES_H

#include "core/service.h"

extern const struct service *const services[]; /* in order of start; NULL at the end */

#endif
