"""Board descriptions: the real chips, and descriptions that contradict themselves."""

import pytest

from tinyrig.generator.assets import asset_root
from tinyrig.generator.emit.platform import platform_files
from tinyrig.generator.errors import InputError
from tinyrig.generator.planning.board import board_names, load_board, parse_board

KB = 1024


def test_known_boards() -> None:
    stm32 = ("stm32f427", "stm32f746", "stm32h743")
    assert set(board_names()) >= {*stm32, "netduinoplus2", "mps2_an386", "mps2_an500"}


@pytest.mark.parametrize(
    ("name", "flash", "ram"),
    [
        ("stm32f427", 2048 * KB, {"sram": (0x20000000, 192), "ccm": (0x10000000, 64)}),
        ("netduinoplus2", 1024 * KB, {"sram": (0x20000000, 128)}),
        (
            "stm32l4r5",
            2048 * KB,
            {"sram": (0x20000000, 192 + 64 + 384), "sram2": (0x10000000, 64)},
        ),
        ("stm32f746", 1024 * KB, {"ram": (0x20000000, 320), "itcm": (0, 16)}),
        (
            "stm32h743",
            2048 * KB,
            {
                "dtcm": (0x20000000, 128),
                "axi": (0x24000000, 512),
                "d2": (0x30000000, 288),
                "sram4": (0x38000000, 64),
                "itcm": (0, 64),
            },
        ),
    ],
)
def test_memory_is_the_chips(name: str, flash: int, ram: dict[str, tuple[int, int]]) -> None:
    board = load_board(name)
    assert (board.flash.origin, board.flash.size) == (0x08000000, flash)
    found = {region.name: (region.origin, region.size // KB) for region in board.ram}
    assert found == ram


@pytest.mark.parametrize(
    ("name", "origin"),
    [("stm32f427", 0x60000000), ("stm32f746", 0x90000000), ("stm32h743", 0x90000000)],
)
def test_external_flash_is_in_a_window_of_the_chip(name: str, origin: int) -> None:
    external = load_board(name).external_flash
    assert external is not None
    assert (external.origin, external.size) == (origin, 16 * KB * KB)
    script = _linker_script(name, external.name)
    assert f"*(.rodata.tr_weights*) }} > {external.name}\n" in script
    assert f"ORIGIN = {origin:#x}, LENGTH = 0x1000000" in script
    assert external.name not in _linker_script(name, None)


def _linker_script(name: str, weights_region: str | None) -> str:
    board = load_board(name)
    sources = platform_files(board, board.layout.arena_regions[0], weights_region)
    return sources.files[sources.linker_script]


def test_most_boards_have_no_external_flash() -> None:
    assert load_board("netduinoplus2").external_flash is None


@pytest.mark.parametrize("name", [name for name in board_names() if load_board(name).uart.baud])
def test_baud_rate_is_within_two_percent(name: str) -> None:
    uart = load_board(name).uart
    assert uart.clock_hz / uart.divisor == pytest.approx(uart.baud, rel=0.02)


@pytest.mark.parametrize("name", board_names())
def test_vector_table_of_every_chip_fits_its_alignment(name: str) -> None:
    board = load_board(name)
    table = 4 * (16 + board.interrupts)
    assert board.flash.origin % (1 << (table - 1).bit_length()) == 0


def test_arena_capacity_leaves_room_for_stack_and_static() -> None:
    board = load_board("stm32f427")
    assert board.arena_capacity("sram") == 192 * KB - 16
    layout = board.layout
    taken = layout.stack_size + layout.red_zone + layout.static_reserve + 16
    assert board.arena_capacity("ccm") == 64 * KB - taken
    assert board.ram_size == 256 * KB


def test_named_operating_points_are_chosen_by_the_boards_name() -> None:
    plain, dual = load_board("stm32l4r5"), load_board("stm32l4r5:dual-bank:rtt")
    assert (plain.full_name, plain.point_name) == ("stm32l4r5:single-bank", "single-bank")
    assert (dual.full_name, dual.name) == ("stm32l4r5:dual-bank", "stm32l4r5")
    assert dual.uart.is_rtt
    assert not plain.uart.is_rtt
    lines = []
    for board in (plain, dual):
        point = board.operating_point
        assert point is not None
        assert point.flash.wait == 5
        assert (point.code_cache.size, point.data_cache.size) == (1024, 256)
        lines.append((point.code_cache.line_bytes, point.data_cache.line_bytes))
    assert lines == [(16, 16), (8, 8)]
    assert load_board("stm32f427").point_name is None
    with pytest.raises(InputError, match="Its operating points: single-bank, dual-bank"):
        load_board("stm32l4r5:triple-bank")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[operating_points.dual-bank]", "[operating_points.rtt]", "bad name 'rtt'"),
        ("[operating_points.dual-bank]", "[operating_points.D]", "bad name 'D'"),
        ("ways = 8", "ways = 0", "data_cache needs ways"),
    ],
)
def test_wrong_operating_points_are_named(old: str, new: str, message: str) -> None:
    text = (asset_root("platforms") / "stm32l4r5" / "board.toml").read_text(encoding="utf-8")
    changed = text.replace(old, new).replace(f"{old[:-1]}.", f"{new[:-1]}.")
    with pytest.raises(InputError, match=message):
        parse_board(changed, "x/board.toml")


