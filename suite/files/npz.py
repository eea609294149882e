"""Named arrays as .npz files; what is read may come from anybody."""

from __future__ import annotations

import io
import os
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinyrig.generator.errors import InputError
from tinyrig.generator.files import open_file, unreadable
from tinyrig.suite.files.npy_header import MOST_HEADER, ArrayHeader, parse_header

MOST_BYTES = 1 << 30
"""What the arrays of one file may take together, as they are or as float32."""
_WHAT = ".npz file"
_SUFFIX = ".npy"
_MOST_MEMBERS = 4096
_MOST_DIRECTORY = 1 << 20
_MOST_RATIO = 1040
"""Deflate never writes less than a byte for 1032."""
_CHUNK = 1 << 20
_END = b"PK\x05\x06"
_END_SIZE = 22
_MOST_COMMENT = 1 << 16
_ENCRYPTED = 1
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    ValueError,
    OverflowError,
    NotImplementedError,
    RuntimeError,
    LookupError,
)
"""What `zipfile` raises over an archive somebody made to hurt."""

Headers = Mapping[str, ArrayHeader]
Accept = Callable[[Headers], None]
"""Raises InputError for arrays that are not wanted."""


def npz_bytes(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """Return arrays as the bytes of an .npz file; equal arrays make equal bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, array in arrays.items():
            # An entry without a date.
            with archive.open(zipfile.ZipInfo(f"{name}{_SUFFIX}"), "w") as stream:
                np.lib.format.write_array(stream, array, allow_pickle=False)
    return buffer.getvalue()


def read_arrays(
    path: Path, accept: Accept | None = None, *, max_bytes: int = MOST_BYTES
) -> dict[str, NDArray[Any]]:
    """Return the arrays of numbers in an .npz file by name.

    Before anything is unpacked, all headers are read: InputError when the file is no such
    archive, is encrypted or compressed by other means than deflate, holds anything but arrays of
    numbers, contradicts itself, or would unpack to more than `max_bytes`; or when `accept`, which
    sees all headers, raises it. InputError also for damage found later.
    """
    with _archive(path, max_bytes) as archive:
        members = _members(path, archive)
        headers = _headers(path, archive, members, max_bytes)
        if accept is not None:
            accept(headers)
        return {
            name: _unpacked(path, archive, members[name], headers[name], name) for name in members
        }


def check_arrays(path: Path, *, max_bytes: int = MOST_BYTES) -> None:
    """Raise InputError for a file `read_arrays` would refuse; nothing is unpacked."""
    with _archive(path, max_bytes) as archive:
        _headers(path, archive, _members(path, archive), max_bytes)


@contextmanager
def _archive(path: Path, max_bytes: int) -> Iterator[zipfile.ZipFile]:
    handle = open_file(path, _WHAT, max_bytes + _MOST_DIRECTORY)
    with os.fdopen(handle, "rb") as stream:
        try:
            _check_directory(path, stream)
            with zipfile.ZipFile(stream) as archive:
                yield archive
        except OSError as error:
            raise unreadable(path, _WHAT, error.strerror or str(error)) from error
        except MemoryError:
            raise unreadable(path, _WHAT, "there is no memory left for its arrays") from None
        except _DAMAGE as error:
            raise _damaged(path, f"{error}") from error


def _check_directory(path: Path, stream: io.BufferedReader) -> None:
    """Refuse an archive whose list of members alone would fill the memory."""
    size = stream.seek(0, os.SEEK_END)
    stream.seek(max(size - _END_SIZE - _MOST_COMMENT, 0))
    tail = stream.read()
    at = tail.rfind(_END)
    if at < 0 or len(tail) - at < _END_SIZE:
        raise _damaged(path, "it is no archive")
    length, _ = struct.unpack_from("<II", tail, at + 12)
    # Only archives beyond 4 GiB or 65,535 members need the second, 64-bit directory.
    if length > _MOST_DIRECTORY or tail[max(at - 20, 0) : at].startswith(b"PK\x06\x07"):
        raise _damaged(path, f"it lists more than {_MOST_MEMBERS} members")


def _members(path: Path, archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """Return the members by the name of their array, none of them trusted to be one yet."""
    members: dict[str, zipfile.ZipInfo] = {}
    for info in archive.infolist():
        name = info.filename.removesuffix(_SUFFIX)
        what = f"its member {info.filename!r}"
        if name == info.filename:
            raise _damaged(path, f"{what} is no array")
        if name in members:
            raise _damaged(path, f"{what} is there twice")
        if info.flag_bits & _ENCRYPTED:
            raise _damaged(path, f"{what} is encrypted")
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise _damaged(path, f"{what} is compressed by method {info.compress_type}")
        stored = info.compress_type == zipfile.ZIP_STORED
        if info.file_size > info.compress_size * (1 if stored else _MOST_RATIO):
            raise _damaged(path, f"{what} claims more bytes than it can hold")
        members[name] = info
    if len(members) > _MOST_MEMBERS:
        raise _damaged(path, f"it lists more than {_MOST_MEMBERS} members")
    return members


def _headers(
    path: Path, archive: zipfile.ZipFile, members: Mapping[str, zipfile.ZipInfo], max_bytes: int
) -> dict[str, ArrayHeader]:
    headers = {name: _header(path, archive, info, name) for name, info in members.items()}
    # An array of bytes becomes one of float32.
    total = sum(max(header.nbytes, 4 * header.elements) for header in headers.values())
    if total > max_bytes:
        raise unreadable(
            path, _WHAT, f"its arrays would take {total} bytes; the limit is {max_bytes}"
        )
    return headers


def _header(path: Path, archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str) -> ArrayHeader:
    with archive.open(info) as stream:
        begin = stream.read(min(MOST_HEADER, info.file_size))
    try:
        header = parse_header(begin)
    except ValueError as error:
        raise _damaged(path, f"its array {name!r} {error}") from error
    if header.offset + header.nbytes != info.file_size:
        raise _damaged(
            path,
            f"its array {name!r} of shape {header.shape} needs {header.nbytes} bytes, and "
            f"{info.file_size - header.offset} are there",
        )
    return header


def _unpacked(
    path: Path, archive: zipfile.ZipFile, info: zipfile.ZipInfo, header: ArrayHeader, name: str
) -> NDArray[Any]:
    content = np.empty(header.nbytes, np.uint8)
    view, at = content.data, 0
    with archive.open(info) as stream:
        stream.read(header.offset)
        # To the end of the member, where its checksum is compared.
        while chunk := stream.read(_CHUNK):
            view[at : at + len(chunk)] = chunk
            at += len(chunk)
    if at != header.nbytes:
        raise _damaged(path, f"its array {name!r} is cut off")
    array: NDArray[Any] = content.view(header.dtype)
    if header.fortran:
        return array.reshape(header.shape[::-1]).T
    return array.reshape(header.shape)


def _damaged(path: Path, reason: str) -> InputError:
    return InputError(f"{path} is not an .npz file of named arrays: {reason}.")
