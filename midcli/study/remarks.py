"""What must be said beside the tables, in words: how runs were made, and what is far from the paper."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

import numpy as np

from midcli.corpora.published import MIDLEVEL_EXCERPTS, SOUNDTRACKS_EXCERPTS
from midcli.corpora.splits import FIXED_TEST, MIDLEVEL_PROTOCOLS
from midcli.explanation.words.numbers import MINUS
from midcli.study.recipes import RECIPES, RadialRecipe
from midcli.study.scores import SchemeScores, ScoreBook, Study
from midcli.study.tables import FAR_DEVIATIONS, FEWEST_RUNS, ROUNDING, Cell, Row, Table, corpus_size

_SMALLEST_GAIN = 0.005  # rounds to .01
_STUDENT_T = (4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262)
"""97.5 % points for 3 to 10 runs; the last is used for more, too."""


def facts(book: ScoreBook, protocol: str, recipe: str) -> list[str]:
    """What a reader must know to judge the tables: what was tested, how runs stopped, where and how long."""
    study = book.study(protocol, recipe)
    if study is None:
        return []
    closed_form = isinstance(RECIPES.get(recipe), RadialRecipe)
    lines = [_of_each_run(study), *_of_what_is_beside(book.beside(protocol, recipe))]
    lines += [_of_a_scheme(*scheme, closed_form) for scheme in study.schemes.items()]
    if protocol in book.regression:
        splits = _count(len(book.regression[protocol].runs), "split")
        lines.append(f"Mid2E: regression on the annotations of {splits}.")
    lines.append("No run had seen its test excerpts or stopped by them.")
    lines += _of_the_protocol(study, closed_form)
    if gain := _gain_of_joint_training(study):
        lines.append(gain)
    return [*lines, *_of_what_no_run_saw(study)]


def _of_each_run(study: Study) -> str:
    about = "about " if study.protocol == "album" else ""
    sizes = {f"{about}{_parts(scores)}" for scores in study.schemes.values()}
    stopping = {_stopping(scores.stopping, study.recipe) for scores in study.schemes.values()}
    return f"Each run: {' or '.join(sorted(sizes))} excerpts; {' or '.join(sorted(stopping))}."


def _of_what_is_beside(beside: Mapping[str, int]) -> Iterator[str]:
    if beside:
        pieces = ", ".join(f"{count} of {name}" for name, count in beside.items())
        yield f"Each run learned from other corpora too: {pieces}, without groups that are tested."


def _of_a_scheme(scheme: str, scores: SchemeScores, closed_form: bool) -> str:
    line = f"{scheme}: {_count(len(scores.seeds), 'run')} ({_seeds(scores.seeds)}), "
    line += f"{scores.tested} different excerpts tested, "
    if scheme == "a2mid2e":
        return f"{line}with the networks of a2mid"
    if not closed_form:
        line += f"{_count(round(np.mean(scores.epochs)), 'epoch')} on average, "
    return f"{line}{_devices(scores.devices)}; {rough_duration(scores.seconds)} in all"


def _of_the_protocol(study: Study, closed_form: bool) -> Iterator[str]:
    """What overlaps, and what does not."""
    protocol, schemes = study.protocol, list(study.schemes.values())
    if isinstance(RECIPES.get(study.recipe), RadialRecipe) and protocol != "fixed36":
        popular = ", and four fifths of the popular music," if protocol in MIDLEVEL_PROTOCOLS else ","
        yield (
            f"The recipe {study.recipe} was chosen among the excerpts outside fixed36{popular} and these "
            "test parts overlap with them; fixed36 is free of that."
        )
    if protocol in ("random", "fixed36"):
        known = [share for scores in schemes for share in scores.known_groups]
        yield (
            f"Of the {schemes[0].test} test excerpts {_range(known)} are from albums that training knows; "
            "the protocol album is free of that."
        )
    if protocol in MIDLEVEL_PROTOCOLS:
        yield from _of_all_midlevel_excerpts(protocol, schemes[0])
    if closed_form and protocol == "fixed36":
        yield "The published validation part is trained on too: there is nothing to stop by it."


def _of_all_midlevel_excerpts(protocol: str, scores: SchemeScores) -> Iterator[str]:
    """How the runs differ from the paper's A2Mid+."""
    tested = "artists that occur once" if protocol == "midlevel" else "any artists and albums, all of each"
    yield (
        f"Training knows no artist (of film excerpts, no album) of the test excerpts, which are of {tested}."
    )
    present = corpus_size(scores)
    if present < MIDLEVEL_EXCERPTS:
        yield (
            f"The paper's A2Mid+ learned from all {MIDLEVEL_EXCERPTS} excerpts and was tested on excerpts "
            f"like them; here the audio of {present} is present ({100 * present / MIDLEVEL_EXCERPTS:.0f} %), "
            f"{SOUNDTRACKS_EXCERPTS} of them film music: other genres in training and in the test, so these "
            "numbers stand beside the published ones but do not repeat them."
        )


def _of_what_no_run_saw(study: Study) -> Iterator[str]:
    schemes = list(study.schemes.values())
    never = sorted(set.intersection(*(set(scores.never_seen) for scores in schemes)))
    mostly_shared = len(schemes[0].seeds) > 1 and len(never) > schemes[0].test / 2
    if mostly_shared and study.protocol not in FIXED_TEST:
        yield (
            f"{len(never)} of the {schemes[0].test} test excerpts are the same in every run; deviations do "
            "not show how much depends on these."
        )
    yield f"Never seen by any run: {', '.join(never) if never else 'none, as test parts change'}."


