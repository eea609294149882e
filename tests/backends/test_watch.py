"""Watching the arena: what each step touched, and what was never planned."""

from firmware_projects import boot, fake_project

from tinyrig.generator.planning.board import load_board
from tinyrig.suite.backends.interface import TOUCH_READ, TOUCH_WRITTEN, Touched

F4 = load_board("stm32f427")
OUTPUT = "for (int i = 16; i < 24; i++) arena[i] = 0;"


def watched(body: str, *, checked: bool = True) -> Touched:
    result = boot(fake_project(F4, body), F4, checked=checked, watch=True)
    assert result.touched is not None
    return result.touched


def test_every_step_has_its_own_touches() -> None:
    touched = watched(
        f"BEGIN(0U); {OUTPUT} arena[16] = arena[0]; END(0U);"
        "arena[40] = 7;"
        "BEGIN(1U); arena[30] = 2; arena[17] = (uint8_t)(arena[17] + 1U); END(1U);"
    )
    both = TOUCH_READ | TOUCH_WRITTEN
    first, second = (dict(_touches(row)) for row in touched.by_step)
    assert first == {0: TOUCH_READ, **dict.fromkeys(range(16, 24), TOUCH_WRITTEN)}
    assert second == {17: both, 30: TOUCH_WRITTEN}
    assert touched.written[40] == 1, "an access between steps belongs to no step"
    assert touched.strays == 0


def _touches(row: bytes) -> list[tuple[int, int]]:
    return [(at, flags) for at, flags in enumerate(row) if flags]


def test_wide_accesses_touch_all_their_bytes() -> None:
    code = '__asm__ volatile("ldrd r2, r3, [%0]" :: "r"(arena + 40) : "r2", "r3", "memory");'
    touched = watched(f"{OUTPUT} BEGIN(0U); {code} END(0U); BEGIN(1U); END(1U);")
    assert [at for at, _ in _touches(touched.by_step[0])] == list(range(40, 48))


def test_a_clean_build_has_no_steps() -> None:
    assert watched(OUTPUT, checked=False).by_step == ()


def test_accesses_past_the_arena_are_strays() -> None:
    read = "volatile uint8_t *far = arena; (void)far[@];"
    touched = watched(f"{OUTPUT}{read}".replace("@", "64"), checked=False)
    assert touched.strays == 2, "one an inference"
    far = watched(f"{OUTPUT}{read}".replace("@", "4000"), checked=False)
    assert far.strays == 2
    assert far.first_stray - touched.first_stray == 4000 - 64
    assert watched(f"{OUTPUT}{read}".replace("@", "63"), checked=False).strays == 0


def test_stack_and_static_data_are_no_strays() -> None:
    body = (
        f"static volatile uint32_t kept; volatile uint8_t frame[64]; frame[0] = 1; kept++; {OUTPUT}"
    )
    assert watched(body, checked=False).strays == 0


def test_watching_leaves_conditional_blocks_as_they_are() -> None:
    """A load under IT, then a branch: the next block must set flags and not be conditional."""
    code = (
        "movs %0, #0; cmp %0, #0; it eq; ldreq r2, [%1]; b 2f; "
        "2: adds %0, #1; b 3f; 3: bne 1f; movs %0, #77; 1:"
    )
    body = f'uint32_t n; __asm__ volatile("{code}" : "=&r"(n) : "r"(arena) : "r2", "cc");'
    project = fake_project(F4, f"{OUTPUT}{body} arena[16] = (uint8_t)n;")
    plain, watched_too = boot(project, F4), boot(project, F4, watch=True)
    assert plain.transcript.outputs["y"][0] == 1
    assert watched_too.transcript.outputs == plain.transcript.outputs
    assert watched_too.instructions == plain.instructions
