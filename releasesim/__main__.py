"""`python -m releasesim` is the command `releasesim`."""

from __future__ import annotations

from releasesim.cli import main

if __name__ == "__main__":
    main()
