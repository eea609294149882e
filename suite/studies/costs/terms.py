"""The terms a cost may be made of, by operator (terms.toml)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from pydantic import with_config

from tinyrig.generator.settings import Text, parse_settings

_FILE = Path(__file__).with_name("terms.toml")


@with_config(extra="forbid")
@dataclass(frozen=True)
class _Terms:
    terms: tuple[Text, ...]
    words: Mapping[Text, Text] = field(default_factory=dict)
    kernels: Text = ""


@cache
def terms_of(op: str, kernel: str = "") -> tuple[str, ...]:
    """Return the terms of an operator, or of some of its kernels, over the parameter struct."""
    kind = dict[str, _Terms]
    every = parse_settings(kind, _FILE.read_text(encoding="utf-8"), _FILE.name)
    own = (one for one in every.values() if one.kernels and re.match(one.kernels, kernel))
    found = next(own, every[op])
    return tuple(" ".join(_whole(term, found.words).split()) for term in found.terms)


def _whole(text: str, words: Mapping[str, str]) -> str:
    """Return a text without abbreviations; those may be made of others."""
    return re.sub(r"[A-Z]+", lambda word: _whole(words[word[0]], words), text)
