"""The kernels of a model in one flat folder: nobody has to name a folder of headers."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tinyrig.generator.emit.kernel_sources import INCLUDE_DIRS, kernel_sources
from tinyrig.generator.planning.kernels import Kernel

_INCLUDE = re.compile(r'^#include "([^"]+)"$', re.MULTILINE)
_PUBLIC = "tinyrig/"


@dataclass(frozen=True)
class KernelFiles:
    """Texts by flat name. `includes` are what each includes of them; `public` what they share."""

    texts: Mapping[str, str]
    includes: Mapping[str, tuple[str, ...]]
    units: tuple[str, ...]
    public: frozenset[str]
    parameters: tuple[str, ...]

    def before(self, names: Iterable[str]) -> list[str]:
        """Return the headers some files need, each behind those it includes itself."""
        found: dict[str, None] = {}
        for name in names:
            for header in self.includes[name]:
                found.update(dict.fromkeys([*self.before([header]), header]))
        return list(found)


def kernel_files(kernels: Iterable[Kernel]) -> KernelFiles:
    """Return the C files of kernels and the headers they are made of, and no other.

    `parameters` are the headers that define what the kernels are called with.
    """
    used = list(kernels)
    sources, units = kernel_sources(used)
    parameters = sorted({_defining(sources, kernel.op) for kernel in used})
    reached: dict[str, tuple[str, ...]] = {}
    waiting = [*units, *parameters]
    while waiting:
        path = waiting.pop()
        if path not in reached:
            reached[path] = tuple(_found(sources, name) for name in _INCLUDE.findall(sources[path]))
            waiting += reached[path]
    flat = {path: _flat(path) for path in sorted(reached)}
    return KernelFiles(
        texts={name: _with_flat_includes(sources, path, flat) for path, name in flat.items()},
        includes={flat[path]: tuple(map(_flat, needed)) for path, needed in reached.items()},
        units=tuple(map(_flat, units)),
        public=frozenset(name for path, name in flat.items() if _in_folder(path, _PUBLIC)),
        parameters=tuple(map(_flat, parameters)),
    )


def _defining(sources: Mapping[str, str], op: str) -> str:
    end = f"}} tr_{op}_params;"
    return next(path for path, text in sources.items() if path.endswith(".h") and end in text)


def _found(sources: Mapping[str, str], name: str) -> str:
    return next(path for folder in INCLUDE_DIRS if (path := f"{folder}/{name}") in sources)


def _in_folder(path: str, folder: str) -> bool:
    return any(path.startswith(f"{root}/{folder}") for root in INCLUDE_DIRS)


def _flat(path: str) -> str:
    folder, name = posixpath.split(path)
    own = folder.rpartition("/")[2]
    return name if name.endswith(".c") or own == _PUBLIC.rstrip("/") else f"{own}_{name}"


def _with_flat_includes(sources: Mapping[str, str], path: str, flat: Mapping[str, str]) -> str:
    return _INCLUDE.sub(lambda line: f'#include "{flat[_found(sources, line[1])]}"', sources[path])
