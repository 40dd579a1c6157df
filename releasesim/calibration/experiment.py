"""An experiment: a study and what was measured of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from releasesim.calibration.summary import Summary
from releasesim.curve import ReleaseCurve
from releasesim.errors import InputError
from releasesim.study import Study, refuse_several

Data = ReleaseCurve | Summary
Studies = Study | Sequence[Study]
Measured = Data | Sequence[Data]


@dataclass(frozen=True, eq=False)
class Experiment:
    """A study and its data.

    Parameters
    ----------
    study : Study
        Tablet, laws and bath of this experiment.
    data : ReleaseCurve or Summary
        What was measured.
    """

    study: Study
    data: Data

    @property
    def name(self) -> str:
        """What its data are called."""
        return self.data.name


def experiments_of(study: Studies, data: Measured, verb: str = "fit") -> list[Experiment]:
    """Pair studies with data: one study for all data, or one for each.

    Parameters
    ----------
    study, data : Study and curve or summary, or sequences of them
    verb : str
        Who asks, for the error.

    Raises
    ------
    InputError
        No data, or another number of studies; several drugs in a tablet.
    """
    studies = [study] if isinstance(study, Study) else list(study)
    measured = [data] if isinstance(data, ReleaseCurve | Summary) else list(data)
    if not measured:
        raise InputError("there are no data to fit")
    if len(studies) == 1:
        studies *= len(measured)
    if len(studies) != len(measured):
        sets = f"{len(measured)} set{'s' if len(measured) != 1 else ''}"
        raise InputError(
            f"{sets} of data but {len(studies)} studies: give one study for all data, or one for "
            "each in their order"
        )
    for one in studies:
        refuse_several(one, verb)
    return [Experiment(*pair) for pair in zip(studies, measured, strict=True)]
