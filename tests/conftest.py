"""Settings shared by all tests: property tests are repeatable and untimed."""

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "tinyrig",
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("tinyrig")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden",
        action="store_true",
        help="Write the kept C of tests/emit/golden anew; read the difference before committing.",
    )
