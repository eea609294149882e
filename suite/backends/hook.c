/* Counting inside the emulator, and ending runs. */

#include "hook.h"

void tr_hook_stop(void *engine, counter *c, u32 reason, u32 address) {
    if (c->stop == RUNNING) {
        c->stop = reason;
        c->stop_address = address;
    }
    c->emu_stop(engine);
}

/* Instructions in `bytes` of Thumb code: a first halfword from 0xE800 on has a second. */
static u32 count_instructions(const u8 *code, u32 bytes) {
    u32 count = 0;
    for (u32 at = 0; at < bytes; count++) {
        at += code[at + 1] >= 0xE8 ? 4 : 2;
    }
    return count;
}

/* Whether an IT instruction, 0xBF00 with a mask, is in `bytes` of Thumb code. */
static u32 has_it(const u8 *code, u32 bytes) {
    for (u32 at = 0; at < bytes; at += code[at + 1] >= 0xE8 ? 4 : 2) {
        if (code[at + 1] == 0xBF && (code[at] & 0x0F) != 0) {
            return 1;
        }
    }
    return 0;
}

/* Keep the arena as an inference finds it. The firmware fills it differently for each of its two
 * inferences, so a byte that is written differs from what it was in at least one of them: that
 * tells the writes without watching them. */
static void begin_region(counter *c) {
    for (u32 i = 0; i < c->arena_size; i++) {
        c->arena_before[i] = c->arena[i];
    }
    c->regions_begun++;
}

static void end_region(counter *c) {
    for (u32 i = 0; i < c->arena_size; i++) {
        c->arena_writes[i] |= c->arena[i] != c->arena_before[i];
    }
    c->regions_ended++;
}

/* Act on the entry of a marked block; return 1 when its instructions belong to the region. */
static int enter_mark(void *engine, counter *c, u32 mark, u32 address) {
    u32 argument = 0;
    switch (mark) {
    case MARK_REGION_BEGIN:
        if (in_region(c) || c->regions_begun == REGIONS) {
            tr_hook_stop(engine, c, MARKERS_OUT_OF_ORDER, address);
        } else {
            begin_region(c);
        }
        return 0;
    case MARK_REGION_END:
        if (!in_region(c) || c->step != NO_STEP) {
            tr_hook_stop(engine, c, MARKERS_OUT_OF_ORDER, address);
        } else {
            end_region(c);
        }
        return 0;
    case MARK_STEP_BEGIN:
    case MARK_STEP_END:
        c->reg_read(engine, REGISTER_R0, &argument);
        if (!in_region(c) || argument >= c->step_count ||
            c->step != (mark == MARK_STEP_BEGIN ? NO_STEP : argument)) {
            tr_hook_stop(engine, c, MARKERS_OUT_OF_ORDER, address);
        }
        c->step = mark == MARK_STEP_BEGIN ? argument : NO_STEP;
        if (argument >= c->steps_seen) {
            c->steps_seen = argument + 1;
        }
        return 0;
    case MARK_BODY:
        return 0;
    case MARK_MAIN:
        c->in_main = 1;
        return 1;
    default:
        tr_hook_stop(engine, c, HALTED, address);
        return 0;
    }
}

/* Unicorn's UC_HOOK_BLOCK: before every translated block. */
void tr_on_block(void *engine, u64 address, u32 bytes, void *user) {
    counter *c = user;
    const u32 offset = code_offset(c, (u32)address);
    if (offset == NO_CODE) {
        return; /* not executable: the fetch faults on its own */
    }
    block *known = &c->blocks[offset >> 1];
    if (known->bytes != bytes) {
        known->bytes = bytes & 0xFFFF;
        known->instructions = count_instructions(code_at(c, offset), bytes) & 0x7FFF;
        known->has_it = has_it(code_at(c, offset), bytes) & 1;
    }
    c->conditional = (c->conditional << 1 | known->has_it) & 3;
    const u32 mark = c->marks[offset >> 1];
    c->executed += known->instructions;
    if (mark != MARK_NONE && !enter_mark(engine, c, mark, (u32)address)) {
        return;
    }
    if (in_region(c)) {
        c->region[c->regions_begun - 1] += known->instructions;
        if (c->step != NO_STEP) {
            const u32 row = (c->regions_begun - 1) * c->step_count;
            c->steps[row + c->step] += known->instructions;
        }
        if (c->edges && c->regions_begun == 1) {
            tr_hook_follow_edge(engine, c, (u32)address, bytes);
        }
    }
    if (c->executed > c->budget) {
        tr_hook_stop(engine, c, BUDGET_SPENT, (u32)address);
    }
}

/* The UART: always ready to send, everything sent is kept. */
u64 tr_on_uart_read(void *engine, u64 offset, unsigned size, void *user) {
    (void)engine;
    (void)size;
    const counter *c = user;
    return offset == c->uart_status ? 0xC0 : 0; /* TXE and TC */
}

void tr_on_uart_write(void *engine, u64 offset, unsigned size, u64 value, void *user) {
    (void)size;
    counter *c = user;
    if (offset != c->uart_data) {
        return;
    }
    if (c->uart_length == c->uart_capacity) {
        tr_hook_stop(engine, c, UART_FULL, c->uart_base + (u32)offset);
        return;
    }
    c->uart[c->uart_length++] = (u8)value;
}

/* Unicorn's UC_HOOK_MEM_INVALID: 0 ends the run with an error. */
int tr_on_invalid(void *engine, int type, u64 address, int size, i64 value, void *user) {
    (void)value;
    counter *c = user;
    c->fault_kind = (u32)type;
    c->fault_size = (u32)size;
    tr_hook_stop(engine, c, BAD_ACCESS, (u32)address);
    return 0;
}

/* Unicorn's UC_HOOK_INSN_INVALID: 0 ends the run with an error. */
int tr_on_undefined(void *engine, void *user) {
    counter *c = user;
    c->fault_kind = UNDEFINED_INSTRUCTION;
    tr_hook_stop(engine, c, EXCEPTION, 0);
    return 0;
}

/* Unicorn's UC_HOOK_INTR: the core raised an exception; no firmware of ours wants one. */
void tr_on_exception(void *engine, u32 number, void *user) {
    counter *c = user;
    c->fault_kind = number;
    tr_hook_stop(engine, c, EXCEPTION, 0);
}
