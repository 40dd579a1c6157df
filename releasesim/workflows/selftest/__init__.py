"""Selftest: the whole exact suite through the public engine, on the user's machine."""
