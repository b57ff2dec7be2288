from types import SimpleNamespace

import pytest
from midcli.explanation.words.effects import Effects, effects_of

from midcli.explanation.words.numbers import decimal
from tests.explanation.test_words_sentences import piece


def effects(seed: int, name: str, relative: bool = True, doubtful: bool = False) -> Effects:
    explanation = piece(seed)
    analysis = SimpleNamespace(midlevel=explanation.midlevel, doubtful=doubtful)
    return effects_of(analysis, explanation.emotions[name], relative, also=False)  # type: ignore[arg-type]


@pytest.mark.parametrize("relative", [True, False])
@pytest.mark.parametrize("seed", range(5))
def test_what_is_shown_adds_up_and_the_largest_push_comes_first(seed: int, relative: bool) -> None:
    emotion = piece(seed).emotions["tension"]
    found = effects(seed, "tension", relative)
    base = emotion.average if relative else emotion.intercept
    assert round(base, 1) + sum(found.shown.values()) == pytest.approx(round(emotion.value, 1))
    origin = "average" if relative else "intercept"
    assert found.equation.startswith(f"{decimal(emotion.value)} = {origin} {decimal(base)}")
    pushes = list(found.pushes.values())
    assert pushes == sorted(pushes, reverse=found.upwards)
    assert found.upwards == (round(emotion.value, 1) >= round(base, 1))


def test_remarks_say_what_each_quality_is_like() -> None:
    midlevel = piece(0).midlevel
    remark = effects(0, "tension").remarks["dissonance"]
    above = midlevel["dissonance"].value > midlevel["dissonance"].average
    assert remark == ("greater dissonance" if above else "greater consonance")
    assert effects(0, "tension", relative=False).remarks["dissonance"] == (
        f"at {decimal(midlevel['dissonance'].value)}"
    )


def test_nothing_is_stated_of_what_is_no_music() -> None:
    assert effects(0, "tension", doubtful=True).sentences.startswith("The model would say: ")
