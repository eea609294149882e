"""asv's own site, made to work without a network, on phones and in the dark: what its page loads
lies beside it, and a sheet of ours after it.

asv publishes a page that loads jQuery, Flot and others from elsewhere. A folder of npm's packages
has them; `asv_scripts.toml` says which file is which.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

from tinyrig.generator.errors import InputError
from tinyrig.generator.settings import parse_settings

FOLDER = "asv"
_DATA = "asv_scripts.toml"
_STYLE = "tinyrig.css"
"""Our sheet among its files; it has an asv.css of its own."""
_LOADED = re.compile(
    rb"""<(script|link)\b[^>]*\b(?:src|href)=["']((?:https?:)?//[^"']+)["'][^>]*>"""
)
_VERSION = re.compile(r"[-@/]?v?\d+(\.\d+)+")


@dataclass(frozen=True)
class Script:
    """A file that asv's page loads, and where a package of npm has it."""

    name: str
    package: str
    file: str
    asks: str = ""

    @property
    def path(self) -> str:
        """Where it lies below npm's folder of packages."""
        return f"{self.package.rpartition('@')[0]}/{self.file}"

    def answers(self, address: str) -> bool:
        """Whether it is what lies at an address, in that version."""
        file = address.rpartition("/")[2]
        version = self.asks or self.package.rpartition("@")[2]
        named = _VERSION.sub("", file).replace(".min.", ".") == self.name
        return (
            named and re.search(rf"(?<![\d.]){re.escape(version)}(?![\d.]*\d)", address) is not None
        )


@dataclass(frozen=True)
class _Scripts:
    script: tuple[Script, ...]


@cache
def known_scripts() -> tuple[Script, ...]:
    """Return what the page is known to load."""
    text = (resources.files(__package__) / _DATA).read_text(encoding="utf-8")
    return parse_settings(_Scripts, text, _DATA).script


def install_line(folder: str) -> str:
    """Return the command that puts all of them below a folder."""
    packages = dict.fromkeys(one.package for one in known_scripts())
    return f"npm install --prefix {folder} {' '.join(packages)}"


def asv_files(folder: Path, packages: Path | None) -> tuple[dict[str, bytes], tuple[str, ...]]:
    """Return the files of asv's site and what they load, and sentences for what is left out.

    `packages` is npm's folder of packages, None where there is none. InputError when there is no
    site, or a package or its file is missing.
    """
    if not (folder / "index.html").is_file():
        raise InputError(f"{folder} holds no site of asv: run `asv publish` first.")
    try:
        files = dict(_read(folder))
    except OSError as error:
        raise InputError(f"Cannot read {error.filename}: {error.strerror}.") from error
    if packages is None:
        return files, _needs_a_network(files)
    problems: list[str] = []
    for name in [name for name in files if name.endswith(".html")]:
        root = "../" * (name.count("/") - 1)
        page, used = _beside(files[name], root, problems)
        files[name] = page.replace(b"</head>", f"{_sheet(root + _STYLE)}</head>".encode(), 1)
        files |= {f"{FOLDER}/vendor/{one.name}": _content(packages, one) for one in used}
    style = resources.files(__package__) / "assets" / "asv.css"
    files[f"{FOLDER}/{_STYLE}"] = style.read_bytes()
    return files, tuple(dict.fromkeys(problems))


def _read(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield f"{FOLDER}/{path.relative_to(folder).as_posix()}", path.read_bytes()


def _needs_a_network(files: dict[str, bytes]) -> tuple[str, ...]:
    if not any(_LOADED.search(text) for name, text in files.items() if name.endswith(".html")):
        return ()
    return (
        "asv's pages load scripts from elsewhere. To have them beside the pages: "
        f"{install_line('FOLDER')}, then `--asv-packages FOLDER/node_modules`.",
    )


def _beside(page: bytes, root: str, problems: list[str]) -> tuple[bytes, list[Script]]:
    """Return a page that loads what is known from beside itself, and what that is."""
    used: list[Script] = []

    def local(found: re.Match[bytes]) -> bytes:
        tag, address = found[1].decode(), found[2].decode("utf-8", "replace")
        script = next((one for one in known_scripts() if one.answers(address)), None)
        if script is None:
            problems.append(
                f"asv's page loads {address}, which {_DATA} does not know: it needs a network."
            )
            return found[0]
        used.append(script)
        place = f"{root}vendor/{script.name}"
        made = f'<script src="{place}">' if tag == "script" else _sheet(place)
        return made.encode()

    return _LOADED.sub(local, page), used


def _sheet(place: str) -> str:
    return f'<link rel="stylesheet" href="{place}">'


def _content(packages: Path, script: Script) -> bytes:
    try:
        return (packages / script.path).read_bytes()
    except OSError as error:
        raise InputError(
            f"{packages} lacks {script.path} ({error.strerror}): {install_line('FOLDER')}."
        ) from error
