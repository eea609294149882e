"""What the decoder makes of instructions whose operands are easily mistaken."""

import pytest

from tinyrig.generator.errors import BrokenRunError
from tinyrig.suite.cycles.decode import decode
from tinyrig.suite.cycles.instruction import Address, Instruction


def one(code: str) -> Instruction:
    (instruction,) = decode(bytes.fromhex(code), 0x0800_0000)
    return instruction


def test_post_indexed_load_updates_its_base() -> None:
    load = one("51f8042b")  # ldr r2, [r1], #4
    assert load.memory == Address("r1", None, 0, 4, writeback=True, step=4)
    assert set(load.writes) == {"r1", "r2"}
    assert load.data == ()


def test_post_indexed_load_steps_back_too() -> None:
    load = one("51f80429")  # ldr r2, [r1], #-4
    assert load.memory == Address("r1", None, 0, 4, writeback=True, step=-4)


@pytest.mark.parametrize(
    ("code", "width"),
    [
        ("12f8001e", 1),  # ldrbt r1, [r2]
        ("32f8001e", 2),  # ldrht r1, [r2]
        ("42f8001e", 4),  # strt r1, [r2]
    ],
)
def test_unprivileged_access_is_as_wide_as_its_letter(code: str, width: int) -> None:
    assert one(code).memory == Address("r2", None, 0, width, writeback=False, step=0)


def test_conditional_instruction_needs_what_it_may_leave() -> None:
    _, move = decode(bytes.fromhex("08bf0846"), 0x0800_0000)  # it eq; moveq r0, r1
    assert (move.conditional, set(move.data)) == (True, {"r0", "r1"})


def test_store_by_register_keeps_data_and_address_apart() -> None:
    store = one("8a50")  # str r2, [r1, r2]
    assert store.memory == Address("r1", "r2", 0, 4, writeback=False, step=0)
    assert store.data == ("r2",)


def test_accumulate_knows_its_addend_from_its_factors() -> None:
    short = one("22fb0301")  # smlad r1, r2, r3, r0
    assert (short.addend, short.data) == (("r0",), ("r2", "r3"))
    long = one("c1fbc323")  # smlald r2, r3, r1, r3
    assert long.addend == ("r2", "r3")
    assert set(long.data) == {"r1", "r3"}


def test_shifted_operand_is_told_from_a_plain_one() -> None:
    add = one("02eb8101")  # add.w r1, r2, r1, lsl #2
    assert (add.shifted, add.data, add.operand) == (("r1",), ("r2",), "shifted_register")


def test_constants_that_a_shifter_makes_are_told_from_patterns() -> None:
    assert one("82f4fe51").operand == "shifted_constant"  # eor r1, r2, #0x1fc0
    assert one("82f01b31").operand == "pattern"  # eor r1, r2, #0x1b1b1b1b
    assert one("82f0ab21").operand == "pattern"  # eor r1, r2, #0xab00ab00
    assert one("41f23421").operand == "plain"  # movw r1, #0x1234


def test_register_lists_are_counted() -> None:
    assert one("2de9f047").registers == 8  # push {r4-r10, lr}
    assert one("b0e8f000").registers == 4  # ldm r0!, {r4-r7}
    assert one("c0e90012").registers == 2  # strd r1, r2, [r0]


@pytest.mark.parametrize(
    "code",
    [
        "b6ee002a",  # vmov.f32 s4, #0.5
        "b8ee004b",  # vmov.f64 d4, #-2.0
        "00ee101b",  # vmov.32 d0[0], r1
        "20ee101b",  # vmov.32 d0[1], r1
        "30ee101b",  # vmov.32 r1, d0[1]
        "41ec120a",  # vmov s4, s5, r0, r1
    ],
)
def test_every_form_of_vmov_is_a_move(code: str) -> None:
    assert one(code).kind == "fp_move"


def test_an_instruction_it_does_not_know_is_an_error() -> None:
    with pytest.raises(BrokenRunError, match="0x08000002"):
        decode(bytes.fromhex("00bfffff"), 0x0800_0000)
