"""Keep one comment on a pull request up to date with the gate's answer.

usage: python comment.py GATE.json

It runs with a token that may write, so the file is only data: it comes from the pull request. The
answer is read as one, and written anew as Markdown in which every name is inert. Which pull request
is meant is never taken from the file but from the run that made it:

    GITHUB_API_URL, GITHUB_REPOSITORY, GITHUB_TOKEN
    HEAD_OWNER, HEAD_BRANCH, HEAD_SHA      the run's head
    RUN_URL                                the run's page
    KEY                                    what the comment is of, where there are several
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gate_markdown import read_report

from tinyrig.generator.errors import BrokenRunError, InputError
from tinyrig.suite.gate.markdown import gate_markdown
from tinyrig.suite.process.failures import guarded

MARK = "<!-- tinyrig-gate{} -->"
MOST_CHARACTERS = 60_000
_BOT = "github-actions[bot]"
_PAGE = 100
_TIMEOUT = 30.0


class Api:
    """The repository's part of GitHub's REST interface."""

    def __init__(self) -> None:
        self._root = f"{os.environ['GITHUB_API_URL']}/repos/{os.environ['GITHUB_REPOSITORY']}"
        self._token = os.environ["GITHUB_TOKEN"]

    def call(self, method: str, path: str, body: dict[str, str] | None = None) -> Any:
        """Send one request and return what the answer's JSON holds."""
        request = urllib.request.Request(
            f"{self._root}/{path}",
            data=None if body is None else json.dumps(body).encode(),
            method=method,
            headers={
                "Accept": "application/vnd.github+json",
                "Authorization": f"Bearer {self._token}",
                "X-GitHub-Api-Version": "2022-11-28",
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=_TIMEOUT) as answer:
                return json.load(answer)
        except (OSError, ValueError) as error:
            raise BrokenRunError(f"GitHub did not answer {method} {path}: {error}.") from error

    def every(self, path: str) -> Iterator[Any]:
        """Yield the entries of a list, page by page."""
        page = 1
        while entries := self.call("GET", f"{path}?per_page={_PAGE}&page={page}"):
            yield from entries
            if len(entries) < _PAGE:
                return
            page += 1


def pull_request(api: Api) -> int | None:
    """Return the number of the open pull request whose head is the run's; None when it moved on."""
    head = f"{os.environ['HEAD_OWNER']}:{os.environ['HEAD_BRANCH']}"
    query = urllib.parse.urlencode({"state": "open", "head": head})
    for found in api.call("GET", f"pulls?{query}"):
        if found["head"]["sha"] == os.environ["HEAD_SHA"]:
            return int(found["number"])
    return None


def mark() -> str:
    """Return the first line of the comment, by which it is found."""
    key = os.environ.get("KEY", "")
    return MARK.format(f" {hashlib.sha256(key.encode()).hexdigest()[:12]}" if key else "")


def comment_text(path: Path) -> str:
    """Return the comment: the mark it is found by, the answer, and where the rest is."""
    answer = gate_markdown(read_report(path), MOST_CHARACTERS)
    return f"{mark()}\n{answer}\nResults and report: [the run]({os.environ['RUN_URL']})\n"


def main(words: list[str]) -> None:
    """Write the comment of the pull request, or write it over."""
    if len(words) != 1:
        raise InputError("Name one file: the answer of `tinyrig gate --format json`.")
    api = Api()
    number = pull_request(api)
    if number is None:
        sys.stdout.write("No open pull request has this head; nothing to say.\n")
        return
    text = {"body": comment_text(Path(words[0]))}
    for old in api.every(f"issues/{number}/comments"):
        if old["user"]["login"] == _BOT and old["body"].startswith(mark()):
            api.call("PATCH", f"issues/comments/{old['id']}", text)
            return
    api.call("POST", f"issues/{number}/comments", text)


if __name__ == "__main__":
    guarded("comment.py", main)
