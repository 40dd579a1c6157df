"""Files for an inkjet printer: an image of every layer, or the lines, and the manifest's facts."""

from __future__ import annotations

import csv
import io
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from releasesim.errors import GeometryError, InputError
from releasesim.printing import manifest
from releasesim.printing.tiff import INCH, tiff_bytes
from releasesim.study.inkjet_notices import inkjet_notices
from releasesim.tablet.limits import ink_faults
from releasesim.units import mg, minute, mm, pL, um
from releasesim.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator

    from releasesim.study import Study
    from releasesim.tablet import Part, Tablet
    from releasesim.tablet.jetted import Jetted

FORMAT = "releasesim-inkjet/1"
LINES = "lines.csv"
_MOST_IMAGES = 5000
_SHAPED_BY = ("numpy", "shapely", "pillow")


def inkjet_files(study: Study) -> tuple[dict[str, bytes], dict[str, Any]]:
    """Each file's bytes by name, and what the manifest says beside their hashes.

    Raises
    ------
    GeometryError
        The printer cannot lay these drops, or they would be too many files.
    InputError
        Two inks on one channel.
    """
    jetted = study.tablet.jetted
    if jetted is None:
        raise InputError('process = "inkjet": export needs [tablet.inkjet]')
    if study.printer is not None:
        faults = list(ink_faults(study.tablet, study.printer))
        if faults:
            raise GeometryError(f"cannot be printed on {study.printer.name}: {'; '.join(faults)}")
    channels = _channels(study.tablet)
    files: dict[str, bytes] = {}
    if jetted.inkjet.drops:
        layers = _images(jetted, channels, files)
    else:
        files[LINES] = _lines(jetted, channels).encode()
        layers = []
    return files, facts(study, jetted, channels) | {"layer": layers}


def _channels(tablet: Tablet) -> dict[int, list[int]]:
    """Numbers of the parts that each channel prints; a channel has one ink."""
    channels: dict[int, list[int]] = {}
    jetted = tablet.jetted
    for number, part in enumerate(tablet.parts):
        if jetted is not None and jetted.part_volumes[number] > 0.0:
            channels.setdefault(part.extruder, []).append(number)
    for channel, numbers in channels.items():
        first, *rest = (tablet.parts[number] for number in numbers)
        if any((part.formulation, part.ink) != (first.formulation, first.ink) for part in rest):
            raise InputError(
                f"channel {channel} would have to print two inks: give one of its parts another "
                "extruder"
            )
    return dict(sorted(channels.items()))


def _images(
    jetted: Jetted, channels: dict[int, list[int]], files: dict[str, bytes]
) -> list[dict[str, Any]]:
    """Add the image of every layer and channel to `files`, and say for the manifest what it is."""
    count = jetted.layers * len(channels)
    if count > _MOST_IMAGES:
        raise GeometryError(
            f"{jetted.layers} layers of {len(channels)} inks are {count} images, at most "
            f"{_MOST_IMAGES}: larger drops, or a finer pitch, make thicker layers"
        )
    made: dict[tuple[int, ...], tuple[bytes, int]] = {}
    layers = []
    for layer in range(jetted.layers):
        images = {}
        for channel, numbers in channels.items():
            places = [jetted.drops(number, layer) for number in numbers]
            key = tuple(id(one) for one in places)
            if key not in made:
                whole = sum(places[1:], start=places[0])
                made[key] = tiff_bytes(whole, jetted.inkjet.places), int(whole.sum())
            name = f"layer_{layer + 1:04d}_ink{channel}.tif"
            files[name], drops = made[key]
            images[str(channel)] = {"file": name, "drops": drops}
        layers.append({"number": layer + 1, "images": images})
    return layers


def _lines(jetted: Jetted, channels: dict[int, list[int]]) -> str:
    """Table of all lines; those that go back are written backwards."""
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(["layer", "ink", "x0_mm", "y0_mm", "x1_mm", "y1_mm"])
    for layer in range(jetted.layers):
        for channel, numbers in channels.items():
            lines = [line for number in numbers for line in jetted.lines(number, layer)]
            for turn, line in enumerate(lines):
                way = line[::-1] if turn % 2 else line
                rows.writerow([layer + 1, channel, *(f"{x / mm:.9g}" for x in way.ravel())])
    return out.getvalue()


