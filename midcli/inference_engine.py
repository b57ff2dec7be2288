"""onnxruntime, told to keep to itself: since 1.32 it reports to its makers, with an id kept in the cache."""

import os

os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # read when it is imported

import onnxruntime

__all__ = ["onnxruntime"]
