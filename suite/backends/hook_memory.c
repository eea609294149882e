/* Caches inside the emulator: which lines of flash an inference has to wait for.
 *
 * Fetches are exact: every executed block's lines, in order. Data addresses are exact while
 * watching. Else they are told from the registers at a block's entry, without a callback an access:
 * loads off the stack pointer count as RAM, loads by a base that the block itself has loaded are left
 * out, and any other base or index made inside the block, but by a write-back, stands for its value
 * at the entry. */

#include "hook.h"

enum {
    REGISTER_LR = 10, /* UC_ARM_REG_LR */
    SP = 13,
    LR = 14,
    PC = 15,
    END = 0xFF /* base of the entry that ends a block's loads */
};

/* Whether a line is in a cache; in any case it is its set's youngest afterwards. */
static int holds(const cache *k, u32 line) {
    u32 *set = k->lines + (line & (k->sets - 1)) * k->ways;
    const u32 key = line + 1;
    u32 older = set[0];
    set[0] = key;
    for (u32 way = 1; older != key; way++) {
        if (way == k->ways) {
            return 0;
        }
        const u32 next = set[way];
        set[way] = older;
        older = next;
    }
    return 1;
}

void tr_hook_fetch(counter *c, edge *e, u32 address, u32 bytes) {
    if (address - c->code_base >= c->code_size) {
        return; /* from RAM that code is fetched from without a wait */
    }
    const cache *k = &c->fetches;
    const u32 first = address >> k->shift;
    const u32 last = (address + bytes - 1) >> k->shift;
    const int begins = address == e->to;
    const int jumped = begins && (e->from == NO_BLOCK || e->from + e->from_bytes != address);
    for (u32 line = first; line <= last; line++) {
        if (!holds(k, line)) {
            e->misses[line == first && jumped ? MISS_JUMP : MISS_NEXT]++;
        }
    }
}

static const u8 widths[8] = {0, 0, 0, 1, 4, 2, 1, 2}; /* of loads by register; 0: a store */

static u32 count_bits(u32 list) {
    u32 count = 0;
    for (; list != 0; list &= list - 1) {
        count++;
    }
    return count;
}

static void put(load *to, u32 base, u32 offset, u32 bytes) {
    to->base = (u8)base;
    to->bytes = (u16)bytes;
    to->offset = offset;
}

static void put_indexed(load *to, u32 base, u32 index, u32 shift, u32 bytes) {
    put(to, base, 0, bytes);
    to->index = (u8)(index + 1);
    to->shift = (u8)shift;
}

/* Read a 16-bit load; return what it adds to its base. `pc` is the instruction's address. */
static u32 read_narrow(load *to, u32 h, u32 pc) {
    const u32 base = h >> 3 & 7, number = h >> 6 & 31, list = h & 0xFF;
    switch (h >> 11) {
    case 0x09: /* LDR literal */
        put(to, PC, (pc & ~3U) + 4 + 4 * list, 4);
        break;
    case 0x0A: /* register offset */
    case 0x0B:
        put_indexed(to, base, h >> 6 & 7, 0, widths[h >> 9 & 7]);
        break;
    case 0x0D:
        put(to, base, 4 * number, 4);
        break;
    case 0x0F:
        put(to, base, number, 1);
        break;
    case 0x11:
        put(to, base, 2 * number, 2);
        break;
    case 0x19: /* LDM */
        put(to, h >> 8 & 7, 0, 4 * count_bits(list));
        return (list >> (h >> 8 & 7) & 1) != 0 ? 0 : 4 * count_bits(list);
    default:
        break;
    }
    return 0;
}

/* Read a 32-bit load of up to a word; return what it adds to its base. */
static u32 read_single(load *to, u32 h1, u32 h2, u32 pc) {
    const u32 base = h1 & 15, size = h1 >> 5 & 3, bytes = 1U << size;
    if (size == 3 || (size < 2 && h2 >> 12 == PC)) {
        return 0; /* no load of these; a hint */
    }
    if (base == PC) {
        const u32 offset = h2 & 0xFFF;
        put(to, PC, (pc & ~3U) + 4 + ((h1 & 0x80) != 0 ? offset : 0 - offset), bytes);
        return 0;
    }
    if ((h1 & 0x80) != 0) {
        put(to, base, h2 & 0xFFF, bytes);
        return 0;
    }
    if ((h2 & 0x800) == 0) {
        put_indexed(to, base, h2 & 15, h2 >> 4 & 3, bytes);
        return 0;
    }
    const u32 offset = (h2 & 0x200) != 0 ? h2 & 0xFF : 0 - (h2 & 0xFF);
    put(to, base, (h2 & 0x400) != 0 ? offset : 0, bytes);
    return (h2 & 0x100) != 0 ? offset : 0;
}

