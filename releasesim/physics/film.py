"""Outer boundary layer: how fast drug crosses the film of liquid around the tablet.

The flux out of a surface is k (c/K - c_bath), k the mass-transfer coefficient [m/s]. k is the least
certain number of the field: correlations are priors with a range, and a fit estimates k.
"""

from __future__ import annotations

import dataclasses
import math
from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar, final

from releasesim.errors import InputError
from releasesim.physics.law import NOT_NEGATIVE, Law, parameter

# Measured k of 13 mm discs in USP 2 span 0.22e-5 to 3.45e-5 m/s (Langrish 2021): a factor 15.7
_MEASURED_SPAN = 3.45 / 0.22


@dataclass(frozen=True)
class FilmConditions:
    """What the apparatus, the shape and the cards know about the liquid around the tablet.

    Parameters
    ----------
    velocity : float, optional
        Liquid past the tablet [m/s].
    length : float, optional
        Length along the flow; a sphere's diameter [m].
    kinematic_viscosity : float, optional
        Of the medium [m2/s].
    diffusivity : float, optional
        Of the drug in the medium [m2/s].
    rotation : float, optional
        Angular speed of a rotating disc [rad/s].
    """

    velocity: float | None = None
    length: float | None = None
    kinematic_viscosity: float | None = None
    diffusivity: float | None = None
    rotation: float | None = None


class Film(Law, slot="film"):
    """Law of the mass-transfer coefficient k [m/s]."""

    needs: ClassVar[tuple[str, ...]] = ()
    """Conditions the law reads, by their names in `FilmConditions`."""

    @abstractmethod
    def coefficient(self, conditions: FilmConditions | None = None) -> float:
        """Mass-transfer coefficient k [m/s], infinite for a perfect sink."""

    def coefficient_range(self, conditions: FilmConditions | None = None) -> tuple[float, float]:
        """Low and high k [m/s] that measurements allow; both are k where it was given."""
        k = self.coefficient(conditions)
        return k, k


@final
@dataclass(frozen=True)
class PerfectSink(Film):
    """No boundary layer: the surface is at the bath's concentration.

    Examples
    --------
    >>> PerfectSink().coefficient()
    inf
    """

    off: ClassVar[bool] = True

    def coefficient(self, conditions: FilmConditions | None = None) -> float:
        """Infinite [m/s]."""
        return math.inf


@final
@dataclass(frozen=True)
class FilmTransfer(Film):
    r"""Boundary layer with a known coefficient, measured or fitted.

    .. math:: -D\,\partial c / \partial n = k (c / K - c_b)

    Parameters
    ----------
    k : float
        Mass-transfer coefficient in the medium [m/s].

    References
    ----------
    .. [1] W. Nernst, Z. Phys. Chem. 47 (1904) 52-55.

    Examples
    --------
    >>> FilmTransfer(k=5e-6).coefficient()
    5e-06
    """

    k: float = parameter("m/s")

    def coefficient(self, conditions: FilmConditions | None = None) -> float:
        """`k` [m/s]."""
        return self.k


