"""What is taken for music at all: how long it is, and at which sample rates."""

MAX_HOURS = 24.0
"""Unless the user allows more."""
MAX_DURATION_S = MAX_HOURS * 3600
MIN_DURATION_S = 1.0

LOWEST_RATE_HZ, HIGHEST_RATE_HZ = 1000, 10_000_000  # soxr crashes far below, and no recording is beyond
LOUDEST = 1e15
"""Full scale is 1; beyond, sums over a spectrum would overflow."""
