"""Compile and link a generated project into an image."""

from suite.build.builder import build
from suite.build.image import Image, Sizes, Symbol
from suite.build.segments import Segment
from suite.build.toolchain import Toolchain, load_toolchain, toolchain_names

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
