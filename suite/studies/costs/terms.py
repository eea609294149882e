"""The terms a cost may be made of, by operator (terms.toml)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from pydantic import with_config

from tinyrig.generator.settings import Text, parse_settings

_FILE = Path(__file__).with_name("terms.toml")
_WORD = re.compile(r"[A-Z]+")


@with_config(extra="forbid")
@dataclass(frozen=True)
class Terms:
    """Terms over the parameter struct and `words`, which are made of it and of words before them.

    `kernels` is a regular expression: the terms are those of kernels whose names begin so.
    `shares` names sections whose words come before its own; a section of shared words has no terms.
    """

    terms: tuple[Text, ...] = ()
    words: Mapping[Text, Text] = field(default_factory=dict)
    kernels: Text = ""
    shares: tuple[Text, ...] = ()

    def words_of(self, terms: Iterable[str]) -> Mapping[str, str]:
        """Return the words that some of the terms are made of, in their order."""
        used = {word for term in terms for word in _WORD.findall(term)}
        for word, text in reversed(tuple(self.words.items())):
            if word in used:
                used.update(_WORD.findall(text))
        return {word: " ".join(text.split()) for word, text in self.words.items() if word in used}


@cache
def terms_of(op: str, kernel: str = "") -> Terms:
    """Return the terms of an operator, or of some of its kernels, with shared words they use."""
    kind = dict[str, Terms]
    every = parse_settings(kind, _FILE.read_text(encoding="utf-8"), _FILE.name)
    own = (one for one in every.values() if one.kernels and re.match(one.kernels, kernel))
    found = next(own, every[op])
    words = {word: text for name in found.shares for word, text in every[name].words.items()}
    words.update(found.words)
    used = replace(found, words=words).words_of(found.terms)
    needed = {word: text for word, text in words.items() if word in {*used, *found.words}}
    return replace(found, words=needed)
