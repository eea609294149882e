"""Both models against what others measured, sequence by sequence."""

import pytest
from cycles.sequences import Published, modelled, table


@pytest.mark.parametrize(
    "row", [row for row in table() if not row.disagrees], ids=lambda row: f"{row.core}: {row.code}"
)
def test_model_agrees_with_a_published_sequence(row: Published) -> None:
    assert modelled(row) == pytest.approx(row.cycles, rel=0.02), row.source


def test_contradictory_sources_are_few() -> None:
    assert sum(row.disagrees for row in table()) <= 2
