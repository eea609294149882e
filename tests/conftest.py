"""Settings shared by all tests: property tests are repeatable and untimed."""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "tinyrig",
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("tinyrig")
