"""What is taken for music at all: how long it is, at which sample rates, how loud."""

MAX_HOURS = 24.0
"""Unless the user allows more."""
MAX_DURATION_S = MAX_HOURS * 3600
MIN_DURATION_S = 1.0

LOWEST_RATE_HZ, HIGHEST_RATE_HZ = 1000, 10_000_000  # soxr crashes far below, and no recording is beyond
QUIET_PEAK = 0.1
"""Of full scale; of recordings that do not reach it, less is silence or an offset, in proportion."""
LOUDEST = 1e15
"""Full scale is 1; beyond, sums over a spectrum would overflow."""
