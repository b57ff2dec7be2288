"""The model file: load, check and run one ONNX network that ends in pooling, 7 qualities, 8 emotions.

Section by section of a spectrogram the network yields an evidence map; a quality is its bias plus the
mean of its map, an emotion is a weighted sum of qualities (Chowdhury et al., ISMIR 2019, section 5.3).
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from midcli.errors import ModelError
from midcli.labels import EMOTION_NAMES, QUALITY_NAMES

FloatArray = npt.NDArray[np.float32]
Array = npt.NDArray[np.float64]

FORMAT = 1
DEFAULT_MODEL = "film"
METADATA_PREFIX = "midcli."

_CHUNK_FRAMES = 2048
_SHORTEST_FRAMES = 32
_HEAD_TOLERANCE = 1e-4


@dataclass(frozen=True)
class Head:
    """The last two layers, on the x 0.1 scale: emotion = weights @ midlevel + intercept."""

    weights: Array
    """(8, 7)"""
    intercept: Array
    """(8,)"""
    midlevel_bias: Array
    """(7,)"""


@dataclass(frozen=True)
class Reference:
    """Out-of-fold outputs for the training corpus, on the x 0.1 scale."""

    name: str
    ids: tuple[str, ...]
    midlevel: Array
    """(excerpts, 7)"""
    register_evidence: Array
    """(7, F): mean evidence of each register."""


@dataclass(frozen=True)
class Grid:
    """How coarse a cell of the evidence map is, in frames and bands of the spectrogram."""

    stride_frames: int
    stride_bands: int
    receptive_frames: int
    receptive_bands: int


class Model:
    """A checked model file that is ready to run.

    Raises ModelError if the file is missing, broken, foreign, or needs another front end.
    """

    def __init__(self, path: Path, frontend: dict[str, Any], threads: int = 0) -> None:
        content = _read(path)
        self.path = path
        self.sha256 = hashlib.sha256(content).hexdigest()
        self._session = _open_session(path, content, threads)
        metadata = _metadata(path, self._session)
        self.card: dict[str, Any] = metadata["card"]
        self.name = str(self.card.get("name", path.stem))
        self.version = str(self.card.get("version", "?"))
        self.calibration: dict[str, Any] = metadata.get("calibration", {})
        try:
            self._read_frontend(metadata["frontend"], frontend)
            self._read_head(metadata)
        except (KeyError, TypeError, ValueError) as error:
            raise ModelError(f"{path}: its description is incomplete or malformed ({error!r})") from error
        self._check_head()

    def standardise(self, spectrogram: FloatArray) -> FloatArray:
        """Spectrogram (frames, 149) with the mean and deviation of the training part."""
        return (spectrogram - self.mean) / self.deviation

    def evidence(self, spectrogram: FloatArray) -> FloatArray:
        """Evidence map (7, T, F), x 0.1 scale, of a raw spectrogram (frames, 149) of any length.

        Long spectrograms go through in chunks that overlap by the receptive field, so the map equals
        that of the whole to 1e-5.
        """
        stride = self.grid.stride_frames
        context = -(-self.grid.receptive_frames // stride) * stride
        chunk = max(_CHUNK_FRAMES // stride, 1) * stride
        maps = []
        for start in range(0, len(spectrogram), chunk):
            first = max(0, start - context)
            part = self.standardise(spectrogram[first : start + chunk + context])
            outputs = self._run(part)[0]
            skip = (start - first) // stride
            keep = chunk // stride if start + chunk < len(spectrogram) else None
            maps.append(outputs[:, skip:][:, :keep])
        return np.concatenate(maps, axis=1)

    def midlevel(self, evidence: FloatArray) -> Array:
        """Qualities (7,), x 0.1 scale: bias plus mean of the evidence map (7, T, F)."""
        midlevel: Array = self.head.midlevel_bias + evidence.mean(axis=(1, 2), dtype=np.float64)
        return midlevel

    def emotions(self, midlevel: Array) -> Array:
        """Emotions (..., 8), x 0.1 scale, of qualities (..., 7)."""
        emotions: Array = midlevel @ self.head.weights.T + self.head.intercept
        return emotions

    def _run(self, standardised: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        evidence, midlevel, emotion = self._session.run(
            ["evidence", "midlevel", "emotion"], {"spectrogram": standardised[np.newaxis]}
        )
        return evidence[0], midlevel[0], emotion[0]

    def _read_frontend(self, trained_with: dict[str, Any], ours: dict[str, Any]) -> None:
        self.mean = np.float32(trained_with["mean"])
        self.deviation = np.float32(trained_with["deviation"])
        differing = sorted(key for key in ours if trained_with.get(key) != ours[key])
        if differing:
            raise ModelError(
                f"{self.path}: was trained with another front end (differs in: {', '.join(differing)}); "
                "use the midcli version that it was made with"
            )
        if not (np.isfinite(self.mean) and np.isfinite(self.deviation) and self.deviation > 0):
            raise ValueError("mean and deviation of the spectrogram")

    def _read_head(self, metadata: dict[str, Any]) -> None:
        head, reference = metadata["head"], metadata["reference"]
        qualities, emotions = len(QUALITY_NAMES), len(EMOTION_NAMES)
        self.head = Head(
            _array(head["weights"], (emotions, qualities)),
            _array(head["intercept"], (emotions,)),
            _array(head["midlevel_bias"], (qualities,)),
        )
        self.reference = Reference(
            str(reference["name"]),
            tuple(reference["ids"]),
            _array(reference["midlevel"], (len(reference["ids"]), qualities)),
            _array(reference["register_evidence"], (qualities, -1)),
        )
        field = self.card["receptive_field"]
        self.grid = Grid(
            int(field["stride_frames"]),
            int(field["stride_bands"]),
            int(field["frames"]),
            int(field["bands"]),
        )
        if self.grid.stride_frames < 1 or self.grid.receptive_frames < 1 or not reference["ids"]:
            raise ValueError("receptive field and reference")

    def _check_head(self) -> None:
        bands = self._session.get_inputs()[0].shape[-1]
        probe = np.linspace(-1, 1, _SHORTEST_FRAMES * bands, dtype=np.float32)
        try:
            evidence, midlevel, emotion = self._run(probe.reshape(_SHORTEST_FRAMES, bands))
        except Exception as error:
            raise ModelError(f"{self.path}: the network does not run: {error}") from error
        if evidence.ndim != 3 or evidence.shape[0] != len(QUALITY_NAMES):
            raise ModelError(f"{self.path}: its evidence map has a wrong shape {evidence.shape}")
        if evidence.shape[2] != self.reference.register_evidence.shape[1]:
            raise ModelError(f"{self.path}: its reference has other registers than its evidence map")
        pooled = self.midlevel(evidence)
        disagreement = max(
            np.abs(pooled - midlevel).max(initial=0), np.abs(self.emotions(pooled) - emotion).max(initial=0)
        )
        if not disagreement < _HEAD_TOLERANCE:
            raise ModelError(f"{self.path}: the weights in its description are not those of its network")


def models_folder() -> Path:
    """The folder of bundled models: in the package when installed, at the top of a checkout."""
    installed = Path(__file__).parent / "_models"
    return installed if installed.is_dir() else Path(__file__).parent.parent / "models"


def bundled_models() -> dict[str, Path]:
    """Names and files of the models that come with midcli."""
    return {path.stem: path for path in sorted(models_folder().glob("*.onnx"))}


def find_model(name_or_file: str | Path | None) -> Path:
    """The file of a bundled model's name, or the given file. Raises ModelError if there is neither."""
    bundled = bundled_models()
    wanted = str(name_or_file or DEFAULT_MODEL)
    if wanted in bundled:
        return bundled[wanted]
    path = Path(wanted)
    if path.exists():
        return path
    raise ModelError(
        f"{wanted}: no such model; bundled: {', '.join(bundled) or 'none'}, or name an .onnx file"
    )


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ModelError(f"{path}: cannot be read: {error.strerror}") from error


