"""Chemistry of release: one law in each slot, each named after its paper; off is a law too.

`Physics` holds one law per slot; `LAWS` lists them all; `law` makes one from its name and its
parameters in SI.
"""

from releasesim.physics.channels import (
    Channels,
    MixedChannels,
    StagnantChannels,
    WettedChannels,
    washburn_delay,
)
from releasesim.physics.diffusion import (
    ConstantDiffusivity,
    Diffusion,
    ExponentialInConcentration,
    ExponentialInMolarMass,
    ExponentialInTime,
    Fujita1961,
    LeachedPorosity,
    MackieMeares1955,
    NoDiffusion,
    PowerInMolarMass,
)
from releasesim.physics.dissolution import (
    Dissolution,
    FullyDissolved,
    LocalEquilibrium,
    NoyesWhitney1897,
    acid_solubility,
    base_solubility,
)
from releasesim.physics.erosion import (
    ConstantFront,
    EntericFront,
    Erosion,
    HydratedFront,
    MassErosion,
    NoErosion,
)
from releasesim.physics.film import (
    Clift1978,
    Correlation,
    Film,
    FilmConditions,
    FilmTransfer,
    FlatPlate,
    Levich1962,
    PerfectSink,
    RanzMarshall1952,
)
from releasesim.physics.hydration import (
    CaseII,
    FickianHydration,
    FujitaHydration,
    Hydration,
    InstantlyWet,
)
from releasesim.physics.hydrolysis import (
    AutocatalyticScission,
    FirstOrderScission,
    Hydrolysis,
    NoHydrolysis,
)
from releasesim.physics.law import LAWS, Law, law, law_class, parameter_units
from releasesim.physics.physics import Physics
from releasesim.physics.swelling import NoSwelling, Swelling, VolumeAdditive

__all__ = [
    "LAWS",
    "AutocatalyticScission",
    "CaseII",
    "Channels",
    "Clift1978",
    "ConstantDiffusivity",
    "ConstantFront",
    "Correlation",
    "Diffusion",
    "Dissolution",
    "EntericFront",
    "Erosion",
    "ExponentialInConcentration",
    "ExponentialInMolarMass",
    "ExponentialInTime",
    "FickianHydration",
    "Film",
    "FilmConditions",
    "FilmTransfer",
    "FirstOrderScission",
    "FlatPlate",
    "Fujita1961",
    "FujitaHydration",
    "FullyDissolved",
    "HydratedFront",
    "Hydration",
    "Hydrolysis",
    "InstantlyWet",
    "Law",
    "LeachedPorosity",
    "Levich1962",
    "LocalEquilibrium",
    "MackieMeares1955",
    "MassErosion",
    "MixedChannels",
    "NoDiffusion",
    "NoErosion",
    "NoHydrolysis",
    "NoSwelling",
    "NoyesWhitney1897",
    "PerfectSink",
    "Physics",
    "PowerInMolarMass",
    "RanzMarshall1952",
    "StagnantChannels",
    "Swelling",
    "VolumeAdditive",
    "WettedChannels",
    "acid_solubility",
    "base_solubility",
    "law",
    "law_class",
    "parameter_units",
    "washburn_delay",
]
