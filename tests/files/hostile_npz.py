"""Archives made to hurt: seeded, of every kind somebody thought of."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from random import Random

import numpy as np

_SHAPE = (1, 3, 4)


def header(shape: object, descr: object = "<f4", order: object = False, version: int = 1) -> bytes:
    """The header of an .npy file that claims a shape and a type."""
    text = f"{{'descr': {descr!r}, 'fortran_order': {order!r}, 'shape': {shape!r}, }}".encode()
    size = struct.pack("<H" if version == 1 else "<I", len(text) + 1)
    return b"\x93NUMPY" + bytes((version, 0)) + size + text + b"\n"


def good(random: Random) -> bytes:
    array = np.array([random.gauss(0, 1) for _ in range(12)], np.float32)
    return header(_SHAPE) + array.tobytes()


def archive(content: bytes, name: str = "x.npy", method: int = zipfile.ZIP_STORED) -> bytes:
    """A whole archive of one member."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as file:
        file.writestr(name, content)
    return buffer.getvalue()


def _patched(raw: bytes, local: int, central: int, value: bytes) -> bytes:
    """An archive whose headers of the first member hold something else at two offsets."""
    content = bytearray(raw)
    at = raw.index(b"PK\x01\x02") + central
    content[local : local + len(value)] = value
    content[at : at + len(value)] = value
    return bytes(content)


def _encrypted(random: Random) -> bytes:
    return _patched(archive(good(random)), 6, 8, b"\x01\x00")


def _compressed_otherwise(random: Random) -> bytes:
    method = random.choice([1, 6, 9, 12, 14, 93, 95, 97, 99, 0xFFFF])
    return _patched(archive(good(random)), 8, 10, struct.pack("<H", method))


def _really_compressed_otherwise(random: Random) -> bytes:
    return archive(good(random), method=random.choice([zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]))


def _huge_shape(random: Random) -> bytes:
    extents = [random.choice([3, 1 << 20, 1 << 31, 1 << 40, 10**18, 10**30]) for _ in range(3)]
    extents[random.randrange(3)] = 10 ** random.randrange(9, 300)
    return archive(header(tuple(extents)) + b"\0" * 48)


