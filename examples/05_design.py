"""Which tablet releases as a measured reference does? A small search, two polymers."""

import tomllib
from pathlib import Path

import releasesim as rs

file = Path(__file__).with_name("match_reference.toml")
wish = tomllib.loads(file.read_text(encoding="utf-8"))
wish["target"]["accept"] = {"largest_difference": "10 %"}
wish["design"]["polymers"] = ["pva", "soluplus"]
wish["design"]["vary"] |= {"infill.pattern": ["grid", "gyroid"], "floors": [4], "walls": [3]}

best = rs.design(rs.Study.from_dict(wish, folder=file.parent))
print(best)
for candidate in best.candidates:
    print(f"{candidate.polymer:>10} {candidate.pattern:<7} {candidate.reason}")
print(f"largest difference from the target: {100 * best.comparison.largest_difference:.1f} %")
