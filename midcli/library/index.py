"""Opening what `predict` wrote, from its index where that is worth one.

The index is made anew whenever the file has another size or time of change; where nobody may write beside the
file, it is kept in the user's cache folder, and where that fails too it is done without.
"""

import hashlib
import logging
import os
from contextlib import suppress
from pathlib import Path

from midcli.errors import InputError, ModelError
from midcli.explanation.records import ModelInfo, short
from midcli.library.columns import Library
from midcli.library.index_file import FORMAT, MALFORMED, index_places, keep, load
from midcli.library.lines import Lines, read_lines
from midcli.util.files import isdir, isfile
from midcli.util.stopwatch import Stopwatch

_log = logging.getLogger(__name__)

WORTH_AN_INDEX_BYTES = 2_000_000  # what is smaller is read in a quarter of a second


def open_library(path: str | Path, model: str | Path | None = None) -> Library:
    """Open what `predict` wrote as JSON lines; `model` names the model file where it is not a bundled one.

    The emotions are those of the model's own vocabulary.

    Raises InputError if the file cannot be read, DataError if it is something else or holds no piece,
    ModelError if its model is not there.

    >>> from midcli.library.index import open_library
    >>> open_library("library.jsonl").files  # which predict(..., output="library.jsonl") wrote
    ('song.ogg', 'other.ogg')
    """
    path = Path(path)
    watch = Stopwatch(_log)
    try:
        with path.open("rb") as file:
            state = os.fstat(file.fileno())
    except OSError as error:
        what = "is a folder" if isdir(path) else f"cannot be read: {error.strerror}"
        raise InputError(path, what) from error
    stamp = [FORMAT, state.st_size, state.st_mtime_ns]
    if state.st_size < WORTH_AN_INDEX_BYTES:
        return _assembled(path, read_lines(path), model)
    for place in filter(isfile, index_places(path)):
        kept = None
        with suppress(*MALFORMED):
            kept = load(place, path, stamp)
        if kept is not None:
            if model:
                model_of(path, kept.model, model)
            watch.lap("%s: %d pieces from %s", path, len(kept), place)
            return kept
    library = _assembled(path, read_lines(path), model)
    keep(library, stamp)
    watch.lap("%s: %d pieces read", path, len(library))
    return library


def _assembled(path: Path, lines: Lines, model: str | Path | None) -> Library:
    from midcli.audio.spectrogram import FRONTEND
    from midcli.model.file import Model

    made_by = Model(model_of(path, lines.model, model), FRONTEND, threads=1)
    return Library(
        path,
        lines.model,
        made_by.heads,
        made_by.vocabulary,
        made_by.midlevel_interval,
        lines.files,
        lines.rows,
        lines.failures,
        lines.contrast_names,
        lines.origins,
    )


def model_of(path: Path, info: ModelInfo, named: str | Path | None = None) -> Path:
    """The file of the model that made the rows of a library: the named one, or a bundled one.

    Raises ModelError if it is not that one, or not there.
    """
    from midcli.model.bundled import bundled_models, find_model
    from midcli.model.file import read_model

    candidates = {str(named): find_model(named)} if named else bundled_models()
    digests = {}
    for name, candidate in candidates.items():
        digests[name] = hashlib.sha256(read_model(candidate)).hexdigest()
        if digests[name] == info.sha256:
            return candidate
    if named:
        problem = f"another model ({info.build}) than {named} ({short(digests[str(named)])})"
    else:
        problem = f"a model ({info.build}) that does not come with this midcli"
        if info.name in digests:
            problem += f", whose {info.name} is another ({short(digests[info.name])})"
    raise ModelError(f"{path}: was made by {problem}; name the file of that model, or predict again")
