"""What the tests go through: TINYRIG_HEAVY=1, as in a night, adds what takes minutes."""

from __future__ import annotations

import os

from tinyrig.suite.models.zoo import zoo_names

HEAVY = os.environ.get("TINYRIG_HEAVY") == "1"
ZOO = zoo_names(heavy=HEAVY)
