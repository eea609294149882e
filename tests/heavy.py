"""What the tests go through: TINYRIG_HEAVY=1 adds the zoo's models that take minutes, a night's
profile (conftest.py) the boards, samples and models that CI leaves out of the others."""

from __future__ import annotations

import os

from tinyrig.suite.models.zoo import zoo_names

HEAVY = os.environ.get("TINYRIG_HEAVY") == "1"
NIGHT = os.environ.get("TINYRIG_HYPOTHESIS") == "nightly"
ZOO = zoo_names(heavy=HEAVY)
