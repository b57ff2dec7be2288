"""The Python API, from a file to an analysis."""

import io
import json
import re
import threading
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

import midcli
from midcli.analyser import Analyser
from midcli.audio.reading import AudioReader
from midcli.audio.spectrogram import FloatArray
from midcli.errors import DataError, InputError, MidcliError, ModelError, UsageError
from midcli.explanation.analysis import Analysis
from midcli.explanation.records import Prediction
from midcli.explanation.reference import Comparison
from tests.media import music
from tests.model_files import write_model


def test_analyse_gives_typed_results_that_add_up(song: Path, tiny_model: Path) -> None:
    analysis = midcli.analyse(song, tiny_model)
    assert analysis.file == str(song)
    assert analysis.duration_s == pytest.approx(3, abs=0.01)
    assert analysis.warnings == ()
    assert len(analysis.midlevel) == 7
    for emotion in analysis.emotions.values():
        assert emotion.value == pytest.approx(emotion.intercept + sum(emotion.effects.values()), abs=1e-9)


def test_open_files_and_samples_are_analysed_as_the_file_is(song: Path, tiny_model: Path) -> None:
    by_path = midcli.analyse(song, tiny_model)
    with song.open("rb") as opened:
        of_open_file = midcli.analyse(opened, tiny_model)
    in_memory = midcli.analyse(io.BytesIO(song.read_bytes()), tiny_model)
    of_samples = midcli.analyse(soundfile.read(song, dtype="float32"), tiny_model)
    names = [analysis.file for analysis in (of_open_file, in_memory, of_samples)]
    assert names == [str(song), "<file object>", "<samples>"]
    for analysis in (of_open_file, in_memory, of_samples):
        assert analysis.midlevel == by_path.midlevel
        assert analysis.to_dict()["emotions"] == by_path.to_dict()["emotions"]
        assert analysis._repr_html_()


NOISE = np.random.default_rng(0).normal(0, 0.1, 2 * 22_050)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("audio", "problem"),
    [
        ((NOISE[:0], 22_050), "contains no audio samples"),
        ((NOISE * 1e300, 22_050), "infinite or absurd"),
        ((NOISE, 0), "whole number of Hz"),
        ((NOISE, float("nan")), "whole number of Hz"),
        ((NOISE, float("inf")), "whole number of Hz"),
        ((NOISE, None), "whole number of Hz"),
        ((NOISE,), "with their rate"),
        ((NOISE, 22_050, 1), "with their rate"),
        (NOISE, r"with their rate.* not ndarray"),
        (None, "not NoneType"),
        (b"song.wav", "not bytes"),
    ],
)
def test_what_is_no_audio_is_refused_in_midclis_words(audio: Any, problem: str, tiny_model: Path) -> None:
    with pytest.raises(MidcliError, match=problem):
        Analyser(tiny_model).analyse(audio)


def test_a_file_that_is_open_for_writing_is_no_input(tmp_path: Path, tiny_model: Path) -> None:
    with (tmp_path / "song.wav").open("wb") as file, pytest.raises(InputError, match="binary file"):
        Analyser(tiny_model).analyse(file)


def test_facts_are_of_files(tiny_model: Path) -> None:
    analyser = Analyser(tiny_model)
    with pytest.raises(UsageError, match="<samples>"):
        analyser.facts(analyser.analyse((NOISE, 22_050)))


def test_many_is_not_one(song: Path, tiny_model: Path) -> None:
    analyser = Analyser(tiny_model)
    calls: list[tuple[Any, int | None]] = [(str(song), None), (song, None), ([song], -1)]
    for paths, jobs in calls:
        with pytest.raises(UsageError, match=r"expected several paths|jobs"):
            list(analyser.analyse_many(paths, jobs))


def test_evidence_sums_to_the_quality(song: Path, tiny_model: Path) -> None:
    analyser = Analyser(tiny_model)
    analysis = analyser.analyse(song)
    sums = analysis.evidence.values.mean(axis=1)
    np.testing.assert_allclose(sums, [quality.value for quality in analysis.midlevel.values()], atol=1e-9)


def test_threads_change_nothing(song: Path, tiny_model: Path) -> None:
    alone = Analyser(tiny_model, threads=1).analyse(song)
    assert Analyser(tiny_model).analyse(song) == alone
    ahead = Analyser(tiny_model, first=song)
    assert ahead.analyse(song) == alone
    assert ahead.analyse(song) == alone


