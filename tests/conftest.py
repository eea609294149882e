"""Settings shared by all tests: property tests are untimed, and repeatable but at night.

TINYRIG_HYPOTHESIS=nightly draws other examples every time; what fails is printed
with the line that reproduces it.
"""

import os

import pytest
from hypothesis import HealthCheck, settings

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")  # for tests that import onnxruntime first

settings.register_profile(
    "tinyrig",
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(
    "nightly",
    settings.get_profile("tinyrig"),
    derandomize=False,
    print_blob=True,
)
settings.load_profile(os.environ.get("TINYRIG_HYPOTHESIS", "tinyrig"))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden",
        action="store_true",
        help="Write the kept C of tests/emit/golden anew; read the difference before committing.",
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin what is one long piece first, so that no worker is left alone with it at the end."""
    items.sort(key=lambda item: item.get_closest_marker("first") is None)
