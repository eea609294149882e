"""The model's input bytes inside an image."""

from __future__ import annotations

import io

from elftools.elf.elffile import ELFFile

from tinyrig.generator.errors import BuildError, InputError
from tinyrig.suite.toolchain import Image


def check_sample(image: Image, sample: bytes | None) -> None:
    """Raise InputError when a sample has not the size of the model's inputs."""
    if sample is not None and len(sample) != image.sizes.sample:
        raise InputError(
            f"The sample has {len(sample)} bytes; the model takes {image.sizes.sample}."
        )


def elf_with_sample(image: Image, sample: bytes | None) -> bytes:
    """Return the image's ELF with the bytes of its sample replaced; None leaves them.

    InputError for a sample of the wrong size.
    """
    check_sample(image, sample)
    if sample is None:
        return image.elf
    at = file_offset(image.elf, image.sample.address, len(sample))
    return image.elf[:at] + sample + image.elf[at + len(sample) :]


def file_offset(elf: bytes, address: int, size: int) -> int:
    """Return where an ELF keeps the bytes loaded at an address; BuildError when nowhere."""
    for part in ELFFile(io.BytesIO(elf)).iter_segments("PT_LOAD"):
        start = int(part["p_paddr"])
        if start <= address and address + size <= start + int(part["p_filesz"]):
            return int(part["p_offset"]) + address - start
    raise BuildError(f"No loaded segment of the image holds 0x{address:08x}.")


def section_bytes(elf: bytes, name: str) -> bytes:
    """Return what an ELF's section holds; BuildError when there is none of that name."""
    section = ELFFile(io.BytesIO(elf)).get_section_by_name(name)
    if section is None:
        raise BuildError(f"The image has no section {name}.")
    return bytes(section.data())
