"""Validation against published data: what was calibrated, what was predicted, hits and misses."""

from releasesim.workflows.validation.run import Validation, validate

__all__ = ["Validation", "validate"]