def test_unknown_names_are_refused_with_the_known_ones() -> None:
    with pytest.raises(InputError, match="stm32f427, stm32f746, stm32h743"):
        load_board("stm32f999")
    with pytest.raises(InputError, match="Unknown board"):
        load_board("../platforms/stm32f427")
    board = load_board("stm32h743")
    with pytest.raises(InputError, match="dtcm, axi, d2"):
        platform_files(board, "itcm")
    with pytest.raises(InputError, match="no flash 'axi'"):
        platform_files(board, "dtcm", "axi")
    with pytest.raises(InputError, match="no RAM region 'nothing'"):
        board.arena_capacity("nothing")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('core = "cortex-m4"', 'core = "cortex-m33"', "core must be one of"),
        ("interrupts = 91", 'interrupts = "91"', "interrupts: input should be a valid integer"),
        ("interrupts = 91", "", "interrupts is missing"),
        ("interrupts = 91", "interrupts = 91\ncolour = 1", "colour is unknown"),
        (
            "interrupts = 91",
            "interrupts = -1",
            "interrupts: .* greater than or equal to 0",
        ),
        ("interrupts = 91", "interrupts = true", "interrupts: input should be a valid integer"),
        ('isa = ["m4", "ref"]', 'isa = "m4"', "isa: input should be a valid tuple"),
        ('isa = ["m4", "ref"]', "isa = [4]", r"isa\.0: input should be a valid string"),
        ('stack_region = "ccm"', 'stack_region = "dtcm"', "no RAM region 'dtcm'"),
        ('name = "ccm"', 'name = "sram"', "two regions named 'sram'"),
        ('name = "ccm"', 'name = "c c m"', "bad name 'c c m'"),
        ("origin = 0x1000_0000", "origin = 0x2000_8000", "overlap"),
        ('name = "nor"', 'name = "flash"', "two regions named 'flash'"),
        ('name = "nor"', 'name = "N"', "bad name 'N'"),
        ("origin = 0x6000_0000", "origin = 0x0810_0000", "'flash' and 'nor' overlap"),
        ('stack_region = "ccm"', 'stack_region = "nor"', "no RAM region 'nor'"),
        ("[layout]", '[layout]\ncode_region = "nor"', "no RAM region 'nor'"),
        ("[layout]", '[layout]\ncode_region = "ccm"', "code_region 'ccm' is a region of data"),
        ("baud = 115_200", "baud = 0", "baud is 0"),
        ("\nclock_hz = ", "\nclock_hz = 0 # ", "clock_hz is 0"),
        ("\nclock_mhz = ", "\nclock_mhz = 0 # ", "clock_mhz is 0"),
        ("red_zone = 256", "red_zone = 250", "multiples of 8"),
        ('driver = "usart_v1"', 'driver = "../.."', "driver must be one of"),
        ("[uart]", "[uart", "not valid TOML"),
        ("enable = { register", "enable = 3 #", "uart.enable: input should be a dictionary"),
        ("enable = { register", "# {", "enable and uart.gpio are needed"),
        ("[toolchain]", "qemu = 3\n[toolchain]", "qemu is unknown"),
        (
            "[toolchain]",
            "[qemu]\nmachine = 3\nserial = 0\n[toolchain]",
            "qemu.machine: input should be a valid string",
        ),
    ],
)
def test_wrong_descriptions_are_named(old: str, new: str, message: str) -> None:
    text = (asset_root("platforms") / "stm32f427" / "board.toml").read_text(encoding="utf-8")
    assert old in text
    with pytest.raises(InputError, match=message) as caught:
        parse_board(text.replace(old, new, 1), "x/board.toml")
    assert str(caught.value).startswith("x/board.toml")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("alias = 0x2003_0000", "alias = 0x2009_0004", "'sram2' is an alias of bytes that are not"),
        ("alias = 0x2003_0000", "alias = 0x1000_0000", "'sram2' is an alias of bytes that are not"),
        ('code_region = "sram2"', "", "'sram2' is an alias and not layout.code_region"),
        ("alias = 0x2003_0000", "alias = -1", "alias"),
    ],
)
def test_an_alias_lies_inside_a_region_and_is_for_code(old: str, new: str, message: str) -> None:
    text = (asset_root("platforms") / "stm32l4r5" / "board.toml").read_text(encoding="utf-8")
    assert old in text
    with pytest.raises(InputError, match=message):
        parse_board(text.replace(old, new, 1), "x/board.toml")


@pytest.mark.parametrize("name", board_names())
def test_platform_files_are_complete_and_free_of_host_paths(name: str) -> None:
    board = load_board(name)
    for region in board.layout.arena_regions:
        sources = platform_files(board, region)
        assert set(sources.units) <= set(sources.files)
        assert sources.linker_script in sources.files
        script = sources.files[sources.linker_script]
        assert f"}} > {region}" in script.replace(f" AT > {region}", "")
        assert all("{{" not in text and "{%" not in text for text in sources.files.values())
        assert all(str(asset_root("platforms")) not in text for text in sources.files.values())
