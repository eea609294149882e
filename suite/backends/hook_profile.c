/* Watching inside the emulator: which blocks follow which, and what loads and stores touch. */

#include "hook.h"

enum { MOST_BYTES = 0xFFF0 }; /* of a block: an edge has 16 bits for them */

/* Whether a block ends with a Thumb instruction: it may go elsewhere than on to the next one. */
static u32 ends_block(u32 h1, u32 h2) {
    if (h1 < 0xE800) {
        const u32 to_pc = (h1 & 0xFD87) == 0x4487; /* ADD and MOV */
        const u32 compares = (h1 & 0xF500) == 0xB100;
        return h1 >= 0xD000 || (h1 & 0xFF00) == 0xBD00 || (h1 & 0xFF00) == 0x4700 || to_pc || compares;
    }
    const u32 branches = (h1 & 0xF800) == 0xF000 && (h2 & 0x8000) != 0;
    const u32 by_table = (h1 & 0xFFF0) == 0xE8D0 && (h2 & 0xFFE0) == 0xF000;
    const u32 many = (h1 & 0xFE50) == 0xE810 && (h2 & 0x8000) != 0;
    const u32 one = (h1 & 0xFF70) == 0xF850 && h2 >> 12 == 0xF;
    return branches || by_table || many || one;
}

/* The bytes of a block to its branch. The emulator cuts blocks where a page of code ends. */
static u32 whole_bytes(const counter *c, u32 address, u32 bytes) {
    const u32 offset = code_offset(c, address);
    if (offset == NO_CODE) {
        return bytes;
    }
    const u8 *code = code_at(c, offset);
    const u32 room = (offset < c->code_size ? 0 : c->ram_code_size) + c->code_size - offset;
    u32 at = 0, ended = 0;
    while ((at < bytes || !ended) && at + 4 <= room && at < MOST_BYTES) {
        const u32 h1 = code[at] | (u32)code[at + 1] << 8;
        ended = ends_block(h1, code[at + 2] | (u32)code[at + 3] << 8);
        at += h1 >= 0xE800 ? 4 : 2;
    }
    return at > bytes ? at : bytes;
}

/* Ask the caches for what a block, or its next part, fetches and loads. */
static void pass_caches(void *engine, counter *c, edge *e, u32 address, u32 bytes) {
    if (c->first_loads) {
        tr_hook_fetch(c, e, address, bytes);
        if (!c->accesses) {
            tr_hook_load(engine, c, e, address, bytes);
        }
    }
}

/* The edge from the last block to this one in this step; null when there is no room for another. */
static edge *find_edge(void *engine, counter *c, u32 address, u32 bytes) {
    const u32 mask = c->edge_capacity - 1;
    u32 hash = (address >> 1) * 0x9E3779B1U ^ (c->last_block >> 1) * 0x85EBCA6BU;
    hash ^= c->step * 0xC2B2AE35U ^ hash >> 15;
    for (u32 at = hash & mask;; at = (at + 1) & mask) {
        edge *e = &c->edges[at];
        if (e->count != 0) {
            if (e->to == address && e->from == c->last_block && e->step == c->step) {
                return e;
            }
            continue;
        }
        if (++c->edges_used > c->edge_capacity / 2) {
            tr_hook_stop(engine, c, PROFILE_FULL, address);
            return 0;
        }
        e->step = c->step;
        e->from = c->last_block;
        e->to = address;
        e->from_bytes = (u16)c->last_bytes;
        e->to_bytes = (u16)whole_bytes(c, address, bytes);
        for (int i = 0; i < CORE_REGISTERS; i++) {
            const int last = i == CORE_REGISTERS - 1;
            c->reg_read(engine, last ? REGISTER_SP : REGISTER_R0 + i, &e->registers[i]);
        }
        return e;
    }
}

void tr_hook_follow_edge(void *engine, counter *c, u32 address, u32 bytes) {
    const u32 end = c->last_block + c->last_bytes;
    if (c->last_block != NO_BLOCK && address == c->reached && address < end) {
        c->reached += bytes;
        pass_caches(engine, c, c->current, address, bytes);
        return;
    }
    edge *e = find_edge(engine, c, address, bytes);
    if (e == 0) {
        return;
    }
    e->count++;
    c->current = e;
    pass_caches(engine, c, e, address, bytes);
    c->last_block = address;
    c->last_bytes = e->to_bytes;
    c->reached = address + bytes;
}

