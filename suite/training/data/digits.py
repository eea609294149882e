"""The handwritten digits that come with the zoo."""

from __future__ import annotations

from tinyrig.suite.models import digits
from tinyrig.suite.training.data.images import Images, Source


def digit_images() -> Source:
    """Return 1,597 images of 8 x 8 to train with and the 200 held out, values 0 to 1."""
    train, test = (
        Images(pixels.reshape(-1, 8, 8, 1), labels)
        for pixels, labels in (digits.training(), digits.heldout())
    )
    return Source("digits", tuple(map(str, range(10))), test, train)
