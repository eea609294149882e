"""The dimensions of the zoo's networks and blocks; needs no torch."""

from __future__ import annotations

from dataclasses import dataclass

from tinyrig.generator.errors import InputError

_LARGEST = 4096


@dataclass(frozen=True)
class Dims:
    """S tokens of E values; H heads of P values each. Every value is 1 to 4096."""

    S: int
    E: int
    P: int
    H: int

    def __post_init__(self) -> None:
        for letter, value in vars(self).items():
            if type(value) is not int or not 1 <= value <= _LARGEST:
                raise InputError(
                    f"{letter} = {value!r} is not a usable dimension: give whole numbers from 1 "
                    f"to {_LARGEST} for S (tokens), E (embedding), P (head width) and H (heads)."
                )

    def __str__(self) -> str:
        return f"S{self.S}-E{self.E}-P{self.P}-H{self.H}"


EEG = Dims(S=81, E=32, P=32, H=8)
ECG = Dims(S=66, E=16, P=2, H=8)
TR = Dims(S=5, E=32, P=32, H=8)
DIGITS = Dims(S=16, E=32, P=8, H=4)
VIT240 = Dims(S=226, E=192, P=64, H=3)
TINYFORMER = Dims(S=256, E=44, P=22, H=2)
