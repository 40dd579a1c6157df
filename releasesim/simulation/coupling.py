"""Why a study needs the coupled engine, in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from releasesim.physics import ExponentialInTime, Physics
from releasesim.study import Study

_FOLLOWS = {
    "water": "its water",
    "water_volume_fraction": "its water",
    "concentration": "the drug's concentration",
    "time": "time",
    "leached": "the drug that has left",
    "molar_mass": "the chains' length",
}
_SLOTS = {
    "dissolution": "drug has to dissolve",
    "hydration": "water has to come in",
    "swelling": "the polymer swells",
}


def why_coupled(study: Study, physics: Sequence[Physics]) -> str:
    """Say what the cheaper engines cannot do of a study.

    Parameters
    ----------
    study : Study
    physics : sequence of Physics
        Of its parts.
    """
    reasons = list(dict.fromkeys(_reasons(study, physics)))
    if reasons:
        return f"laws coupled: {', '.join(reasons)}"
    # Krylov spaces belong to one operator: an event would need another one for every interval
    return "linear and yet stepped, as samples or events change the bath or its laws on the way"


def _reasons(study: Study, physics: Sequence[Physics]) -> Iterator[str]:
    diffusing = any(not laws.is_off("diffusion") for laws in physics)
    if any(not laws.is_off("erosion") for laws in physics):
        yield "drug diffuses while the surface erodes" if diffusing else "the surface erodes"
    for laws in physics:
        follows = laws.diffusion.varies_with
        if follows and not (isinstance(laws.diffusion, ExponentialInTime) and _alone(physics)):
            yield f"D in the polymer follows {_FOLLOWS[follows]}"
        yield from (words for slot, words in _SLOTS.items() if not laws.is_off(slot))
        if not laws.is_off("channels") and not study.tablet.is_solid:
            yield "channels are not mixed with the bath"
        if laws.hydrolysis.critical_molar_mass() > 0.0:
            yield "the polymer falls apart"


def _alone(physics: Sequence[Physics]) -> bool:
    """Whether D changes alike everywhere and nothing keeps another time."""
    alike = {getattr(laws.diffusion, "rate", None) for laws in physics}
    return len(alike) == 1 and all(laws.is_off("film") for laws in physics)
