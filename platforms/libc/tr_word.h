/* Access to a word at any address, and the barrier that keeps the loops of this folder from
 * being recognised and compiled into calls to the very function they are the body of. */
#ifndef TR_WORD_H
#define TR_WORD_H

#include <stdint.h>

typedef struct __attribute__((packed, may_alias)) {
    uint32_t value;
} tr_word;

#define TR_KEEP_LOOP() __asm__ volatile("" ::: "memory")

#endif
