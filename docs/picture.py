"""Draw the picture of the README: the tablet that match_reference.toml leads to, and its curve."""

import io
from pathlib import Path

from PIL import Image

import releasesim as rs
from releasesim.files import write_atomic
from releasesim.plotting import design_figure, section_figure

here = Path(__file__).parent
study = rs.Study.load(here.parent / "examples" / "match_reference.toml")
best = rs.design(study)
print(best)

panels = [section_figure(best.study.tablet), design_figure(best)]
images = [Image.open(io.BytesIO(panel)).convert("RGB") for panel in panels]
width = max(image.width for image in images)
picture = Image.new("RGB", (width, sum(image.height for image in images)), "white")
top = 0
for image in images:
    picture.paste(image, (0, top))
    top += image.height

out = io.BytesIO()
picture.quantize(64).save(out, "png", optimize=True)
write_atomic(here / "match_reference.png", out.getvalue())
print(f"docs/match_reference.png: {len(out.getvalue()) / 1000:.0f} kB")
