"""Mutations of a JSON document, seeded: of its values, its structure and its bytes."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from random import Random
from typing import Any

_VALUES: tuple[Any, ...] = (
    None,
    True,
    -1,
    0,
    1 << 31,
    (1 << 63) - 1,
    -(1 << 63),
    1 << 64,
    10**400,
    1e308,
    -1e-320,
    float("nan"),
    float("inf"),
    "",
    "../../etc/passwd",
    "a\nb\0c\u202e\U0001f9e0",
    "<script>alert(1)</script>",
    "`" * 9,
    "[bold]x[/bold][/]",
    "x" * 20_000,
    [],
    {},
    [[]],
    {"": None},
    [0] * 3000,
)
_TEXTS = (
    b"[" * 100_000,
    b'{"a":' * 100_000,
    b"[" * 100_000 + b"]" * 100_000,
    b"9" * 6000,
    b"",
    b"null",
    b"\xff\xfe",
    b'"\\ud800"',
    b"{}",
    b"[]",
    b'{"schema": 1}',
    b'{"schema": 1.0}',
    b'{"schema": 1e400}',
    b"\xef\xbb\xbf{}",
    b"\0" * 4096,
)


def _places(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield place
    entries = value.items() if isinstance(value, dict) else ()
    entries = enumerate(value) if isinstance(value, list) else entries
    for key, below in entries:
        yield from _places(below, (*place, key))


def _parent(document: Any, place: tuple[Any, ...]) -> Any:
    for key in place[:-1]:
        document = document[key]
    return document


def _changed(document: Any, random: Random) -> bytes:
    document = copy.deepcopy(document)
    for _ in range(random.randrange(1, 4)):
        place = random.choice([one for one in _places(document) if one])
        parent, key = _parent(document, place), place[-1]
        match random.randrange(5):
            case 0:
                del parent[key]
            case 1 if isinstance(parent, dict):
                parent[f"{key}x"] = parent.pop(key)
            case 2 if isinstance(parent, list):
                parent.append(copy.deepcopy(parent[key]))
            case _:
                parent[key] = random.choice(_VALUES)
        if not any(_places(document)):
            break
    return json.dumps(document).encode()


def _damaged(raw: bytes, random: Random) -> bytes:
    content = bytearray(raw)
    for _ in range(random.randrange(1, 5)):
        content[random.randrange(len(content))] = random.randrange(256)
    return bytes(content[: random.choice([len(content), random.randrange(len(content))])])


def mutations(raw: bytes, count: int, seed: int = 0) -> Iterator[bytes]:
    """Yield mutations of a document's bytes: of values mostly, of bytes, and others."""
    random, document = Random(seed), json.loads(raw)
    for number in range(count):
        if number % 6 == 4:
            yield _damaged(raw, random)
        elif number % 6 == 5:
            yield random.choice(_TEXTS)
        else:
            yield _changed(document, random)
