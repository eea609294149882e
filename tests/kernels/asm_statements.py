"""The assembly statements of a preprocessed C file, and the rules their operands follow."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_BOUND = re.compile(r'(\w+)\s+__asm__\s*\("(\w+)"\)')
_STATEMENT = re.compile(r"\b__asm__\s*((?:volatile\s*)?)\(")
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[()\[\],:]|[^"()\[\],:]+')
_OPERAND = re.compile(r'(?:\[\s*(\w+)\s*\]\s*)?((?:"[^"]*"\s*)+)')
_REGISTER = re.compile(
    r"(?<![\w%#.])(?:r(?:1[0-2]|\d)|lr|[ast](?:1[01]|\d)|ra)(?![\w])",
)
_STORES = re.compile(r"^(?:str|stm|push|s[bhw]\b|\.insn s |\.insn r 0x2b)")
_LOADS = re.compile(r"^(?:ldr|ldm|pop|l[bhw]u?\b|\.insn i 0x0b|\.insn r 0x0b|\.insn [ri] 0x03)")
_SETS_FLAGS = re.compile(
    r"^(?:(?:add|sub|mov|lsl|lsr|asr|and|orr|bic|eor|rsb|mvn|mul)s(?:\.[nw])?\s|cmp|cmn|tst|teq"
    r"|[us](?:add|sub)8\s)"
)
_NAMED = re.compile(r"%\[\w+\]")


@dataclass(frozen=True)
class Statement:
    """An extended assembly statement: constraints as `+&r`, instructions without their spaces."""

    volatile: bool
    instructions: tuple[str, ...]
    outputs: tuple[str, ...]
    inputs: tuple[str, ...]
    clobbers: tuple[str, ...]
    bound: frozenset[str]
    """Registers that variables among its operands are bound to."""

    def faults(self) -> Iterator[str]:
        """Yield what breaks a rule of CONTRIBUTING.md."""
        reads = [c for c in self.inputs if not re.fullmatch(r"[inX]+", c)]
        if len(self.instructions) > 1 and reads:
            for constraint in self.outputs:
                if "m" not in constraint and "&" not in constraint:
                    yield f"an output {constraint!r} without early clobber beside inputs {reads}"
        memory = "memory" in self.clobbers
        if self._any(_STORES) and not memory and not any("m" in c for c in self.outputs):
            yield "stores to memory it does not declare"
        if self._any(_LOADS) and not memory and not any("m" in c for c in self.inputs):
            yield "loads from memory it does not declare"
        if self._any(_STORES) and memory and not self.volatile and self.outputs:
            yield "stores and may be left out: it is not volatile"
        if self._any(_SETS_FLAGS) and "cc" not in self.clobbers:
            yield "changes flags it does not declare"
        yield from self._undeclared()

    def _any(self, pattern: re.Pattern[str]) -> bool:
        return any(pattern.match(line) for line in self.instructions)

    def _undeclared(self) -> Iterator[str]:
        """Registers that are named, but neither declared nor saved on the stack around it."""
        lines = [_NAMED.sub("", line) for line in self.instructions]
        named = {register for line in lines for register in _REGISTER.findall(line)}
        saved = {
            r for line in lines[:1] if line.startswith("push") for r in _REGISTER.findall(line)
        }
        for register in sorted(named - set(self.clobbers) - self.bound - saved):
            yield f"uses {register} and does not declare it"


def statements(text: str) -> Iterator[Statement]:
    """Yield the extended statements of preprocessed C, those of naked functions left out."""
    bound = dict(_BOUND.findall(text))
    text = _BOUND.sub("", text)
    for match in _STATEMENT.finditer(text):
        before = text[max(0, match.start() - 160) : match.start()]
        if "naked" in before.rsplit("}", 1)[-1]:
            continue
        fields = _fields(text, match.end())
        template = "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', fields[0]))
        lines = re.split(r"\\n|\\t|;", template)
        instructions = [line for raw in lines if (line := " ".join(raw.split()))]
        kept = [line for line in instructions if not _directive(line)]
        outputs, inputs, clobbers = (*fields[1:], "", "", "")[:3]
        operands = re.findall(r"\((\w+)\)", outputs + inputs)
        yield Statement(
            bool(match[1]) or not outputs.strip(),
            tuple(kept),
            _constraints(outputs),
            _constraints(inputs),
            tuple(re.findall(r'"([^"]*)"', clobbers)),
            frozenset(bound[name] for name in operands if name in bound),
        )


def _directive(line: str) -> bool:
    return bool(re.match(r"\d+:$", line)) or (line[0] == "." and not line.startswith(".insn"))


def _constraints(text: str) -> tuple[str, ...]:
    found = _OPERAND.findall(re.sub(r"\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)", "", text))
    return tuple("".join(re.findall(r'"([^"]*)"', strings)) for _, strings in found)


def _fields(text: str, start: int) -> Sequence[str]:
    """The parts of a statement from behind its parenthesis on: cut at its colons."""
    depth, fields, current = 1, [], []
    for token in _TOKEN.finditer(text, start):
        part = token[0]
        depth += (part in "([") - (part in ")]")
        if depth == 0:
            break
        if part == ":" and depth == 1:
            fields.append("".join(current))
            current = []
        else:
            current.append(part)
    return (*fields, "".join(current))
