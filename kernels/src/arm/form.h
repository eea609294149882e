/* What tells the variants of a kernel apart: an argument that is a constant wherever it is passed,
 * so that of the texts and structures a header has for them one is compiled. */
#ifndef TINYRIG_FORM_H
#define TINYRIG_FORM_H

#include "common/dsp.h"

/* The core whose order of instructions a text has; `wide` where weights, or what takes their place,
 * are widened to 16 bits before a tile reads them; nibbles where they lie two a byte. */
typedef enum {
  TR_M4 = 0,
  TR_M7 = 1,
  TR_M4_WIDE = 2,
  TR_M7_WIDE = 3,
  TR_M4_NIBBLES = 4,
  TR_M7_NIBBLES = 5
} tr_form;

TR_INLINE int tr_is_m7(tr_form form) { return (form & TR_M7) != 0; }

TR_INLINE int tr_is_wide(tr_form form) { return (form & TR_M4_WIDE) != 0; }

TR_INLINE int tr_is_nibbles(tr_form form) { return (form & TR_M4_NIBBLES) != 0; }

/* A sum as weights of the form make it: of nibbles, sixteen times as much is added up. */
TR_INLINE int32_t tr_lowered(int32_t sum, tr_form form) {
  return tr_is_nibbles(form) ? sum >> 4 : sum;
}

/* The statement that `of` is for the core of a form, or for a form. */
#define TR_BY_CORE(form, of) \
  do {                       \
    if (tr_is_m7(form)) {    \
      of(M7);                \
    } else {                 \
      of(M4);                \
    }                        \
  } while (0)

#define TR_BY_FORM(form, of)           \
  do {                                 \
    if ((form) == TR_M4) {             \
      of(M4);                          \
    } else if ((form) == TR_M7) {      \
      of(M7);                          \
    } else if ((form) == TR_M4_WIDE) { \
      of(M4_WIDE);                     \
    } else {                           \
      of(M7_WIDE);                     \
    }                                  \
  } while (0)

#define TR_BY_FORM_OR_NIBBLES(form, of)   \
  do {                                    \
    if ((form) == TR_M4_NIBBLES) {        \
      of(M4_NIBBLES);                     \
    } else if ((form) == TR_M7_NIBBLES) { \
      of(M7_NIBBLES);                     \
    } else {                              \
      TR_BY_FORM(form, of);               \
    }                                     \
  } while (0)

#endif