def _huge_claim(random: Random) -> bytes:
    """The directory claims as much as the header does; the data is not there."""
    size = random.choice([1 << 28, (1 << 31) - 1, 0xFFFFFFF0])
    content = header((size // 4,)) + b"\0" * 48
    return _patched(archive(content), 22, 24, struct.pack("<I", size))


def _bomb(random: Random) -> bytes:
    """Zeros to 2 to 12 GB in a few megabytes at most, with all sizes told truly."""
    count = random.choice([1 << 29, 1 << 30, 3 << 30])
    chunk = b"\0" * (1 << 20)
    begin = header((count // 4,))
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    first = deflate.compress(begin) + deflate.flush(zlib.Z_FULL_FLUSH)
    once = deflate.compress(chunk) + deflate.flush(zlib.Z_FULL_FLUSH)
    repeats = min(count >> 20, 64)  # the rest is only claimed
    body = first + once * repeats + deflate.flush()
    return _raw_member("x.npy", body, min(count + len(begin), 0xFFFFFFFE))


def _raw_member(name: str, body: bytes, size: int) -> bytes:
    raw = name.encode()
    fields = struct.pack("<HHHIIIHH", 8, 0, 33, 0, len(body), size, len(raw), 0)
    local = b"PK\x03\x04" + struct.pack("<HH", 20, 0) + fields + raw + body
    central = b"PK\x01\x02" + struct.pack("<HHH", 20, 20, 0) + fields
    central += struct.pack("<HHHII", 0, 0, 0, 0, 0) + raw
    end = struct.pack("<HHHHIIH", 0, 0, 1, 1, len(central), len(local), 0)
    return local + central + b"PK\x05\x06" + end


def _many_members(random: Random) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for number in range(random.choice([4097, 70_000])):
            file.writestr(zipfile.ZipInfo(f"{number}.npy"), b"")
    return buffer.getvalue()


def _no_array(random: Random) -> bytes:
    content = random.choice(
        [b"", b"text", b"\x93NUMPY", b"\x93NUMPY\x01\x00", random.randbytes(90)]
    )
    return archive(content, random.choice(["x.npy", "x.txt", "x", ".npy", "../x.npy", "x.npy/y"]))


def _objects(random: Random) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, x=np.array([{"a": 1}, random.random()], dtype=object))
    return buffer.getvalue()


def _strange_type(random: Random) -> bytes:
    kinds = ["|O", "<U3", "|S8", "<c8", "|V4", "<M8[s]", "<f3", "f", "i,f", ",,,", "a" * 5000, 7]
    kinds += [[("a", "<f4")], [("a", "|O")], None, {}, ("<f4", (2,)), "<f99999999999999"]
    return archive(header(_SHAPE, random.choice(kinds)) + b"\0" * 48)


def _strange_shape(random: Random) -> bytes:
    shapes = [3, (-1, 3, 4), (1.5,), ("a",), (True, 3, 4), (None,), [1, 3, 4], (0, 1 << 39), ()]
    shapes += [(1,) * 40, (0,) * 33, (1 << 62, 0, 1 << 62), "x", (1, (3, 4))]
    return archive(header(random.choice(shapes)) + b"\0" * 48)


def _broken_header(random: Random) -> bytes:
    texts = [b"(" * 9000, b"-" * 9000, b"{" * 5000, b"[" * 9999, b"{'a': 1}", b"\xff" * 50, b"\0"]
    texts += [b"__import__('os')", b"{'descr': '<f4'}", b"9" * 9000, b"lambda: 0", b"'\\ud800'"]
    text = random.choice(texts)
    size = random.choice([len(text), 0xFFFF, 0])
    return archive(b"\x93NUMPY\x01\x00" + struct.pack("<H", size) + text)


def _long_header(random: Random) -> bytes:
    """A header of version 2 that says it has up to 4 GB."""
    begin = b"\x93NUMPY" + bytes((random.choice([2, 3, 4, 9]), 0))
    size = random.choice([1 << 20, 1 << 30, 0xFFFFFFFF])
    return archive(begin + struct.pack("<I", size) + b" " * 30_000)


def _twice(random: Random) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for _ in range(2):
            file.filelist.clear()
            file.NameToInfo.clear()
            file.writestr("x.npy", good(random))
        file.filelist.append(file.filelist[0])
    return buffer.getvalue()


def _wrong_checksum(random: Random) -> bytes:
    return _patched(archive(good(random)), 14, 16, random.randbytes(4))


def _not_finite(random: Random) -> bytes:
    value = random.choice([np.nan, np.inf, -np.inf, 1e300])
    return archive(header(_SHAPE, "<f8") + np.full(12, value, np.float64).tobytes())


def _cut(random: Random) -> bytes:
    raw = archive(good(random), method=zipfile.ZIP_DEFLATED)
    return raw[: random.randrange(len(raw))]


def _flipped(random: Random) -> bytes:
    raw = bytearray(archive(good(random), method=random.choice([0, 8])))
    for _ in range(random.randrange(1, 6)):
        raw[random.randrange(len(raw))] = random.randrange(256)
    return bytes(raw)


def _flipped_directory(random: Random) -> bytes:
    raw = bytearray(archive(good(random), method=random.choice([0, 8])))
    begin = raw.index(b"PK\x01\x02")
    for _ in range(random.randrange(1, 4)):
        raw[random.randrange(begin, len(raw))] = random.choice([0, 1, 127, 128, 255])
    return bytes(raw)


def _noise(random: Random) -> bytes:
    return random.choice([b"", b"PK\x05\x06", b"PK\x05\x06" + b"\xff" * 18]) + random.randbytes(40)


KINDS: tuple[Callable[[Random], bytes], ...] = (
    _encrypted,
    _compressed_otherwise,
    _really_compressed_otherwise,
    _huge_shape,
    _huge_claim,
    _bomb,
    _no_array,
    _objects,
    _strange_type,
    _strange_shape,
    _broken_header,
    _long_header,
    _twice,
    _wrong_checksum,
    _not_finite,
    _cut,
    _flipped,
    _flipped_directory,
    _noise,
    _many_members,
)


def archives(count: int, seed: int = 0) -> Iterator[tuple[str, bytes]]:
    """Yield archives with the name of their kind, every kind in turn."""
    random = Random(seed)
    for number in range(count):
        kind = KINDS[number % len(KINDS)]
        yield f"{kind.__name__.strip('_')} {number}", kind(random)
