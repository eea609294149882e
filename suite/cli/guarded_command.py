"""A command whose errors know what it was given."""

from __future__ import annotations

from typing import Any

from typer.core import TyperCommand

from tinyrig.suite.process.failures import doing

_TOLD = ("model", "board", "backend", "toolchain")


class GuardedCommand(TyperCommand):
    """Adds the model, the board and what runs it to every error, defaults included."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""

        def given() -> str:
            named = ((name, ctx.params.get(name)) for name in _TOLD)
            return ", ".join(f"{name} {value}" for name, value in named if value is not None)

        with doing(given):
            return super().invoke(ctx)
