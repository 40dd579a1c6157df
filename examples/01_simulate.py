"""How fast does the tablet of a study file release its drug?"""

from pathlib import Path

import releasesim as rs

study = rs.Study.load(Path(__file__).with_name("one_front.toml"))
release = rs.simulate(study)
print(release)

half = release.curve.time_to(0.5)
print(f"half of the drug is out after {half / rs.minute:.1f} min")
