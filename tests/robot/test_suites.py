"""The Robot suites themselves: they parse, are tagged, and narrow."""

from pathlib import Path

from robot.api import ExecutionResult, TestSuite

ROOT = Path(__file__).resolve().parents[2] / "robot_tests"


def all_tests() -> list[tuple[str, set[str]]]:
    suite = TestSuite.from_file_system(ROOT)
    return [(test.longname, set(test.tags)) for test in suite.all_tests]


def test_every_test_says_its_model_board_and_lane() -> None:
    for name, tags in all_tests():
        for kind in ("model:", "board:", "lane:"):
            assert any(tag.startswith(kind) for tag in tags), f"{name} has no tag {kind}"
    assert any("smoke" in tags for _, tags in all_tests())


def run(tmp_path: Path, *variables: str) -> dict[str, str]:
    suite = TestSuite.from_file_system(ROOT / "smoke.robot", ROOT / "faults.robot")
    output = tmp_path / "output.xml"
    suite.run(variable=list(variables), output=str(output), stdout=None, console="none")
    result = ExecutionResult(str(output))
    return {test.name: f"{test.status} {test.message}" for test in result.suite.all_tests}


def test_narrowing_skips_the_rest_aloud(tmp_path: Path) -> None:
    found = run(tmp_path, "BOARD:stm32f427", "BACKEND:embedded")
    assert found["TinyViT On STM32F427"].startswith("PASS")
    assert found["TinyViT On STM32H743"] == "SKIP Narrowed to the board stm32f427."
    assert found["Hung Loop Ends By The Budget"].startswith("PASS")
    assert found["Hung Loop Ends By The Budget In QEMU"].startswith("SKIP Narrowed to")
    assert not any(words.startswith("FAIL") for words in found.values())
