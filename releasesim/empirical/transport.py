"""What the exponent of the power law says about transport, by the shape of the body."""

from __future__ import annotations

from releasesim.errors import InputError

#: Exponents of Fickian diffusion and of case II transport.
EXPONENTS = {"slab": (0.5, 1.0), "cylinder": (0.45, 0.89), "sphere": (0.43, 0.85)}
_TOLERANCE = 0.02


def transport(n: float, shape: str) -> str:
    """Read the Korsmeyer-Peppas exponent of a body's first 60 %.

    Parameters
    ----------
    n : float
        Exponent [-].
    shape : str
        slab, cylinder or sphere.

    References
    ----------
    .. [1] P.L. Ritger, N.A. Peppas, J. Control. Release 5 (1987) 23-36.

    Examples
    --------
    >>> transport(0.66, "cylinder")
    'anomalous transport (between Fickian diffusion, 0.45, and case II, 0.89)'
    """
    if shape not in EXPONENTS:
        raise InputError(f"no exponents for shape '{shape}'; there are {', '.join(EXPONENTS)}")
    fickian, case_two = EXPONENTS[shape]
    if n < fickian - _TOLERANCE:
        return f"below Fickian diffusion ({fickian}): no single mechanism, or not from time 0"
    if n <= fickian + _TOLERANCE:
        return f"Fickian diffusion ({fickian})"
    if n < case_two - _TOLERANCE:
        between = f"between Fickian diffusion, {fickian}, and case II, {case_two}"
        return f"anomalous transport ({between})"
    if n <= case_two + _TOLERANCE:
        return f"case II transport ({case_two})"
    return f"super case II transport (above {case_two})"
