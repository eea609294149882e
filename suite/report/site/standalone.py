"""One page of the report's design in one file: styles and scripts are in it, nothing is fetched."""

from __future__ import annotations

import base64
import hashlib
from importlib import resources
from typing import Any

from markupsafe import Markup

from tinyrig.suite.report.site.templating import templates

SCRIPTS = ("theme.js", "tables.js", "explore.js")
"""The first runs before the page is drawn, the others once it is there."""


def standalone_page(template: str, title: str, *, lead: str = "", **own: Any) -> str:
    """Return a whole page of a template with `own` values; no other script runs on it."""
    style, scripts = _asset("style.css"), [_asset(name) for name in SCRIPTS]
    policy = (
        f"default-src 'none'; style-src {_digest(style)}; "
        f"script-src {' '.join(map(_digest, scripts))}; base-uri 'none'; form-action 'none'"
    )
    return (
        templates()
        .get_template(template)
        .render(
            title=title,
            lead=lead,
            # They are ours; escaped they would be other styles and other scripts.
            style=Markup(style),
            scripts=[Markup(script) for script in scripts],
            policy=Markup(policy),
            **own,
        )
    )


def _asset(name: str) -> str:
    folder = resources.files("tinyrig.suite.report.site") / "assets"
    return (folder / name).read_text("utf-8")


def _digest(text: str) -> str:
    """Return what a page's policy calls an inline script or style."""
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"'sha256-{digest}'"
