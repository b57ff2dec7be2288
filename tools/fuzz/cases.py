"""One case: a mutated file through the code that reads such files, in a process that may die of it."""

import random
import shutil
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
from typer.testing import CliRunner

from midcli.analyser import Analyser
from midcli.audio.spectrogram import SAMPLE_RATE_HZ, spectrogram_of
from midcli.corpora.own import load_corpus
from midcli.corpora.published import load_midlevel, load_soundtracks
from midcli.errors import DataError, InputError, MidcliError, ModelError, OutputError, UsageError
from midcli.explanation.reference import read_reference
from midcli.library.journal import Journal
from tools.fuzz.mutations import mutate, mutate_json, mutate_model, mutate_text
from tools.fuzz.writers import Written, expected_samples, written

MEMORY_MB = 1024
"""A case that takes more has failed."""
VALUE_TOLERANCE = 0.3
"""Rating points between a file that a writer has joined or tagged and its healthy parts."""
DURATION_TOLERANCE_S = 0.6
"""Encoders add to both ends of each part."""
_OF_THE_MODEL = ("shorter than all music", "sounds more like", "silence", "100 %")
_CONTROLS = set(map(chr, (*range(9), *range(11, 32), *range(127, 160))))
_ADDRESS_SPACE = 12 << 30  # what keeps the machine alive; far beyond the limit above

_TARGETS = ("audio",) * 14 + ("model",) * 2 + ("table", "reference", "journal", "journal", "library")


@dataclass(frozen=True)
class Case:
    """Which case: seed and number say everything about it."""

    seed: int
    number: int
    writers: bool = False
    """Whether it is one of what real writers do, not of mutations."""


@dataclass(frozen=True)
class Verdict:
    """What became of a case."""

    case: Case
    file: str
    """The file that was mutated."""
    ended: str
    """`result`, the kind of one of our errors, or `bug`."""
    detail: str
    """Message or traceback."""
    seconds: float
    memory_mb: float

    @property
    def failed(self) -> bool:
        return self.ended in ("bug", "died", "hung") or self.memory_mb > MEMORY_MB


def start(seeds: Path, work: Path) -> Callable[[Case], Verdict]:
    """What a process does to a case; `work` is its own folder."""
    if sys.platform == "linux":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (_ADDRESS_SPACE, _ADDRESS_SPACE))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    files = {kind.name: sorted(kind.iterdir()) for kind in seeds.iterdir() if kind.is_dir()}
    contents = {path: path.read_bytes() for kind in files.values() for path in kind}
    analyser = Analyser(seeds / "model" / "tiny.onnx", threads=1)
    return partial(_run, seeds, work, files, contents, analyser)


def mutated(case: Case, files: dict[str, list[Path]], contents: dict[Path, bytes]) -> tuple[str, Path, bytes]:
    """Target, file that was mutated, and its new content."""
    rng = random.Random(f"{case.seed}:{case.number}")
    target = rng.choice(_TARGETS)
    kind = "rows" if target in ("reference", "journal", "library") else target
    path = rng.choice(files[kind])
    content, others = contents[path], [contents[other] for other in files[kind]]
    if target == "audio" or (target == "model" and rng.random() < 0.3):
        return target, path, mutate(content, others, rng)
    if target == "model":
        return target, path, mutate_model(content, rng)
    if kind == "rows" and rng.random() < 0.5:
        return target, path, mutate_json(content, rng)
    return target, path, mutate_text(content, others, rng)


def _run(
    seeds: Path,
    work: Path,
    files: dict[str, list[Path]],
    contents: dict[Path, bytes],
    analyser: Analyser,
    case: Case,
) -> Verdict:
    if case.writers:
        return _run_written(work, case)
    target, path, content = mutated(case, files, contents)
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    began, before_mb = time.process_time(), _reset_peak_mb()
    try:
        ended, detail = _TARGET_FUNCTIONS[target](content, path, work, seeds, analyser)
    except BaseException:
        ended, detail = "bug", traceback.format_exc()
    return Verdict(
        case, f"{target}/{path.name}", ended, detail, time.process_time() - began, _peak_mb() - before_mb
    )