def _open_session(path: Path, content: bytes, threads: int) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 4
    # exported graphs are already folded; optimising them costs more at load than it saves
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.enable_mem_pattern = False  # made anew for each length, and lengths seldom repeat
    try:
        return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's exceptions share no other base
        raise ModelError(f"{path}: not a usable ONNX model") from error


def _metadata(path: Path, session: Any) -> dict[str, Any]:
    properties = session.get_modelmeta().custom_metadata_map
    try:
        metadata = {
            key.removeprefix(METADATA_PREFIX): json.loads(value)
            for key, value in properties.items()
            if key.startswith(METADATA_PREFIX)
        }
    except ValueError as error:
        raise ModelError(f"{path}: its description is not valid JSON") from error
    if "format" not in metadata:
        raise ModelError(f"{path}: an ONNX file, but not made by midcli")
    if metadata["format"] != FORMAT:
        raise ModelError(
            f"{path}: model format {metadata['format']}, this midcli reads {FORMAT}; update midcli"
        )
    outputs = [output.name for output in session.get_outputs()]
    if outputs != ["evidence", "midlevel", "emotion"]:
        raise ModelError(
            f"{path}: gives {', '.join(outputs)} only and cannot explain; use a model of the scheme `joint`"
        )
    if metadata.get("labels") != {"midlevel": list(QUALITY_NAMES), "emotion": list(EMOTION_NAMES)}:
        raise ModelError(f"{path}: was trained for other labels")
    if not isinstance(metadata.get("card"), dict):
        raise ModelError(f"{path}: has no card")
    return metadata


def _array(values: Any, shape: tuple[int, ...]) -> Array:
    array = np.asarray(values, dtype=np.float64).reshape(shape)
    if not np.isfinite(array).all():
        raise ValueError("a value is not finite")
    return array