def remarks(table: Table) -> list[str]:
    """Every cell that is far from the published number, and how many of them the test excerpts explain."""
    lines = []
    for sign, word in ((1, "better"), (-1, "worse")):
        found = _cells(table, partial(_far_towards, sign))
        if found:
            far = f"More than {FAR_DEVIATIONS:g} standard deviations of our runs"
            lines.append(f"{far} {word} than published: {found}.")
    if lines and any(cell.interval for row in table.rows for cell in row.cells):
        outside = _cells(table, lambda _, cell: cell.far and _outside(cell))
        lines.append(
            "All runs test the same excerpts, so deviations do not show how much depends on these. Of the "
            f"published numbers, those outside our bootstrap intervals are {outside or 'none'}."
        )
    return lines


def interval_words(rows: Sequence[Row]) -> str:
    """`A2E .69 to .79, ...`: the intervals of the last column."""
    words = []
    for row in rows:
        interval = row.cells[-1].interval
        if interval:
            words.append(f"{row.name} {score(interval[0])} to {score(interval[1])}")
    return ", ".join(words)


def score(value: float | None) -> str:
    """`.82`, `−.04`, `1.00`, `–` for none."""
    if value is None:
        return "–"
    text = f"{abs(value):.2f}"
    sign = MINUS if value < 0 and float(text) else ""
    return sign + text.removeprefix("0")


def rough_duration(seconds: float) -> str:
    """`42 s`, `12 min`, `3.4 h`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 90 * 60:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"


def _cells(table: Table, chosen: Callable[[Row, Cell], bool]) -> str:
    """`A2E energy, tension; Joint mean`: rows and columns of the chosen cells."""
    parts = []
    for row in table.rows:
        columns = [
            column.replace("_", " ")
            for column, cell in zip(table.columns, row.cells, strict=True)
            if chosen(row, cell)
        ]
        if columns:
            parts.append(f"{row.name} {', '.join(columns)}")
    return "; ".join(parts)


def _far_towards(sign: int, row: Row, cell: Cell) -> bool:
    return cell.far and row.ahead(cell) == sign


def _outside(cell: Cell) -> bool:
    """Whether the published number is outside the bootstrap interval."""
    if cell.interval is None or cell.published is None:
        return False
    low, high = cell.interval
    return not low - ROUNDING <= cell.published <= high + ROUNDING


def _parts(scores: SchemeScores) -> str:
    """`288 training and 72 test`"""
    sizes = {"training": scores.train, "validation": scores.validation, "test": scores.test}
    *first, last = [f"{size} {part}" for part, size in sizes.items() if size]
    return f"{', '.join(first)} and {last}"


def _stopping(stopping: str, recipe: str) -> str:
    """When runs of a recipe ended."""
    known = RECIPES.get(recipe)
    if isinstance(known, RadialRecipe):
        return "fitted in closed form, so there was nothing to stop"
    if stopping == "fixed":
        return "trained for a number of epochs that was fixed in advance"
    return "stopped early on the validation excerpts alone" + (
        f", after {known.epochs} epochs at the latest" if known else ""
    )


def _gain_of_joint_training(study: Study) -> str | None:
    """How much better emotions are if qualities are trained for them too; unsaid if it may be chance.

    Splits share excerpts, so the error of the mean over runs is that of Nadeau & Bengio (Machine Learning,
    2003); runs that all test the same excerpts tell nothing of others.
    """
    gains = study.differences("joint", "a2mid2e")[:, -1]
    if len(gains) < FEWEST_RUNS or study.protocol in FIXED_TEST:
        return None
    parts = study.schemes["joint"]
    share = parts.test / (parts.train + parts.validation)
    gain, error = gains.mean(), gains.std(ddof=1) * np.sqrt(1 / len(gains) + share)
    most_by_chance = error * _STUDENT_T[min(len(gains) - FEWEST_RUNS, len(_STUDENT_T) - 1)]
    if not gain > max(_SMALLEST_GAIN, most_by_chance):
        return None
    return (
        f"Over {len(gains)} pairs of runs on the same split, emotions of joint are {score(gain)} better than "
        "those of a2mid2e: trained jointly, the qualities carry some emotion beyond what listeners rated."
    )


def _range(numbers: Sequence[int]) -> str:
    """`71 to 72`, or `72` if they are all the same."""
    low, high = min(numbers), max(numbers)
    return str(low) if low == high else f"{low} to {high}"


def _seeds(seeds: Sequence[int]) -> str:
    """`seeds 0 to 9` if they are in a row, otherwise all of them."""
    if len(seeds) > 2 and list(seeds) == list(range(seeds[0], seeds[-1] + 1)):
        return f"seeds {seeds[0]} to {seeds[-1]}"
    return f"seed{'s' if len(seeds) > 1 else ''} {', '.join(map(str, seeds))}"


def _devices(runs: dict[str, int]) -> str:
    """On which processors runs were trained; how many on each, if there are several."""
    return "; ".join(runs if len(runs) == 1 else [f"{count} on {name}" for name, count in runs.items()])


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