class Correlation(Film, abstract=True):
    """Coefficient from the flow: parameters given override `FilmConditions`, None leaves it."""

    range_factors: ClassVar[tuple[float, float]] = (_MEASURED_SPAN**-0.5, _MEASURED_SPAN**0.5)
    """Low and high k over the law's k: measured ones scatter by this much about any correlation."""

    @abstractmethod
    def _coefficient(self, values: dict[str, float]) -> float:
        """Mass-transfer coefficient [m/s] from the values `needs` names."""

    def coefficient(self, conditions: FilmConditions | None = None) -> float:
        """Mass-transfer coefficient k [m/s].

        Raises
        ------
        InputError
            A condition is missing or cannot be, or the liquid is at rest where the law needs flow.
        """
        k = self._coefficient(self.conditions(conditions))
        if not k > 0.0:
            raise InputError(f"{type(self).__name__} gives k = {k:.6g} m/s: the liquid must move")
        return k

    def coefficient_range(self, conditions: FilmConditions | None = None) -> tuple[float, float]:
        """Low and high k [m/s]: the law's k times the scatter measured in USP 2."""
        k = self.coefficient(conditions)
        return k * self.range_factors[0], k * self.range_factors[1]

    def conditions(self, known: FilmConditions | None = None) -> dict[str, float]:
        """Values used, by name [SI]: the law's own where given, else `known`."""
        known = known or FilmConditions()
        return {name: self._one(name, known) for name in self.needs}

    def _one(self, name: str, known: FilmConditions) -> float:
        own = getattr(self, name)
        value = getattr(known, name) if own is None else own
        if value is None:
            raise InputError(f"{type(self).__name__} needs {name}: give it, or a card that has it")
        # the override path checks bounds too, so both sources are held to the same
        return float(getattr(dataclasses.replace(self, **{name: value}), name))  # type: ignore[type-var]


@dataclass(frozen=True)
class _Stream(Correlation, abstract=True):
    """A body in a stream: k = Sh D / L, with Re = v L / nu and Sc = nu / D."""

    needs: ClassVar[tuple[str, ...]] = ("velocity", "length", "kinematic_viscosity", "diffusivity")
    velocity: float | None = parameter("m/s", NOT_NEGATIVE, default=None)
    length: float | None = parameter("m", default=None)
    kinematic_viscosity: float | None = parameter("m2/s", default=None)
    diffusivity: float | None = parameter("m2/s", default=None)

    @abstractmethod
    def _sherwood(self, Re: float, Sc: float) -> float:
        """Sherwood number [-]."""

    def _coefficient(self, values: dict[str, float]) -> float:
        v, L = values["velocity"], values["length"]
        nu, D = values["kinematic_viscosity"], values["diffusivity"]
        return self._sherwood(v * L / nu, nu / D) * D / L


@final
@dataclass(frozen=True)
class RanzMarshall1952(_Stream):
    r"""Sphere in a stream; for tablets a lower bound.

    .. math:: \mathrm{Sh} = \frac{k L}{D} = 2 + 0.6\,\mathrm{Re}^{1/2}\,\mathrm{Sc}^{1/3}, \quad
              \mathrm{Re} = v L / \nu,\ \mathrm{Sc} = \nu / D

    Parameters
    ----------
    velocity, length, kinematic_viscosity, diffusivity : float, optional
        v [m/s], sphere diameter L [m], nu [m2/s], D in the medium [m2/s]; see `FilmConditions`.

    References
    ----------
    .. [1] W. E. Ranz, W. R. Marshall, Chem. Eng. Prog. 48 (1952) 141-146, 173-180.
    .. [2] T. Langrish (2021): measured tablets lie above it.

    Examples
    --------
    >>> water = FilmConditions(0.05, 0.01, kinematic_viscosity=7e-7, diffusivity=1e-9)
    >>> round(RanzMarshall1952().coefficient(water), 11)
    1.443814e-05
    """

    range_factors: ClassVar[tuple[float, float]] = (1.0, _MEASURED_SPAN)

    def _sherwood(self, Re: float, Sc: float) -> float:
        return float(2.0 + 0.6 * math.sqrt(Re) * Sc ** (1.0 / 3.0))


