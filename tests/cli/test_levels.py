"""`explain` beyond the card, `compare`, `whatif` and `model`: what they print, say in JSON and write."""

import json
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner, Result

from midcli.cli.console import stdout
from midcli.cli.main import app
from midcli.labels import EMOTION_NAMES, QUALITY_NAMES


@pytest.fixture(scope="session")
def other_song(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds of noise, then two of a tone."""
    noise = np.random.default_rng(0).normal(0, 0.1, 2 * 22_050)
    tone = 0.5 * np.sin(np.arange(2 * 22_050) * 2 * np.pi * 440 / 22_050)
    path = tmp_path_factory.mktemp("audio") / "[bold]other.wav"
    soundfile.write(path, np.concatenate([noise, tone]), 22_050)
    return path


def midcli(*arguments: object, width: int = 80) -> Result:
    stdout.cache_clear()
    return CliRunner().invoke(app, [str(argument) for argument in arguments], env={"COLUMNS": str(width)})


def said(*arguments: object) -> dict[str, Any]:
    result = midcli(*arguments, "--json")
    assert result.exit_code == 0, result.exception
    return json.loads(result.stdout)


def explained(tiny_model: Path, *arguments: object) -> Result:
    return midcli("explain", "--model", tiny_model, *arguments)


def test_evidence_in_json_sums_to_the_values(tiny_model: Path, song: Path) -> None:
    found = said("explain", song, "--model", tiny_model, "--where", "dissonance", "--where", "Minorness")
    evidence = found["evidence"]
    assert len(evidence["edges_s"]) == len(evidence["qualities"]["minorness"]["times"]) + 1
    for name in QUALITY_NAMES:
        quality, value = evidence["qualities"][name], found["midlevel"][name]
        distance = value["value"] - value["average"]
        for parts in ("times", "registers"):
            numbers, relative = quality[parts], quality[f"relative_{parts}"]
            if isinstance(numbers, dict):
                numbers, relative = list(numbers.values()), list(relative.values())
            assert quality["bias"] + sum(numbers) == pytest.approx(value["value"], abs=1e-3)
            assert sum(relative) == pytest.approx(distance, abs=1e-3)
        assert ("map" in quality) == (name in ("dissonance", "minorness"))
        if "map" in quality:
            assert np.mean(quality["map"]) == pytest.approx(distance, abs=1e-3)


def test_curves_in_json_average_to_the_values(tiny_model: Path, other_song: Path) -> None:
    found = said("explain", other_song, "--model", tiny_model, "--over-time")
    curves = found["over_time"]
    for part in ("emotions", "midlevel"):
        for name, curve in curves[part].items():
            assert len(curve) == len(curves["times_s"])
            assert np.mean(curve) == pytest.approx(found[part][name]["value"], abs=1e-3)
    for point in curves["turning_points"]:
        assert sum(point["contributions"].values()) == pytest.approx(point["change"], abs=1e-3)
        assert point["after"] - point["before"] == pytest.approx(point["change"], abs=1e-3)


@pytest.mark.parametrize("width", [40, 60, 80, 140])
def test_everything_fits_the_terminal(tiny_model: Path, other_song: Path, song: Path, width: int) -> None:
    model = ("--model", tiny_model)
    results = [
        midcli("explain", other_song, *model, "--where", "dissonance", "--over-time", width=width),
        midcli("compare", other_song, song, *model, "--all", width=width),
        midcli("whatif", song, *model, "--set", "dissonance=-0.5", width=width),
        midcli("model", *model, "--song", other_song, "--absolute", width=width),
    ]
    equations = [line for line in results[1].stdout.splitlines() if "=" in line or " + " in line]
    assert len(equations) == len(EMOTION_NAMES)
    assert all(re.search(r"[AB] \S+ = [AB] \S+ \+ \S+$", line) for line in equations)
    for result in results:
        assert result.exit_code == 0, result.exception
        assert "\x1b" not in result.stdout
        # the title of a piece is cut only where it stands in a row
        assert max(map(len, result.stdout.splitlines())) <= max(width, 60)
    assert "Where the dissonance comes from" in results[0].stdout
    assert "[bold]other.wav" in midcli("compare", other_song, song, *model, width=140).stdout


def test_files_are_written_and_kept(tiny_model: Path, other_song: Path, tmp_path: Path) -> None:
    clip, labels, table = tmp_path / "clip.flac", tmp_path / "labels.txt", tmp_path / "curves.csv"
    regions = tmp_path / "regions.csv"
    wanted = (
        *(other_song, "--clip", "dissonance", clip),
        *("--labels", labels, "--labels", regions, "--csv", table),
    )
    assert explained(tiny_model, *wanted).exit_code == 0
    assert regions.read_text("utf-8").startswith("#,Name,Start,End")
    assert soundfile.info(clip).duration == pytest.approx(4, abs=0.1)
    for line in labels.read_text("utf-8").splitlines():
        start, end, text = line.split("\t")
        assert 0 <= float(start) <= float(end) <= 4
        assert text
    rows = [line.split(",") for line in table.read_text("utf-8").splitlines()]
    assert rows[0] == ["time_s", *EMOTION_NAMES, *QUALITY_NAMES]
    found = said("explain", other_song, "--model", tiny_model)
    means = np.array(rows[1:], float).mean(axis=0)[1:]
    values = [found["emotions"][name]["value"] for name in EMOTION_NAMES]
    np.testing.assert_allclose(means[:8], values, atol=1e-3)

    before = clip.read_bytes()
    refused = explained(tiny_model, *wanted)
    assert refused.exit_code == 2
    assert "--overwrite" in refused.stderr
    assert clip.read_bytes() == before
    assert explained(tiny_model, *wanted, "--overwrite").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--where", "loudness"], "no such name"),
        (["--clip", "dissonance", "out.mp3"], "written as .wav"),
        (["--clip", "volume", "out.wav"], "no such name"),
        (["--labels", "x.txt", "--csv", "x.txt"], "different files"),
        (["second.wav", "--csv", "x.csv"], "single audio file"),
        (["--csv", "."], "is a folder"),
    ],
)
def test_senseless_calls_are_refused_before_any_work(arguments: list[str], complaint: str) -> None:
    result = midcli("explain", "song.wav", "--model", "missing.onnx", *arguments)
    assert result.exit_code == 2
    assert complaint in result.stderr


def test_the_longest_music_of_a_clip_is_for_the_user_to_say(
    tiny_model: Path, other_song: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits_s = []

    def write_clip(
        _source: Path, _start_s: float, _end_s: float, _target: Path, limit_s: float, _track: int | None
    ) -> None:
        limits_s.append(limit_s)

    monkeypatch.setattr("midcli.audio.clips.write_clip", write_clip)
    explained(tiny_model, other_song, "--clip", "dissonance", tmp_path / "clip.wav", "--max-hours", 48)
    assert limits_s == [48 * 3600]


def test_a_clip_never_replaces_its_own_song(tiny_model: Path, other_song: Path) -> None:
    result = explained(tiny_model, other_song, "--clip", "dissonance", other_song, "--overwrite")
    assert result.exit_code == 2
    assert "command itself" in result.stderr


def test_nothing_replaces_the_model_that_is_used(tiny_model: Path, other_song: Path, tmp_path: Path) -> None:
    model = tmp_path / "model.onnx"
    model.write_bytes(tiny_model.read_bytes())
    assert explained(model, other_song, "--csv", model, "--overwrite").exit_code == 2
    assert model.read_bytes() == tiny_model.read_bytes()


def test_compare_json_is_exact(tiny_model: Path, song: Path, other_song: Path) -> None:
    found = said("compare", song, other_song, "--model", tiny_model)
    assert list(found) == ["schema", "a", "b", "emotions"]
    assert found["schema"] == "midcli.compare/1"
    assert found["a"]["schema"] == found["b"]["schema"] == "midcli.explain/1"
    for name in EMOTION_NAMES:
        item = found["emotions"][name]
        difference = found["a"]["emotions"][name]["value"] - found["b"]["emotions"][name]["value"]
        assert item["difference"] == pytest.approx(difference, abs=1e-3)
        assert sum(item["contributions"].values()) == pytest.approx(difference, abs=1e-3)


def test_compare_shows_numbers_that_add_up(tiny_model: Path, song: Path, other_song: Path) -> None:
    shown = midcli("compare", song, other_song, "--model", tiny_model, "--all").stdout
    lines = [line.replace("−", "-").split() for line in shown.splitlines()]
    numbers = [
        [float(part) for part in line if re.fullmatch(r"[+-]?\d+\.\d", part)]
        for line in lines
        if "=" not in line
    ]
    profiles = [row for row in numbers if len(row) == 3]
    assert len(profiles) == 15
    for a, b, difference in profiles:
        assert difference == pytest.approx(a - b, abs=1e-9)


def test_compare_explains_all_emotions_or_those_named(tiny_model: Path, song: Path) -> None:
    result = midcli("compare", song, song, "--model", tiny_model, "--all", "--emotion", "fear")
    assert result.exit_code == 2
    assert "exclude each other" in result.stderr


def test_compare_needs_both_files(tiny_model: Path, song: Path) -> None:
    result = midcli("compare", song, "missing.wav", "--model", tiny_model)
    assert result.exit_code == 3


def test_whatif_set(tiny_model: Path, song: Path) -> None:
    found = said("whatif", song, "--model", tiny_model, "--set", "dissonance=-0.5", "--set", "minorness=4.0")
    assert found["schema"] == "midcli.whatif/1"
    assert found["midlevel"]["dissonance"]["change"] == pytest.approx(-0.5)
    assert found["midlevel"]["minorness"]["after"] == pytest.approx(4)
    for emotion in found["emotions"].values():
        assert sum(emotion["contributions"].values()) == pytest.approx(emotion["change"], abs=1e-3)
        assert emotion["before"] + emotion["change"] == pytest.approx(emotion["after"], abs=1e-5)


def test_whatif_target(tiny_model: Path, song: Path) -> None:
    before = said("explain", song, "--model", tiny_model)["emotions"]
    reachable = [name for name in EMOTION_NAMES if 1 <= before[name]["value"] + 0.5 <= 9]
    target = round(before[reachable[0]]["value"] + 0.5, 3)
    found = said("whatif", song, "--model", tiny_model, "--target", f"{reachable[0]}={target}")
    assert found["reached"] is True
    assert found["emotions"][reachable[0]]["after"] == pytest.approx(target, abs=1e-5)
    assert all(0.9 <= quality["after"] <= 10 for quality in found["midlevel"].values())
    assert found["distance"] > 0


@pytest.mark.parametrize("width", [40, 45, 46, 80])
def test_whatif_shows_changes_that_add_up(tiny_model: Path, song: Path, width: int) -> None:
    asked = ("whatif", song, "--model", tiny_model, "--set", "dissonance=3.33")
    shown = midcli(*asked, width=width).stdout.replace("−", "-")
    rows = re.findall(r"(-?\d+\.\d) +(-?\d+\.\d) +([+-]?\d+\.\d)\b", shown)
    assert max(map(len, shown.splitlines())) <= width
    assert len(rows) == 15
    for before, after, change in rows:
        assert float(after) - float(before) == pytest.approx(float(change), abs=1e-9)


@pytest.mark.parametrize("width", [40, 80])
def test_facts_are_never_cut(tiny_model: Path, song: Path, other_song: Path, width: int) -> None:
    pytest.importorskip("librosa")
    for asked in (("explain", other_song), ("compare", song, other_song)):
        shown = midcli(*asked, "--model", tiny_model, "--facts", width=width).stdout
        told = shown[shown.index("Measured") :]
        assert "…" not in told
        assert max(map(len, told.splitlines())) <= width


def test_no_change_is_no_small_change(tiny_model: Path, song: Path) -> None:
    shown = midcli("whatif", song, "--model", tiny_model, "--set", "dissonance=+0").stdout
    assert "Nothing changes." in shown
    assert "change: " not in shown


def test_whatif_says_what_cannot_be_reached(tiny_model: Path, song: Path) -> None:
    impossible = [f"{name}={value}" for name in EMOTION_NAMES for value in (1, 9)]
    arguments = [part for target in impossible[::2] for part in ("--target", target)]
    found = said("whatif", song, "--model", tiny_model, *arguments)
    assert found["reached"] is False
    assert "midlevel" not in found
    assert set(found["attainable"]) == set(EMOTION_NAMES)
    result = midcli("whatif", song, "--model", tiny_model, *arguments)
    assert result.exit_code == 0
    assert "No qualities inside the scale give" in result.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ["--set", "dissonance"],
        ["--set", "dissonance=1", "--set", "dissonance=2"],
    ],
)
def test_whatif_refuses_what_it_cannot_read(song: Path, arguments: list[str]) -> None:
    result = midcli("whatif", song, "--model", "missing.onnx", *arguments)
    assert result.exit_code == 2


def test_own_reference(tiny_model: Path, song: Path, tmp_path: Path) -> None:
    library = tmp_path / "library.jsonl"
    own = said("predict", song, "--model", tiny_model)
    rows = [json.loads(json.dumps(own | {"file": name})) for name in "abcd"]
    for row, shift in zip(rows, (-1, -0.5, 0.2, 2), strict=True):
        for quality in row["midlevel"].values():
            quality["value"] += shift
    library.write_text("".join(json.dumps(row) + "\n" for row in rows))
    found = said("explain", song, "--model", tiny_model, "--reference", library)
    quality = found["midlevel"]["dissonance"]
    assert quality["average"] == pytest.approx(quality["value"] + 0.7 / 4, abs=1e-5)
    assert quality["percentile"] == 50
    for emotion in found["emotions"].values():
        relative = emotion["average"] + sum(emotion["relative_effects"].values())
        assert relative == pytest.approx(emotion["value"], abs=1e-3)
    evidence = found["evidence"]["qualities"]["dissonance"]
    distance = quality["value"] - quality["average"]
    assert sum(evidence["relative_times"]) == pytest.approx(distance, abs=1e-3)

    predicted = said("predict", song, "--model", tiny_model, "--reference", library)
    for part in ("midlevel", "emotions"):
        for name, value in predicted[part].items():
            for key in ("value", "average", "percentile"):
                assert value[key] == pytest.approx(found[part][name][key], abs=1e-4)
    assert "4 of library.jsonl" in explained(tiny_model, song, "--reference", library).stdout
    assert predicted["reference"] == found["reference"] == "4 of library.jsonl"

    library.write_text("[]\n")
    result = explained(tiny_model, song, "--reference", library)
    assert result.exit_code == 4
    assert "library.jsonl, line 1" in result.stderr


def test_own_reference_of_whatif_and_model(tiny_model: Path, song: Path, tmp_path: Path) -> None:
    library = tmp_path / "library.jsonl"
    own = json.loads(midcli("predict", song, "--model", tiny_model, "--json").stdout)
    rng = np.random.default_rng(0)
    rows = []
    for number in range(20):
        row = json.loads(json.dumps(own | {"file": f"{number}.wav"}))
        for quality in row["midlevel"].values():
            quality["value"] += 3 * rng.normal()
        rows.append(json.dumps(row) + "\n")
    library.write_text("".join(rows))
    asked = ("whatif", song, "--model", tiny_model, "--set", "dissonance=+0.1")
    usual, wide = said(*asked), said(*asked, "--reference", library)
    assert wide["distance"] < usual["distance"]
    assert wide["emotions"] == usual["emotions"]
    shown = midcli("model", "--model", tiny_model, "--reference", library)
    assert "Over 20 of library.jsonl" in shown.stdout


def test_model_json(tiny_model: Path, song: Path) -> None:
    found = said("model", "--model", tiny_model, "--song", song)
    assert found["schema"] == "midcli.model/1"
    assert found["card"]["name"] == "tiny"
    for emotion in EMOTION_NAMES:
        assert set(found["weights"][emotion]) == set(QUALITY_NAMES)
        for quality in QUALITY_NAMES:
            quartiles = found["effects"][emotion][quality]
            assert all(low <= high for low, high in pairwise(quartiles))
    assert found["songs"][str(song)]["schema"] == "midcli.explain/1"


def test_the_card_lists_the_vocabularies() -> None:
    card = " ".join(midcli("model", "--emotion", "tension").stdout.split())
    assert "vocabularies emotions: valence, energy, tension, anger, fear, happy, sad, tender gems: " in card
    assert "moods: passionate, cheerful, wistful, witty, intense" in card


def test_model_shows_card_weights_and_plots(tiny_model: Path, song: Path) -> None:
    shown = midcli("model", "--model", tiny_model, "--song", song, "--emotion", "tension", width=120).stdout
    assert "tiny 0" in shown
    assert "Weights" in shown
    assert "Effects on tension" in shown
    assert "Effects on happy" not in shown
    assert "●" in shown
    assert song.name in shown
    assert midcli("model", "list").exit_code == 0


def test_silence_is_flagged_in_a_comparison(tiny_model: Path, song: Path, tmp_path: Path) -> None:
    silence = tmp_path / "silence.wav"
    soundfile.write(silence, np.zeros(2 * 22_050), 22_050)
    result = midcli("compare", silence, song, "--model", tiny_model)
    assert result.exit_code == 0
    assert "take every value as a guess" in result.stdout
    assert "silence" in result.stderr
