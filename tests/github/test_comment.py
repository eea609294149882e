"""The comment of the gate: one a pull request, from data nobody trusts."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from github.scripts import script

from tinyrig.suite.gate.report import Explanation, Figure, GateReport, Hit

MARK = "<!-- tinyrig-gate -->"
BOT, SOMEBODY = "github-actions[bot]", "somebody"


class GitHub:
    """The three requests of GitHub's interface a comment takes, over HTTP."""

    def __init__(self) -> None:
        self.pulls = [{"number": 7, "head": {"sha": "abc"}}]
        self.comments: list[dict[str, Any]] = []
        self.requests: list[tuple[str, str]] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._answer(site.get(self.path))

            def do_POST(self) -> None:
                site.requests.append(("POST", self.path))
                site.write(BOT, self._body())
                self._answer({})

            def do_PATCH(self) -> None:
                site.requests.append(("PATCH", self.path))
                at = int(self.path.rsplit("/", 1)[1])
                site.comments[at]["body"] = self._body()
                self._answer({})

            def _body(self) -> str:
                assert self.headers["Authorization"] == "Bearer token"
                return json.loads(self.rfile.read(int(self.headers["Content-Length"])))["body"]

            def _answer(self, document: object) -> None:
                raw = json.dumps(document).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def get(self, path: str) -> object:
        parts = urlsplit(path)
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        if parts.path.endswith("/pulls"):
            assert query == {"state": "open", "head": "fork:topic/a b"}
            return self.pulls
        assert parts.path == "/repos/us/rig/issues/7/comments"
        first = (int(query["page"]) - 1) * int(query["per_page"])
        return self.comments[first : first + int(query["per_page"])]

    def write(self, login: str, body: str) -> None:
        self.comments.append({"id": len(self.comments), "user": {"login": login}, "body": body})


@pytest.fixture
def site() -> Iterator[GitHub]:
    found = GitHub()
    yield found
    found.server.shutdown()
    found.server.server_close()


def report(**changes: Any) -> GateReport:
    fields = {
        "base": "1111",
        "head": "2222",
        "passed": True,
        "jobs": 1,
        "identical": 1,
        "booted": 0,
        "figures": (),
        "missing": (),
        "new": (),
        "harmless": (),
        "causes": (),
    }
    return GateReport(**(fields | changes))


def comment(site: GitHub, folder: Path, content: str, sha: str = "abc", **more: str):
    work = folder / "work"
    work.mkdir(exist_ok=True)
    (work / "gate.json").write_text(content)
    return script(
        "comment.py",
        "gate.json",
        folder=work,
        GITHUB_API_URL=f"http://127.0.0.1:{site.server.server_port}",
        GITHUB_REPOSITORY="us/rig",
        GITHUB_TOKEN="token",
        HEAD_OWNER="fork",
        HEAD_BRANCH="topic/a b",
        HEAD_SHA=sha,
        RUN_URL="https://example.org/run/1",
        **more,
    )


def test_one_comment_is_written_and_then_written_over(site: GitHub, tmp_path: Path) -> None:
    site.comments = []
    for index in range(130):
        # Somebody else's mark is not ours to write over.
        site.write(SOMEBODY, f"{MARK} {index}")
    assert comment(site, tmp_path, report().model_dump_json(by_alias=True)).returncode == 0
    assert "Tinyrig gate: passed" in site.comments[130]["body"]
    failed = report(passed=False).model_dump_json(by_alias=True)
    assert comment(site, tmp_path, failed).returncode == 0
    assert len(site.comments) == 131
    body = site.comments[130]["body"]
    assert body.startswith(MARK)
    assert "Tinyrig gate: failed" in body
    assert "(https://example.org/run/1)" in body
    assert [method for method, _ in site.requests] == ["POST", "PATCH"]


def test_answers_of_two_models_are_two_comments(site: GitHub, tmp_path: Path) -> None:
    text = report().model_dump_json(by_alias=True)
    for key in ("one.onnx", "other.onnx", "one.onnx"):
        assert comment(site, tmp_path, text, KEY=key).returncode == 0
    assert [method for method, _ in site.requests] == ["POST", "POST", "PATCH"]
    assert not any("onnx" in found["body"].split("\n")[0] for found in site.comments)


def test_names_from_a_pull_request_stay_names(site: GitHub, tmp_path: Path) -> None:
    evil = "@everyone <img src=x onerror=y> [a](https://evil.example) `| x |\n# big"
    figure = Figure(
        job=evil,
        model=evil,
        board=evil,
        metric="flash",
        base=1,
        head=2,
        percent=100.0,
        verdict="worse",
        note=evil,
        fails=True,
    )
    hostile = report(base=evil, passed=False, figures=(figure,), missing=(evil,))
    assert comment(site, tmp_path, hostile.model_dump_json(by_alias=True)).returncode == 0
    body = site.comments[0]["body"]
    assert "@everyone" not in body
    assert "<img" not in body.replace("\\<img", "")
    assert "[a]" not in body.replace("\\[a\\]", "")
    assert "\n# big" not in body


@pytest.mark.parametrize(
    "content",
    ["", "{", "{}", '{"schema": 2}', "[" * 100_000],
    ids=["empty", "cut", "bare", "newer", "deep"],
)
def test_what_is_no_answer_is_not_commented(site: GitHub, tmp_path: Path, content: str) -> None:
    assert comment(site, tmp_path, content).returncode != 0
    assert site.comments == []


def test_an_answer_of_no_end_is_not_read(site: GitHub, tmp_path: Path) -> None:
    padded = report().model_dump_json(by_alias=True) + " " * (5 << 20)
    done = comment(site, tmp_path, padded)
    assert done.returncode != 0
    assert "the limit is" in done.stderr
    assert site.comments == []


def test_a_long_answer_is_cut(site: GitHub, tmp_path: Path) -> None:
    long = report(missing=tuple(f"job {index}" for index in range(9000)))
    assert comment(site, tmp_path, long.model_dump_json(by_alias=True)).returncode == 0
    assert 50_000 < len(site.comments[0]["body"]) < 65_536


def test_a_pull_request_that_moved_on_is_left_alone(site: GitHub, tmp_path: Path) -> None:
    done = comment(site, tmp_path, report().model_dump_json(by_alias=True), sha="older")
    assert done.returncode == 0
    assert "nothing to say" in done.stdout
    assert site.comments == []


def test_changed_files_of_the_clone_are_annotated(tmp_path: Path) -> None:
    hit = Hit(job="j", model="m", board="b", metric="instructions", base=10, head=12, amount=2.0)
    kernel = "kernels/src/m4/tr_add_s8__m4.c"
    cause = Explanation(
        kind="source",
        title="Changed source: a, b: 100%",
        files=(kernel, "model/model_clean.c", "../../etc/passwd\n::error::x"),
        hits=(hit,),
        worst=hit,
        places=(),
        block=None,
        tensors=(),
        base_peak=None,
        head_peak=None,
    )
    (tmp_path / "work").mkdir()
    for passed, level in ((False, "warning"), (True, "notice")):
        text = report(passed=passed, causes=(cause,)).model_dump_json(by_alias=True)
        (tmp_path / "work" / "gate.json").write_text(text)
        done = script("annotate.py", "gate.json", folder=tmp_path / "work")
        assert done.returncode == 0, done.stderr
        (line,) = done.stdout.splitlines()
        start = f"::{level} file={kernel},title=Changed source%3A a%2C b%3A 100%25::"
        assert line.startswith(start)
        assert "10" in line[len(start) :]
        assert "12" in line[len(start) :]