def written_by(case: Case) -> Written:
    """The file of a case, as a real writer leaves it."""
    return written(random.Random(f"{case.seed}:{case.number}"))


def _run_written(work: Path, case: Case) -> Verdict:
    made = written_by(case)
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    file = work / f"a.{made.name}"
    file.write_bytes(made.content)
    _expected_values(made)
    began, before_mb = time.process_time(), _reset_peak_mb()
    try:
        ended, detail = _written(file, made)
    except BaseException:
        ended, detail = "bug", traceback.format_exc()
    spent_s, memory_mb = time.process_time() - began, _peak_mb() - before_mb
    return Verdict(case, f"{made.kind}/{made.name}", ended, detail, spent_s, memory_mb)


def _written(file: Path, made: Written) -> tuple[str, str]:
    try:
        analysis = _film().analyse(file)
    except InputError as error:
        if made.parts:
            raise AssertionError("refused, though it is sound") from error
        return _expected(error)
    warnings = [warning for warning in analysis.warnings if not warning.startswith(_OF_THE_MODEL)]
    assert not (made.silent and warnings), f"a false alarm: {warnings}"
    assert warnings or not made.told, "nothing is told"
    if made.parts:
        expected = _expected_values(made)
        values = np.array([value.value for value in analysis.emotions.values()])
        apart = float(np.abs(values - expected[1:]).max())
        longer_s = analysis.duration_s - expected[0]
        assert abs(longer_s) < DURATION_TOLERANCE_S, f"{longer_s:+.1f} s; {warnings}"
        assert apart < VALUE_TOLERANCE, f"{apart:.2f} points apart; {warnings}"
    return "result", f"{analysis.duration_s:.1f} s {analysis.warnings}"


@cache
def _film() -> Analyser:
    return Analyser("film", threads=1)


def _expected_values(made: Written) -> npt.NDArray[np.float64]:
    """Seconds and emotions of the parts; nothing if there are none."""
    if not made.parts:
        return np.zeros(0)
    samples = expected_samples(made.parts)
    values = _values_of(samples.tobytes())
    return np.array([len(samples) / SAMPLE_RATE_HZ, *values])


@lru_cache(1000)
def _values_of(samples: bytes) -> tuple[float, ...]:
    model = _film().model
    midlevel = model.midlevel(model.evidence(spectrogram_of([np.frombuffer(samples, np.float32)])))
    return tuple(value.value for value in _film().context.explain(midlevel).emotions.values())


def _audio(content: bytes, path: Path, work: Path, _: Path, analyser: Analyser) -> tuple[str, str]:
    file = work / path.name
    file.write_bytes(content)
    try:
        analysis = analyser.analyse(file)
    except InputError as error:
        return _expected(error)
    values = [value.value for value in (*analysis.midlevel.values(), *analysis.emotions.values())]
    assert np.isfinite(values).all(), values
    assert 1 <= analysis.duration_s <= analyser.max_duration_s
    return "result", f"{analysis.duration_s:.1f} s {analysis.warnings}"


def _model(content: bytes, path: Path, work: Path, seeds: Path, _: Analyser) -> tuple[str, str]:
    file = work / path.name
    file.write_bytes(content)
    shutil.copy(path, work / "weights.bin")
    try:
        Analyser(file, threads=1).analyse(seeds / "song.wav")
    except ModelError as error:
        return _expected(error)
    from midcli.cli.main import app

    song = str(seeds / "song.wav")
    for arguments in (["explain", song], ["explain", song, "--json"], ["model"], ["model", "--json"]):
        result = CliRunner().invoke(app, [*arguments, "--model", str(file)])
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code in (0, 4), result.output
        assert not _CONTROLS & set(result.output), "controls"
    return "result", ""


