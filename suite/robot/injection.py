"""Damage to an image, of the kind a rig must catch and name."""

from __future__ import annotations

import io
import struct

from elftools.elf.elffile import ELFFile

from tinyrig.generator.errors import BuildError
from tinyrig.suite.backends.sample import file_offset
from tinyrig.suite.toolchain.image import Image, read_image

_BRANCH_TO_SELF = struct.pack("<H", 0xE7FE)
_CRC_WORD = struct.pack("<I", 0x1DB71064)  # the second of the firmware's CRC table
_FLIP = 0x40


def with_corrupt_weights(image: Image) -> Image:
    """Return the image with a bit of every weight flipped."""
    section = ELFFile(io.BytesIO(image.elf)).get_section_by_name(".tr_weights")
    if section is None:
        raise BuildError("The image has no weights to corrupt.")
    at = int(section["sh_offset"])
    weights = bytes(byte ^ _FLIP for byte in section.data())
    return _patched(image, at, weights)


def with_hung_inference(image: Image) -> Image:
    """Return the image whose inference is an endless loop."""
    return _patched(image, file_offset(image.elf, image.address("tr_infer"), 2), _BRANCH_TO_SELF)


def with_wrong_checksums(image: Image) -> Image:
    """Return the image whose UART lines do not match their CRC."""
    at = image.elf.find(_CRC_WORD)
    if at < 0:
        raise BuildError("The image has no CRC table to damage.")
    return _patched(image, at, bytes(4))


def _patched(image: Image, at: int, data: bytes) -> Image:
    elf = image.elf[:at] + data + image.elf[at + len(data) :]
    return read_image(elf, checked=image.checked)
