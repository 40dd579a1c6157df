"""The patient: genes, clearance, dose, plasma, and the release that a wish for plasma asks for."""

from releasesim.patient.absorption import loo_riegelman, wagner_nelson
from releasesim.patient.convolution import convolve, superpose
from releasesim.patient.deconvolution import Deconvolution, deconvolve
from releasesim.patient.disposition import Disposition
from releasesim.patient.people import people_of, predict_each, unpredicted
from releasesim.patient.person import Patient
from releasesim.patient.prediction import (
    PlasmaPrediction,
    patient_of,
    predict,
    predict_plasma,
    typical_plasma,
)
from releasesim.patient.window import WantedRelease, wanted_auc, wanted_release

__all__ = [
    "Deconvolution",
    "Disposition",
    "Patient",
    "PlasmaPrediction",
    "WantedRelease",
    "convolve",
    "deconvolve",
    "loo_riegelman",
    "patient_of",
    "people_of",
    "predict",
    "predict_each",
    "predict_plasma",
    "superpose",
    "typical_plasma",
    "unpredicted",
    "wagner_nelson",
    "wanted_auc",
    "wanted_release",
]
