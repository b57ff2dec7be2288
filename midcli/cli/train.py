"""`midcli train`: a model file from an annotated corpus."""

import contextlib
import json
import math
import shlex
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from midcli.cli.data import Source
from midcli.cli.targets import check_targets
from midcli.cli.threads import let_threads_sleep
from midcli.errors import DataError, ExtraError, UsageError
from midcli.util.files import isdir

if TYPE_CHECKING:
    from midcli.corpora.corpus import Corpus
    from midcli.training.build import BuildProgress


class Scheme(StrEnum):
    """What leads from audio to emotions."""

    joint = "joint"
    a2mid2e = "a2mid2e"
    a2mid = "a2mid"
    a2e = "a2e"


def train(
    out: Annotated[Path, typer.Option("--out", "-o", help="The model file to write.", show_default=False)],
    scheme: Annotated[
        Scheme, typer.Option(help="joint and a2mid2e explain; a2e has no qualities, a2mid no emotions.")
    ] = Scheme.joint,
    recipe: Annotated[
        str,
        typer.Option(
            help="paper: as published. default: that of the bundled model. compact: a small network."
        ),
    ] = "default",
    data: Annotated[
        Path | None,
        typer.Option(help="Folder of the corpora, or a CSV of your own; MIDCLI_DATA if none."),
    ] = None,
    corpus: Annotated[
        Source, typer.Option(help="Of the published corpora; midlevel has qualities only (for a2mid).")
    ] = Source.soundtracks,
    seed: Annotated[int, typer.Option(min=0, help="Decides folds and start.")] = 0,
    folds: Annotated[
        int, typer.Option(min=2, help="Parts of the corpus for averages, intervals and scores.")
    ] = 5,
    name: Annotated[
        str | None, typer.Option(help="What the model is called.", show_default="that of the file")
    ] = None,
    model_version: Annotated[str, typer.Option(help="Its version.")] = "1.0",
    float16: Annotated[bool, typer.Option("--float16", help="Half the size: weights rounded.")] = False,
    device: Annotated[
        str | None, typer.Option(help="cpu, cuda, cuda:1 …", show_default="the best there is")
    ] = None,
    checkpoint_dir: Annotated[
        Path | None,
        typer.Option(help="Keep checkpoints here.", show_default="beside the file until it is done"),
    ] = None,
    notes: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="A JSON object that goes into the model's card as `notes`."),
    ] = None,
    base: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="MODEL",
            help="Keep that model's network and learn emotions of your own from --labels; needs no torch.",
        ),
    ] = None,
    labels: Annotated[
        str | None,
        typer.Option(metavar="COLUMN,...", help="With --from: columns of --data, ratings or categories."),
    ] = None,
    keep_all: Annotated[
        bool, typer.Option("--keep-all", help="With --from: also labels that unseen songs do not bear out.")
    ] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace an existing file.")] = False,
) -> None:
    """Train networks and write a model file.

    Example: midcli train --data ~/corpora --recipe paper --seed 1 --out paper.onnx

    Example: midcli train --from music --data mine.csv --labels epic,groovy --out mine.onnx

    Fits once for each fold, for averages, intervals and scores on music that the networks have not heard,
    and then to everything. Interrupted, the same command goes on from the last checkpoint; recipes that
    are fitted in closed form have none and start anew.
    """
    check_targets([out], [], overwrite)
    if out.suffix.lower() != ".onnx":
        raise UsageError(f"--out {out}: the name must end in .onnx")
    if base is not None:
        from midcli.cli.train_head import train_head

        train_head(base, data, labels, out, name, keep_all, overwrite)
        return
    if labels or keep_all:
        raise UsageError("--labels and --keep-all go with --from MODEL")
    _require_extra()
    let_threads_sleep()
    from midcli.cli.console import print_warning
    from midcli.study.recipes import RECIPES
    from midcli.training.build import Plan, build, check

    if recipe not in RECIPES:
        raise UsageError(f"--recipe {recipe}: known are {', '.join(RECIPES)}")
    chosen = _load(data, corpus)
    title = name or out.stem
    _check_text("name" if name else "out", title)
    _check_text("model-version", model_version)
    _check_text("data", chosen.name)
    if notes:
        _check_text("notes", notes.name)
    plan = Plan(
        title,
        model_version,
        str(scheme),
        RECIPES[recipe],
        seed,
        folds,
        _command(scheme, recipe, chosen, seed, folds, title, model_version, notes, float16),
        _read_notes(notes),
        float16,
    )
    check(chosen, plan, device)
    checkpoints = checkpoint_dir or out.with_name(f"{out.name}.checkpoints")
    try:
        with _Display() as display:
            card = build(
                chosen,
                display.spectrograms(chosen),
                plan,
                out,
                checkpoints=checkpoints,
                device=device,
                on_progress=display.show,
            )
    except KeyboardInterrupt:
        kept = any(_own_checkpoints(checkpoints))
        rest = "goes on from its checkpoints" if kept else "starts anew: no checkpoint was written yet"
        print_warning(f"interrupted; the same command {rest}")
        raise
    if checkpoint_dir is None:
        _remove_checkpoints(checkpoints)
    _print_summary(out, card)


