"""Numerics: plain float arrays, no chemistry. Diffusion operators, Lanczos, arrival times."""
