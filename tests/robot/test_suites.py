"""The Robot suites themselves: they parse, are tagged, and narrow."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from robot.api import ExecutionResult, TestSuite
from robot.libdocpkg import LibraryDocumentation

from tinyrig.generator.errors import FitError
from tinyrig.suite.robot import lanes

ROOT = Path(__file__).resolve().parents[2] / "robot_tests"
LIBRARIES = ("keywords.TinyrigLibrary", "lanes.LaneLibrary", "faults.FaultLibrary")


def all_tests() -> list[tuple[str, set[str]]]:
    suite = TestSuite.from_file_system(ROOT)
    return [(test.longname, set(test.tags)) for test in suite.all_tests]


def test_every_test_says_its_model_board_and_lane() -> None:
    for name, tags in all_tests():
        for kind in ("model:", "board:", "lane:"):
            assert any(tag.startswith(kind) for tag in tags), f"{name} has no tag {kind}"
    assert any("smoke" in tags for _, tags in all_tests())


def test_every_test_of_a_real_board_waits_to_be_told_of_it(tmp_path: Path) -> None:
    suite = TestSuite.from_file_system(ROOT / "backends.robot")
    suite.filter(included_tags=["lane:pyocd"])
    found = outcomes(suite, tmp_path, "BOARD:all")
    assert len(found) == 4
    assert all(words.startswith("SKIP Say that") for words in found.values())


def test_every_keyword_has_words_on_its_page() -> None:
    for library in LIBRARIES:
        assert library.rsplit(".")[-1] in (ROOT.parent / "docs/robot.md").read_text(
            encoding="utf-8"
        )
    named = (f"tinyrig.suite.robot.{library}" for library in LIBRARIES)
    for library in (*named, str(ROOT / "tinyrig.resource")):
        found = LibraryDocumentation(library)
        assert found.doc
        assert found.keywords
        assert [one.name for one in found.keywords if not one.doc] == []


def run(tmp_path: Path, *variables: str) -> dict[str, str]:
    suite = TestSuite.from_file_system(ROOT / "smoke.robot", ROOT / "faults.robot")
    return outcomes(suite, tmp_path, *variables)


def outcomes(suite: TestSuite, tmp_path: Path, *variables: str) -> dict[str, str]:
    output = tmp_path / "output.xml"
    suite.run(variable=list(variables), output=str(output), stdout=None, console="none")
    result = ExecutionResult(str(output))
    return {test.name: f"{test.status} {test.message}" for test in result.suite.all_tests}


def test_toolchains_run_when_they_are_asked_for(tmp_path: Path) -> None:
    found = toolchains(tmp_path, "BOARD:stm32h743", "BACKEND:embedded")
    assert found["STM32H743 In Embedded By zig"].startswith("SKIP Long: ask for it by --variable")
    found = toolchains(tmp_path, "TOOLCHAIN:zig", "BOARD:stm32h743", "BACKEND:embedded")
    assert found["STM32H743 In Embedded By zig"].startswith("PASS")
    assert found["STM32H743 In Embedded By gcc"].startswith("SKIP Narrowed to the toolchain zig.")
    assert found["STM32F427 In Embedded By zig"].startswith("SKIP Narrowed to the board")


def test_the_zoo_is_told_model_by_model(monkeypatch: pytest.MonkeyPatch) -> None:
    verdicts = {"good": "match", "bad": "mismatch"}
    monkeypatch.setattr(lanes, "zoo_names", lambda **_: ("large", *verdicts))
    library = lanes.LaneLibrary()

    def record_of(model: str, *_: object) -> SimpleNamespace:
        if model == "large":
            raise FitError("by 7 bytes")
        return SimpleNamespace(check=SimpleNamespace(verdict=verdicts[model]))

    monkeypatch.setattr(lanes, "record_of", record_of)
    with pytest.raises(AssertionError, match=r"^bad: mismatch$"):
        library.zoo_should_match_reference("stm32h743", "embedded", "zig")
    verdicts["bad"] = "match"
    library.zoo_should_match_reference("stm32h743", "embedded", "zig")
    verdicts.clear()
    with pytest.raises(AssertionError, match="No model fits stm32h743"):
        library.zoo_should_match_reference("stm32h743", "embedded", "zig")


def toolchains(tmp_path: Path, *variables: str) -> dict[str, str]:
    suite = TestSuite.from_file_system(ROOT / "toolchains.robot")
    # Those of the networks; the whole zoo takes minutes, and its keyword has a test of its own.
    suite.filter(included_tests=["STM32* In Embedded By *"])
    for test in suite.all_tests:
        test.body = test.body[:1]  # the first model says it
    return outcomes(suite, tmp_path, *variables)


def test_narrowing_skips_the_rest_aloud(tmp_path: Path) -> None:
    found = run(tmp_path, "BOARD:stm32f427", "BACKEND:embedded")
    assert found["TinyViT On STM32F427"].startswith("PASS")
    assert found["TinyViT On STM32H743"] == "SKIP Narrowed to the board stm32f427."
    assert found["Hung Loop Ends By The Budget"].startswith("PASS")
    assert found["Hung Loop Ends By The Budget In QEMU"].startswith("SKIP Narrowed to")
    assert not any(words.startswith("FAIL") for words in found.values())