/* Whether the instruction at an address needs a word-aligned operand. A Cortex-M takes LDR and
 * STR at any address, but not LDM, STM, LDRD, STRD, LDREX nor the loads and stores of the FPU;
 * the emulator takes them all. */
static int needs_alignment(const counter *c, u32 pc) {
    const u32 offset = code_offset(c, pc);
    if (offset == NO_CODE) {
        return 0;
    }
    const u32 high = code_at(c, offset)[1];
    return (high & 0xF0) == 0xC0 || (high & 0xFA) == 0xE8;
}

/* Note what the current instruction's load or store did. */
static void profile_access(void *engine, counter *c, u32 address, u32 size) {
    u32 pc = 0;
    c->reg_read(engine, REGISTER_PC, &pc);
    const u32 offset = code_offset(c, pc);
    if (offset != NO_CODE) {
        access *a = &c->accesses[offset >> 1];
        a->areas |= 1U << (address >> 28);
        a->misaligned += (address & (size - 1)) != 0;
    }
}

/* Forget the IT block the emulator stands in. It saves the block's state for the hook of a load or
 * store inside the block and then never takes it back: the next translated block would begin as
 * if the IT block went on. */
static void leave_it_block(void *engine, const counter *c) {
    u32 xpsr = 0;
    c->reg_read(engine, REGISTER_XPSR, &xpsr);
    if ((xpsr & IT_STATE) != 0) {
        xpsr &= ~IT_STATE;
        c->reg_write(engine, REGISTER_XPSR, &xpsr);
    }
}

/* Note which bytes of the arena the current step touched. */
static void touch_arena(counter *c, u32 offset, u32 size, int writes) {
    u8 *flags = writes ? c->arena_writes : c->arena_reads;
    const u32 row = c->step;
    for (u32 i = offset; i < offset + size && i < c->arena_size; i++) {
        flags[i] = 1;
        if (row < c->touch_rows) {
            c->step_touches[(u64)row * c->arena_size + i] |= writes ? TOUCH_WRITTEN : TOUCH_READ;
        }
    }
}

/* Count an access to RAM that nothing was planned for. */
static void note_stray(counter *c, u32 address) {
    const int planned = address < c->ram_base || address >= c->ram_end ||
                        (address >= c->stack_floor && address < c->stack_top) ||
                        (address >= c->static_base && address < c->static_end) ||
                        (address >= c->copied_base && address < c->copied_end);
    if (!planned && c->strays++ == 0) {
        c->first_stray = address;
    }
}

/* Unicorn's UC_HOOK_MEM_READ and UC_HOOK_MEM_WRITE, only while watching. */
void tr_on_access(void *engine, int type, u64 place, int size, i64 value, void *user) {
    (void)value;
    counter *c = user;
    const u32 address = (u32)place;
    if (c->conditional != 0) {
        leave_it_block(engine, c);
    }
    if (c->accesses && in_region(c) && c->regions_begun == 1) {
        profile_access(engine, c, address, (u32)size);
        if (c->first_loads && c->current && type != ACCESS_WRITE) {
            tr_hook_read(c, c->current, address, (u32)size);
        }
    }
    if ((address & 3) != 0 && size >= 4) {
        u32 pc = 0;
        c->reg_read(engine, REGISTER_PC, &pc);
        if (needs_alignment(c, pc)) {
            c->fault_size = (u32)size;
            tr_hook_stop(engine, c, MISALIGNED, address);
        }
    }
    if (type == ACCESS_WRITE && c->in_main && c->regions_ended < REGIONS && address >= c->stack_floor &&
        address < c->stack_top && address < c->lowest_stack_write) {
        c->lowest_stack_write = address;
    }
    const u32 offset = address - c->arena_base;
    if (!in_region(c)) {
        return;
    }
    if (offset < c->arena_size) {
        touch_arena(c, offset, (u32)size, type == ACCESS_WRITE);
    }
    if (offset + (u32)size > c->arena_size || offset >= c->arena_size) {
        note_stray(c, address);
    }
}
