"""What the listings tell."""

import pytest
from cli.command import tinyrig

from tinyrig.generator.planning.board import board_names, load_board


@pytest.mark.parametrize("name", board_names())
def test_boards_tell_every_memory(name: str) -> None:
    board = load_board(name)
    words = " ".join(tinyrig("boards").out.split())
    outside = [board.external_flash] if board.external_flash else []
    for region in (*outside, *board.ram):
        assert f"{region.size:,}" in words
        assert f"{region.origin:#010x}" in words
    assert f"{board.flash.size:,}" in words
