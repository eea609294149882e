"""RAM that is reached by two addresses has its bytes once in the emulator."""

from tinyrig.generator.planning.board import load_board
from tinyrig.suite.backends.machine import ram_memories


def test_an_alias_shares_the_bytes_of_the_region_it_is_inside_of() -> None:
    board = load_board("stm32l4r5")
    data, code = ram_memories(board)
    alias = board.region("sram2").alias
    data.put(alias + 4, b"data")
    code.put(0x1000_0008, b"code")
    assert bytes(code.content[4:12]) == b"datacode"
    assert bytes(data.content[alias + 8 - 0x2000_0000 :][:4]) == b"code"
    assert code.address - data.address == alias - 0x2000_0000
    assert (code.region.origin, len(code.content)) == (0x1000_0000, 0x1_0000)
    assert not code.holds(alias, 4)
