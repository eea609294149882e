/* Counting and watching inside the emulator. Plain C without any header: Unicorn's functions
 * come in as pointers, and its callbacks have the types written out here. */

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef long long i64;

#define NO_STEP 0xFFFFFFFFU
#define NO_BLOCK 0xFFFFFFFFU
#define IT_STATE 0x0600FC00U /* of xPSR */

enum {
    REGISTER_R0 = 66,  /* UC_ARM_REG_R0 */
    REGISTER_PC = 11,  /* UC_ARM_REG_PC */
    REGISTER_SP = 12,  /* UC_ARM_REG_SP */
    CORE_REGISTERS = 14,
    REGISTER_XPSR = 120, /* UC_ARM_REG_XPSR */
    ACCESS_WRITE = 17, /* UC_MEM_WRITE */
    UNDEFINED_INSTRUCTION = 1,
    REGIONS = 2
};

enum stop_reason {
    RUNNING,
    HALTED,
    BUDGET_SPENT,
    UART_FULL,
    MARKERS_OUT_OF_ORDER,
    BAD_ACCESS,
    EXCEPTION,
    MISALIGNED,
    PROFILE_FULL
};

enum mark {
    MARK_NONE,
    MARK_BODY, /* inside a marker but not at its start */
    MARK_REGION_BEGIN,
    MARK_REGION_END,
    MARK_STEP_BEGIN,
    MARK_STEP_END,
    MARK_MAIN,
    MARK_HALT
};

/* What a step did to a byte of the arena; twins in interface.py. */
enum touch { TOUCH_READ = 1, TOUCH_WRITTEN = 2 };

/* What is known of the block that starts at an address; bytes 0: nothing yet. */
typedef struct {
    u32 bytes : 16;
    u32 instructions : 15;
    u32 has_it : 1; /* an IT instruction is among them */
} block;

/* How often one block followed another in one step; count 0: a free slot. Its twin is `Edge` in
 * counter.py. */
typedef struct {
    u64 count;
    u32 step;
    u32 from; /* the block before, NO_BLOCK for the first of an inference */
    u32 to;
    u16 from_bytes;
    u16 to_bytes;
    u32 registers[CORE_REGISTERS]; /* r0 to r12 and sp at the first entry of `to` this way */
    u32 reserved;
} edge;

/* What the loads and stores of one instruction did. Its twin is `Access` in counter.py. */
typedef struct {
    u32 misaligned; /* accesses that were no multiple of their size */
    u32 areas;      /* bit a: it touched the addresses from a << 28 on */
} access;

/* Shared with Python: every field has its twin in counter.py. */
typedef struct {
    int (*emu_stop)(void *engine);
    int (*reg_read)(void *engine, int id, void *value);
    int (*reg_write)(void *engine, int id, const void *value);
    const u8 *code;      /* the flash */
    block *blocks;       /* one a halfword of the flash */
    u8 *marks;           /* enum mark, one a halfword of the flash */
    u8 *uart;
    u64 *steps;          /* REGIONS rows of step_count */
    const u8 *arena;     /* the arena's bytes */
    u8 *arena_before;    /* what they were when the inference began */
    u8 *arena_reads;     /* one flag a byte, only while watching */
    u8 *arena_writes;    /* one flag a byte */
    u8 *step_touches;    /* one row of arena_size enum touch a step, null unless watching */
    edge *edges;         /* a hash table of edge_capacity slots, null unless profiling */
    access *accesses;    /* one a halfword of the flash, null unless profiling and watching */
    u64 budget;
    u64 executed;
    u64 region[REGIONS];
    u32 code_base;
    u32 code_size;
    u32 uart_base;
    u32 uart_status;
    u32 uart_data;
    u32 uart_capacity;
    u32 uart_length;
    u32 step_count;
    u32 step;
    u32 steps_seen; /* one more than the highest step begun */
    u32 regions_begun;
    u32 regions_ended;
    u32 in_main;
    u32 stop;
    u32 stop_address;
    u32 arena_base;
    u32 arena_size;
    u32 stack_floor; /* start of the RAM region that holds the stack */
    u32 stack_top;
    u32 lowest_stack_write;
    u32 fault_kind; /* UC_MEM_* of a bad access, or the number of an exception */
    u32 fault_size;
    u32 edge_capacity; /* a power of two */
    u32 edges_used;
    u32 last_block;
    u32 last_bytes;
    u32 conditional; /* whether this block, and the one before, has an IT instruction: bits 0, 1 */
    u32 touch_rows; /* steps that have a row in step_touches */
    u32 ram_base;   /* the RAM region that holds the arena */
    u32 ram_end;
    u32 static_base; /* initialised and zeroed data */
    u32 static_end;
    u32 strays; /* accesses to that region that were neither arena, stack nor static data */
    u32 first_stray;
} counter;

