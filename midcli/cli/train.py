"""`midcli train`: a model file from an annotated corpus."""

import contextlib
import json
import shlex
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from midcli.cli import options
from midcli.cli.data import FOLDS, Source
from midcli.cli.extras import require
from midcli.cli.inputs import columns_of, corpora_beside
from midcli.cli.targets import check_targets
from midcli.cli.threads import let_threads_sleep
from midcli.cli.train_head import train_head
from midcli.errors import DataError, ExtraError, UsageError
from midcli.util.files import isdir

if TYPE_CHECKING:
    from midcli.corpora.corpus import Corpus
    from midcli.study.recipes import AnyRecipe
    from midcli.training.build import Plan


class Scheme(StrEnum):
    """What leads from audio to emotions."""

    joint = "joint"
    a2mid2e = "a2mid2e"
    a2mid = "a2mid"
    a2e = "a2e"


Out = Annotated[Path, typer.Option("--out", "-o", help="The model file to write.", show_default=False)]
SchemeName = Annotated[
    Scheme, typer.Option(help="joint and a2mid2e explain; a2e has no qualities, a2mid no emotions.")
]
RecipeName = Annotated[
    str,
    typer.Option(help="paper: as published. default: of music. film: of film. compact: a small network."),
]
Data = Annotated[
    list[Path] | None,
    typer.Option(
        help="Folder of the corpora, or a CSV of your own; MIDCLI_DATA if none. Repeatable: what is named "
        "further, a CSV or a folder of several, is learned from beside the first.",
        show_default=False,
    ),
]
CorpusName = Annotated[
    Source, typer.Option(help="Of the published corpora; midlevel has qualities only (for a2mid).")
]
Seed = Annotated[int, typer.Option(min=0, help="Decides folds and start.")]
Folds = Annotated[int, typer.Option(min=2, help="Parts of the corpus for averages, intervals and scores.")]
Name = Annotated[str | None, typer.Option(help="What the model is called.", show_default="that of the file")]
ModelVersion = Annotated[str, typer.Option(help="Its version.")]
Float16 = Annotated[bool, typer.Option("--float16", help="Half the size: weights rounded.")]
CheckpointDir = Annotated[
    Path | None,
    typer.Option(help="Keep checkpoints here.", show_default="beside the file until it is done"),
]
Notes = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="A JSON object that goes into the model's card as `notes`."),
]
Base = Annotated[
    str | None,
    typer.Option(
        "--from",
        metavar="MODEL",
        help="Keep that model's network and learn emotions of your own from --labels; needs no torch.",
    ),
]
Labels = Annotated[
    str | None,
    typer.Option(
        metavar="COLUMN,...", help="Columns of --data, ratings or categories, to learn instead of the eight."
    ),
]
KeepAll = Annotated[
    bool, typer.Option("--keep-all", help="With --from: also labels that unseen songs do not bear out.")
]


def train(
    context: typer.Context,
    out: Out,
    scheme: SchemeName = Scheme.joint,
    recipe: RecipeName = "default",
    data: Data = None,
    corpus: CorpusName = Source.soundtracks,
    seed: Seed = 0,
    folds: Folds = FOLDS,
    name: Name = None,
    model_version: ModelVersion = "1.0",
    float16: Float16 = False,
    device: options.Device = None,
    checkpoint_dir: CheckpointDir = None,
    notes: Notes = None,
    base: Base = None,
    labels: Labels = None,
    keep_all: KeepAll = False,
    overwrite: options.Overwrite = False,
) -> None:
    """Train networks and write a model file.

    Example: midcli train --data ~/corpora --recipe paper --seed 1 --out paper.onnx

    Example: midcli train --data ~/corpora --data ~/corpora/songs --out music.onnx

    Example: midcli train --from music --data mine.csv --labels epic,groovy --out mine.onnx

    Example: midcli train --data rated.csv --labels epic,groovy --scheme joint --out own.onnx

    Fits once for each fold, for averages, intervals and scores on music that the networks have not heard,
    and then to everything. Interrupted, the same command goes on from the last checkpoint; recipes that
    are fitted in closed form have none and start anew.
    """
    check_targets([out], [file for file in (notes, *(data or ())) if file], overwrite)
    if out.suffix.lower() != ".onnx":
        raise UsageError(f"--out {out}: the name must end in .onnx")
    if base is not None:
        _check_for_head(context, {"name" if name else "out": name or out.stem}, data or [])
        train_head(base, data or [], labels, out, name, keep_all, overwrite)
        return
    _check_labels(labels, keep_all, scheme)
    _require_torch(labels)
    named_recipe = _recipe(recipe)
    chosen, *beside = _corpora(data or [], corpus, named_recipe, labels)
    title = name or out.stem
    for option, text in (("name" if name else "out", title), ("model-version", model_version)):
        _check_text(option, text)
    let_threads_sleep()
    from midcli.training.build import Plan

    said = (scheme, recipe, (chosen, *beside), seed, folds, title, model_version, notes, float16, labels)
    named = (title, model_version, str(scheme), named_recipe, seed, folds)
    plan = Plan(*named, _command(*said), _read_notes(notes), float16)
    checkpoints = checkpoint_dir or out.with_name(f"{out.name}.checkpoints")
    card = _build(chosen, beside, plan, out, checkpoints, device)
    if checkpoint_dir is None:
        _remove_checkpoints(checkpoints)
    _print_summary(out, card)


