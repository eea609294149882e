"""The hook's reading of loads: every encoding finds its address."""

import ctypes
import io
import subprocess
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile

from tinyrig.suite.backends.counter import Cache, Counter, Edge, Load, hook_library
from tinyrig.suite.toolchain.toolchain import zig_binary

BASE = 0x0800_0000
SIZE = 0x1000
LOADS = {  # code, and the address and bytes of each load; register n holds BASE + 256 n
    "ldr r3, [pc, #8]": [(BASE + 12, 4)],
    "ldr.w r3, [pc, #20]": [(BASE + 24, 4)],
    "ldr r3, [r1, #12]": [(BASE + 268, 4)],
    "ldrb r3, [r1, #5]": [(BASE + 261, 1)],
    "ldrh r3, [r2, #6]": [(BASE + 518, 2)],
    "ldr.w r3, [r10, #40]": [(BASE + 2600, 4)],
    "ldrsb.w r3, [r2, #-3]": [(BASE + 509, 1)],
    "ldrsh.w r3, [r2, #130]": [(BASE + 642, 2)],
    "ldr r3, [r1], #4; ldr r4, [r1], #-8; ldr r5, [r1]": [
        (BASE + 256, 4),
        (BASE + 260, 4),
        (BASE + 252, 4),
    ],
    "ldr r3, [r1, #16]!; ldr r4, [r1]": [(BASE + 272, 4), (BASE + 272, 4)],
    "ldrb r3, [r1, r0]": [(BASE + 256 + 12, 1)],
    "ldrsb r3, [r1, r0]": [(BASE + 256 + 12, 1)],
    "ldr.w r3, [r9, r0, lsl #2]": [(BASE + 2304 + 48, 4)],
    "ldm r1!, {r3, r4, r5}; ldr r6, [r1]": [(BASE + 256, 12), (BASE + 268, 4)],
    "ldm r1, {r1, r4}": [(BASE + 256, 8)],
    "ldm.w r9, {r3, r10}": [(BASE + 2304, 8)],
    "ldmdb r2, {r3, r4}": [(BASE + 504, 8)],
    "ldrd r3, r4, [r2, #16]": [(BASE + 528, 8)],
    "ldrd r3, r4, [r2], #8; ldrd r3, r4, [r2]": [(BASE + 512, 8), (BASE + 520, 8)],
    "vldr s0, [r1, #8]": [(BASE + 264, 4)],
    "vldr d0, [r1, #-8]": [(BASE + 248, 8)],
    "vldm r1!, {s0-s3}; vldr s4, [r1]": [(BASE + 256, 16), (BASE + 272, 4)],
    "ldr r3, [lr, #4]": [(BASE + 14 * 256 + 4, 4)],
    "ldr r1, [sp]; ldr r3, [r1]; ldr r0, [sp]; ldrb r4, [r2, r0]": [(BASE + 524, 1)],
    "pop {r1, r2}; ldr r3, [r1]; ldr.w r9, [r10]; ldr r4, [r9]": [(BASE + 2560, 4)],
    "ldrd r1, r2, [r3]; ldr r4, [r1]; ldm.w r9, {r4, r10}; ldr r5, [r10]; ldr r6, [r2]": [
        (BASE + 768, 8),
        (BASE + 2304, 8),
    ],
    "str r3, [r1]; strb r3, [r1, r0]; stm r1!, {r3, r4}; strd r3, r4, [r1]": [],
    "ldr r3, [sp, #4]; pop {r3, r4}; ldr.w r3, [sp, #8]": [],
    "add r1, r2; smlad r3, r4, r5, r6; tbb [pc, r0]; pld [r1]; bl .; vadd.f32 s0, s1, s2": [],
}
READ = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)


@pytest.fixture(scope="module")
def codes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder: Path = tmp_path_factory.mktemp("loads")
    lines = [".syntax unified", ".thumb"]
    for at, code in enumerate(LOADS):
        lines += [f'.section .text.s{at},"ax"', *code.split(";")]
    (folder / "all.s").write_text("\n".join(lines) + "\n", encoding="utf-8")
    target = ["-target", "thumb-freestanding-eabihf", "-mcpu=cortex_m4+vfp4d16sp"]
    command = [str(zig_binary()), "cc", *target, "-c", "all.s", "-o", "all.o"]
    subprocess.run(command, cwd=folder, check=True)
    elf = ELFFile(io.BytesIO((folder / "all.o").read_bytes()))
    sections = (elf.get_section_by_name(f".text.s{at}") for at in range(len(LOADS)))
    return {code: section.data() for code, section in zip(LOADS, sections, strict=True)}


@READ
def read_register(engine: int, number: int, value: int) -> int:
    """Give register n the value BASE + 256 n, but r0 the index 12."""
    register = {10: 14, 12: 13}.get(number, number - 66)
    ctypes.c_uint32.from_address(value).value = 12 if register == 0 else BASE + 256 * register
    return 0


def touched(code: bytes, *, line: int) -> set[int]:
    """Return the lines the loads of a block touch, each once."""
    flash = (ctypes.c_uint8 * SIZE).from_buffer_copy(code.ljust(SIZE, b"\0"))
    first_loads = (ctypes.c_uint32 * (SIZE // 2))()
    loads = (Load * 64)()
    lines = (ctypes.c_uint32 * 64)()
    cache = Cache(lines=ctypes.addressof(lines), shift=line.bit_length() - 1, sets=1, ways=64)
    counter = Counter(
        reg_read=ctypes.cast(read_register, ctypes.c_void_p).value,
        code=ctypes.addressof(flash),
        first_loads=ctypes.addressof(first_loads),
        loads=ctypes.addressof(loads),
        load_capacity=len(loads),
        code_base=BASE,
        code_size=SIZE,
        code_used=SIZE,
        reads=cache,
        external_reads=cache,
    )
    edge = Edge()
    address, size = ctypes.c_uint32(BASE), ctypes.c_uint32(len(code))
    for _ in range(2):  # the second time from what was read the first time
        hook_library().tr_hook_load(None, ctypes.byref(counter), ctypes.byref(edge), address, size)
    found = {entry - 1 for entry in lines if entry}
    assert list(edge.misses) == [0, 0, len(found), 0]
    return found


@pytest.mark.parametrize("code", LOADS)
def test_a_load_touches_its_bytes(code: str, codes: dict[str, bytes]) -> None:
    wanted = {byte for at, size in LOADS[code] for byte in range(at, at + size)}
    assert touched(codes[code], line=1) == wanted
