"""Training: everything that imports torch. Install with the extra `train`."""
