"""Picture of a print beside its design."""

import io

import numpy as np
import pytest
from PIL import Image

from releasesim.curve import ReleaseCurve
from releasesim.plotting import print_figure
from releasesim.similarity import compare

TIMES = np.linspace(0.0, 6 * 3600.0, 25)


@pytest.mark.parametrize("shift", [0.0, 0.08])
def test_difference_has_room_and_the_picture_is_the_same_each_time(shift):
    designed = ReleaseCurve(TIMES, 1.0 - np.exp(-TIMES / 7200.0), simulated=True)
    printed = ReleaseCurve(TIMES, (1.0 - shift) * designed.fraction, simulated=True)
    found = compare(designed, printed)
    first, second = (print_figure("$a tablet_", designed, printed, found) for _ in range(2))
    assert first == second
    picture = np.asarray(Image.open(io.BytesIO(first)).convert("RGB"))
    # the dashed blue of the print is drawn above and below
    blue = (np.abs(picture.astype(int) - (0, 0x72, 0xB2)) < 30).all(axis=2)
    height = picture.shape[0]
    assert blue[: int(0.6 * height)].any()
    assert blue[int(0.75 * height) :].any()
