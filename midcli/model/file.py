"""The model file: load, check and run one ONNX network that ends in pooling, 7 qualities, 8 emotions.

Section by section of a spectrogram the network yields an evidence map; a quality is its bias plus the
mean of its map, an emotion is a weighted sum of qualities (Chowdhury et al., ISMIR 2019, section 5.3).
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from midcli.audio.silence import TRIMMING, sounding
from midcli.errors import ModelError
from midcli.labels import EMOTION_NAMES, INTERVAL_COVERAGE, QUALITY_NAMES, RATING_SCALE
from midcli.model.bundled import bundled_models
from midcli.model.head import MALFORMED, Head, Interval, read_heads
from midcli.model.intervals import ErrorScale
from midcli.model.network import FloatArray, Network, NetworkError, Outputs, Signature
from midcli.model.novelty import DESCRIPTORS
from midcli.util.documents import ContentError, from_json, read_bytes
from midcli.util.text import brief

Array = npt.NDArray[np.float64]

FORMAT = 1
METADATA_PREFIX = "midcli."

CHUNK_FRAMES = 8192  # 4 min 22 s: most songs are one
_SHORTEST_FRAMES = 32
SEAM_FRAMES = 64  # chosen with the excerpts (midcli.audio.excerpts)
_HEAD_TOLERANCE = 1e-4

MAX_MODEL_BYTES = 256 << 20  # the paper's network has 16 MB
_MAX_BANDS = 1000
_MAX_CARD_BYTES = 256 << 10
_LONGEST_NAME = 100
_MAX_RECEPTIVE = 10_000  # frames or bands
_GREATEST = 1e6  # of any number in a description; ratings are about 1


class Reference(NamedTuple):
    """Pieces that averages and percentiles refer to, in rating points; a model's own are out of fold."""

    name: str
    ids: tuple[str, ...]
    midlevel: Array
    """(pieces, 7)"""


class Grid(NamedTuple):
    """How coarse a cell of the evidence map is, in frames and bands of the spectrogram."""

    stride_frames: int
    stride_bands: int
    receptive_frames: int
    receptive_bands: int


