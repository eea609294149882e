"""Where a model of the catalogue lies: in an installed package, or in a wheel beside."""

from __future__ import annotations

import tomllib
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Literal

CATALOGUE = Path(__file__).with_name("catalogue.toml")


@dataclass(frozen=True)
class Entry:
    """A model of the catalogue, as catalogue.toml says it."""

    name: str
    package: str
    file: str
    inputs: Literal["picture", "sound", ""] = ""
    low: float = 0.0
    shapes: Mapping[str, Sequence[int]] = field(default_factory=dict)
    constants: Mapping[str, float] = field(default_factory=dict)
    quantized: bool = False


@dataclass(frozen=True)
class Found:
    """A model's file, and the version of the package it comes from."""

    path: Path
    version: str


def catalogue(path: Path = CATALOGUE) -> list[Entry]:
    """Return the models of a catalogue."""
    return [Entry(**one) for one in tomllib.loads(path.read_text(encoding="utf-8"))["model"]]


def found(entry: Entry, wheels: Path | None, folder: Path) -> Found | None:
    """Return an entry's file, unpacked into `folder` where it is in a wheel; None without any."""
    for wheel in sorted(wheels.glob(f"{entry.package}-*.whl")) if wheels is not None else []:
        with zipfile.ZipFile(wheel) as archive:
            if entry.file in archive.namelist():
                return Found(Path(archive.extract(entry.file, folder)), wheel.name.split("-")[1])
    try:
        installed = distribution(entry.package)
    except PackageNotFoundError:
        return None
    path = Path(str(installed.locate_file(entry.file)))
    return Found(path, installed.version) if path.is_file() else None
