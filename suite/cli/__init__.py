"""The command `tinyrig`."""

from suite.cli.app import main

__all__ = ["main"]
