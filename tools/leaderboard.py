"""Valence and energy by midcli and by other programs from the package index, on the corpora that you have.

python -m tools.leaderboard --data DIR [--model music] [--model film] [--environments DIR] [--json FILE]

DIR holds the published layout, or CSV files with a column `file`, and `valence` or `energy`. Every other
program gets a virtual environment of its own; what is there already is used again. Each program is one
process over all files of a corpus; wall and CPU time are the operating system's, the start included.

Of files that a midcli model was trained on, what it would say if it had not heard them is scored: its last
layer on the qualities by networks that were fitted to other albums and artists, which its file keeps.
"""

import argparse
import json
import math
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np

from midcli.audio.spectrogram import FRONTEND
from midcli.corpora.corpus import Corpus, audio_digest
from midcli.corpora.own import load_all_beside
from midcli.corpora.published import load_soundtracks
from midcli.errors import DataError
from midcli.model.bundled import find_model
from midcli.model.file import Model
from midcli.study.metrics import pearson
from midcli.study.recipes import DEFAULT
from midcli.study.transfer import LABELS, ratings_of
from tools.benchmarks.competitors import SCRIPTS, Competitor, install_all
from tools.benchmarks.processes import Measured

EMOTIONS = ("valence", "energy")
OTHERS = (
    Competitor("vibenet", "vibenet_moods.py", (("vibenet",),)),
    Competitor("sonara", "sonara_moods.py", (("sonara",),)),
)


@dataclass(frozen=True)
class Program:
    """What is run over a list of files."""

    name: str
    command: list[str]
    """To which the list and the file for its answers are added at `LIST` and `ANSWERS`."""
    out_of_fold: Mapping[str, Sequence[float]] = field(default_factory=dict)
    """By the digest of audio that it is known to have been trained on: EMOTIONS as if it had not."""


@dataclass(frozen=True)
class Score:
    """One program on one corpus."""

    corpus: str
    program: str
    files: int
    in_training_set: int
    """These are scored by what the program says out of fold."""
    valence: float | None
    energy: float | None
    """Pearson's r."""
    wall_s: float
    cpu_s: float
    error: str = ""


def corpora_of(place: Path) -> list[Corpus]:
    """Every corpus in a folder that says something of valence or energy."""
    songs = place / "songs" if (place / "soundtracks").is_dir() else place
    found = [load_soundtracks(place)] if (place / "soundtracks").is_dir() else []
    found += load_all_beside(songs) if any(songs.glob("*.csv")) or songs.is_file() else []
    return [corpus for corpus in found if np.isfinite(_rated(corpus)).any()]


def programs(models: Sequence[str], environments: Path) -> Iterator[Program]:
    """midcli with each model, and the others that can be installed; what cannot is told on stderr."""
    for name in models:
        script = str(SCRIPTS / "midcli_moods.py")
        unheard = out_of_fold(Model(find_model(name), FRONTEND))
        yield Program(f"midcli {name}", [sys.executable, script, "LIST", "ANSWERS", name], unheard)
    for installed in install_all(environments, OTHERS):
        if installed.error:
            print(f"{installed.name}: {installed.error}", file=sys.stderr)
        else:
            yield Program(installed.versions, [*installed.command, "LIST", "ANSWERS"])


def out_of_fold(model: Model) -> dict[str, list[float]]:
    """EMOTIONS by the digest of each training file, whose qualities the model keeps in the same order."""
    digests = model.card.get("training_files") or ()
    emotions = model.head.emotions(model.reference.midlevel)
    columns = [model.head.names.index(name) for name in EMOTIONS]
    return dict(zip(digests, emotions[:, columns].tolist(), strict=True)) if digests else {}


def score(program: Program, corpus: Corpus, timeout_s: float) -> Score:
    """Run a program over a corpus and compare its answers with the ratings."""
    paths = [str(excerpt.path.resolve()) for excerpt in corpus.excerpts]
    with tempfile.TemporaryDirectory() as folder:
        listed, answers = Path(folder) / "files.json", Path(folder) / "answers.json"
        listed.write_text(json.dumps(paths), encoding="utf-8")
        places = {"LIST": str(listed), "ANSWERS": str(answers)}
        process = Measured(program.name, [places.get(part, part) for part in program.command], 1, timeout_s)
        process.run(counted=True)
        if process.error:
            return Score(corpus.name, program.name, len(paths), 0, None, None, 0, 0, process.error)
        found = json.loads(answers.read_text("utf-8"))
    digests = [audio_digest(excerpt.path) for excerpt in corpus.excerpts]
    answered = [[found[path][name] for name in EMOTIONS] for path in paths]
    said = np.array(
        [program.out_of_fold.get(*pair) for pair in zip(digests, answered, strict=True)], np.float64
    )
    seen = sum(digest in program.out_of_fold for digest in digests)
    valence, energy = (float(r) if math.isfinite(r) else None for r in pearson(said, _rated(corpus)))
    return Score(
        corpus.name, program.name, len(paths), seen, valence, energy, process.wall_s[0], process.cpu_s[0]
    )


def table(scores: Sequence[Score]) -> str:
    """A Markdown table."""
    lines = [
        "| corpus | program | files | trained on, so out of fold | valence | energy | wall, s | CPU, s |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for one in scores:
        numbers = [f"{r:.2f}" if r is not None else "–" for r in (one.valence, one.energy)]
        known = one.in_training_set if one.program.startswith("midcli") else "unknown"
        times = [one.error, ""] if one.error else [f"{one.wall_s:.0f}", f"{one.cpu_s:.0f}"]
        cells = [one.corpus, one.program, str(one.files), str(known), *numbers, *times]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _rated(corpus: Corpus) -> np.ndarray:
    """(excerpts, 2)"""
    columns = [LABELS.index(name) for name in EMOTIONS]
    return ratings_of(corpus, DEFAULT)[:, columns]


def main() -> None:
    """Score everything, corpus by corpus, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--corpus", action="append", help="only corpora of this name")
    parser.add_argument("--model", action="append", help="name or file of a midcli model")
    parser.add_argument("--environments", type=Path, default=Path("leaderboard-environments"))
    parser.add_argument("--timeout", type=float, default=3600, help="seconds for one program on one corpus")
    parser.add_argument("--json", type=Path, help="write the scores here too")
    options = parser.parse_args()
    try:
        chosen = [
            one for one in corpora_of(options.data) if options.corpus is None or one.name in options.corpus
        ]
        if not chosen:
            raise DataError(f"{options.data}: no corpus that rates valence or energy")
        found = list(programs(options.model or ["music", "film"], options.environments))
        scores = []
        for corpus in chosen:
            for program in found:
                print(f"{program.name} on {corpus.name} ...", file=sys.stderr)
                scores.append(score(program, corpus, options.timeout))
    except DataError as error:
        sys.exit(str(error))
    print(table(scores))
    if options.json:
        options.json.write_text(
            json.dumps([asdict(one) for one in scores], indent=1) + "\n", encoding="utf-8"
        )


if __name__ == "__main__":
    main()
