/* What the parts of the hook share: `hook.c` counts and ends runs, `hook_profile.c` records what
 * was executed and accessed, `hook_memory.c` asks caches. Plain C without any header: Unicorn's
 * functions come in as pointers, and its callbacks have the types written out here. */
#ifndef HOOK_H
#define HOOK_H

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef long long i64;

#define NO_STEP 0xFFFFFFFFU
#define NO_BLOCK 0xFFFFFFFFU
#define NO_CODE 0xFFFFFFFFU
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

/* Why a line of flash was waited for: fetched after a jump, fetched in a row, read from the chip's
 * flash, read from the external one. Twins in profile.py. */
enum miss { MISS_JUMP, MISS_NEXT, MISS_DATA, MISS_EXTERNAL, MISS_KINDS };

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
    u32 misses[MISS_KINDS]; /* lines of flash that `to` waited for, in all entries this way */
} edge;

/* A cache: `sets` (a power of two) of `ways` lines of 1 << shift bytes, each set's youngest line
 * first; an entry is a line's number and 1, or 0. Its twin is `Cache` in counter.py. */
typedef struct {
    u32 *lines;
    u32 shift;
    u32 sets;
    u32 ways;
    u32 reserved;
} cache;

/* One load of a block: `bytes` from base + index << shift + offset on. Registers by number, the
 * index one higher (0: none); base 15: `offset` is the address. Its twin is `Load` in
 * counter.py. */
typedef struct {
    u8 base;
    u8 index;
    u8 shift;
    u8 reserved;
    u16 bytes;
    u16 reserved_too;
    u32 offset;
} load;

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
    const u8 *ram_code;  /* the RAM with code, null where there is none */
    block *blocks;       /* one a halfword of the flash, then of that RAM */
    u8 *marks;           /* enum mark, likewise */
    u8 *uart;
    u64 *steps;          /* REGIONS rows of step_count */
    const u8 *arena;     /* the arena's bytes */
    u8 *arena_before;    /* what they were when the inference began */
    u8 *arena_reads;     /* one flag a byte, only while watching */
    u8 *arena_writes;    /* one flag a byte */
    u8 *step_touches;    /* one row of arena_size enum touch a step, null unless watching */
    edge *edges;         /* a hash table of edge_capacity slots, null unless profiling */
    access *accesses;    /* one a halfword of both, null unless profiling and watching */
    edge *current;       /* the step to the block that runs, null before the first */
    u32 *first_loads;    /* one a halfword of both: a block's first load in `loads`, and 1; null without caches */
    load *loads;         /* load_capacity of them */
    cache fetches;       /* of instructions from the chip's flash */
    cache reads;         /* of data from the chip's flash */
    cache external_reads; /* of data from the external flash; may be the same lines as `reads` */
    u64 budget;
    u64 executed;
    u64 region[REGIONS];
    u32 code_base;
    u32 code_size;
    u32 ram_code_base;
    u32 ram_code_size;
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
    u32 reached; /* behind what the emulator has begun of the last block */
    u32 conditional; /* whether this block, and the one before, has an IT instruction: bits 0, 1 */
    u32 touch_rows; /* steps that have a row in step_touches */
    u32 ram_base;   /* the RAM region that holds the arena */
    u32 ram_end;
    u32 static_base; /* initialised and zeroed data */
    u32 static_end;
    u32 copied_base; /* weights and tables copied from flash */
    u32 copied_end;
    u32 strays; /* accesses to that region that were neither arena, stack nor static data */
    u32 first_stray;
    u32 load_capacity;
    u32 loads_used;
    u32 code_used; /* bytes of the image in the chip's flash, and in the external one */
    u32 external_base;
    u32 external_used;
} counter;

/* End the run for a reason; the first reason stays. */
void tr_hook_stop(void *engine, counter *c, u32 reason, u32 address);

/* Where an address is among the bytes with code, those of the flash before those of RAM; NO_CODE
 * where neither has it. */
static inline u32 code_offset(const counter *c, u32 address) {
    const u32 flash = address - c->code_base, ram = address - c->ram_code_base;
    return flash < c->code_size ? flash : ram < c->ram_code_size ? c->code_size + ram : NO_CODE;
}

/* The code at such an offset. */
static inline const u8 *code_at(const counter *c, u32 offset) {
    return offset < c->code_size ? c->code + offset : c->ram_code + (offset - c->code_size);
}

/* Whether an inference runs. */
static inline int in_region(const counter *c) {
    return c->regions_begun != c->regions_ended;
}

/* Count the step from the last block to this one, while profiling. */
void tr_hook_follow_edge(void *engine, counter *c, u32 address, u32 bytes);

/* Fetch a block's lines, and load what it reads, through the caches; misses count for the edge. */
void tr_hook_fetch(counter *c, edge *e, u32 address, u32 bytes);
void tr_hook_load(void *engine, counter *c, edge *e, u32 address, u32 bytes);

/* Read bytes through the caches, where they lie in flash. */
void tr_hook_read(const counter *c, edge *e, u32 address, u32 bytes);

#endif
