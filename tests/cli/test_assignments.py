import pytest

from midcli.cli.assignments import parse_change, parse_target
from midcli.errors import UsageError
from midcli.explanation.whatif import Change
from midcli.labels import EMOTION_RANGE, EMOTIONS


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("dissonance=-2", Change("dissonance", -2, relative=True)),
        ("dissonance=\N{MINUS SIGN}2", Change("dissonance", -2, relative=True)),
        ("dissonance = +0.5", Change("dissonance", 0.5, relative=True)),
        ("minorness=4.0", Change("minorness", 4, relative=False)),
        ("Tonal stability=9", Change("tonal_stability", 9, relative=False)),
        ("rhythmic-stability=1e0", Change("rhythmic_stability", 1, relative=False)),
    ],
)
def test_changes_are_parsed(text: str, expected: Change) -> None:
    assert parse_change(text) == expected


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("dissonance", "name and a number"),
        ("loudness=3", "choose from melodiousness"),
        ("dissonance=", "not a number"),
        ("dissonance=nan", "not a number"),
        ("dissonance=much", "not a number"),
        ("dissonance=11", "from 1 to 10"),
    ],
)
def test_bad_changes_are_refused(text: str, complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint):
        parse_change(text)


def test_targets_are_parsed() -> None:
    assert parse_target("happy=6", EMOTIONS, EMOTION_RANGE) == ("happy", 6.0)
    for text in ("happy=10", "happy=-1", "nonsense=3", "happy"):
        with pytest.raises(UsageError):
            parse_target(text, EMOTIONS, EMOTION_RANGE)
