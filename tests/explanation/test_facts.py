"""Facts measured on music whose tempo, key and articulation are known."""

import sys
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread

import numpy as np
import pytest

from midcli.errors import ExtraError
from midcli.explanation import facts as facts_module
from midcli.explanation.facts import BEARINGS, SAMPLE_RATE_HZ, Facts, disagreements, measure
from midcli.explanation.words.facts import fact_rows
from midcli.util.files import lock, locked

FloatArray = np.ndarray


def tones(midi: list[int], seconds: float) -> FloatArray:
    time_s = np.arange(round(seconds * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    hz = [440 * 2 ** ((note - 69) / 12) for note in midi]
    return np.sum(
        [np.sin(2 * np.pi * f * harmonic * time_s) / harmonic for f in hz for harmonic in (1, 2, 3)], axis=0
    )


def piece(chords: list[list[int]], beat_s: float, sounding: float, seconds: float = 12.0) -> FloatArray:
    """Chords in turn, one a beat, each sounding that share of the beat."""
    notes = []
    for number in range(round(seconds / beat_s)):
        note = tones(chords[number % len(chords)], beat_s)
        length = round(len(note) * sounding)
        note[length:] = 0
        note[:length] *= np.minimum(1, np.arange(length)[::-1] / (0.08 * SAMPLE_RATE_HZ))
        notes.append(note)
    music = np.concatenate(notes)
    return (0.3 * music / np.abs(music).max()).astype(np.float32)


def test_one_process_at_a_time_compiles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(facts_module, "compiling_lock", lambda: tmp_path / "new" / "lock")
    silence = np.zeros(SAMPLE_RATE_HZ, np.float32)
    measured(silence)  # what takes long is done
    done = Event()
    waiting = Thread(target=lambda: (measured(silence), done.set()), daemon=True)
    with locked(facts_module.compiling_lock()):
        monkeypatch.setattr(facts_module, "is_compiled", lambda: False)
        waiting.start()
        assert not done.wait(2)
    assert done.wait(60)


def test_who_finds_it_compiled_lets_others_measure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(facts_module, "compiling_lock", lambda: tmp_path / "lock")
    monkeypatch.setattr(facts_module, "is_compiled", lambda: True)
    measured(np.zeros(SAMPLE_RATE_HZ, np.float32))
    with (tmp_path / "lock").open("ab") as file:
        assert lock(file)


def measured(samples: FloatArray) -> Facts:
    return measure([samples], len(samples) / SAMPLE_RATE_HZ)


A_MINOR = [[57, 60, 64], [62, 65, 69], [64, 68, 71], [57, 60, 64]]
C_MAJOR = [[60, 64, 67], [65, 69, 72], [67, 71, 74], [60, 64, 67]]


@pytest.mark.timeout(600)  # the first test of a new environment waits until librosa is compiled
def test_short_notes_in_minor() -> None:
    facts = measured(piece(A_MINOR, beat_s=0.5, sounding=0.4))
    assert facts.tempo_bpm is not None
    assert min(abs(facts.tempo_bpm * factor - 120) for factor in (0.5, 1, 2)) < 3
    assert facts.steadiness == pytest.approx(1)
    assert facts.key == "A minor"
    assert facts.minor_lead is not None
    assert facts.minor_lead > 0
    assert facts.onsets_per_second == pytest.approx(2, abs=0.3)
    assert facts.pulse_clarity is not None
    assert facts.pulse_clarity > 0.7


def clicks(bpm: float, seconds: float) -> FloatArray:
    samples = np.zeros(round(seconds * SAMPLE_RATE_HZ), np.float32)
    for click in np.arange(0, seconds - 0.1, 60 / bpm):
        start = round(click * SAMPLE_RATE_HZ)
        samples[start : start + 200] = 0.5 * np.random.default_rng(0).normal(size=200)
    return samples


@pytest.mark.parametrize("bpm", [60, 97, 125, 152, 154])
def test_the_tempo_of_clicks_is_told_to_a_beat(bpm: int) -> None:
    facts = measured(clicks(bpm, 15))
    assert facts.tempo_bpm is not None
    # half and double the tempo are the same pulse
    assert min(abs(facts.tempo_bpm * factor - bpm) for factor in (0.5, 1, 2)) < 0.5


@pytest.mark.parametrize(
    ("seconds", "seed"),
    [(seconds, seed) for seconds, seeds in ((3, 6), (12, 4), (30, 2)) for seed in range(seeds)],
)
def test_there_is_no_tempo_without_a_pulse(seconds: int, seed: int) -> None:
    noise = np.random.default_rng(seed).normal(0, 0.1, seconds * SAMPLE_RATE_HZ).astype(np.float32)
    facts = measured(noise)
    assert facts.pulse_clarity is not None
    assert facts.pulse_clarity < 0.35
    assert (facts.tempo_bpm, facts.steadiness) == (None, None)


def test_a_tempo_that_doubles_is_kept() -> None:
    facts = measured(np.concatenate([clicks(80, 10), clicks(160, 10)]))
    assert facts.steadiness is not None
    assert facts.steadiness > 0.95
    assert facts.tempo_bpm is not None
    assert min(abs(facts.tempo_bpm - bpm) for bpm in (80, 160)) < 0.5


@pytest.mark.parametrize(("seconds", "told"), [(5, ""), (12, ", 100 % steady")])
def test_what_is_shorter_than_one_local_tempo_is_not_called_steady(seconds: int, told: str) -> None:
    facts = measured(clicks(120, seconds))
    assert facts.tempo_bpm == pytest.approx(120, abs=1)
    assert fact_rows(facts)[0][1] == f"120 BPM{told}"


def test_a_piece_of_several_tempi_has_several() -> None:
    changing = measured(np.concatenate([clicks(bpm, 15) for bpm in (80, 104, 135)]))
    assert (changing.tempo_bpm, changing.steadiness) == (None, None)
    assert len(changing.tempi) == 3
    for tempo, (bpm, start_s) in zip(changing.tempi, ((80, 0), (104, 15), (135, 30)), strict=True):
        assert min(abs(tempo.bpm * factor - bpm) for factor in (0.5, 1, 2)) < 1
        assert tempo.start_s == pytest.approx(start_s, abs=5)
        assert tempo.end_s - tempo.start_s > 7


def test_tempi_of_a_long_piece_are_told_by_its_own_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(facts_module, "LONGEST_S", 40.0)
    long = measured(np.concatenate([clicks(80, 30), clicks(135, 30)]))
    assert [tempo.start_s for tempo in long.tempi] == pytest.approx([10, 30], abs=5)
    assert [tempo.end_s for tempo in long.tempi] == pytest.approx([30, 50], abs=5)


def test_a_steady_piece_has_one_tempo() -> None:
    assert measured(clicks(97, 40)).tempi == ()


def test_quiet_music_has_as_many_onsets_beside_loud_music_as_alone() -> None:
    loud = piece(A_MINOR, beat_s=0.5, sounding=0.4)
    quiet = 0.02 * piece(C_MAJOR, beat_s=0.4, sounding=0.9)
    alone = sum(measured(part).onsets_per_second * len(part) for part in (loud, quiet))
    together = np.concatenate([loud, quiet])
    assert measured(together).onsets_per_second * len(together) == pytest.approx(alone, rel=0.05)


def test_brightness_is_the_centre_of_the_spectrum() -> None:
    time_s = np.arange(3 * SAMPLE_RATE_HZ) / SAMPLE_RATE_HZ
    tone = np.sin(2 * np.pi * 1000 * time_s) + np.sin(2 * np.pi * 3000 * time_s)
    assert measured(tone.astype(np.float32)).brightness_hz == pytest.approx(2000, rel=0.01)


def test_long_notes_in_major_are_less_staccato() -> None:
    short = measured(piece(C_MAJOR, beat_s=0.5, sounding=0.4))
    long = measured(piece(C_MAJOR, beat_s=0.5, sounding=1.0))
    assert long.key == short.key == "C major"
    assert long.staccato_db_per_s is not None
    assert short.staccato_db_per_s is not None
    assert short.staccato_db_per_s > 2 * long.staccato_db_per_s


def sine(hz: float, level_db: FloatArray) -> FloatArray:
    time_s = np.arange(len(level_db)) / SAMPLE_RATE_HZ
    return (10 ** (level_db / 20) * np.sin(2 * np.pi * hz * time_s)).astype(np.float32)


@pytest.mark.parametrize("speed_db_per_s", [10, 40])
def test_staccato_is_how_fast_the_level_moves(speed_db_per_s: int) -> None:
    time_s = np.arange(8 * SAMPLE_RATE_HZ) / SAMPLE_RATE_HZ
    seconds_from_the_loudest = np.abs(time_s % 1 - 0.5)
    facts = measured(sine(1000, -6 - speed_db_per_s * seconds_from_the_loudest))
    assert facts.staccato_db_per_s == pytest.approx(speed_db_per_s, rel=0.05)


@pytest.mark.parametrize(("apart_hz", "expected"), [(59, 1.0), (118, 0.74), (2153, 0.0)])
def test_roughness_of_two_partials_is_relative_to_the_roughest(apart_hz: float, expected: float) -> None:
    level = np.full(3 * SAMPLE_RATE_HZ, -12.0)
    facts = measured(sine(2153, level) + sine(2153 + apart_hz, level))
    assert facts.roughness == pytest.approx(expected, abs=0.03)


def test_a_cluster_is_rougher_than_a_triad() -> None:
    triad, cluster = (measured(piece([notes], 1.0, 1.0)) for notes in ([60, 64, 67], [60, 61, 62, 63]))
    assert triad.roughness is not None
    assert cluster.roughness is not None
    assert cluster.roughness > 1.5 * triad.roughness


def test_level_of_a_full_scale_sine() -> None:
    time_s = np.arange(3 * SAMPLE_RATE_HZ) / SAMPLE_RATE_HZ
    facts = measured(np.sin(2 * np.pi * 441 * time_s).astype(np.float32))
    assert facts.level_dbfs == pytest.approx(-3.01, abs=0.05)
    assert facts.dynamic_range_db == pytest.approx(0, abs=0.1)


def test_dynamic_range_is_of_what_sounds() -> None:
    block = np.ones(round(0.4 * SAMPLE_RATE_HZ))
    heard = [sine(440, level_db * block) for level_db in range(-40, 1, 2)]
    unheard = [sine(440, level_db * block) for level_db in (-90, -120, -300)]
    facts = measured(np.concatenate(heard + unheard))
    assert facts.dynamic_range_db == pytest.approx(-2 + 36, abs=0.1)


@pytest.mark.parametrize("seconds", [1.0, 5.0])
def test_silence_gives_nothing_to_measure(seconds: float) -> None:
    facts = measured(np.zeros(round(seconds * SAMPLE_RATE_HZ), np.float32))
    assert (facts.tempo_bpm, facts.key, facts.roughness, facts.staccato_db_per_s) == (None,) * 4
    assert facts.onsets_per_second == 0
    assert facts.level_dbfs is None
    assert facts.brightness_hz is None


def test_the_middle_of_a_long_piece_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(facts_module, "LONGEST_S", 2.0)
    blocks = [sine(1000, np.full(SAMPLE_RATE_HZ, level_db)) for level_db in (-60, -6, -6, -60)]
    facts = measure(blocks, 4.0)
    assert facts.measured_s == 2
    assert facts.level_dbfs == pytest.approx(-6 - 3.01, abs=0.1)
    assert facts.dynamic_range_db == pytest.approx(0, abs=0.1)


def test_disagreement_needs_both_to_be_extreme() -> None:
    facts = measured(piece(A_MINOR, beat_s=0.5, sounding=0.4))
    agreeing = {bearing.quality: 50.0 for bearing in BEARINGS}
    assert disagreements(facts, agreeing) == []
    (found,) = disagreements(facts, agreeing | {"minorness": 5.0})
    assert disagreements(facts, agreeing | {"minorness": 5.0}, agreeing | {"minorness": 24.0}) == [found]
    assert disagreements(facts, agreeing | {"minorness": 5.0}, agreeing | {"minorness": 45.0}) == []
    assert found.bearing.quality == "minorness"
    assert found.fact_is_high


@pytest.mark.parametrize(
    ("fact", "quality", "low", "high"),
    [
        ("staccato_db_per_s", "articulation", 31.2, 44.2),
        ("pulse_clarity", "rhythmic_stability", 0.094, 0.313),
        ("roughness", "dissonance", 0.086, 0.134),
        ("key_clarity", "tonal_stability", 0.611, 0.823),
        ("minor_lead", "minorness", -0.152, 0.078),
    ],
)
def test_only_outer_quarters_disagree(fact: str, quality: str, low: float, high: float) -> None:
    nothing = Facts(10.0, None, None, None, 0.0, None, None, None, None, None, None, None)

    def found(value: float, percentile: float) -> list[tuple[str, bool]]:
        percentiles = {bearing.quality: 50.0 for bearing in BEARINGS} | {quality: percentile}
        pairs = disagreements(replace(nothing, **{fact: value}), percentiles)
        return [(pair.bearing.quality, pair.fact_is_high) for pair in pairs]

    step = 0.05 * (high - low)
    assert found(low - step, 76) == [(quality, False)]
    assert found(high + step, 24) == [(quality, True)]
    assert not found(low - step, 74)
    assert not found(high + step, 26)
    assert not found(low + step, 76)
    assert not found(high - step, 24)


def test_without_librosa_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "librosa", None)
    with pytest.raises(ExtraError, match="extra facts"):
        measured(np.zeros(SAMPLE_RATE_HZ, np.float32))


def test_explain_shows_facts(tiny_model: Path, song: Path) -> None:
    from midcli.analyser import Analyser

    analyser = Analyser(tiny_model)
    facts, _ = analyser.facts(analyser.analyse(song))
    assert facts.key == "A minor"