@final
@dataclass(frozen=True)
class Clift1978(_Stream):
    r"""Sphere in a stream, from creeping flow up to Re = 1e5.

    .. math:: \mathrm{Sh} = 1 + (1 + \mathrm{Pe})^{1/3} f, \quad
              \mathrm{Pe} = \mathrm{Re}\,\mathrm{Sc}

    with f = 1 for Re <= 1, beyond it :math:`f = a\,\mathrm{Re}^{b - 1/3}` with a, b = 1, 0.41 up
    to Re 100; 0.724, 0.48 up to 2000; 0.425, 0.55 up to 1e5, which meet at these limits.

    Parameters
    ----------
    velocity, length, kinematic_viscosity, diffusivity : float, optional
        v [m/s], sphere diameter L [m], nu [m2/s], D in the medium [m2/s]; see `FilmConditions`.

    References
    ----------
    .. [1] R. Clift, J. R. Grace, M. E. Weber, Bubbles, Drops, and Particles, Academic Press
       (1978), ch. 3 and 5.

    Examples
    --------
    >>> water = FilmConditions(0.05, 0.01, kinematic_viscosity=7e-7, diffusivity=1e-9)
    >>> round(Clift1978().coefficient(water), 11)
    1.51648e-05
    """

    def _sherwood(self, Re: float, Sc: float) -> float:
        _up_to("Clift1978", Re, 1e5)
        return float(1.0 + (1.0 + Re * Sc) ** (1.0 / 3.0) * _clift_factor(Re))


@final
@dataclass(frozen=True)
class FlatPlate(_Stream):
    r"""Laminar flow along a flat face, averaged over its length.

    .. math:: \mathrm{Sh} = 0.664\,\mathrm{Re}^{1/2}\,\mathrm{Sc}^{1/3}, \quad
              \mathrm{Re} < 5\times 10^5

    Parameters
    ----------
    velocity, length, kinematic_viscosity, diffusivity : float, optional
        v [m/s], length along the flow L [m], nu [m2/s], D in the medium [m2/s]; see
        `FilmConditions`.

    References
    ----------
    .. [1] E. Pohlhausen, Z. Angew. Math. Mech. 1 (1921) 115-121.

    Examples
    --------
    >>> water = FilmConditions(0.05, 0.01, kinematic_viscosity=7e-7, diffusivity=1e-9)
    >>> round(FlatPlate().coefficient(water), 11)
    1.575687e-05
    """

    def _sherwood(self, Re: float, Sc: float) -> float:
        _up_to("FlatPlate", Re, 5e5)
        return float(0.664 * math.sqrt(Re) * Sc ** (1.0 / 3.0))


@final
@dataclass(frozen=True)
class Levich1962(Correlation):
    r"""Face of a disc that rotates in a large bath, as in intrinsic dissolution.

    .. math:: k = 0.620\,D^{2/3}\,\nu^{-1/6}\,\omega^{1/2}

    Parameters
    ----------
    rotation, kinematic_viscosity, diffusivity : float, optional
        omega [rad/s], nu [m2/s], D in the medium [m2/s]; see `FilmConditions`.

    References
    ----------
    .. [1] V. G. Levich, Physicochemical Hydrodynamics, Prentice-Hall (1962), sec. 11.

    Examples
    --------
    >>> water = FilmConditions(rotation=10.0, kinematic_viscosity=1e-6, diffusivity=1e-9)
    >>> round(Levich1962().coefficient(water), 11)
    1.960612e-05
    """

    needs: ClassVar[tuple[str, ...]] = ("rotation", "kinematic_viscosity", "diffusivity")
    rotation: float | None = parameter("rad/s", NOT_NEGATIVE, default=None)
    kinematic_viscosity: float | None = parameter("m2/s", default=None)
    diffusivity: float | None = parameter("m2/s", default=None)

    def _coefficient(self, values: dict[str, float]) -> float:
        D, nu, omega = values["diffusivity"], values["kinematic_viscosity"], values["rotation"]
        return float(0.620 * D ** (2.0 / 3.0) * nu ** (-1.0 / 6.0) * math.sqrt(omega))


def _clift_factor(Re: float) -> float:
    if Re <= 1.0:
        return 1.0
    a, b = (1.0, 0.41) if Re <= 100.0 else (0.724, 0.48) if Re <= 2000.0 else (0.425, 0.55)
    return float(a * Re ** (b - 1.0 / 3.0))


def _up_to(law: str, Re: float, limit: float) -> None:
    if Re > limit:
        raise InputError(f"{law} at Re = {Re:.3g}: known up to {limit:.0e}, give film k")
