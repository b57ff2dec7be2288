"""`--save`: the page and the pictures, their numbers, what they load, and how names with markup come out."""

import base64
import hashlib
import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Sequence
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from midcli.analyser import Analyser
from midcli.cli.main import app
from midcli.explanation.effects import Explanation
from midcli.explanation.words.vocabulary import EMOTION_WORDS, QUALITY_WORDS
from midcli.labels import EMOTION_NAMES, QUALITY_NAMES
from midcli.views.page.markup import Markup, element
from midcli.views.page.page import Section, page
from midcli.views.page.picture import picture
from midcli.views.page.styles import DARK, LIGHT
from midcli.views.piece import Piece

VOID = {"meta", "input"}
SVG = "{http://www.w3.org/2000/svg}"


class Reader(HTMLParser):
    """The elements of a page: fails where tags do not match."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, str]] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        assert len(dict(attrs)) == len(attrs)
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open:
            self.texts.append((self._open[-1], data))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]

    @property
    def shape(self) -> list[str]:
        return [name for name, _ in self.elements]


@pytest.fixture(scope="module")
def analyser(tiny_model: Path) -> Analyser:
    return Analyser(tiny_model)


@pytest.fixture(scope="module")
def changing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four seconds of noise, then four of a tone."""
    noise = np.random.default_rng(0).normal(0, 0.1, 4 * 22_050)
    tone = 0.5 * np.sin(np.arange(4 * 22_050) * 2 * np.pi * 440 / 22_050)
    path = tmp_path_factory.mktemp("audio") / "changing.wav"
    soundfile.write(path, np.concatenate([noise, tone]), 22_050)
    return path


@pytest.fixture(scope="module")
def piece(analyser: Analyser, changing: Path) -> Piece:
    return Piece(analyser.analyse(changing))


def renamed(piece: Piece, name: str) -> Piece:
    return replace(piece, analysis=replace(piece.analysis, file=name))


def html(*pieces: Piece, failures: Sequence[tuple[str, str]] = ()) -> str:
    sections = [
        Section(piece, number, alone=len(pieces) == 1) for number, piece in enumerate(pieces, start=1)
    ]
    return page(sections, failures).decode()


