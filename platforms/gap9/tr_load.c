#include "tr_prefetch.h"

__attribute__((weak)) void tr_load(void) {}