def facts(study: Study, jetted: Jetted, channels: dict[int, list[int]]) -> dict[str, Any]:
    """Everything about an inkjet export but its files; plain data, units in the names."""
    tablet = study.tablet
    return {
        "format": FORMAT,
        "use": manifest.RESEARCH_ONLY,
        "title": study.title,
        "version": __version__,
        "versions": {name: version(name) for name in _SHAPED_BY},
        "study_hash": study.hash,
        "cards": dict(sorted(study.cards.items())),
        "printer": study.printer and study.printer.name,
        "seed": study.run.seed,
        "dose_kg": tablet.dose(),
        "mode": jetted.inkjet.mode,
        **(_drops(jetted) if jetted.inkjet.drops else _line_facts(jetted)),
        "calibration": jetted.inkjet.calibration,
        "layers": jetted.layers,
        "layer_thickness_um": manifest.digits(jetted.thickness / um),
        "wet_thickness_um": manifest.digits(jetted.inkjet.wet_thickness / um),
        "porosity": tablet.porosity,
        "edges": "sealed" if tablet.shape.kind == "film" else "open",
        "drying_min": jetted.inkjet.drying and manifest.digits(jetted.inkjet.drying / minute),
        "printed_height_mm": manifest.digits(tablet.printed_height / mm),
        "deposited_volume_mm3": manifest.digits(tablet.deposited_volume / mm**3),
        "mass_mg": manifest.mass_of(tablet),
        "drug_mass_mg": manifest.digits(tablet.dose() / mg),
        **manifest.each_drug(tablet.doses),
        "inks": [_ink(tablet, jetted, channel, numbers) for channel, numbers in channels.items()],
        "notes": list(_notes(study)),
    }


def _notes(study: Study) -> Iterator[str]:
    yield from inkjet_notices(study)
    body, deposited = study.tablet.body.volume, study.tablet.deposited_volume
    if study.tablet.is_solid and abs(deposited / body - 1.0) > 1e-3:
        yield (
            f"drops and lines fall on whole places: they deposit {deposited / mm**3:.5g} mm3 where "
            f"{body / mm**3:.5g} mm3 are drawn; the dose is that of the drops"
        )


def _drops(jetted: Jetted) -> dict[str, Any]:
    (nx, ny), pitch = jetted.raster.shape, jetted.inkjet.places
    count = sum(jetted.drop_count(number) for number in range(len(jetted.tablet.parts)))
    return {
        "pixels": [nx, ny],
        "pitch_um": [step / um for step in pitch],
        "dpi": [INCH / step for step in pitch],
        "polarity": "black (0) is a drop",
        "rows": "the first row is furthest along +y, the first column furthest along -x",
        "origin_mm": [-0.5 * (nx - 1) * pitch[0] / mm, 0.5 * (ny - 1) * pitch[1] / mm],
        "drop_volume_pL": (jetted.inkjet.drop_volume or 0.0) / pL,
        "drop_count": count,
        "coverage": jetted.inkjet.filled,
        "halftone": jetted.inkjet.halftone,
        "spot_um": jetted.inkjet.spot and jetted.inkjet.spot / um,
    }


def _line_facts(jetted: Jetted) -> dict[str, Any]:
    inkjet, parts = jetted.inkjet, range(len(jetted.tablet.parts))
    return {
        "line_pitch_um": (inkjet.line_pitch or 0.0) / um,
        "line_width_um": inkjet.line_width and inkjet.line_width / um,
        "volume_nL_per_mm": (inkjet.volume_per_length or 0.0) / (1e-12 / mm),
        "line_length_mm": manifest.digits(sum(jetted.amount(number) for number in parts) / mm),
        "size_mm": [length / mm for length in jetted.tablet.drawn.size[:2]],
    }


def _ink(tablet: Tablet, jetted: Jetted, channel: int, numbers: list[int]) -> dict[str, Any]:
    """Say what one channel holds and lays."""
    part = tablet.parts[numbers[0]]
    ink = part.ink or jetted.inkjet.ink
    drug = sum(tablet.part_volumes[n] * tablet.deposited_concentrations[n] for n in numbers)
    volume = sum(jetted.ink_volume(n) for n in numbers)
    amount = sum(jetted.amount(n) for n in numbers)
    counted = {"drops": round(amount)} if jetted.inkjet.drops else {"length_mm": amount / mm}
    return {
        "channel": channel,
        "parts": [_title(tablet.parts[n]) for n in numbers],
        "material": part.formulation.describe(),
        "drug_mg_per_mL": drug / volume,
        "dried_share": ink.dried(part.formulation),
        "solids": ink.solids,
        "density_g_per_mL": ink.density and ink.density / 1e3,
        "ink_volume_uL": manifest.digits(volume / mm**3),
        **counted,
        "drug_mass_mg": manifest.digits(drug / mg),
    }


def _title(part: Part) -> str:
    return manifest.part_title(part)
