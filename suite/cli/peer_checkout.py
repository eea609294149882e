"""`--against cmsis-nn`: the other library's checkout."""

from __future__ import annotations

from pathlib import Path

from tinyrig.generator.errors import InputError
from tinyrig.suite.studies.kernels.cmsis_nn.checkout import Checkout, open_checkout

_PEER = "cmsis-nn"


def checkout_of(against: str | None, path: Path | None) -> Checkout | None:
    """Return the checkout of the library to measure against, if any; InputError for others."""
    if against is None:
        if path is not None:
            raise InputError("--cmsis-nn-path goes with --against cmsis-nn.")
        return None
    if against != _PEER:
        raise InputError(f"Kernels can be measured against {_PEER}, not against {against!r}.")
    return open_checkout(path)
