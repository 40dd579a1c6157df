"""Physical bands: outside them a number is a slip of unit or pen, whatever its source says."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase


@dataclass(frozen=True)
class Band:
    """Where a kind of number may lie.

    Parameters
    ----------
    pattern : str
        Card kind and dotted name, with wildcards.
    low, high : float
        Ends in SI.
    unit : str
        For showing the ends.
    slip : float
        SI value over the value that a usual slip of unit would have meant; 0 = none known.
    hint : str
        What that slip is.
    """

    pattern: str
    low: float
    high: float
    unit: str
    slip: float = 0.0
    hint: str = ""

    def complaint(self, value: float, written: str) -> str:
        """Say what is wrong with a value; empty where nothing is."""
        if self.low <= value <= self.high:
            return ""
        meant = bool(self.slip) and self.low <= value / self.slip <= self.high
        hint = f": did you mean {self.hint}?" if meant else ""
        return f"{written} is outside {self.low:g} to {self.high:g} {self.unit}{hint}"


BANDS = (
    Band("*.density", 800.0, 2500.0, "kg/m3", 1e-3, "g/cm3"),
    Band("drug.molar_mass", 0.03, 1.5, "kg/mol"),
    Band("drug.diffusivity_water", 1e-10, 2e-9, "m2/s", 1e4, "cm2/s"),
    Band("drug.intrinsic_solubility", 1e-6, 2000.0, "kg/m3"),
    Band("drug.salts.*", 1e-6, 2000.0, "kg/m3"),
    Band("drug.ionisations.*", -2.0, 16.0, ""),
    Band("drug.single_dose", 1e-9, 1e-2, "kg"),
    Band("drug.*_temperature", 330.0, 700.0, "K"),
    Band("drug.melting_point", 230.0, 700.0, "K"),
    Band("drug.pharmacokinetics.clearance", 1e-9, 1e-4, "m3/s"),
    Band("drug.pharmacokinetics.volume_of_distribution", 3e-3, 20.0, "m3", 1 / 70, "L/kg"),
    Band("drug.pharmacokinetics.bioavailability", 0.001, 1.0, ""),
    Band("drug.pharmacokinetics.absorption_rate", 1e-6, 1e-2, "1/s"),
    Band("drug.pharmacokinetics.peripheral_volume", 3e-4, 20.0, "m3", 1 / 70, "L/kg"),
    Band("drug.pharmacokinetics.exchange", 1e-10, 1e-4, "m3/s"),
    Band("drug.pharmacokinetics.lag", 0.0, 4 * 3600.0, "s"),
    Band("drug.pharmacokinetics.genotypes.*", 1e-9, 1e-4, "m3/s"),
    Band("drug.pharmacokinetics.renal_share", 0.0, 1.0, ""),
    Band("drug.pharmacokinetics.extraction", 0.0, 0.99, ""),
    Band("drug.pharmacokinetics.fm.*", 0.0, 1.0, ""),
    Band("drug.pharmacokinetics.spread.*", 0.0, 2.0, ""),
    Band("drug.pharmacokinetics.smoking", 0.5, 5.0, ""),
    Band("drug.pharmacokinetics.clearance_per_year", -1e-9, 1e-9, "1/s"),
    Band("drug.pharmacokinetics.weight", 2.0, 150.0, "kg"),
    Band("drug.pharmacokinetics.age", 0.0, 4e9, "s"),
    Band("body.weight", 40.0, 120.0, "kg"),
    Band("body.liver_blood_flow", 1e-5, 5e-5, "m3/s"),
    Band("body.creatinine_clearance", 1e-6, 3e-6, "m3/s"),
    Band("body.*_exponent", 0.5, 1.2, ""),
    Band("body.inhibited.*", 0.0, 1.0, ""),
    Band("body.induced.*", 1.0, 20.0, ""),
    Band("polymer.loading", 0.0, 0.8, ""),
    Band("polymer.nozzle_temperature", 320.0, 530.0, "K"),
    Band("polymer.degradation_temperature", 380.0, 700.0, "K"),
    Band("polymer.glass_transition", 150.0, 500.0, "K"),
    Band("polymer.melting_point", 300.0, 550.0, "K"),
    Band("polymer.molar_mass", 1.0, 1e4, "kg/mol", 1e-3, "kDa"),
    Band("polymer.equilibrium_water", 0.0, 1.0, ""),
    Band("polymer.printed_porosity", 0.0, 0.5, ""),
    Band("polymer.printed_oversize", -0.2, 0.3, ""),
    Band("polymer.*_physics.diffusion.D*", 1e-20, 1e-9, "m2/s", 1e4, "cm2/s"),
    Band("polymer.*_physics.hydration.D", 1e-16, 3e-9, "m2/s", 1e4, "cm2/s"),
    Band("polymer.*_physics.*.speed", 1e-10, 1e-6, "m/s"),
    Band("polymer.*_physics.erosion.k0", 1e-8, 1e-3, "kg/m2/s"),
    Band("polymer.*_physics.erosion.pH_threshold", 0.0, 14.0, ""),
    Band("polymer.*_physics.hydrolysis.rate", 1e-11, 1e-4, "1/s"),
    Band("polymer.*_physics.hydrolysis.Mn_critical", 0.0, 1.0, ""),
    Band("polymer.*_physics.swelling.equilibrium_volume_ratio", 1.0, 50.0, ""),
    Band("excipient.*_temperature", 330.0, 700.0, "K"),
    Band("excipient.melting_point", 200.0, 600.0, "K"),
    Band("medium.pH", 0.0, 14.0, ""),
    Band("medium.temperature", 273.0, 330.0, "K"),
    Band("medium.viscosity", 2e-4, 1.0, "Pa*s", 1e3, "mPa*s"),
    Band("apparatus.volume", 1e-6, 1e-2, "m3"),
    Band("apparatus.fluid_velocity", 1e-6, 2.0, "m/s"),
    Band("apparatus.film_coefficient", 1e-7, 1e-3, "m/s"),
    Band("apparatus.speed", 0.5, 30.0, "rad/s"),
    Band("apparatus.flow_rate", 1e-9, 1e-5, "m3/s"),
    Band("printer.*_diameter", 1e-5, 4e-3, "m"),
    Band("printer.road_width", 2e-5, 3e-3, "m"),
    Band("printer.layer_height", 1e-8, 2e-3, "m"),
    Band("printer.min_gap", 1e-5, 3e-3, "m"),
    Band("printer.build_?", 1e-2, 1.0, "m"),
    Band("printer.max_temperature", 320.0, 700.0, "K"),
    Band("printer.max_loading", 0.01, 0.95, ""),
    Band("printer.pitch", 2e-6, 5e-3, "m"),
    Band("printer.drop_volume", 1e-16, 1e-9, "m3"),
    Band("printer.wet_layer", 1e-7, 1e-3, "m"),
    Band("printer.ink_viscosity", 1e-4, 10.0, "Pa*s"),
    Band("printer.evaporation_rate", 1e-6, 1e-1, "kg/m2/s"),
)
"""The first band whose pattern fits a number is the one that holds."""


def find_band(kind: str, name: str) -> Band | None:
    """Return the band for one number of a card, None where it has none."""
    dotted = f"{kind}.{name}"
    return next((band for band in BANDS if fnmatchcase(dotted, band.pattern)), None)
