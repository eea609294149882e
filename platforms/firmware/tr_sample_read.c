#include <string.h>

#include "tinyrig_model.h"

void tr_sample_read(void *context, size_t offset, size_t bytes, int8_t *to) {
    memcpy(to, (const int8_t *)context + offset, bytes);
}
