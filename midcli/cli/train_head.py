"""`midcli train --from`: a model of one's own emotions over the qualities of a finished one."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from midcli.cli.inputs import columns_of
from midcli.cli.targets import check_targets
from midcli.errors import DataError, UsageError

if TYPE_CHECKING:
    from midcli.study.own_models import OwnModel


def train_head(
    base: str,
    tables: Sequence[Path],
    labels: str | None,
    out: Path,
    name: str | None,
    keep_all: bool,
    overwrite: bool,
) -> None:
    """Fit, write and say how well it works. Raises UsageError, DataError, ModelError, OutputError."""
    if len(tables) != 1 or not labels:
        raise UsageError(
            "--from needs one table of songs and its columns: --data mine.csv --labels epic,groovy"
        )
    (data,) = tables
    columns = columns_of(labels)
    check_targets([out], [data, Path(base)], overwrite)
    from midcli.cli.console import waiting
    from midcli.study.own_models import make_own_model
    from midcli.util.containers import usable_cores

    try:
        with waiting(f"{data}: analysing its songs"):
            made = make_own_model(data, columns, out, base, name, usable_cores(), keep_all)
    except DataError as error:
        if "nothing can be learned" in str(error):
            error.add_note("more songs may help; --keep-all writes the labels nevertheless")
        raise
    _print(made, out)


def _print(made: "OwnModel", out: Path) -> None:
    from midcli.cli.console import print_line, print_warning, stdout
    from midcli.explanation.words.numbers import decimal
    from midcli.util.text import printable

    stdout().print(
        printable(f"{out}: {made.head.name}, from {made.songs} songs of {made.groups} groups"), markup=False
    )
    for label in made.labels:
        worth = f"r {decimal(label.r, 2)} on songs of unseen groups"
        if label.is_learned:
            stdout().print(printable(f"{label.name}: {worth}"), markup=False)
        else:
            fate = "kept as asked" if label.name in made.head.names else "left out; --keep-all keeps it"
            chance = decimal(label.least_r, 2)
            print_warning(f"{label.name}: {worth}, which chance may reach ({chance}): {fate}")
    print_line("next", printable(f"midcli explain --model {out} SONG"), "green")