def midcli(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def numbers(value: Any) -> set[float]:
    """All numbers in a JSON value."""
    if isinstance(value, dict):
        return set().union(*map(numbers, value.values()))
    if isinstance(value, list):
        return set().union(*map(numbers, value))
    return {float(value)} if isinstance(value, (int, float)) and not isinstance(value, bool) else set()


def embedded(text: str) -> list[dict[str, Any]]:
    return [json.loads(found) for found in re.findall(r'class="numbers">(.*?)</script>', text, re.DOTALL)]


def test_page_is_well_formed(piece: Piece) -> None:
    for text in (html(piece), html(piece, piece, failures=[("bad.wav", "no audio")])):
        read = Reader(text)
        ids = [attributes["id"] for _, attributes in read.elements if "id" in attributes]
        assert len(ids) == len(set(ids))
        for _, attributes in read.elements:
            assert (attributes.get("aria-labelledby") or ids[0]) in ids
            assert (attributes.get("href") or f"#{ids[0]}").removeprefix("#") in ids
        levels = [int(tag[1]) for tag, _ in read.elements if re.fullmatch("h[1-6]", tag)]
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(after <= before + 1 for before, after in pairwise(levels))
        assert read.all("html") == [{"lang": "en"}]
        for tag, attributes in read.elements:
            if tag == "svg":
                assert attributes.get("role") == "img" or attributes.get("aria-hidden") == "true"
        assert text.count('role="img"') == len([tag for tag, _ in read.texts if tag == "title"]) - 1


def test_page_loads_nothing_and_runs_only_its_own_script(piece: Piece) -> None:
    text = html(piece)
    read = Reader(text)
    for _, attributes in read.elements:
        for name, value in attributes.items():
            assert not name.startswith("on")
            assert name != "style"
            if name in ("src", "href", "data", "action", "srcset", "poster"):
                assert (value or "").startswith(("#", "data:audio/mpeg;base64,"))
    assert not re.search(r"url\(|@import|https?:", text)
    policy = next(item["content"] for item in read.all("meta") if item.get("http-equiv"))
    assert policy
    assert policy.startswith("default-src 'none';")
    for tag in ("style", "script"):
        inside = re.findall(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        assert len(inside) == 1
        digest = base64.b64encode(hashlib.sha256(inside[0].encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy


def test_every_number_is_one_of_the_json(tiny_model: Path, changing: Path, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    done = midcli(
        "explain", changing, "--model", tiny_model, "--json", "--over-time", "--all", "--save", path
    )
    assert done.exit_code == 0, done.exception
    said, text = json.loads(done.stdout), path.read_text("utf-8")
    assert embedded(text) == [said]
    known = numbers(said)
    shown = re.findall(r'<data value="([^"]+)">([^<]*)</data>', text)
    assert len(shown) > 8 * 3 + 7 * 3 + 8 * 7
    for exact, words in shown:
        assert float(exact) in known
        if re.fullmatch(r"[+−]?[\d.]+", words):
            decimals = len(words.partition(".")[2])
            assert float(words.replace("−", "-")) == pytest.approx(float(exact), abs=1.01 * 10**-decimals)
    for group, names in (("emotions", EMOTION_NAMES), ("midlevel", QUALITY_NAMES)):
        for name in names:
            row = re.search(rf'<tr role="row" data-name="{name}">.*?</tr>', text, re.DOTALL)
            assert row
            found = [float(value) for value in re.findall(r'<data value="([^"]+)"', row[0])]
            exact = said[group][name]
            below, above = "probably below" in row[0], "probably above" in row[0]
            ends = ["high"] if below else ["low"] if above else ["low", "high"]
            assert found == [exact[key] for key in ("value", "percentile", *ends)]
    for name in EMOTION_NAMES:
        card = re.search(rf'data-emotion="{name}">(?!</span>).*?</section>', text, re.DOTALL)
        assert card
        effects = [float(value) for value in re.findall(r'<data value="([^"]+)"', card[0])]
        assert sorted(effects) == sorted(said["emotions"][name]["relative_effects"].values())


def test_effects_add_up_as_shown(piece: Piece) -> None:
    for relative in (True, False):
        text = html(replace(piece, relative=relative))
        for section in re.findall(r'<section class="card".*?</section>', text, re.DOTALL):
            value, base, sign, change = re.search(
                r"([−\d.]+) = \w+ ([−\d.]+) ([+−]) ([\d.]+)", section.replace("</p>", "")
            ).groups()  # type: ignore[union-attr]
            effects = re.findall(r"<data[^>]*>([^<]*)</data>", section)
            assert len(effects) == len(QUALITY_NAMES)
            total = sum(float(effect.replace("−", "-")) for effect in effects)
            assert total == pytest.approx(float((sign + change).replace("−", "-")), abs=1e-6)
            whole = float(base.replace("−", "-")) + total
            assert whole == pytest.approx(float(value.replace("−", "-")), abs=1e-6)
            assert ("Pulls down, pushes up" if sign == "−" else "Holds back, pushes up") in section


def test_qualities_add_up_as_shown_beside_their_maps(piece: Piece) -> None:
    explanation = piece.analysis.explanation
    midlevel = {name: replace(one, value=5.46, average=5.24) for name, one in explanation.midlevel.items()}
    rounded_apart = replace(piece.analysis, explanation=Explanation(midlevel, explanation.emotions))
    text = html(replace(piece, analysis=rounded_apart))
    equations = re.findall(r'<span class="equation">(.*?)</span>', text, re.DOTALL)
    assert equations
    assert {re.sub("<.*?>", "", equation) for equation in equations} == {"5.46 = average 5.24 + 0.22"}


def test_the_same_piece_gives_the_same_files(piece: Piece) -> None:
    assert html(piece) == html(piece)
    assert picture(piece, dark=True) == picture(piece, dark=True)


NAMES = st.one_of(
    st.text(),
    st.sampled_from(
        [
            "</title></script><script>alert(1)</script>",
            "<!--<script>",
            "\"'><img src=x onerror=alert(1)>",
            "&lt;b&amp;",
            "a\nb\rc\x1b[31m\u202e\u2028",
            "$style ${script} $$",
            "\udcff.wav",
            "]]>.wav",
            "漢字 🎵",
        ]
    ),
)


@pytest.fixture(scope="module")
def plain_page(piece: Piece) -> Reader:
    plain = renamed(piece, "plain.wav")
    plain = replace(plain, analysis=replace(plain.analysis, warnings=("plain",)))
    return Reader(html(plain, failures=[("plain.wav", "plain")]))


@settings(max_examples=10, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(name=NAMES, warning=NAMES, failure=NAMES)
def test_names_come_out_harmless(
    piece: Piece, plain_page: Reader, name: str, warning: str, failure: str
) -> None:
    odd = renamed(piece, name)
    odd = replace(odd, analysis=replace(odd.analysis, warnings=(warning,)))
    text = html(odd, failures=[(failure, failure)])
    assert Reader(text).shape == plain_page.shape
    assert [one["file"] for one in embedded(text)] == [odd.to_dict()["file"]]
    shown = re.sub(r"<script.*?</script>", "", text, flags=re.DOTALL)
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\u202e\u2028]", shown)

    drawn = ET.fromstring(picture(odd, dark=True))  # noqa: S314
    assert {item.tag for item in drawn.iter()} <= {
        f"{SVG}{tag}" for tag in ("svg", "title", "desc", "style", "rect", "line", "circle", "text")
    }


def test_odd_names_are_shown_in_full(piece: Piece) -> None:
    name = '<b>&"it\'s" 漢字.wav'
    read = Reader(html(renamed(piece, name)))
    assert ("h1", name) in read.texts
    drawn = ET.fromstring(picture(renamed(piece, name), dark=False))  # noqa: S314
    assert name in [item.text for item in drawn.iter(f"{SVG}text")]


def test_markup_escapes_what_is_not_markup() -> None:
    assert element("a", "<", element("b", "&"), title='"<') == '<a title="&quot;&lt;">&lt;<b>&amp;</b></a>'
    assert element("i", hidden=True, id=None, aria_label="x", class_="y") == (
        '<i hidden aria-label="x" class="y"></i>'
    )
    assert Markup("<b>") + "<" == "<b>&lt;"


@pytest.mark.parametrize(("value", "arrow"), [(0.3, "‹"), (9.2, "›"), (5.0, "")])
def test_values_beyond_the_scale_are_marked_and_explained(piece: Piece, value: float, arrow: str) -> None:
    explanation = piece.analysis.explanation
    emotions = {name: replace(one, value=5.0) for name, one in explanation.emotions.items()}
    midlevel = {name: replace(one, value=5.0) for name, one in explanation.midlevel.items()}
    emotions["sad"] = replace(emotions["sad"], value=value)
    explained = replace(explanation, emotions=emotions, midlevel=midlevel)
    shown = Piece(replace(piece.analysis, explanation=explained))
    for text in (picture(shown, dark=False), page([Section(shown)]).decode()):
        assert text.count('class="beyond"') == bool(arrow)
        assert ("beyond the scale: sums are not cut" in text) == bool(arrow)
        assert not arrow or f">{arrow}</text>" in text


def test_picture_shows_every_value(piece: Piece) -> None:
    drawn = ET.fromstring(picture(piece, dark=True))  # noqa: S314
    texts = [item.text for item in drawn.iter(f"{SVG}text")]
    for words in (*EMOTION_WORDS.values(), *QUALITY_WORDS.values()):
        assert words.noun in texts
    height, width = float(drawn.attrib["height"]), float(drawn.attrib["width"])
    for item in drawn.iter(f"{SVG}text"):
        assert 0 < float(item.attrib["y"]) < height
        assert item.attrib["x"] in ("0%", "100%") or 0 < float(item.attrib["x"]) < width
    assert "prefers-color-scheme" in picture(piece, dark=True)
    assert "prefers-color-scheme" not in picture(piece, dark=False)
    assert not re.search(r"url\(|@import|href|var\(", picture(piece, dark=True))
    assert drawn.find(f"{SVG}desc").text.startswith(piece.analysis.summary)  # type: ignore[union-attr]


def test_silence_is_flagged_everywhere(analyser: Analyser, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "silence.wav", np.zeros(3 * 22_050), 22_050)
    silent = Piece(analyser.analyse(tmp_path / "silence.wav"))
    for text in (html(silent), picture(silent, dark=False)):
        assert "unlike the music that the model knows" in text
        assert "silence: its values say nothing about music" in text
        assert "if the model could be trusted" in text
        assert not re.search(r'class="(band|dot|standing|small) (up|down)"', text)


def test_colours_have_contrast() -> None:
    def luminance(colour: str) -> float:
        parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return float(np.dot([0.2126, 0.7152, 0.0722], linear))

    def contrast(one: str, other: str) -> float:
        low, high = sorted((luminance(one), luminance(other)))
        return (high + 0.05) / (low + 0.05)

    for palette in (LIGHT, DARK):
        for ground in ("paper", "card"):
            for ink in ("ink", "quiet", "up", "down", "level"):
                assert contrast(palette[ink], palette[ground]) >= 4.5, (ink, ground)


def test_files_are_saved_once_and_kept(tiny_model: Path, song: Path, tmp_path: Path) -> None:
    page_file, drawing = tmp_path / "report.html", tmp_path / "picture.SVG"
    wanted = ("explain", song, "--model", tiny_model, "--save", page_file, "--save", drawing)
    done = midcli(*wanted)
    assert done.exit_code == 0, done.exception
    assert done.stderr.count("saved: ") == 2
    before = page_file.read_bytes()
    refused = midcli(*wanted, "--absolute")
    assert refused.exit_code == 2
    assert "--overwrite" in refused.stderr
    assert page_file.read_bytes() == before
    assert midcli(*wanted, "--absolute", "--overwrite").exit_code == 0
    assert page_file.read_bytes() != before
    assert sorted(tmp_path.iterdir()) == [drawing, page_file]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--save", "report.pdf"], ".html, .svg, .png"),
        (["--save", "report"], ".html, .svg, .png"),
        (["--embed-audio"], "--save NAME.html"),
        (["--save", "picture.svg", "--embed-audio"], "--save NAME.html"),
        (["--save", "a.html", "--save", "./a.html"], "different files"),
    ],
)
def test_what_makes_no_sense_is_refused(
    tiny_model: Path,
    song: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    options: list[str],
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    done = midcli("explain", song, "--model", tiny_model, *options)
    assert done.exit_code == 2
    assert said in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_found_before_the_analysis(
    tiny_model: Path, song: Path, tmp_path: Path
) -> None:
    done = midcli("explain", song, "--model", tiny_model, "--save", tmp_path / "nowhere/a.html")
    assert (done.exit_code, done.stdout) == (4, "")
    assert "nowhere: no such folder" in done.stderr


def test_several_pieces_make_one_page(tiny_model: Path, song: Path, changing: Path, tmp_path: Path) -> None:
    target, missing = tmp_path / "report.html", tmp_path / "<missing>.wav"
    model = ("--model", tiny_model)
    done = midcli("explain", song, changing, missing, *model, "--save", target, "--json")
    assert done.exit_code == 5
    assert len(done.stdout.splitlines()) == 3
    text = target.read_text("utf-8")
    read = Reader(text)
    links = [attributes["href"] for attributes in read.all("a")]
    assert links == ["#main", "#piece-1", "#piece-2"]
    assert [one["file"] for one in embedded(text)] == [str(song), str(changing)]
    assert any("missing" in words for tag, words in read.texts if tag == "strong")

    refused = midcli("explain", song, changing, *model, "--save", tmp_path / "picture.png")
    assert refused.exit_code == 2
    assert "single piece" in refused.stderr
    alone = tmp_path / "nothing.html"
    assert midcli("explain", missing, *model, "--save", alone).exit_code == 3
    assert not alone.exists()


def test_comparison(tiny_model: Path, song: Path, changing: Path, tmp_path: Path) -> None:
    path = tmp_path / "comparison.html"
    wanted = ("compare", song, changing, "--model", tiny_model, "--json", "--save", path)
    done = midcli(*wanted)
    assert done.exit_code == 0, done.exception
    said, text = json.loads(done.stdout), path.read_text("utf-8")
    Reader(text)
    assert embedded(text) == [said]
    for name in EMOTION_NAMES:
        row = re.search(rf'<tr role="row" data-name="{name}">.*?</tr>', text, re.DOTALL)
        card = re.search(rf'class="card" data-emotion="{name}">.*?</section>', text, re.DOTALL)
        assert row
        assert card
        values = [float(value) for value in re.findall(r'<data value="([^"]+)"', row[0])]
        difference = said["emotions"][name]["difference"]
        assert values[:2] == [said[piece]["emotions"][name]["value"] for piece in ("a", "b")]
        assert values[2] == pytest.approx(difference, abs=2e-6)
        sign = 1 if difference >= 0 else -1
        contributions = [sign * float(value) for value in re.findall(r'<data value="([^"]+)"', card[0])]
        assert sorted(contributions) == sorted(said["emotions"][name]["contributions"].values())

    refused = midcli(*wanted)
    assert (refused.exit_code, "--overwrite" in refused.stderr) == (2, True)
    assert midcli(*wanted, "--overwrite").exit_code == 0
    assert path.read_text("utf-8") == text
    other = midcli("compare", song, changing, "--model", tiny_model, "--save", tmp_path / "comparison.svg")
    assert (other.exit_code, ".html" in other.stderr) == (2, True)


def test_no_difference_from_what_is_no_music_is_probable(tmp_path: Path) -> None:
    noise, examples = tmp_path / "noise.wav", Path(__file__).parent.parent / "examples"
    music = examples / "baba-yaga.ogg"
    soundfile.write(noise, np.random.default_rng(0).normal(0, 0.1, 3 * 22050), 22050)
    for other, probable in ((noise, False), (examples / "prelude-e-minor.ogg", True)):
        path = tmp_path / f"{other.stem}.html"
        assert midcli("compare", other, music, "--save", path).exit_code == 0
        assert bool(re.search('class="difference number (up|down)"', path.read_text("utf-8"))) == probable


def test_audio_is_embedded(tiny_model: Path, song: Path, tmp_path: Path) -> None:
    target = tmp_path / "report.html"
    done = midcli("explain", song, "--model", tiny_model, "--save", target, "--embed-audio")
    assert done.exit_code == 0, done.exception
    (audio,) = Reader(target.read_text("utf-8")).all("audio")
    sound = tmp_path / "embedded.mp3"
    sound.write_bytes(base64.b64decode((audio["src"] or "").removeprefix("data:audio/mpeg;base64,")))
    played, rate = soundfile.read(sound)
    original, _ = soundfile.read(song)
    assert rate == 44_100
    assert len(played) / rate == pytest.approx(3, abs=0.1)
    assert np.sqrt(np.mean(played**2)) == pytest.approx(np.sqrt(np.mean(original**2)), rel=0.05)


def test_png_has_its_text_in_its_own_font(piece: Piece) -> None:
    pytest.importorskip("resvg_py")
    from midcli.views.page.raster import ZOOM, png

    svg = picture(piece, dark=False)
    pixels = png(svg)
    drawn = ET.fromstring(svg)  # noqa: S314
    assert pixels.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = (int.from_bytes(pixels[place : place + 4], "big") for place in (16, 20))
    assert (width, height) == (ZOOM * int(drawn.attrib["width"]), ZOOM * int(drawn.attrib["height"]))
    without_text = re.sub(r"<text.*?</text>", "", svg)
    assert png(without_text) != pixels


def test_png_without_its_extra(
    tiny_model: Path, song: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def find_nothing(_: str) -> None:
        return None

    monkeypatch.setattr("midcli.views.page.raster.find_spec", find_nothing)
    done = midcli("explain", song, "--model", tiny_model, "--save", tmp_path / "picture.png")
    assert done.exit_code == 4
    assert "resvg-py>=" in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("drawn", [lambda piece: html(piece), lambda piece: picture(piece, dark=True)])
def test_an_emotion_asked_for_is_explained(piece: Piece, drawn: Callable[[Piece], str]) -> None:
    sad = piece.analysis.emotions["sad"]
    text = drawn(replace(piece, emotions=["sad"]))
    from midcli.explanation.words.sentences import relative_reasons

    assert relative_reasons(sad, piece.analysis.midlevel).split(".")[0][:40] in text
