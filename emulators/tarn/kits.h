/* What other people's tests and workflows take over: files of emulators/kits/. */
#ifndef TARN_KITS_H
#define TARN_KITS_H

#include "core/stack.h"

extern const struct embedded kits_files_embedded[];

#endif
