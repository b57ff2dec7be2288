"""Tests run side by side: threads of one that wait for each other busily would take the cores from others."""

import os

for library in ("OPENBLAS", "OMP"):  # before numpy and torch are imported
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")