static void stop(void *engine, counter *c, u32 reason, u32 address) {
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

static int in_region(const counter *c) {
    return c->regions_begun != c->regions_ended;
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
            stop(engine, c, MARKERS_OUT_OF_ORDER, address);
        } else {
            begin_region(c);
        }
        return 0;
    case MARK_REGION_END:
        if (!in_region(c) || c->step != NO_STEP) {
            stop(engine, c, MARKERS_OUT_OF_ORDER, address);
        } else {
            end_region(c);
        }
        return 0;
    case MARK_STEP_BEGIN:
    case MARK_STEP_END:
        c->reg_read(engine, REGISTER_R0, &argument);
        if (!in_region(c) || argument >= c->step_count ||
            c->step != (mark == MARK_STEP_BEGIN ? NO_STEP : argument)) {
            stop(engine, c, MARKERS_OUT_OF_ORDER, address);
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
        stop(engine, c, HALTED, address);
        return 0;
    }
}

/* Count the step from the last block to this one. */
static void follow_edge(void *engine, counter *c, u32 address, u32 bytes) {
    const u32 mask = c->edge_capacity - 1;
    u32 hash = (address >> 1) * 0x9E3779B1U ^ (c->last_block >> 1) * 0x85EBCA6BU;
    hash ^= c->step * 0xC2B2AE35U ^ hash >> 15;
    for (u32 at = hash & mask;; at = (at + 1) & mask) {
        edge *e = &c->edges[at];
        if (e->count == 0) {
            if (++c->edges_used > c->edge_capacity / 2) {
                stop(engine, c, PROFILE_FULL, address);
                return;
            }
            e->step = c->step;
            e->from = c->last_block;
            e->to = address;
            e->from_bytes = (u16)c->last_bytes;
            e->to_bytes = (u16)bytes;
            for (int i = 0; i < CORE_REGISTERS; i++) {
                const int last = i == CORE_REGISTERS - 1;
                c->reg_read(engine, last ? REGISTER_SP : REGISTER_R0 + i, &e->registers[i]);
            }
        } else if (e->to != address || e->from != c->last_block || e->step != c->step ||
                   e->to_bytes != bytes || e->from_bytes != c->last_bytes) {
            continue;
        }
        e->count++;
        break;
    }
    c->last_block = address;
    c->last_bytes = bytes;
}

/* Unicorn's UC_HOOK_BLOCK: before every translated block. */
void tr_on_block(void *engine, u64 address, u32 bytes, void *user) {
    counter *c = user;
    const u32 offset = (u32)address - c->code_base;
    if (offset >= c->code_size) {
        return; /* not executable: the fetch faults on its own */
    }
    block *known = &c->blocks[offset >> 1];
    if (known->bytes != bytes) {
        known->bytes = bytes & 0xFFFF;
        known->instructions = count_instructions(c->code + offset, bytes) & 0x7FFF;
        known->has_it = has_it(c->code + offset, bytes) & 1;
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
            follow_edge(engine, c, (u32)address, bytes);
        }
    }
    if (c->executed > c->budget) {
        stop(engine, c, BUDGET_SPENT, (u32)address);
    }
}

/* Whether the instruction at an address needs a word-aligned operand. A Cortex-M takes LDR and
 * STR at any address, but not LDM, STM, LDRD, STRD, LDREX nor the loads and stores of the FPU;
 * the emulator takes them all. */
static int needs_alignment(const counter *c, u32 pc) {
    const u32 offset = pc - c->code_base;
    if (offset >= c->code_size) {
        return 0;
    }
    const u32 high = c->code[offset + 1];
    return (high & 0xF0) == 0xC0 || (high & 0xFA) == 0xE8;
}

/* Note what the current instruction's load or store did. */
static void profile_access(void *engine, counter *c, u32 address, u32 size) {
    u32 pc = 0;
    c->reg_read(engine, REGISTER_PC, &pc);
    const u32 offset = pc - c->code_base;
    if (offset < c->code_size) {
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
                        (address >= c->static_base && address < c->static_end);
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
    }
    if ((address & 3) != 0 && size >= 4) {
        u32 pc = 0;
        c->reg_read(engine, REGISTER_PC, &pc);
        if (needs_alignment(c, pc)) {
            c->fault_size = (u32)size;
            stop(engine, c, MISALIGNED, address);
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
        stop(engine, c, UART_FULL, c->uart_base + (u32)offset);
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
    stop(engine, c, BAD_ACCESS, (u32)address);
    return 0;
}

/* Unicorn's UC_HOOK_INSN_INVALID: 0 ends the run with an error. */
int tr_on_undefined(void *engine, void *user) {
    counter *c = user;
    c->fault_kind = UNDEFINED_INSTRUCTION;
    stop(engine, c, EXCEPTION, 0);
    return 0;
}

/* Unicorn's UC_HOOK_INTR: the core raised an exception; no firmware of ours wants one. */
void tr_on_exception(void *engine, u32 number, void *user) {
    counter *c = user;
    c->fault_kind = number;
    stop(engine, c, EXCEPTION, 0);
}
