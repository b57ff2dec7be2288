"""The index of a library: its columns in a file beside it, or else in the user's cache folder."""

import hashlib
import json
import logging
import os
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from midcli.explanation.records import ModelInfo
from midcli.labels import EMOTIONS
from midcli.library.columns import Library
from midcli.library.lines import NUMBERS_OF_CONTRAST, ROW
from midcli.model.head import EIGHT, Interval, head_object, read_head
from midcli.util.files import exists, isfile, replacing

_log = logging.getLogger(__name__)

FORMAT = 4
"""Of the index; one of another format is made anew."""
MALFORMED = (
    OSError,
    EOFError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    MemoryError,
    RuntimeError,  # of nesting, encryption, ways to compress
    zipfile.BadZipFile,
)
"""What reading a file raises that is no index."""
_GREATEST = 1e30  # as of rows


def index_places(path: Path) -> tuple[Path, Path]:
    """Where the index of a library may be: beside it, else in the cache."""
    from platformdirs import user_cache_path

    real = Path(os.path.realpath(path))
    digest = hashlib.sha256(os.fsencode(real)).hexdigest()[:16]
    cache = user_cache_path("midcli", appauthor=False)
    return real.with_name(f"{real.name}.index"), cache / "libraries" / f"{real.stem}-{digest}.index"


def keep(library: Library, stamp: list[int]) -> None:
    """Write the index where that is possible; a reader never sees half of one."""
    beside, cached = index_places(library.path)
    for place in (beside, cached):
        try:
            if place == cached:
                place.parent.mkdir(parents=True, exist_ok=True)
            if exists(place) and not _is_index(place):
                continue  # a file of the user's that happens to have this name
            with replacing(place) as file:
                np.savez(
                    file,
                    rows=library.rows,
                    files=_packed(library.files),
                    origins=_packed(library.origins),
                    about=np.frombuffer(json.dumps(_about(library, stamp)).encode(), np.uint8),
                )
        except OSError as error:
            _log.info("%s: cannot be written: %s", place, error)
        else:
            return


def _is_index(place: Path) -> bool:
    if not isfile(place):  # a pipe would never be opened
        return False
    try:
        with np.load(place, allow_pickle=False) as index:
            return {"rows", "files", "about"} <= set(index.files)
    except MALFORMED:
        return False


def _about(library: Library, stamp: list[int]) -> dict[str, Any]:
    return {
        "stamp": stamp,
        "model": library.model._asdict(),
        "failures": library.failures,
        "heads": {name: head_object(head, "") for name, head in library.heads.items()},
        "vocabulary": library.vocabulary,
        "midlevel_interval": _ends(library.midlevel_interval),
        "contrast_names": library.contrast_names,
    }


def load(place: Path, path: Path, stamp: list[int]) -> Library:
    """Raises one of MALFORMED unless there is an index of the file as it is now."""
    with np.load(place, allow_pickle=False) as index:
        about = json.loads(index["about"].tobytes())
        if about["stamp"] != stamp:
            raise ValueError("the file has changed")
        if any(part.compress_type != zipfile.ZIP_STORED for part in index.zip.infolist()):
            raise ValueError("compressed, to who knows what size")
        rows, files, origins = index["rows"], _unpacked(index["files"]), _unpacked(index["origins"])
    _check(rows, files, about)
    if len(origins) != len(files):
        raise ValueError("an index of another kind")
    heads = {name: read_head(name, stored) for name, stored in about["heads"].items()}
    if EIGHT in heads:
        heads[EIGHT] = replace(heads[EIGHT], labels=EMOTIONS)
    return Library(
        path,
        ModelInfo(**about["model"]),
        heads,
        about["vocabulary"],
        _interval(about["midlevel_interval"]),
        files,
        rows,
        about["failures"],
        tuple(about["contrast_names"]),
        origins,
    )


def _packed(texts: Sequence[str]) -> npt.NDArray[np.uint8]:
    return np.frombuffer("\0".join(texts).encode(), np.uint8)


def _unpacked(packed: npt.NDArray[np.uint8]) -> tuple[str, ...]:
    return tuple(packed.tobytes().decode().split("\0"))


def _check(rows: npt.NDArray[Any], files: Sequence[str], about: Mapping[str, Any]) -> None:
    """Raises ValueError for what no library holds."""
    kinds = [about["failures"], about["vocabulary"], *about["model"].values(), *about["contrast_names"]]
    if (
        rows.dtype != ROW
        or rows.shape != (len(files),)
        or [*map(type, kinds)] != [int] + [str] * len(kinds[1:])
    ):
        raise ValueError("an index of another kind")
    emotions = rows["contrast"]["emotion"]
    numbers = [
        rows["midlevel"],
        rows["duration_s"],
        *(rows["contrast"][name] for name in NUMBERS_OF_CONTRAST),
    ]
    if (
        about["vocabulary"] not in about["heads"]
        or not all((np.abs(values) < _GREATEST).all() for values in numbers)
        or not ((emotions >= -1) & (emotions < len(about["contrast_names"]))).all()
        or "" in files
    ):
        raise ValueError("values that no piece has")


def _ends(interval: Interval | None) -> list[list[float]] | None:
    return None if interval is None else [interval.low.tolist(), interval.high.tolist()]


def _interval(ends: list[list[float]] | None) -> Interval | None:
    return None if ends is None else Interval(*map(np.array, ends))