class Model:
    """A checked model file that is ready to run. The network computes on the x 0.1 scale of its training;
    everything that is public here is in rating points.

    Raises ModelError if the file is missing, broken, foreign, or needs another front end.
    """

    def __init__(self, path: Path, frontend: dict[str, Any], threads: int = 0) -> None:
        content = read_model(path)
        self.path = path
        self.sha256 = hashlib.sha256(content).hexdigest()
        is_bundled = _is_bundled(path, self.sha256)
        self.network = _load(path, content, is_bundled, threads)
        signature = self.network.signature
        metadata = _metadata(path, signature)
        try:
            self._emotions = len(metadata["labels"]["emotion"])
            self._read_card(metadata)
            self._read_frontend(metadata["frontend"], frontend)
            self._read_head(metadata)
        except ModelError:
            raise
        except MALFORMED as error:
            reason = brief(repr(error))
            raise ModelError(f"{path}: its description is incomplete or malformed ({reason})") from error
        if not is_bundled:  # the tests have checked those
            self._check_head(bands=int(signature.inputs["spectrogram"][-1] or 0))

    def standardise(self, spectrogram: FloatArray) -> FloatArray:
        """Spectrogram (frames, 149) with the mean and deviation of the training part."""
        standardised: FloatArray = spectrogram - self.mean
        standardised /= self.deviation
        return standardised

    def evidence(self, spectrogram: FloatArray, parts: Sequence[slice] | None = None) -> Array:
        """Evidence map (7, T, F) of a raw spectrogram (frames, 149) of any length.

        Where the model was fitted to music without the silence around it, only the music goes through the
        network, part by part (default: all between the first and the last sound), and cells of the rest
        have the mean of the others: they move no value.
        """
        if not self.trims:
            return self.evidence_of_all(spectrogram)
        parts = parts or self.parts_heard(spectrogram)
        maps = [self.evidence_of_all(spectrogram[part]) for part in parts]
        mean = np.concatenate(maps, axis=1).mean(axis=1, keepdims=True)
        cells: list[Array] = []
        count = 0
        for part, evidence in zip(parts, maps, strict=True):
            before = max(round(part.start / self.grid.stride_frames) - count, 0)
            cells += [mean.repeat(before, axis=1), evidence]
            count += before + evidence.shape[1]
        after = max(len(spectrogram) // self.grid.stride_frames - count, 0)
        return np.concatenate([*cells, mean.repeat(after, axis=1)], axis=1)

    def parts_heard(self, spectrogram: FloatArray, silences: Sequence[slice] = ()) -> list[slice]:
        """The frames of a spectrogram that go through the network: all, or the music between silences."""
        if not self.trims:
            return [slice(0, len(spectrogram))]
        music = sounding(spectrogram)
        starts = [music.start, *(silence.stop for silence in silences)]
        stops = [*(silence.start for silence in silences), music.stop]
        between = [
            slice(max(start, music.start), min(stop, music.stop))
            for start, stop in zip(starts, stops, strict=True)
        ]
        parts = []
        for part in between if silences else []:
            within = sounding(spectrogram[part])
            parts.append(slice(part.start + within.start, part.start + within.stop))
        return [part for part in parts if part.stop - part.start >= _SHORTEST_FRAMES] or [music]

    def evidence_of_all(self, spectrogram: FloatArray) -> Array:
        """Evidence map (7, T, F) of every frame, silence or not.

        Long spectrograms go through in chunks that overlap by the receptive field, so the map equals
        that of the whole to 1e-5.
        """
        stride = self.grid.stride_frames
        context = -(-self.grid.receptive_frames // stride) * stride
        chunk = max(CHUNK_FRAMES // stride, 1) * stride
        maps = []
        for start in range(0, len(spectrogram), chunk):
            first = max(0, start - context)
            part = self.standardise(spectrogram[first : start + chunk + context])
            outputs = self._run(part)[0]
            skip = (start - first) // stride
            keep = chunk // stride if start + chunk < len(spectrogram) else None
            maps.append(outputs[:, skip:][:, :keep])
        evidence = np.concatenate(maps, axis=1)
        if not evidence.size or not np.isfinite(evidence).all():
            raise ModelError(f"{self.path}: its network gives values that are not finite; use another model")
        return _points(evidence)

    def evidence_of_parts(self, spectrogram: FloatArray, parts: Sequence[slice]) -> Array:
        """Evidence map (7, T, F) of parts that do not follow on one another in the piece, side by side.

        They go through the network in one run. Between two of them it hears the end of one, mirrored, go over
        into the beginning of the next, mirrored, and before and after all of them their mirror images: cells
        at an end hear music beyond it that is like theirs. What lies there counts for nothing.
        """
        music = sounding(spectrogram) if self.trims else slice(0, len(spectrogram))
        within = [slice(max(part.start, music.start), min(part.stop, music.stop)) for part in parts]
        long_enough = [part for part in within if part.stop - part.start >= _SHORTEST_FRAMES] or [music]
        heard = [self._whole_cells(spectrogram[part]) for part in long_enough]
        stride = self.grid.stride_frames
        seam = min(SEAM_FRAMES, *(len(part) for part in heard)) // stride * stride
        evidence = self.evidence_of_all(np.concatenate(list(_joined(heard, seam))))
        maps, start = [], seam // stride
        for part in heard:
            maps.append(evidence[:, start : start + len(part) // stride])
            start += (len(part) + seam) // stride
        return np.concatenate(maps, axis=1)

    def _whole_cells(self, spectrogram: FloatArray) -> FloatArray:
        return spectrogram[: len(spectrogram) // self.grid.stride_frames * self.grid.stride_frames]

    def midlevel(self, evidence: Array) -> Array:
        """Qualities (7,): bias plus mean of the evidence map (7, T, F)."""
        midlevel: Array = self.midlevel_bias + evidence.mean(axis=(1, 2))
        return midlevel

    def _run(self, standardised: FloatArray) -> Outputs:
        try:
            return self.network.run(standardised)
        except NetworkError as error:
            raise ModelError(f"{self.path}: {error}") from error

    def _read_card(self, metadata: dict[str, Any]) -> None:
        self.card: dict[str, Any] = metadata["card"]
        # whatever stands in it is shown and written as JSON: no NaN, no text that cannot be encoded
        shown = json.dumps(self.card, ensure_ascii=False, allow_nan=False).encode()
        if len(shown) > _MAX_CARD_BYTES:
            raise ValueError(f"a card of more than {_MAX_CARD_BYTES >> 10} kB")
        self.name = _name(self.card.get("name", self.path.stem))
        self.version = _name(self.card.get("version", "?"))
        self.calibration: dict[str, Any] = metadata.get("calibration", {})
        if not isinstance(self.calibration, dict):
            raise TypeError("calibration")
        self.midlevel_interval = self._interval("midlevel", len(QUALITY_NAMES))
        self._emotion_interval = self._interval("emotion", self._emotions)
        self.error_scale = self._error_scale()
        """How large errors are expected to be, where the file says."""
        self.shortest_s = float(_array(self.calibration.get("shortest_s", 0.0), ()))
        """Of all music that intervals were measured on."""

    def _error_scale(self) -> ErrorScale | None:
        if "scale" not in self.calibration:
            return None
        values = len(QUALITY_NAMES) + self._emotions
        return ErrorScale.from_json(self.calibration["scale"], DESCRIPTORS, values)

    def _interval(self, part: str, values: int) -> Interval | None:
        if part not in self.calibration:
            return None
        if self.calibration["coverage"] != INTERVAL_COVERAGE:
            raise ValueError(f"intervals must be of {100 * INTERVAL_COVERAGE:.0f} %")
        low, high = (_points(_array(self.calibration[part][end], (values,))) for end in ("low", "high"))
        if (low > high).any():
            raise ValueError("the low end of an interval is above its high end")
        return Interval(low, high)

    def _read_frontend(self, trained_with: dict[str, Any], ours: dict[str, Any]) -> None:
        self.mean = np.float32(_array(trained_with["mean"], ()))
        self.deviation = np.float32(_array(trained_with["deviation"], ()))
        differing = sorted(key for key in ours if trained_with.get(key) != ours[key])
        if differing:
            raise ModelError(
                f"{self.path}: was trained with another front end (differs in: {', '.join(differing)}); "
                "use the midcli version that it was made with"
            )
        if not self.deviation > 0:
            raise ValueError("mean and deviation of the spectrogram")
        self.trims = "silence" in trained_with
        """Whether silence around the music is left out."""
        if trained_with.get("silence", TRIMMING) != TRIMMING:
            raise ModelError(
                f"{self.path}: leaves out silence in another way than this midcli; update midcli"
            )

    def _read_head(self, metadata: dict[str, Any]) -> None:
        head, reference, qualities = metadata["head"], metadata["reference"], len(QUALITY_NAMES)
        self.head = Head(
            _array(head["weights"], (self._emotions, qualities)),
            _points(_array(head["intercept"], (self._emotions,))),
            self._emotion_interval,
        )
        if "emotions" in metadata:
            self.head = self._own_head(metadata["emotions"] | {"labels": metadata["labels"]["emotion"]})
        self.heads = {self.head.name: self.head} | self._heads(metadata.get("heads", {}))
        """All vocabularies by name."""
        self.vocabulary = str(metadata.get("vocabulary", self.head.name))
        """The one that is used unless another is asked for."""
        if self.vocabulary not in self.heads:
            raise ValueError("its default vocabulary")
        self.midlevel_bias = _points(_array(head["midlevel_bias"], (qualities,)))
        self.reference = Reference(
            _name(reference["name"]),
            tuple(map(str, reference["ids"])),
            _points(_array(reference["midlevel"], (len(reference["ids"]), qualities))),
        )
        self.references = {
            _name(name): Reference(
                f"{len(rows)} pieces of {_name(name)} music",
                tuple(self.reference.ids[row] for row in map(int, rows)),
                self.reference.midlevel[np.array(rows, np.intp)],
            )
            for name, rows in reference.get("parts", {}).items()
        }
        """Parts of it by the kind of music."""
        if not all(part.ids for part in self.references.values()):
            raise ValueError("a part of the reference that is empty")
        self.register_evidence = _points(_array(reference["register_evidence"], (qualities, -1)))
        """(7, F): mean evidence of each register over the reference."""
        field = self.card["receptive_field"]
        self.grid = Grid(
            int(field["stride_frames"]),
            int(field["stride_bands"]),
            int(field["frames"]),
            int(field["bands"]),
        )
        strides = (self.grid.stride_frames, self.grid.stride_bands)
        seen = (self.grid.receptive_frames, self.grid.receptive_bands)
        if not (min(strides) >= 1 and strides[0] <= _SHORTEST_FRAMES and min(seen) >= 1):
            raise ValueError("receptive field")
        if max(seen) > _MAX_RECEPTIVE or not reference["ids"]:
            raise ValueError("receptive field or reference")

    def _heads(self, stored: dict[str, Any]) -> dict[str, Head]:
        try:
            return read_heads(stored)
        except ModelError as error:
            raise ModelError(f"{self.path}: {error}") from error

    def _own_head(self, stored: dict[str, Any]) -> Head:
        """The last layer with names and a scale of its own instead of the eight emotions."""
        numbers = {"weights": self.head.weights, "intercept": self.head.intercept}
        own = self._heads({stored["name"]: stored | numbers})[stored["name"]]
        return replace(own, interval=self._emotion_interval, main=True)

    def _check_head(self, bands: int) -> None:
        """Compare outputs for made-up music of the shortest length with what the file says of itself."""
        probe = np.linspace(-1, 1, _SHORTEST_FRAMES * bands, dtype=np.float32)
        evidence, midlevel, emotion = self._run(probe.reshape(_SHORTEST_FRAMES, bands))
        cells = _SHORTEST_FRAMES // self.grid.stride_frames, bands // self.grid.stride_bands
        if (
            evidence.ndim != 3
            or evidence.shape[0] != len(QUALITY_NAMES)
            or not all(cells[axis] <= evidence.shape[axis + 1] <= cells[axis] + 1 for axis in (0, 1))
            or not evidence.size
            or midlevel.shape != (len(QUALITY_NAMES),)
            or emotion.shape != (self._emotions,)
        ):
            raise ModelError(f"{self.path}: its outputs have wrong shapes, evidence {evidence.shape}")
        if evidence.shape[2] != self.register_evidence.shape[1]:
            raise ModelError(f"{self.path}: its reference has other registers than its evidence map")
        pooled = self.midlevel(_points(evidence))
        ours = np.concatenate([pooled, self.head.emotions(pooled)]) * RATING_SCALE
        disagreement = np.abs(ours - np.concatenate([midlevel, emotion])).max()
        if not disagreement < _HEAD_TOLERANCE:
            raise ModelError(f"{self.path}: the weights in its description are not those of its network")


def _joined(parts: Sequence[FloatArray], seam: int) -> Iterator[FloatArray]:
    """Parts (frames, bands), with so many frames before, between and after them that lead over."""
    rising = ((np.arange(seam, dtype=np.float32) + np.float32(0.5)) / np.float32(seam))[:, np.newaxis]
    beginnings = [part[:seam][::-1] for part in parts]
    ends = [part[len(part) - seam :][::-1] for part in parts]
    yield beginnings[0]
    yield parts[0]
    for part, end, beginning in zip(parts[1:], ends, beginnings[1:], strict=False):
        yield end * (1 - rising) + beginning * rising
        yield part
    yield ends[-1]


def read_model(path: Path) -> bytes:
    """The content of a model file. Raises ModelError if it cannot be read or is too large to be one."""
    try:
        return read_bytes(path, MAX_MODEL_BYTES)
    except OSError as error:
        raise ModelError(f"{path}: cannot be read: {error.strerror}") from error
    except ContentError as error:
        raise ModelError(f"{path}: {error}, too large for a model") from error


def _load(path: Path, content: bytes, is_bundled: bool, threads: int) -> Network:
    """The network of a model file: what did not come with midcli runs in a process of its own."""
    try:
        if is_bundled:
            from midcli.model.engine import Engine

            return Engine(content, threads)
        from midcli.model.confined import Confined

        return Confined(content, threads)
    except NetworkError as error:
        raise ModelError(f"{path}: {error}") from error


def _is_bundled(path: Path, sha256: str) -> bool:
    """Whether it is one of those that came with midcli, or a copy."""
    bundled = bundled_models().values()
    return path in bundled or sha256 in {hashlib.sha256(read_model(model)).hexdigest() for model in bundled}


def _metadata(path: Path, signature: Signature) -> dict[str, Any]:
    try:
        metadata = {
            key.removeprefix(METADATA_PREFIX): from_json(value)
            for key, value in signature.properties.items()
            if key.startswith(METADATA_PREFIX)
        }
    except ContentError as error:
        raise ModelError(f"{path}: its description cannot be read: {error}") from error
    if "format" not in metadata:
        raise ModelError(f"{path}: an ONNX file, but not made by midcli")
    if metadata["format"] != FORMAT:
        given = brief(str(metadata["format"]))
        raise ModelError(f"{path}: model format {given}, this midcli reads {FORMAT}; update midcli")
    shape = signature.inputs["spectrogram"] if list(signature.inputs) == ["spectrogram"] else []
    if len(shape) != 3 or not isinstance(shape[-1], int) or not 1 <= shape[-1] <= _MAX_BANDS:
        raise ModelError(f"{path}: its input is not a spectrogram [batch, frames, bands]")
    if signature.outputs != ["evidence", "midlevel", "emotion"]:
        given = brief(", ".join(signature.outputs))
        raise ModelError(
            f"{path}: gives {given} only; use a model that leads from qualities to emotions "
            "(scheme joint or a2mid2e)"
        )
    labels = metadata.get("labels")
    ours = {"midlevel": list(QUALITY_NAMES), "emotion": list(EMOTION_NAMES)}
    if "emotions" in metadata and isinstance(labels, dict) and isinstance(labels.get("emotion"), list):
        ours["emotion"] = labels["emotion"]
    if labels != ours:
        raise ModelError(f"{path}: was trained for other labels")
    if not isinstance(metadata.get("card"), dict):
        raise ModelError(f"{path}: has no card")
    return metadata


def _name(text: Any) -> str:
    if len(str(text)) > _LONGEST_NAME:
        raise ValueError(f"a name of more than {_LONGEST_NAME} characters")
    return str(text)


def _array(values: Any, shape: tuple[int, ...]) -> Array:
    array = np.asarray(values, dtype=np.float64).reshape(shape)
    if not (np.abs(array) < _GREATEST).all():
        raise ValueError("a value is not finite or much too large")
    return array


def _points(values: npt.NDArray[Any]) -> Array:
    """Rating points of values on the scale that networks learn."""
    points: Array = values.astype(np.float64) / RATING_SCALE
    return points