/* Read LDRD, LDM, VLDR or VLDM; return what it adds to its base. */
static u32 read_several(load *to, u32 h1, u32 h2, u32 pc) {
    const u32 base = h1 & 15, up = h1 & 0x80, back = h1 & 0x20, before = h1 & 0x100;
    const u32 words = 4 * (h2 & 0xFF), moved = up != 0 ? words : 0 - words;
    const u32 from = base == PC ? (pc & ~3U) + 4 : 0;
    if ((h1 & 0xFE50) == 0xE850 && (before != 0 || back != 0)) { /* LDRD */
        put(to, base, from + (before != 0 ? moved : 0), 8);
        return back != 0 ? moved : 0;
    }
    if ((h1 & 0xFE50) == 0xE810) { /* LDM */
        const u32 bytes = 4 * count_bits(h2);
        put(to, base, up != 0 ? 0 : 0 - bytes, bytes);
        return back == 0 ? 0 : up != 0 ? bytes : 0 - bytes;
    }
    if ((h1 & 0xFF30) == 0xED10) { /* VLDR */
        put(to, base, from + moved, (h2 & 0x100) != 0 ? 8 : 4);
        return 0;
    }
    if ((h1 & 0xFE10) == 0xEC10 && (h2 & 0xE00) == 0xA00) { /* VLDM */
        put(to, base, up != 0 ? 0 : 0 - words, words);
        return back != 0 ? moved : 0;
    }
    return 0;
}

/* The registers a 16-bit load fills, as bits. */
static u32 fills_narrow(u32 h) {
    switch (h >> 11) {
    case 0x09: /* literal */
    case 0x13: /* off the stack pointer */
        return 1U << (h >> 8 & 7);
    case 0x0A:
    case 0x0B:
        return widths[h >> 9 & 7] != 0 ? 1U << (h & 7) : 0;
    case 0x0D:
    case 0x0F:
    case 0x11:
        return 1U << (h & 7);
    case 0x17: /* POP is one of several */
        return (h & 0x600) == 0x400 ? h & 0xFF : 0;
    case 0x19:
        return h & 0xFF;
    default:
        return 0;
    }
}

/* The registers a 32-bit load fills, as bits; nothing is known of the FPU's. */
static u32 fills_wide(u32 h1, u32 h2) {
    if ((h1 & 0xFE50) == 0xE810) {
        return h2;
    }
    if ((h1 & 0xFE50) == 0xE850) {
        return 1U << (h2 >> 12) | 1U << (h2 >> 8 & 15);
    }
    return (h1 & 0xFE10) == 0xF810 ? 1U << (h2 >> 12) : 0;
}

/* Note the loads of a block; 0 when the table has no room for them. */
static int read_loads(counter *c, u32 address, u32 bytes) {
    const u32 offset = code_offset(c, address);
    const u8 *code = code_at(c, offset);
    u32 moved[16] = {0};
    u32 filled = 0;
    c->first_loads[offset >> 1] = c->loads_used + 1;
    for (u32 at = 0; at < bytes;) {
        if (c->loads_used + 2 > c->load_capacity) {
            return 0;
        }
        load *to = &c->loads[c->loads_used];
        const u32 h1 = code[at] | (u32)code[at + 1] << 8, pc = address + at;
        const int wide = code[at + 1] >= 0xE8;
        const u32 h2 = wide ? code[at + 2] | (u32)code[at + 3] << 8 : 0;
        at += wide ? 4 : 2;
        to->bytes = 0;
        to->index = 0;
        const u32 step = !wide                       ? read_narrow(to, h1, pc)
                         : (h1 & 0xFE10) == 0xF810 ? read_single(to, h1, h2, pc)
                                                     : read_several(to, h1, h2, pc);
        const int known = to->bytes != 0 && to->base != SP && (filled >> to->base & 1) == 0;
        filled |= wide ? fills_wide(h1, h2) : fills_narrow(h1);
        if (!known) {
            continue;
        }
        to->offset += to->base == PC ? 0 : moved[to->base];
        moved[to->base] += step;
        c->loads_used++;
    }
    c->loads[c->loads_used++].base = END;
    return 1;
}

static u32 register_now(void *engine, const counter *c, u32 number) {
    u32 value = 0;
    const int id = number == SP   ? REGISTER_SP
                   : number == LR ? REGISTER_LR
                                  : REGISTER_R0 + (int)number;
    c->reg_read(engine, id, &value);
    return value;
}

void tr_hook_read(const counter *c, edge *e, u32 address, u32 bytes) {
    const int inside = address - c->code_base < c->code_used;
    if (!inside && address - c->external_base >= c->external_used) {
        return;
    }
    const cache *k = inside ? &c->reads : &c->external_reads;
    const u32 last = (address + bytes - 1) >> k->shift;
    for (u32 line = address >> k->shift; line <= last; line++) {
        e->misses[inside ? MISS_DATA : MISS_EXTERNAL] += !holds(k, line);
    }
}

void tr_hook_load(void *engine, counter *c, edge *e, u32 address, u32 bytes) {
    u32 *first = &c->first_loads[code_offset(c, address) >> 1];
    if (*first == 0 && !read_loads(c, address, bytes)) {
        tr_hook_stop(engine, c, PROFILE_FULL, address);
        return;
    }
    u32 read = PC, value = 0;
    for (const load *l = &c->loads[*first - 1]; l->base != END; l++) {
        if (l->base == PC) {
            tr_hook_read(c, e, l->offset, l->bytes);
            continue;
        }
        if (l->base != read) {
            read = l->base;
            value = register_now(engine, c, read);
        }
        const u32 index = l->index == 0 ? 0 : register_now(engine, c, l->index - 1U) << l->shift;
        tr_hook_read(c, e, value + index + l->offset, l->bytes);
    }
}