def _build(
    corpus: "Corpus", beside: "list[Corpus]", plan: "Plan", out: Path, checkpoints: Path, device: str | None
) -> dict[str, Any]:
    from midcli.cli.console import print_warning
    from midcli.cli.train_progress import TrainProgress
    from midcli.training.beside import Beside
    from midcli.training.build import build, check, check_beside

    check(corpus, plan, device)
    check_beside(beside, plan, corpus.vocabulary)
    try:
        with TrainProgress() as progress:
            return build(
                corpus,
                progress.spectrograms(corpus),
                plan,
                out,
                beside=Beside(beside, {other.name: progress.spectrograms(other) for other in beside}),
                checkpoints=checkpoints,
                device=device,
                on_progress=progress.show,
            )
    except KeyboardInterrupt:
        kept = any(_own_checkpoints(checkpoints))
        rest = "goes on from its checkpoints" if kept else "starts anew: no checkpoint was written yet"
        print_warning(f"interrupted; the same command {rest}")
        raise


def _require_torch(labels: str | None) -> None:
    try:
        require(("training", "train"))
    except ExtraError as error:
        if labels:
            error.add_note("--from music learns labels without it")
        raise


def _check_for_head(context: typer.Context, named: dict[str, str], data: list[Path]) -> None:
    """Raises UsageError for options on the command line that say how a network is trained, and for names that
    cannot be written.
    """
    for option in ("scheme", "recipe", "seed", "folds", "model_version", "float16", "notes"):
        if options.is_named(context, option):
            raise UsageError(f"--from keeps a finished network: it takes no --{option.replace('_', '-')}")
    for option, text in (*named.items(), *(("data", table.name) for table in data)):
        _check_text(option, text)


def _check_labels(labels: str | None, keep_all: bool, scheme: Scheme) -> None:
    if keep_all:
        raise UsageError("--keep-all goes with --from MODEL")
    if labels and scheme is Scheme.a2mid:
        raise UsageError("--scheme a2mid learns qualities only, no --labels")


def _recipe(name: str) -> "AnyRecipe":
    from midcli.study.recipes import RECIPES

    if name not in RECIPES:
        raise UsageError(f"--recipe {name}: known are {', '.join(RECIPES)}")
    return RECIPES[name]


def _corpora(data: list[Path], source: Source, recipe: "AnyRecipe", labels: str | None) -> "list[Corpus]":
    """The corpus, then what is learned from beside it."""
    from midcli.corpora.own import check_apart

    corpora = [_load(data[0] if data else None, source, labels), *corpora_beside(data[1:], recipe)]
    for corpus in corpora:
        _check_text("data", corpus.name)
    check_apart(corpora)
    return corpora


def _load(data: Path | None, source: Source, labels: str | None) -> "Corpus":
    from midcli.cli.inputs import data_folder
    from midcli.corpora.own import load_corpus, load_labelled
    from midcli.corpora.published import load_midlevel

    place = data_folder(data)
    if labels:
        return load_labelled(place, columns_of(labels))
    if source is Source.midlevel:
        if not isdir(place / "midlevel"):
            raise DataError(f"{place}: has no folder `midlevel` of the published layout")
        return load_midlevel(place)
    return load_corpus(place)


def _command(
    scheme: Scheme,
    recipe: str,
    corpora: "tuple[Corpus, ...]",
    seed: int,
    folds: int,
    name: str,
    model_version: str,
    notes: Path | None,
    float16: bool,
    labels: str | None,
) -> str:
    """What makes the file again, without the folders of this machine."""
    first, *beside = corpora
    source = ["DIR", "--corpus", first.name] if first.published else ["CSV"]
    source += [word for corpus in beside for word in ("--data", f"{corpus.name}.csv")]
    words = ["midcli", "train", "--data", *source, "--scheme", scheme, "--recipe", recipe]
    words += ["--seed", str(seed), "--folds", str(folds), "--name", name, "--model-version", model_version]
    words += ["--notes", notes.name] if notes else []
    words += ["--float16"] if float16 else []
    words += ["--labels", labels] if labels else []
    return shlex.join([*words, "--out", f"{name}.onnx"])


def _check_text(option: str, text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise UsageError(f"--{option} {text}: a model file cannot hold a name that is not UTF-8") from error


def _read_notes(path: Path | None) -> dict[str, Any] | None:
    if path is None:
        return None
    from midcli.util.documents import read_json

    try:
        notes = read_json(path)
        json.dumps(notes, ensure_ascii=False, allow_nan=False).encode()  # as a model file must allow it
    except OSError as error:
        raise UsageError(f"--notes {path}: cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise UsageError(f"--notes {path}: {error}") from error
    if not isinstance(notes, dict):
        raise UsageError(f"--notes {path}: expected a JSON object")
    return notes


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
