"""The files that a print of a study's tablet needs, in a folder of their own."""

from pathlib import Path

import releasesim as rs

study = rs.Study.load(Path(__file__).with_name("match_reference.toml"))
written = rs.export(study, "out/print")

for file in written.files:
    print(f"{file.name:<15} {file.stat().st_size:>7} bytes")
for note in written.notes:
    print("note:", note)
print(f"to deposit: {written.manifest['deposited_volume_mm3']:.1f} mm3")
