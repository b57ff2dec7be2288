"""onnxruntime, told to keep to itself: since 1.29 it reports to its makers, with an id kept in the cache."""

import os

os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # read when it is imported, but not on Windows

import onnxruntime

onnxruntime.disable_telemetry_events()

__all__ = ["onnxruntime"]
