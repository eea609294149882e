"""The kernels of a model as one translation unit.

What a kernel's file has for itself goes by a name of its own there, since two files may have the
same. So does what the private headers define: a kernel sets how it wants them by macros before it
includes them, and two headers for different kernels may define one name. Kernels that want them
alike share one copy; those that pass another form (arm/form.h) do not, for a copy for two forms has
to ask which it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from tinyrig.generator.emit.forms.kernel_files import KernelFiles

_LOCAL_INCLUDE = re.compile(r'^#include "([^"]+)"\n', re.MULTILINE)
_FORMS = re.compile(r"^typedef enum \{([^}]*)\} tr_form;", re.MULTILINE)
_GUARD = re.compile(r"^#ifndef (\w+)\n#define \1\n", re.MULTILINE)
_SETTINGS = re.compile(r"\A(?:#define \w+\n)+")
_OWN_MACRO = re.compile(r"^#define (\w+)", re.MULTILINE)
_OWN_TYPE = re.compile(r"^(?:\} |typedef [^{;]*?)(\w+);", re.MULTILINE)
_OWN_FUNCTION = re.compile(r"^(?:static|TR_INLINE|TR_NOINLINE)\s[^(;={]*?(\w+)\(", re.MULTILINE)
_MADE_FUNCTION = re.compile(r"^[A-Z_]+\((\w+),", re.MULTILINE)
_OWN_DATA = re.compile(r"^static const [^(;={]*?(\w+)(?:\[[^=;]*)? = ", re.MULTILINE)
_PREFIXED = re.compile(r"\b(tr_|TR_|TINYRIG_)(\w+)")
_ENTRY_NAME = re.compile(r"^void (tr_\w+)\(", re.MULTILINE)
_ENTRY = re.compile(r"^void (?=tr_)", re.MULTILINE)


def one_file(kernels: KernelFiles, declarations: str) -> str:
    """Return the text of all kernels in an order in which each is defined before it is used.

    `declarations` are theirs; they stand behind the public headers.
    """
    public = [name for name in kernels.before(kernels.units) if name in kernels.public]
    public += [name for name in kernels.parameters if name not in public]
    shared = [kernels.texts[name] for name in _in_order(kernels, public)] + [declarations]
    known = frozenset(found[0] for found in _PREFIXED.finditer("".join(shared)))
    known |= {_ENTRY_NAME.findall(kernels.texts[unit])[0] for unit in kernels.units} | {"TR_KERNEL"}
    parts = [_LOCAL_INCLUDE.sub("", text) for text in shared]
    number = 0
    for index, group in enumerate(_groups(kernels)):
        text, told = group.settings, set(kernels.public)
        for unit in group.units:
            needed = "".join(kernels.texts[name] for name in kernels.before([unit]))
            own = _alone(_SETTINGS.sub("", kernels.texts[unit]), number, needed)
            text += (
                f"\n/* {unit} */\n{_expanded(kernels, _ENTRY.sub('TR_KERNEL void ', own), told)}"
            )
            number += 1
        parts.append(_apart(text, known, index))
    return "\n".join(parts)


def _expanded(kernels: KernelFiles, text: str, told: set[str]) -> str:
    """Return text with every include in its place, once: `told` are those that are there.

    Where it stands under a condition of its own it may count for nothing, so that it is not told.
    """
    lines: list[str] = []
    depth = -1 if _GUARD.search(text) else 0
    for line in text.splitlines(keepends=True):
        found = _LOCAL_INCLUDE.match(line)
        if found is None:
            depth += line.startswith("#if")
            depth -= line.startswith("#endif")
            lines.append(line)
        elif found[1] not in told:
            inside = told if depth == 0 else {*told}
            inside.add(found[1])
            lines.append(_expanded(kernels, kernels.texts[found[1]], inside))
    return "".join(lines)


@dataclass
class _Group:
    """Kernels that share one copy of their private headers."""

    settings: str
    forms: frozenset[str] = frozenset()
    headers: dict[str, set[str]] = field(default_factory=dict)
    units: list[str] = field(default_factory=list)

    def takes(self, settings: str, forms: frozenset[str], headers: dict[str, set[str]]) -> bool:
        """Whether all headers can stand together: none defines what one it does not know does.

        A kernel without a form goes with any.
        """
        if forms and self.forms and forms != self.forms:
            return False
        new = set().union(*(names for key, names in headers.items() if key not in self.headers))
        old = set().union(*(names for key, names in self.headers.items() if key not in headers))
        return settings == self.settings and not new & old


def _groups(kernels: KernelFiles) -> list[_Group]:
    groups: list[_Group] = []
    for unit in kernels.units:
        found = _SETTINGS.match(kernels.texts[unit])
        settings = found[0] if found else ""
        headers = {
            name: _defined(kernels.texts[name])
            for name in kernels.before([unit])
            if name not in kernels.public
        }
        forms = _forms(kernels, unit)
        group = next((one for one in groups if one.takes(settings, forms, headers)), None)
        if group is None:
            group = _Group(settings)
            groups.append(group)
        group.forms |= forms
        group.headers |= headers
        group.units.append(unit)
    return groups


def _forms(kernels: KernelFiles, unit: str) -> frozenset[str]:
    """Return the forms that a kernel passes to the texts it shares with others."""
    needed = "".join(kernels.texts[name] for name in kernels.before([unit]))
    known = {word for found in _FORMS.findall(needed) for word in re.findall(r"\w+", found)}
    return frozenset(known & set(re.findall(r"\w+", kernels.texts[unit])))


def _defined(text: str) -> set[str]:
    """Return the names of a file's own functions, types, tables and macros."""
    kinds = (_OWN_FUNCTION, _MADE_FUNCTION, _OWN_TYPE, _OWN_DATA, _OWN_MACRO)
    return {name for kind in kinds for name in kind.findall(text)}


def _in_order(kernels: KernelFiles, names: list[str]) -> list[str]:
    return [name for name in kernels.before(names) if name not in names] + names


def _apart(text: str, known: frozenset[str], number: int) -> str:
    """Return text whose names are its own, but those that are known to all.

    The number goes to the front: macros paste the ends of names.
    """

    def renamed(name: re.Match[str]) -> str:
        return name[0] if name[0] in known else f"{name[1]}{number}_{name[2]}"

    return _PREFIXED.sub(renamed, text)


def _alone(text: str, number: int, headers: str) -> str:
    """Return a kernel's text whose own functions, types and macros are nobody else's.

    A variable or a member of the same name goes with it; a member some header has stays.
    """
    kinds = (_OWN_FUNCTION, _MADE_FUNCTION, _OWN_TYPE, _OWN_DATA)
    for name in {name for kind in kinds for name in kind.findall(text)}:
        known = re.search(rf"\b{name}\b", headers) is not None
        text = re.sub(rf"{'(?<![.>])' if known else ''}\b{name}\b", f"tr_{name}_of_{number}", text)
    for name in set(_OWN_MACRO.findall(text)):
        text = re.sub(rf"\b{name}\b", f"TR_{name}_OF_{number}", text)
    return text
