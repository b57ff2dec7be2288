"""Sections: found where the music changes, few, exact, and said in words."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from midcli.explanation import sections as sections_module
from midcli.explanation.effects import Explanation, explain
from midcli.explanation.sections import (
    LEAST_CONTRAST,
    SHORTEST_S,
    Section,
    change_points,
    loudest_contrast,
    partition,
    sections,
    stretches,
)
from midcli.explanation.words.sections import changes_sentence, section_words
from midcli.labels import EMOTION_NAMES, QUALITY_NAMES
from midcli.model.head import Head, Interval

CELL_S = 0.5
CORPUS = np.random.default_rng(0).normal(5, 1.5, (80, 7))
WEIGHTS = np.zeros((8, 7))
for emotion, quality, weight in (("fear", "dissonance", 1.0), ("happy", "minorness", -1.0)):
    WEIGHTS[EMOTION_NAMES.index(emotion), QUALITY_NAMES.index(quality)] = weight
HEAD = Head(
    WEIGHTS, np.full(8, 0.0) + 5 - WEIGHTS.sum(axis=1) * 5, Interval(np.full(8, -0.5), np.full(8, 0.5))
)


def music(*parts: tuple[float, dict[str, float]], seed: int = 0, noise: float = 0.3) -> np.ndarray:
    """Qualities (7, T) of stretches: seconds, and how far they are from 5."""
    levels = np.concatenate(
        [
            np.tile([shifts.get(name, 0.0) for name in QUALITY_NAMES], (round(length_s / CELL_S), 1))
            for length_s, shifts in parts
        ]
    )
    return np.asarray(5 + levels.T + np.random.default_rng(seed).normal(0, noise, (7, len(levels))))


def borders_of(values: np.ndarray, spectrum: np.ndarray | None = None) -> list[int]:
    """With a spectrum in which nothing happens but what qualities do, unless another is given."""
    duration_s = values.shape[1] * CELL_S
    if spectrum is None:
        spectrum = np.tile(values.T / 10, (1, 20))
    heard = stretches(spectrum.astype(np.float32), duration_s)
    return change_points(values, heard, duration_s, CORPUS, WEIGHTS)


def found(values: np.ndarray, spectrum: np.ndarray | None = None) -> list[float]:
    return [border * CELL_S for border in borders_of(values, spectrum)]


def test_what_does_not_vary_visibly_is_no_change() -> None:
    values = music((20, {"tonal_stability": -2.0}), (20, {"tonal_stability": 2.0}))
    weights = np.zeros((1, 7))
    weights[0, QUALITY_NAMES.index("tonal_stability")] = 0.01
    heard = stretches(np.tile(values.T / 10, (1, 20)).astype(np.float32), 40)
    assert change_points(values, heard, 40, CORPUS, weights)
    assert change_points(values, heard, 40, CORPUS, weights, least_spread=1.25) == []


def parts_of(cells: np.ndarray) -> tuple[Section, ...]:
    def explained(midlevel: np.ndarray) -> Explanation:
        return explain(midlevel, HEAD, CORPUS)

    return sections(cells, borders_of(cells), cells.shape[1] * CELL_S, explained)


FEAR = {"dissonance": 3.0, "melodiousness": -4.0, "tonal_stability": -3.0, "articulation": 3.0}
JOY = {"minorness": -3.0, "melodiousness": 3.0, "rhythmic_stability": 4.0, "tonal_stability": 3.0}


def test_borders_are_where_the_music_changes() -> None:
    borders = found(music((20, FEAR), (15, {}), (25, JOY)))
    assert borders == pytest.approx([20, 35], abs=1)


def test_the_spectrum_says_when_where_qualities_are_blurred() -> None:
    values = music((20, FEAR), (20, JOY))
    blur = np.ones(16) / 16
    padded = np.pad(values, ((0, 0), (8, 7)), mode="edge")
    blurred = np.array([np.convolve(row, blur, "valid") for row in padded])
    assert found(blurred, np.tile(values.T / 10, (1, 20))) == pytest.approx([20], abs=0.5)


def test_a_change_of_quiet_music_counts_beside_a_loud_outburst() -> None:
    values = music((20, FEAR), (20, JOY), noise=0.1)
    spectrum = np.tile(values.T / 20, (1, 20))
    spectrum[10:14] += 3.0
    assert found(values, spectrum) == pytest.approx([20], abs=0.5)


def test_stretches_are_means_of_equal_parts() -> None:
    spectrogram = np.arange(3000, dtype=np.float32).reshape(1000, 3)
    heard = stretches(spectrogram, 32.0)
    assert heard.shape == (64, 3)
    assert heard.mean(axis=0) == pytest.approx(spectrogram.mean(axis=0), rel=0.01)
    assert stretches(spectrogram[:7], 100.0).shape == (7, 3)
    assert stretches(np.zeros((90_000, 2), np.float32), 2880.0).shape == (sections_module.MOST_STRETCHES, 2)


def test_a_piece_without_change_has_one_section() -> None:
    for seed in range(5):
        assert found(music((120, FEAR), seed=seed)) == []


def test_a_change_that_no_emotion_follows_is_none() -> None:
    assert found(music((20, {"articulation": 4.0}), (20, {}))) == []
    assert LEAST_CONTRAST > 0


def test_sections_are_not_shorter_than_a_phrase() -> None:
    borders = [0.0, *found(music((20, {}), (2, FEAR), (20, {}))), 42.0]
    assert all(end - start >= SHORTEST_S for start, end in pairwise(borders))


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 1000), st.integers(1, 5), st.floats(0.1, 30))
def test_the_partition_is_the_best_of_all(seed: int, shortest: int, penalty: float) -> None:
    rng = np.random.default_rng(seed)
    points = rng.normal(0, 1, (11, 2)) + np.repeat(rng.normal(0, 3, (2, 2)), [5, 6], axis=0)

    def cost(borders: list[int]) -> float:
        edges = [0, *borders, len(points)]
        return penalty * len(borders) + sum(
            float(((points[a:b] - points[a:b].mean(axis=0)) ** 2).sum()) for a, b in pairwise(edges)
        )

    def all_partitions(start: int) -> list[list[int]]:
        choices: list[list[int]] = [[]] if len(points) - start >= shortest else []
        for border in range(start + shortest, len(points) - shortest + 1):
            choices += [[border, *rest] for rest in all_partitions(border)]
        return choices

    best = min(cost(borders) for borders in all_partitions(0))
    assert cost(partition(points @ points.T, penalty, shortest)) == pytest.approx(best)


def test_neighbouring_cells_of_long_pieces_are_taken_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sections_module, "MOST_STRETCHES", 50)
    assert found(music((20, FEAR), (40, JOY))) == pytest.approx([20], abs=1.5)


def test_sections_tile_the_piece_and_sum_to_it() -> None:
    cells = music((20, FEAR), (15, {}), (25, JOY))
    parts = parts_of(cells)
    assert [parts[0].start_s, parts[-1].end_s] == [0, 60]
    assert all(one.end_s == other.start_s for one, other in pairwise(parts))
    for j, name in enumerate(QUALITY_NAMES):
        total = sum((part.end_s - part.start_s) * part.explanation.midlevel[name].value for part in parts)
        assert total / 60 == pytest.approx(cells[j].mean(), abs=1e-9)


def test_a_corpus_without_variance_has_no_borders() -> None:
    cells = music((20, FEAR), (20, JOY))
    spectrum = stretches(np.tile(cells.T, (1, 20)).astype(np.float32), 40)
    assert change_points(cells, spectrum, 40, np.full((5, 7), 5.0), WEIGHTS) == []
    assert change_points(cells, spectrum, 40, CORPUS[:1], WEIGHTS) == []


def test_what_changes_is_said_in_one_sentence() -> None:
    parts = parts_of(music((20, FEAR), (25, JOY)))
    contrast = loudest_contrast(parts, dict.fromkeys(EMOTION_NAMES, 1.0))
    assert contrast
    assert changes_sentence(parts, contrast) == "It changes: fearful to 0:20, then happy."
    assert (contrast.low_from_s, contrast.high_from_s) == (
        (0, 20) if contrast.emotion == "happy" else (20, 0)
    )
    assert contrast.high - contrast.low == pytest.approx(3, abs=0.3)


def test_a_section_like_the_one_before_is_told_by_what_differs() -> None:
    parts = parts_of(music((30, FEAR), (30, FEAR | {"dissonance": 5.0, "rhythmic_complexity": 5.0})))
    assert section_words(parts) == ["fearful", "more fearful"]


def test_of_what_is_no_music_no_section_is_a_fact() -> None:
    parts = parts_of(music((30, FEAR), (30, JOY)))
    assert section_words(parts, doubtful=True) == [f"{word}?" for word in section_words(parts)]


def test_many_changes_are_counted() -> None:
    parts = parts_of(music(*[(20, FEAR if number % 2 else JOY) for number in range(6)]))
    said = changes_sentence(parts, loudest_contrast(parts, dict.fromkeys(EMOTION_NAMES, 1.0)))
    assert said
    assert said.startswith("It changes 5 times, most from ")


def test_silence_is_called_so_and_is_no_contrast() -> None:
    cells = music((20, FEAR), (15, {}), (25, JOY))

    def explained(midlevel: np.ndarray) -> Explanation:
        return explain(midlevel, HEAD, CORPUS)

    parts = sections(cells, [40, 70], 60, explained, pauses=[(20.2, 34.9)])
    assert [part.silent for part in parts] == [False, True, False]
    assert section_words(parts) == ["fearful", "silence", "happy"]
    contrast = loudest_contrast(parts, dict.fromkeys(EMOTION_NAMES, 1.0))
    assert changes_sentence(parts, contrast) == "It changes: fearful to 0:20, silence to 0:35, then happy."
    assert loudest_contrast(parts[:2], dict.fromkeys(EMOTION_NAMES, 1.0)) is None


def test_one_section_is_no_change() -> None:
    parts = parts_of(music((20, FEAR)))
    assert loudest_contrast(parts, dict.fromkeys(EMOTION_NAMES, 1.0)) is None
    assert changes_sentence(parts, None) is None
