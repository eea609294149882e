"""JSON that anybody may have written."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from tinyrig.generator.errors import InputError
from tinyrig.generator.files import read_file

MAX_BYTES = 32 << 20
_WORD = 1 << 63


def load_json(path: Path, what: str, max_bytes: int = MAX_BYTES) -> tuple[str, Any]:
    """Return a JSON file's text and what it stands for.

    InputError when it cannot be read, is truncated, not UTF-8, nests too deep, or holds a number
    that is not finite or has more than 64 bits.
    """
    raw = read_file(path, what, max_bytes)
    return parse_json(raw, f"{path} is not a whole {what}")


def parse_json(raw: bytes, refusal: str) -> tuple[str, Any]:
    """Return the text of JSON bytes and what it stands for; InputError, beginning so, if none."""
    try:
        text = raw.decode("utf-8")
        value = json.loads(text, parse_int=_integer, parse_float=_real, parse_constant=_real)
        if "\\u" in text:
            # Half of a surrogate pair is no character: nothing that holds one can be printed.
            json.dumps(value, ensure_ascii=False).encode("utf-8")
    except RecursionError:
        raise InputError(f"{refusal}: it nests too deep.") from None
    except UnicodeEncodeError:
        raise InputError(f"{refusal}: it holds half of a surrogate pair.") from None
    except ValueError as error:
        raise InputError(f"{refusal}: {error}.") from error
    return text, value


def _integer(digits: str) -> int:
    if len(digits) > 20 or not -_WORD <= int(digits) < _WORD:
        raise ValueError(f"the number {digits[:20]}... has more than 64 bits")
    return int(digits)


def _real(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise ValueError(f"the number {digits[:20]} is not finite")
    return value