def _table(content: bytes, path: Path, work: Path, seeds: Path, _: Analyser) -> tuple[str, str]:
    if path.name == "own.csv":
        for number in range(6):
            (work / f"{number}.wav").touch()
        (work / path.name).write_bytes(content)
        return _read(lambda: load_corpus(work))
    soundtracks, midlevel = work / "soundtracks", work / "midlevel" / "metadata_annotations"
    (soundtracks / "Set1").mkdir(parents=True)
    midlevel.mkdir(parents=True)
    for number in range(1, 6):
        (soundtracks / "Set1" / f"{number:03}.mp3").touch()
    for other in (seeds / "table").iterdir():
        place = midlevel if other.name == "annotations.csv" else soundtracks
        (place / other.name).write_bytes(content if other.name == path.name else other.read_bytes())
    both = [_read(lambda: load_soundtracks(work)), _read(lambda: load_midlevel(work))]
    return both[1]


def _reference(content: bytes, path: Path, work: Path, _: Path, analyser: Analyser) -> tuple[str, str]:
    (work / path.name).write_bytes(content)
    return _read(lambda: read_reference(work / path.name, analyser.model.sha256))


def _journal(content: bytes, path: Path, work: Path, _: Path, analyser: Analyser) -> tuple[str, str]:
    """Also: whatever is refused stays as it is, and only an incomplete last line is dropped."""
    from midcli.explanation.reference import Comparison
    from midcli.library.predicting import Format, write_table

    file = work / path.name
    file.write_bytes(content)
    try:
        journal = Journal(file)
    except (UsageError, OutputError) as error:
        assert file.read_bytes() == content, "a refused file was changed"
        return _expected(error)
    with journal:
        assert content.startswith(file.read_bytes()), "content was lost"
        comparison = Comparison(analyser.context)
        records = list(journal.records())
        write_table(records, work / "table.csv", Format.csv)
        for record in records:
            comparison.of(record)
        journal.tidy()
    Journal(file).close()
    return "result", f"{len(records)} rows"


def _library(content: bytes, _path: Path, work: Path, seeds: Path, _analyser: Analyser) -> tuple[str, str]:
    """Also: nothing of a stranger's rows reaches a terminal, a page or a playlist as more than text."""
    from midcli.cli.main import app

    library, page, playlist = work / "library.jsonl", work / "page.html", work / "list.m3u8"
    library.write_bytes(content)
    model = ["--model", str(seeds / "model" / "tiny.onnx")]
    found = ["find", str(library), "energetic", "--flagged", *model]
    contrast = ["find", str(library), "--contrast", "any", *model]
    arc = ["find", str(library), "--from", "calm", "--to", "tense", *model]
    codes = []
    for arguments in (
        *([*found, "--why"], [*found, "--json"], [*found, "--vary"], contrast, arc),
        *([*found, "--save", str(page)], [*found, "-o", str(playlist)], ["tag", str(library), *model]),
    ):
        result = CliRunner().invoke(app, arguments)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code in (0, 2, 3, 4, 5), result.output
        assert not _CONTROLS & set(result.output), "controls"
        codes.append(result.exit_code)
    assert "<img" not in (page.read_text("utf-8") if page.exists() else ""), "foreign elements"
    return "result", str(codes)


def _read(read: Callable[[], object]) -> tuple[str, str]:
    try:
        return "result", f"{read()!r:.80}"
    except DataError as error:
        return _expected(error)


def _expected(error: MidcliError) -> tuple[str, str]:
    assert "\n" not in str(error).strip(), f"an error of several lines: {error}"
    return error.kind, str(error)


_TARGET_FUNCTIONS = {
    "audio": _audio,
    "model": _model,
    "table": _table,
    "reference": _reference,
    "journal": _journal,
    "library": _library,
}


def _reset_peak_mb() -> float:
    if sys.platform != "linux":
        return 0.0
    Path("/proc/self/clear_refs").write_text("5")
    return _peak_mb()


def _peak_mb() -> float:
    """The most memory that the process had since the last reset; 0 where that cannot be known."""
    if sys.platform != "linux":
        return 0.0
    status = Path("/proc/self/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024
