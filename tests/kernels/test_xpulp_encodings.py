"""The XpulpV2 instructions, which no assembler here knows: the very words, against a table."""

import re
import struct
import subprocess
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile
from kernel_library import INCLUDES

from tinyrig.generator.assets import asset_root
from tinyrig.generator.planning.board import load_board
from tinyrig.suite.toolchain.toolchain import zig_binary, zig_environment

HEADER = asset_root("kernels") / "src" / "xpulp" / "xpulp.h"
GAP9 = load_board("gap9")

R3 = '"a0", "a1", "a2"'
WORDS = {
    # macro, its operands: mnemonic, word (rd or pointer a0, rs1 a1, rs2 a2)
    ("SDOTSP4", R3): ("pv.sdotsp.b", 0xB8C59557),
    ("SDOTUSP4", R3): ("pv.sdotusp.b", 0xA8C59557),
    ("SDOTSP2", R3): ("pv.sdotsp.h", 0xB8C58557),
    ("MAX4", R3): ("pv.max.b", 0x30C59557),
    ("MIN4", R3): ("pv.min.b", 0x20C59557),
    ("SHUFFLE4", R3): ("pv.shuffle2.b", 0xC8C59557),
    ("PACK2", R3): ("pv.pack.h", 0xD0C58557),
    ("PACK_HIGH", R3): ("pv.packhi.b", 0xD8C59557),
    ("PACK_LOW", R3): ("pv.packlo.b", 0xE0C59557),
    ("LAST_ONE", '"a0", "a1"'): ("p.fl1", 0x10059533),
    ("MAC", R3): ("p.mac", 0x42C58533),
    ("MAX", R3): ("p.max", 0x04C5E533),
    ("MIN", R3): ("p.min", 0x04C5C533),
    ("CLIP8", '"a0", "a1"'): ("p.clip 8", 0x14859533),
    ("CLIP", R3): ("p.clipr", 0x14C5D533),
    ("MULS16", R3): ("p.mulsN 16", 0xA0C5855B),
    ("MACS16", R3): ("p.macsN 16", 0xA0C5955B),
    ("ADD_ROUND", R3): ("p.addRNr", 0x40C5E55B),
    ("LOAD_STEP", R3): ("p.lw a0,a2(a1!)", 0x20C5F50B),
    ("LOAD_NEXT", '"a0", "a1", 4'): ("p.lw a0,4(a1!)", 0x0045A50B),
    ("LOADU8_NEXT", '"a0", "a1", 1'): ("p.lbu a0,1(a1!)", 0x0015C50B),
    ("LOAD8_STEP", R3): ("p.lb a0,a2(a1!)", 0x00C5F50B),
    ("LOAD8_AT", R3): ("p.lb a0,a2(a1)", 0x00C5F503),
    ("LOADU16_AT", R3): ("p.lhu a0,a2(a1)", 0x50C5F503),
    ("LOAD_AT", R3): ("p.lw a0,a2(a1)", 0x20C5F503),
    ("STORE8_NEXT", '"a2", "a1", 1'): ("p.sb a2,1(a1!)", 0x00C580AB),
    ("STORE8_STEP", '"a2", "a1", "a0"'): ("p.sb a2,a0(a1!)", 0x00C5C52B),
    ("STORE_NEXT", '"a2", "a1", 4'): ("p.sw a2,4(a1!)", 0x00C5A22B),
    ("LOOP", '0, "a1", 6'): ("lp.setup 0,a1,+24", 0x00C5C07B),
    ("LOOP", '1, "a1", 3'): ("lp.setup 1,a1,+12", 0x0065C0FB),
}


def compiled(body: str, folder: Path, *flags: str) -> list[int]:
    """The instructions of a unit's code, from the compiler of the firmware."""
    source, target = folder / "words.c", folder / "words.o"
    source.write_text(body)
    command = [str(zig_binary()), "cc", *GAP9.toolchain["zig"], *flags, "-std=c11", "-O3"]
    command += [*INCLUDES, "-c", str(source), "-o", str(target)]
    subprocess.run(command, check=True, env={"PATH": "/bin", **zig_environment(folder)})
    with target.open("rb") as stream:
        return instructions(ELFFile(stream).get_section_by_name(".text").data())


def instructions(code: bytes) -> list[int]:
    """Split code into words of 32 bits, whose two lowest are set, and compressed ones of 16."""
    found, at = [], 0
    while at < len(code):
        (half,) = struct.unpack_from("<H", code, at)
        size = 4 if half & 3 == 3 else 2
        found.append(int.from_bytes(code[at : at + size], "little"))
        at += size
    return found


def test_every_instruction_has_the_table_s_word(tmp_path: Path) -> None:
    texts = "\n    ".join(f"TR_XP_{name}({operands})" for name, operands in WORDS)
    body = (
        '#include "xpulp/xpulp.h"\n__attribute__((naked)) void words(void) {\n'
        f"  __asm__ volatile(TR_XP_BEGIN {texts} TR_XP_END);\n}}\n"
    )
    found = compiled(body, tmp_path)[: len(WORDS)]
    wrong = {
        mnemonic: f"{got:08x} for {word:08x}"
        for (mnemonic, word), got in zip(WORDS.values(), found, strict=True)
        if got != word
    }
    assert wrong == {}


def test_the_table_has_every_instruction_of_the_header() -> None:
    defined = set(re.findall(r"#define TR_XP_(\w+)\((?:rd|byte|word|level)", HEADER.read_text()))
    # A pack of four bytes is two instructions that stand in the table.
    assert defined - {"PACK"} == {name for name, _ in WORDS}


def test_the_event_unit_s_load_has_its_word(tmp_path: Path) -> None:
    text = (asset_root("platforms") / "gap9" / "tr_pulp.h").read_text(encoding="utf-8")
    (insn,) = re.findall(r'"(\.insn [^"]+)"', text)
    line = insn.replace("%0", "a0").replace("%1", "a1")
    body = f'__attribute__((naked)) void words(void) {{ __asm__ volatile("{line}"); }}'
    assert compiled(body, tmp_path)[0] == 0x0005E503  # p.elw a0, 0(a1)


@pytest.mark.parametrize("kernel", sorted((asset_root("kernels") / "src" / "xpulp").glob("*.c")))
def test_kernels_compile_both_ways(kernel: Path, tmp_path: Path) -> None:
    """The portable build has no instruction but the standard ones."""
    text = kernel.read_text(encoding="utf-8")
    assert special(compiled(text, tmp_path, "-UTR_XPULP_INSN")) == []
    dense = ("linear", "matmul", "attention", "conv2d")
    if any(kernel.name.startswith(f"tr_{name}") and "_any__" not in kernel.name for name in dense):
        assert special(compiled(text, tmp_path)) != []


def special(code: list[int]) -> list[int]:
    """The instructions under opcodes that no standard extension of the target has."""
    return [
        word for word in code if word & 3 == 3 and word & 0x7F in (0x57, 0x5B, 0x0B, 0x2B, 0x7B)
    ]
