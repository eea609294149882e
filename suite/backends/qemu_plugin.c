/* A TCG plugin that counts the instructions of an inference. Plain C without any header: the
 * few names of QEMU's plugin interface and of the C library are declared here.
 *
 * It reads what to count from plan.bin and leaves counts.bin, both in the working directory
 * and rows of 64-bit numbers; qemu_counts.py has the twins. It ends QEMU itself, at the halt. */

typedef unsigned int u32;
typedef unsigned long long u64;
typedef unsigned long size_type;

#ifndef API_VERSION
#error "API_VERSION is the plugin interface's of the QEMU that loads this"
#endif

typedef struct qemu_plugin_tb qemu_plugin_tb;
typedef struct qemu_plugin_insn qemu_plugin_insn;
typedef void (*on_translation)(u64 plugin, qemu_plugin_tb *block);
typedef void (*on_execution)(u32 core, void *user);
typedef void (*on_memory)(u32 core, u32 access, u64 address, void *user);

extern void qemu_plugin_register_vcpu_tb_trans_cb(u64 plugin, on_translation callback);
extern void qemu_plugin_register_vcpu_tb_exec_cb(qemu_plugin_tb *block, on_execution callback,
                                                 int flags, void *user);
extern void qemu_plugin_register_vcpu_mem_cb(qemu_plugin_insn *instruction, on_memory callback,
                                             int flags, int kinds, void *user);
extern qemu_plugin_insn *qemu_plugin_tb_get_insn(const qemu_plugin_tb *block, size_type index);
extern size_type qemu_plugin_tb_n_insns(const qemu_plugin_tb *block);
extern u64 qemu_plugin_tb_vaddr(const qemu_plugin_tb *block);

extern int open(const char *path, int flags, ...);
extern long read(int file, void *data, size_type size);
extern long write(int file, const void *data, size_type size);
extern int close(int file);
extern _Noreturn void _exit(int code);

#define EXPORTED __attribute__((visibility("default")))
#define NO_REGISTERS 0 /* QEMU_PLUGIN_CB_NO_REGS */
#define READS_AND_WRITES 3 /* QEMU_PLUGIN_MEM_RW */
#define WRITE_CREATE_TRUNCATE 01101

enum { REGIONS = 2, STEP_LIMIT = 4096, MARK_LIMIT = 8, MARK_SHIFT = 16, MARK_BITS = 8 };

enum stop_reason { RUNNING, HALTED, BUDGET_SPENT, MARKERS_OUT_OF_ORDER };

enum mark { MARK_NONE, MARK_BODY, REGION_BEGIN, REGION_END, STEP_BEGIN, STEP_END, HALT };

typedef struct {
    u64 budget;
    u64 ticks; /* where the firmware keeps a word a step */
    u64 ticks_size;
    u64 count;
    struct {
        u64 start, end, mark;
    } marks[MARK_LIMIT];
} plan;

typedef struct {
    u64 stop;
    u64 address;
    u64 executed;
    u64 regions_begun;
    u64 regions_ended;
    u64 steps_seen; /* one more than the highest step that ended */
    u64 steps_lost; /* ends of steps that have no word */
    u64 region[REGIONS];
    u64 steps[REGIONS][STEP_LIMIT];
} counts;

EXPORTED int qemu_plugin_version = API_VERSION;

static plan wanted;
static counts found;
static u32 in_step;
static u32 step_ended; /* and its number is not known yet */
static u64 step_count;

static _Noreturn void finish(u64 reason, u64 address) {
    found.stop = reason;
    found.address = address;
    const int file = open("counts.bin", WRITE_CREATE_TRUNCATE, 0600);
    const long written = write(file, &found, sizeof found);
    _exit(written == (long)sizeof found ? 0 : 1);
}

static u32 in_region(void) {
    return found.regions_begun != found.regions_ended;
}

