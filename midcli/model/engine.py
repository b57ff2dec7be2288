"""A network in this process, by onnxruntime, which is told to keep to itself.

Since 1.29 it reports to its makers, with an id kept in the cache.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import numpy as np

from midcli.model.limits import MAX_MEMORY_BYTES, MEMORY_PROBLEM
from midcli.model.network import FloatArray, NetworkError, Outputs, Signature
from midcli.util.containers import granted_cores, usable_cores


@contextmanager
def _telemetry_off() -> Iterator[None]:
    """The variable that says so is read when onnxruntime is imported (not on Windows), and is the user's."""
    before = os.environ.get(_TELEMETRY)
    os.environ[_TELEMETRY] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[_TELEMETRY]
        else:
            os.environ[_TELEMETRY] = before


_TELEMETRY = "ORT_DISABLE_TELEMETRY"
with _telemetry_off():
    import onnxruntime

onnxruntime.disable_telemetry_events()

__all__ = ["Engine", "onnxruntime"]

_FIRST_BYTES = 64 << 20  # of a song; in one piece, more of it is used again
_MEMORY_RAN_OUT = ("BFCArena", "bad_alloc", "Failed to allocate", "bad allocation")


class Engine:
    """A network that is ready to run. Raises NetworkError if the content is none."""

    def __init__(self, content: bytes, threads: int) -> None:
        _limit_memory()
        options = onnxruntime.SessionOptions()
        options.add_session_config_entry("session.use_env_allocators", "1")
        # onnxruntime has a format of its own, which would be loaded past all checks
        options.add_session_config_entry("session.load_model_format", "ONNX")
        options.intra_op_num_threads = threads or _granted_threads()
        # waiting threads would spin on cores that the novelty score beside the network needs
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 4
        # exported graphs are already folded; optimising them costs more at load than it saves
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        options.enable_mem_pattern = False  # made anew for each length, and lengths seldom repeat
        try:
            self._session = onnxruntime.InferenceSession(
                content,
                options,
                providers=["CPUExecutionProvider"],
                enable_fallback=0,  # to the same provider, which prints to stdout
            )
            self.signature = Signature(
                dict(self._session.get_modelmeta().custom_metadata_map),
                {value.name: list(value.shape) for value in self._session.get_inputs()},
                [value.name for value in self._session.get_outputs()],
            )
        except Exception as error:  # onnxruntime's exceptions share no other base
            raise NetworkError(_problem(error, "not a usable ONNX model")) from error

    def run(self, standardised: FloatArray) -> Outputs:
        try:
            evidence, midlevel, emotion = self._session.run(
                ["evidence", "midlevel", "emotion"], {"spectrogram": standardised[np.newaxis]}
            )
            return evidence[0], midlevel[0], emotion[0]
        except Exception as error:
            raise NetworkError(_problem(error, f"its network does not run: {error}")) from error


def _problem(error: Exception, otherwise: str) -> str:
    if isinstance(error, MemoryError) or any(sign in str(error) for sign in _MEMORY_RAN_OUT):
        return MEMORY_PROBLEM
    return otherwise


@cache
def _limit_memory() -> None:
    """Let the networks of this process share one arena that does not grow beyond the limit."""
    place = onnxruntime.OrtMemoryInfo(
        "Cpu", onnxruntime.OrtAllocatorType.ORT_ARENA_ALLOCATOR, 0, onnxruntime.OrtMemType.DEFAULT
    )
    default = -1
    arena = onnxruntime.OrtArenaCfg(MAX_MEMORY_BYTES, default, _FIRST_BYTES, default)
    onnxruntime.create_and_register_allocator(place, arena)


def _granted_threads() -> int:
    """0, for onnxruntime to choose, unless a container grants less than the machine has."""
    return usable_cores() if granted_cores() else 0
