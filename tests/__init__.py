"""Tests run side by side: the threads of one, which wait for each other busily, would take the cores from others."""

import os

for library in ("OPENBLAS", "OMP"):  # before numpy and torch are imported
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")