/* The interface shows no register, so a step's number is read off the word its end writes. */
static void on_end_access(u32 core, u32 access, u64 address, void *user) {
    (void)core;
    (void)access;
    (void)user;
    const u64 step = (address - wanted.ticks) / sizeof(u32);
    if (!step_ended || address - wanted.ticks >= wanted.ticks_size || step >= STEP_LIMIT) {
        return;
    }
    step_ended = 0;
    found.steps[found.regions_begun - 1][step] += step_count;
    if (step >= found.steps_seen) {
        found.steps_seen = step + 1;
    }
}

/* Act on the entry of a marked block. */
static void enter_mark(u32 mark, u64 address) {
    u32 good = 1;
    found.steps_lost += mark != MARK_BODY && step_ended;
    step_ended = mark == MARK_BODY && step_ended;
    switch (mark) {
    case REGION_BEGIN:
        good = !in_region() && found.regions_begun < REGIONS;
        found.regions_begun++;
        break;
    case REGION_END:
        good = in_region() && !in_step;
        found.regions_ended++;
        break;
    case STEP_BEGIN:
        good = in_region() && !in_step;
        in_step = 1;
        step_count = 0;
        break;
    case STEP_END:
        good = in_step;
        in_step = 0;
        step_ended = 1;
        break;
    case HALT:
        finish(HALTED, address);
    default:
        break;
    }
    if (!good) {
        finish(MARKERS_OUT_OF_ORDER, address);
    }
}

/* `user` packs what the translation knew: address, mark and number of instructions. */
static void on_block(u32 core, void *user) {
    (void)core;
    const u64 packed = (u64)user;
    const u64 instructions = packed & ((1U << MARK_SHIFT) - 1U);
    const u32 mark = (u32)(packed >> MARK_SHIFT) & ((1U << MARK_BITS) - 1U);
    const u64 address = packed >> (MARK_SHIFT + MARK_BITS);
    found.executed += instructions;
    if (mark != MARK_NONE) {
        enter_mark(mark, address);
        return;
    }
    if (in_region()) {
        found.region[found.regions_begun - 1] += instructions;
        step_count += instructions;
    }
    if (found.executed > wanted.budget) {
        finish(BUDGET_SPENT, address);
    }
}

/* The number of the marker that holds an address, or of none. */
static u64 marker_at(u64 address) {
    u64 i = 0;
    while (i < wanted.count &&
           (address < wanted.marks[i].start || address >= wanted.marks[i].end)) {
        i++;
    }
    return i;
}

static void on_translate(u64 plugin, qemu_plugin_tb *block) {
    (void)plugin;
    const u64 address = qemu_plugin_tb_vaddr(block);
    const u64 marker = marker_at(address);
    const size_type instructions = qemu_plugin_tb_n_insns(block);
    u64 mark = MARK_NONE;
    if (marker < wanted.count) {
        mark = address == wanted.marks[marker].start ? wanted.marks[marker].mark : (u64)MARK_BODY;
        for (size_type i = 0; wanted.marks[marker].mark == STEP_END && i < instructions; i++) {
            qemu_plugin_register_vcpu_mem_cb(qemu_plugin_tb_get_insn(block, i), on_end_access,
                                             NO_REGISTERS, READS_AND_WRITES, (void *)0);
        }
    }
    const u64 packed =
        address << (MARK_SHIFT + MARK_BITS) | mark << MARK_SHIFT | (u64)instructions;
    qemu_plugin_register_vcpu_tb_exec_cb(block, on_block, NO_REGISTERS, (void *)packed);
}

EXPORTED int qemu_plugin_install(u64 plugin, const void *info, int argc, char **argv) {
    (void)info;
    (void)argc;
    (void)argv;
    const int file = open("plan.bin", 0);
    const long size = file < 0 ? 0 : read(file, &wanted, sizeof wanted);
    if (size != (long)sizeof wanted || wanted.count > MARK_LIMIT) {
        return 1;
    }
    close(file);
    qemu_plugin_register_vcpu_tb_trans_cb(plugin, on_translate);
    return 0;
}
