#include "arm/gather.h"
#include "common/block.h"
#include "tinyrig/elementwise.h"

#define SIDE 4

/* The two axes that are turned: x is contiguous along `row`, y along `column`. */
typedef struct {
  int32_t rows;
  int32_t columns;
  int32_t x_step; /* of x along `column` */
  int32_t y_step; /* of y along `row` */
} matrix;

#if defined(__ARM_FEATURE_DSP)

/* Two words' bytes in pairs of theirs: a0 b0 a2 b2 and a1 b1 a3 b3. */
#define PAIR_BYTES(a, b)                                                              \
  "eor.w %[u], " b ", " a ", lsr #8\n\tand.w %[u], %[u], #0x00FF00FF\n\t"             \
  "eor.w " b ", " b ", %[u]\n\teor.w " a ", " a ", %[u], lsl #8\n\t"

/* As many tiles as four elements of x go into `left`. */
TR_INLINE void tiles(const matrix *m, const int8_t *x, int8_t *y, int32_t left) {
  const int32_t second = m->x_step;
  const int32_t third = 2 * second;
  const int32_t fourth = 3 * second;
  uint32_t a;
  uint32_t b;
  uint32_t c;
  uint32_t d;
  uint32_t u;
  TR_NO_UNROLL
  for (; left >= SIDE; left -= SIDE) {
    __asm__ volatile(
        "ldr.w %[b], [%[x], %[second]]\n\tldr.w %[c], [%[x], %[third]]\n\t"
        "ldr.w %[d], [%[x], %[fourth]]\n\tldr.w %[a], [%[x]], #4\n\t" PAIR_BYTES("%[c]", "%[d]")
            PAIR_BYTES("%[a]", "%[b]")
        "pkhbt %[u], %[a], %[c], lsl #16\n\tstr.w %[u], [%[y]]\n\tadd.w %[y], %[y], %[step]\n\t"
        "pkhbt %[u], %[b], %[d], lsl #16\n\tstr.w %[u], [%[y]]\n\tadd.w %[y], %[y], %[step]\n\t"
        "pkhtb %[c], %[c], %[a], asr #16\n\tstr.w %[c], [%[y]]\n\tadd.w %[y], %[y], %[step]\n\t"
        "pkhtb %[d], %[d], %[b], asr #16\n\tstr.w %[d], [%[y]]\n\tadd.w %[y], %[y], %[step]\n\t"
        : [a] "=&r"(a), [b] "=&r"(b), [c] "=&r"(c), [d] "=&r"(d), [u] "=&r"(u), [x] "+&r"(x),
          [y] "+&r"(y)
        : [second] "r"(second), [third] "r"(third), [fourth] "r"(fourth), [step] "r"(m->y_step)
        : "memory");
  }
}

#else

TR_INLINE void tiles(const matrix *m, const int8_t *x, int8_t *y, int32_t left) {
  for (int32_t at = 0; at + SIDE <= left; at += SIDE) {
    tr_transpose4(y + at * m->y_step, m->y_step, x + at, m->x_step);
  }
}

#endif

/* Four columns of y; the last tile may overlap. */
TR_NOINLINE void strip(const matrix *given, const int8_t *x, int8_t *y) {
  const matrix m = *given;
  tiles(&m, x, y, m.rows);
  if (m.rows % SIDE != 0) {
    const int32_t last = m.rows - SIDE;
    tiles(&m, x + last, y + last * m.y_step, SIDE);
  }
}

void tr_copy_s8_transpose__m4(const tr_copy_s8_params *p, const int8_t *x, int8_t *y,
                              void *scratch) {
  (void)scratch;
  const int column = p->y_stride[TR_MAX_AXES - 1] == 1 ? TR_MAX_AXES - 1 : TR_MAX_AXES - 2;
  const int row = 2 * TR_MAX_AXES - 3 - column;
  const matrix m = {p->extent[row], p->extent[column], p->x_stride[column], p->y_stride[row]};
  int32_t outer[TR_MAX_AXES];
  for (int axis = 0; axis < TR_MAX_AXES; axis++) {
    outer[axis] = axis < TR_MAX_AXES - 2 ? p->extent[axis] : 1;
  }
  const int32_t *const stride[] = {p->x_stride, p->y_stride};
  tr_block at = {0};
  do {
    const int8_t *const from = x + at.offset[0];
    int8_t *const to = y + at.offset[1];
    for (int32_t i = 0; i < m.columns; i += SIDE) {
      const int32_t first = i < m.columns - SIDE ? i : m.columns - SIDE;
      strip(&m, from + first * m.x_step, to + first);
    }
  } while (tr_block_next(&at, outer, stride, 2));
}
