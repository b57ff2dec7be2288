"""Names and numbers on the command line, such as `dissonance=-2`."""

from collections.abc import Sequence
from math import isfinite

from midcli.cli.names import known_name
from midcli.errors import UsageError
from midcli.explanation.whatif import Change
from midcli.explanation.words.numbers import MINUS
from midcli.labels import QUALITY_NAMES, QUALITY_RANGE, Label


def parse_changes(texts: Sequence[str]) -> list[Change]:
    """Changes of different qualities. Raises UsageError."""
    changes = [parse_change(text) for text in texts]
    if len({change.quality for change in changes}) < len(changes):
        raise UsageError("--set: a quality is given twice")
    return changes


def parse_targets(
    texts: Sequence[str], labels: Sequence[Label], scale: tuple[float, float]
) -> dict[str, float]:
    """Targets of different emotions on their scale. Raises UsageError."""
    targets = dict(parse_target(text, labels, scale) for text in texts)
    if len(targets) < len(texts):
        raise UsageError("--target: an emotion is given twice")
    return targets


def parse_change(text: str) -> Change:
    """`dissonance=-2` and `dissonance=+2` are relative, `minorness=4.0` is absolute. Raises UsageError."""
    name, number = _parse("--set", text, QUALITY_NAMES, "dissonance=-2 or minorness=4.0")
    relative = number[0] in "+-"
    lowest, highest = QUALITY_RANGE
    if not relative and not lowest <= float(number) <= highest:
        raise UsageError(
            f"--set {text}: {name} goes from {lowest:g} to {highest:g}; give a sign to change by an amount"
        )
    return Change(name, float(number), relative)


def parse_target(text: str, labels: Sequence[Label], scale: tuple[float, float]) -> tuple[str, float]:
    """`happy=6`. Raises UsageError."""
    lowest, highest = scale
    names = [label.name for label in labels]
    name, number = _parse("--target", text, names, f"{names[-1]}={(lowest + highest) / 2:g}", labels)
    if not lowest <= float(number) <= highest:
        raise UsageError(f"--target {text}: {name} goes from {lowest:g} to {highest:g}")
    return name, float(number)


def _parse(
    option: str, text: str, names: Sequence[str], example: str, labels: Sequence[Label] = ()
) -> tuple[str, str]:
    """A name as midcli spells it, and the text of a finite number."""
    given, equals, number = text.partition("=")
    if not equals:
        raise UsageError(f"{option} {text}: expected a name and a number, such as {example}")
    name = known_name(option, given, names, labels)
    number = number.strip().replace(MINUS, "-")
    if not _is_number(number):
        raise UsageError(f"{option} {text}: not a number after the equals sign, such as {example}")
    return name, number


def _is_number(text: str) -> bool:
    try:
        return isfinite(float(text))
    except ValueError:
        return False