def test_the_first_file_is_read_once_however_it_is_named(
    song: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[AudioReader] = []

    class CountedReader(AudioReader):
        def blocks(self) -> Generator[FloatArray, None, None]:
            read.append(self)
            return super().blocks()

    monkeypatch.setattr("midcli.analyser.AudioReader", CountedReader)
    assert Analyser(tiny_model, first=str(song)).analyse(song).file == str(song)
    Analyser(tiny_model, first=song).analyse(str(song))
    assert len(read) == 2


def test_a_reference_that_does_not_vary_has_no_spread_to_turn_by(
    song: Path, tiny_model: Path, tmp_path: Path
) -> None:
    row = midcli.analyse(song, tiny_model).to_short_dict()
    same = tmp_path / "same.jsonl"
    same.write_text("".join(json.dumps(row | {"file": name}) + "\n" for name in "ab"))
    analyser = Analyser(tiny_model, reference=same)
    analysis = analyser.analyse(song)
    points = analysis.turning_points(analysis.curves(window_s=0.5))
    assert all(abs(point.change) >= 0.1 for point in points)


def test_an_unknown_reference_is_told_with_the_kinds_there_are() -> None:
    with pytest.raises(DataError, match=r"^nonsense: neither a file nor a kind .* \(film, popular, .*\)$"):
        Analyser("music", reference="nonsense")


def test_pieces_of_a_reference_tie_with_themselves(song: Path, tiny_model: Path, tmp_path: Path) -> None:
    row = midcli.analyse(song, tiny_model).to_short_dict()
    library = tmp_path / "library.jsonl"
    library.write_text("".join(json.dumps(row | {"file": name}) + "\n" for name in "abc"))
    analysis = Analyser(tiny_model, reference=library).analyse(song)
    for value in (*analysis.emotions.values(), *analysis.midlevel.values()):
        assert value.percentile == 50
    compared = Comparison(Analyser(tiny_model, reference=library).context).of(
        midcli.analyse(song, tiny_model).prediction()
    )
    assert isinstance(compared, Prediction)
    assert {value.percentile for value in compared.emotions.values()} == {50}


def test_what_is_wrong_with_the_first_file_is_said_when_it_is_analysed(
    tmp_path: Path, song: Path, tiny_model: Path
) -> None:
    missing = tmp_path / "missing.wav"
    analyser = Analyser(tiny_model, first=missing)
    assert analyser.analyse(song).file == str(song)
    with pytest.raises(InputError, match="no such file"):
        analyser.analyse(missing)


def test_a_model_that_does_not_load_ends_the_reading(tmp_path: Path, song: Path) -> None:
    before = threading.active_count()
    with pytest.raises(ModelError):
        Analyser(tmp_path / "missing.onnx", first=song)
    assert threading.active_count() == before


def test_what_is_shorter_than_all_rated_music_is_warned_about(tmp_path: Path, song: Path) -> None:
    for shortest_s, said in ((2.5, False), (3.5, True)):
        model = write_model(tmp_path / "m.onnx", calibration={"coverage": 0.8, "shortest_s": shortest_s})
        warnings = midcli.analyse(song, model).warnings
        assert any("shorter than all music" in warning for warning in warnings) == said


@pytest.mark.parametrize(("silent_s", "warned"), [(0.2, False), (3.0, True)])
def test_much_silence_is_warned_about(
    tmp_path: Path, song: Path, tiny_model: Path, silent_s: float, warned: bool
) -> None:
    sound, rate = soundfile.read(song, dtype="int16")
    rng = np.random.default_rng(0)
    for quieter in (1, 8):
        pause = np.round(rng.triangular(-1, 0, 1, (round(silent_s * rate), *sound.shape[1:]))).astype(
            np.int16
        )
        soundfile.write(tmp_path / "padded.wav", np.concatenate([sound // quieter, pause]), rate)
        warnings = "; ".join(midcli.analyse(tmp_path / "padded.wav", tiny_model).warnings)
        assert bool(re.search(r"(49|50) % of it is silence, which counts", warnings)) == warned


def test_dither_around_quiet_music_is_silence() -> None:
    rate_hz = 22_050
    rng = np.random.default_rng(0)
    analyser = Analyser("music")

    def analysed(silence_s: float) -> Analysis:
        silence = np.zeros(round(silence_s * rate_hz), np.float32)
        samples = 2000 * np.concatenate([silence, music(12, rate_hz)[:, 0], silence])
        dithered = np.round(samples + rng.random(len(samples)) - rng.random(len(samples)))
        return analyser.analyse((dithered.astype(np.int16), rate_hz))

    plain, around = analysed(0), analysed(20)
    assert not around.warnings
    for name, quality in plain.midlevel.items():
        assert around.midlevel[name].value == pytest.approx(quality.value, abs=0.05)


def test_minutes_of_silence_count_for_nothing() -> None:
    rate_hz = 22_050
    first, last = np.split(music(24, rate_hz)[:, 0], 2)
    silence = np.zeros(90 * rate_hz, np.float32)
    analyser = Analyser("music")
    alone, other, around, hidden = (
        analyser.analyse((np.concatenate(parts), rate_hz))
        for parts in ([first], [last], [silence, first, silence], [first, silence, last])
    )
    for analysis in (around, hidden):
        assert analysis.novelty is not None
        assert not analysis.novelty.flagged
    assert around.warnings == alone.warnings
    assert hidden.warnings[-1] == "silent from 0:12 to 1:42, which counts for nothing"
    for name, emotion in hidden.emotions.items():
        assert around.emotions[name].value == pytest.approx(alone.emotions[name].value, abs=0.1)
        mean = (alone.emotions[name].value + other.emotions[name].value) / 2
        assert emotion.value == pytest.approx(mean, abs=0.1)


@pytest.mark.parametrize("pause_s", [3, 30])
def test_a_model_that_hears_silence_hears_pauses(tiny_model: Path, pause_s: float) -> None:
    sound = music(10, 22_050)[:, 0]
    samples = np.concatenate([sound, np.zeros(round(pause_s * 22_050), np.float32), sound])
    warnings = "; ".join(midcli.analyse((samples, 22_050), tiny_model).warnings)
    assert "counts for nothing" not in warnings
    assert f"{100 * pause_s / (20 + pause_s):.0f} % of it is silence, which counts" in warnings


@pytest.mark.parametrize("inverted_from", [0.0, 0.5, 0.45])
def test_where_channels_cancel_no_silence_is_told(
    chord: FloatArray, tiny_model: Path, inverted_from: float
) -> None:
    samples = np.stack([np.tile(chord, 4)] * 2, axis=1)
    samples[int(inverted_from * len(samples)) :, 1] *= -1
    analysis = midcli.analyse((samples, 44_100), tiny_model)
    [warning] = analysis.warnings
    assert warning.startswith("its channels cancel each other from 0:0")
    assert (analysis.novelty is not None) == (inverted_from == 0)  # a mix of nothing is flagged


@pytest.mark.parametrize("level", [0.0, 1 / 32768])
def test_silence_is_flagged(tmp_path: Path, tiny_model: Path, level: float) -> None:
    path = tmp_path / "silence.wav"
    soundfile.write(path, np.tile(np.array([level, -level], np.float32), 30_000), 22_050, subtype="FLOAT")
    analysis = midcli.analyse(path, tiny_model)
    assert any("silence" in warning for warning in analysis.warnings)
    assert analysis.novelty is not None
    assert analysis.novelty.flagged


def test_gain_and_channels_do_not_matter(tmp_path: Path, tiny_model: Path, chord: np.ndarray) -> None:
    analyser = Analyser(tiny_model)
    results = []
    for name, samples in (("a", chord), ("b", chord * 0.1), ("c", np.stack([chord] * 6, axis=1))):
        path = tmp_path / f"{name}.wav"
        soundfile.write(path, samples, 44_100, subtype="FLOAT")
        results.append([quality.value for quality in analyser.analyse(path).midlevel.values()])
    np.testing.assert_allclose(results[1:], [results[0]] * 2, atol=1e-3)


def test_a_minimum_length(tmp_path: Path, tiny_model: Path) -> None:
    path = tmp_path / "short.wav"
    soundfile.write(path, np.full(1102, 0.5), 22_050)
    with pytest.raises(InputError, match=r"0\.05 s") as caught:
        midcli.analyse(path, tiny_model)
    assert caught.value.exit_code == 3


def test_quick_hears_a_minute_of_a_long_piece_and_all_of_a_short_one(
    tmp_path: Path, song: Path, tiny_model: Path
) -> None:
    quick, whole = Analyser(tiny_model, quick=True), Analyser(tiny_model)
    short = quick.analyse(song)
    assert short.heard_s is None
    assert short.midlevel == whole.analyse(song).midlevel
    soundfile.write(tmp_path / "long.wav", music(130, 22_050), 22_050)
    first, second = (analyser.analyse(tmp_path / "long.wav") for analyser in (quick, whole))
    assert first.heard_s == pytest.approx(62.08)
    assert first.duration_s == second.duration_s == 130
    differences = [first.midlevel[name].value - value.value for name, value in second.midlevel.items()]
    assert np.abs(differences).max() < 0.1


@pytest.fixture
def mixed_folder(tmp_path: Path, chord: np.ndarray) -> list[Path]:
    """Eight pieces that all differ, and two files that are none."""
    paths = [tmp_path / f"{number}.wav" for number in range(8)]
    for number, path in enumerate(paths):
        soundfile.write(path, np.roll(chord, 9000 * number)[: 44_100 + 9000 * number], 44_100)
    (tmp_path / "broken.mp3").write_bytes(b"no music")
    return [*paths, tmp_path / "broken.mp3", tmp_path / "missing.wav"]


@pytest.mark.confined
def test_threads_share_an_analyser(mixed_folder: list[Path], tiny_model: Path) -> None:
    pieces = mixed_folder[:8]
    one_by_one = Analyser(tiny_model, threads=1)
    alone = {path: one_by_one.analyse(path) for path in pieces}
    shared = Analyser(tiny_model, first=pieces[0])
    barrier = threading.Barrier(6)

    def work(turn: int) -> list[Analysis]:
        barrier.wait()
        return [shared.analyse(path) for path in pieces[turn:] + pieces[:turn]]

    with ThreadPoolExecutor(6) as pool:
        found = [analysis for many in pool.map(work, range(6)) for analysis in many]
    assert len(found) == 6 * len(pieces)
    for analysis in found:
        assert analysis == alone[Path(analysis.file)]
        np.testing.assert_array_equal(analysis.cells, alone[Path(analysis.file)].cells)


@pytest.mark.parametrize("jobs", [1, 4, None])
def test_many_files_stream_as_analyses_and_errors(
    mixed_folder: list[Path], tiny_model: Path, jobs: int | None
) -> None:
    analyser = Analyser(tiny_model)
    results = list(analyser.analyse_many(mixed_folder, jobs))
    analyses = {Path(one.file): one for one in results if isinstance(one, Analysis)}
    errors = {Path(one.path): one for one in results if isinstance(one, InputError)}
    assert set(analyses) == set(mixed_folder[:8])
    assert set(errors) == set(mixed_folder[8:])
    assert errors[mixed_folder[9]].problem == "no such file"
    assert analyses[mixed_folder[3]] == analyser.analyse(mixed_folder[3])


def test_many_files_are_taken_as_they_are_needed(song: Path, tiny_model: Path) -> None:
    taken = []

    def endless() -> Iterator[Path]:
        while True:
            taken.append(song)
            yield song

    results = Analyser(tiny_model).analyse_many(endless(), jobs=2)
    assert isinstance(next(results), Analysis)
    results.close()
    assert len(taken) <= 6
    assert list(Analyser(tiny_model).analyse_many([])) == []


def test_a_bug_in_one_of_many_is_raised(
    song: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Analyser, "analyse", fail)
    with pytest.raises(ZeroDivisionError):
        list(Analyser(tiny_model).analyse_many([song, song], jobs=2))


def test_the_track_that_was_asked_for(tmp_path: Path, tiny_model: Path) -> None:
    from tests.media import music, muxed, write

    tracks = [music(2, 48_000, 2) * 0, music(2, 48_000, 2)]
    path = write(tmp_path / "a.mka", muxed(tracks, 48_000, "matroska", "flac", default=1))
    default = Analyser(tiny_model).analyse(path)
    first, second = (Analyser(tiny_model, track=number).analyse(path) for number in (1, 2))
    assert "has 2 audio tracks" in default.warnings[0]
    assert first.novelty is not None
    assert first.novelty.resembles == "silence"
    assert second.midlevel == default.midlevel
    assert second.track == 2
