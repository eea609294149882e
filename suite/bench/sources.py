"""Which files a firmware was compiled from, and what their text says without its comments."""

from __future__ import annotations

import hashlib
import re

from tinyrig.generator.emit.project import Project
from tinyrig.suite.bench.evidence import Source
from tinyrig.suite.toolchain.includes import IncludeGraph

_TOKEN = re.compile(r"""//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'""", re.DOTALL)
_BLANKS = re.compile(r"[ \t]+")
_LINE_ENDS = re.compile(r" ?\n\s*")


def sources_of(project: Project) -> tuple[Source, ...]:
    """Return every unit of both builds with the headers it may include, and every such header."""
    graph = IncludeGraph(project)
    units = (*project.units, *project.clean_units, *project.checked_units)
    closures = {unit: graph.closure(unit) for unit in units}
    paths = sorted({path for closure in closures.values() for path in closure})
    return tuple(
        Source(
            path=path,
            sha256=text_digest(project.files[path]),
            includes=tuple(other for other in closures.get(path, ()) if other != path),
        )
        for path in paths
    )


def text_digest(text: str) -> str:
    """Return the SHA-256 of C text; comments, widths of blanks and empty lines do not count."""
    bare = _BLANKS.sub(" ", _TOKEN.sub(_without_comment, text))
    return hashlib.sha256(_LINE_ENDS.sub("\n", bare).strip().encode()).hexdigest()


def _without_comment(found: re.Match[str]) -> str:
    token = found.group()
    return " " if token.startswith("/") else token
