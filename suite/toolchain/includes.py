"""Which project files a translation unit is made of."""

from __future__ import annotations

import functools
import posixpath
import re

from tinyrig.generator.emit.project import Project

_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(?:(["<])([^">\n]+)[">])?', re.MULTILINE)


class IncludeGraph:
    """Resolves `#include` lines inside a project, as the compiler would."""

    def __init__(self, project: Project) -> None:
        self._files = project.files
        self._dirs = project.include_dirs
        self._direct = functools.cache(self._find_direct)

    def closure(self, unit: str) -> tuple[str, ...]:
        """Return the unit and every project file it may include, sorted.

        Conditional inclusion is ignored (a file too many only costs a recompilation); a computed
        include makes the unit depend on every header.
        """
        seen = {unit}
        waiting = [unit]
        while waiting:
            for path in self._direct(waiting.pop()):
                if path not in seen:
                    seen.add(path)
                    waiting.append(path)
        return tuple(sorted(seen))

    def _find_direct(self, path: str) -> tuple[str, ...]:
        found: list[str] = []
        for quote, name in _INCLUDE.findall(self._files[path]):
            if not quote:
                return tuple(header for header in self._files if header.endswith(".h"))
            beside = [posixpath.dirname(path)] if quote == '"' else []
            for folder in (*beside, *self._dirs):
                candidate = posixpath.normpath(posixpath.join(folder, name))
                if candidate in self._files:
                    found.append(candidate)
                    break
        return tuple(found)
