"""Drops and lines of an inkjet print: where they fall, what they wet, and images of them."""
