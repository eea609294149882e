"""Compile and link a generated project into an image."""

from tinyrig.suite.toolchain.builder import build
from tinyrig.suite.toolchain.image import Image, Sizes, Symbol
from tinyrig.suite.toolchain.segments import Segment
from tinyrig.suite.toolchain.toolchain import Toolchain, load_toolchain, toolchain_names

__all__ = [
    "Image",
    "Segment",
    "Sizes",
    "Symbol",
    "Toolchain",
    "build",
    "load_toolchain",
    "toolchain_names",
]