def _require_extra() -> None:
    from importlib.util import find_spec

    if not all(find_spec(name) for name in ("onnx", "onnxscript", "torch", "torchaudio")):
        raise ExtraError("training", "train")


def _load(data: Path | None, source: Source) -> "Corpus":
    from midcli.cli.inputs import data_folder
    from midcli.corpora.own import load_corpus
    from midcli.corpora.published import load_midlevel

    place = data_folder(data)
    if source is Source.midlevel:
        if not isdir(place / "midlevel"):
            raise DataError(f"{place}: has no folder `midlevel` of the published layout")
        return load_midlevel(place)
    return load_corpus(place)


def _command(
    scheme: Scheme,
    recipe: str,
    corpus: "Corpus",
    seed: int,
    folds: int,
    name: str,
    model_version: str,
    notes: Path | None,
    float16: bool,
) -> str:
    """What makes the file again, without the folders of this machine."""
    source = ["DIR", "--corpus", corpus.name] if corpus.published else ["CSV"]
    words = ["midcli", "train", "--data", *source, "--scheme", scheme, "--recipe", recipe]
    words += ["--seed", str(seed), "--folds", str(folds), "--name", name, "--model-version", model_version]
    words += ["--notes", notes.name] if notes else []
    words += ["--float16"] if float16 else []
    return shlex.join([*words, "--out", f"{name}.onnx"])


def _check_text(option: str, text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise UsageError(f"--{option} {text}: a model file cannot hold a name that is not UTF-8") from error


def _read_notes(path: Path | None) -> dict[str, Any] | None:
    if path is None:
        return None
    try:
        notes = json.loads(path.read_text("utf-8"))
        json.dumps(notes, ensure_ascii=False, allow_nan=False).encode()  # as a model file must allow it
    except OSError as error:
        raise UsageError(f"--notes {path}: cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise UsageError(f"--notes {path}: is not valid JSON: {error}") from error
    if not isinstance(notes, dict):
        raise UsageError(f"--notes {path}: expected a JSON object")
    return notes


class _Display:
    """One line of live progress on stderr for the step at work, one printed line for each that is done."""

    def __enter__(self) -> "_Display":
        from rich.progress import BarColumn, Progress, TextColumn

        from midcli.cli.console import stderr

        self.progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=8),
            TextColumn("{task.fields[facts]}", markup=False),
            console=stderr(),
            transient=True,
            disable=not stderr().is_terminal,
        )
        self.progress.start()
        self.task = self.progress.add_task("reading audio", total=None, facts="")
        self.step = 0
        return self

    def __exit__(self, *_: object) -> None:
        self.progress.stop()

    def spectrograms(self, corpus: "Corpus") -> dict[str, Any]:
        from midcli.corpora.spectrograms import cached_spectrograms

        def read(done: int, total: int) -> None:
            self.progress.update(self.task, completed=done, total=total, facts=f"{done} of {total}")

        return dict(cached_spectrograms(corpus, read))

    def show(self, state: "BuildProgress") -> None:
        from midcli.explanation.words.numbers import duration

        training = state.training
        if math.isnan(training.loss):  # nothing is trained by epochs
            facts = [f"{training.epoch} of {training.epochs}"]
        else:
            facts = [f"epoch {training.epoch} of {training.epochs}", f"loss {training.loss:.4f}"]
        if training.validation_r is not None:
            facts.append(f"validation r {training.validation_r:.3f}")
        self.progress.update(
            self.task,
            description=state.name,
            completed=training.epoch,
            total=training.epochs,
            facts="  ".join([*facts, f"{duration(state.seconds_left)} left"]),
        )
        if training.seconds_left == 0:
            from midcli.cli import logs

            line = f"{state.name}: {', '.join(facts)}"
            self.progress.console.print(line, markup=False)
            logs.printed(line)


def _remove_checkpoints(folder: Path) -> None:
    """Those of a finished model; anything else in the folder stays, and so does the folder then."""
    for path in _own_checkpoints(folder):
        path.unlink()
    with contextlib.suppress(OSError):
        folder.rmdir()


def _own_checkpoints(folder: Path) -> Iterator[Path]:
    for pattern in ("fold*.pt", "all*.pt"):
        yield from folder.glob(pattern)


def _print_summary(out: Path, card: dict[str, Any]) -> None:
    from midcli.cli.console import stdout
    from midcli.explanation.words.numbers import decimal
    from midcli.util.text import printable

    console = stdout()
    size_mb = out.stat().st_size / 1e6
    console.print(printable(f"{out}: {card['name']} {card['version']}, {size_mb:.1f} MB"), markup=False)
    for group, words in (("emotion", "emotions"), ("midlevel", "qualities")):
        scores = card["scores"].get(f"{group}_r")
        if scores and scores["mean"] is not None:
            labels = ", ".join(
                f"{label.replace('_', ' ')} {decimal(r, 2)}" for label, r in scores.items() if r is not None
            )
            console.print(f"{words}: r out of fold {labels}", markup=False)
