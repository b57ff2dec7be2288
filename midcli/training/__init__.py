"""Training: everything that imports torch. Install with the extra `train`."""

import os

# read when torch loads: threads that spin while they wait take the cores from everybody else's, which makes
# training many times slower on a machine that does anything else
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
