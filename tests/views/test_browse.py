"""The full-screen view, driven by keys through Textual's pilot."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("textual")

from textual.events import Key

from midcli.errors import InputError
from midcli.library.columns import Library
from midcli.library.index import open_library
from midcli.library.tags import Titles
from midcli.views.browse import player
from midcli.views.browse.app import Browser
from midcli.views.browse.keys import HINT, KEYS
from midcli.views.browse.listener import Listener
from midcli.views.browse.shelf import PIECE, Shelf
from midcli.views.browse.table import Table
from tests.library_files import predictions, qualities, write_library
from tests.running import is_running
from tests.tagged_files import write_audio

PIECES = 40


@pytest.fixture
def library(tmp_path: Path, tiny_model: Path) -> Library:
    path = write_library(tmp_path / "library.jsonl", predictions(tiny_model, qualities(PIECES), flagged=[3]))
    return open_library(path, tiny_model)


def drive(
    library: Library,
    model: Path,
    keys: Sequence[str],
    look: Callable[[Browser], Any],
    size: tuple[int, int] = (80, 24),
    until: Callable[[Browser], bool] = lambda _: True,
) -> Any:
    """What `look` sees after the keys, and after what runs beside them has come to `until`."""

    async def run() -> Any:
        app = Browser(library, str(model))
        async with app.run_test(size=size) as pilot:
            for key in keys:
                await pilot.press(key)
            for _ in range(100):
                await pilot.pause(0.1)
                if until(app):
                    break
            return look(app)

    return asyncio.run(run())


def screen(app: Browser) -> list[str]:
    lines = app.screen._compositor.render_strips()
    return ["".join(segment.text for segment in line).rstrip() for line in lines]


def has_card(app: Browser) -> bool:
    return any("Sounds" in line for line in screen(app))


def column(library: Library, rows: Sequence[int], name: str) -> list[float]:
    return library.values[:, library.names.index(name)][rows].tolist()


def typed(text: str) -> list[str]:
    names = {" ": "space", ",": "comma", ">": "greater_than_sign", "<": "less_than_sign", ".": "full_stop"}
    names |= {"/": "slash", "-": "minus", "_": "underscore", '"': "quotation_mark"}
    return [names.get(letter, letter) for letter in text]


def test_the_table_and_the_card_fit_a_small_terminal(library: Library, tiny_model: Path) -> None:
    lines = drive(library, tiny_model, [], screen, until=has_card)
    assert len(lines) == 24
    assert all(len(line) <= 80 for line in lines)
    assert lines[0] == "library.jsonl · 40 pieces"
    assert lines[1].startswith("  piece▲")
    assert lines[2].startswith("  000.wav")
    assert "000.wav" in lines[1][40:]
    assert "? 003.wav" in lines[5]
    assert "average" in " ".join(line[40:] for line in lines)
    assert lines[-1].endswith("q quit")


def test_the_keys_fit_beside_the_table_and_go_away(library: Library, tiny_model: Path) -> None:
    lines = drive(library, tiny_model, ["question_mark"], screen)
    shown = "\n".join(line[40:] for line in lines)
    assert all(line in shown for line in KEYS.splitlines())
    for key in ("escape", "question_mark"):
        assert drive(library, tiny_model, ["question_mark", key], has_card, until=has_card)


def test_a_column_sorts_and_turns_round(library: Library, tiny_model: Path) -> None:
    def look(app: Browser) -> tuple[list[float], str]:
        return column(library, app.shelf.rows, "energy"), screen(app)[1]

    keys = ["right"] * 3 + ["s"]
    values, head = drive(library, tiny_model, keys, look)
    assert values == sorted(values, reverse=True)
    assert "energy▼" in head
    values, head = drive(library, tiny_model, [*keys, "s"], look)
    assert values == sorted(values)
    assert "energy▲" in head


def test_every_column_is_seen_when_it_is_chosen(library: Library) -> None:
    shelf = Shelf(library)
    shelf.sort("energy")
    table = Table(shelf)
    for table.chosen in shelf.columns:
        assert table.chosen in table.shown_columns(39)


def test_the_cursor_stays_on_its_piece_when_the_order_changes(library: Library, tiny_model: Path) -> None:
    keys = ["down", "down", "right", "right", "s"]
    assert drive(library, tiny_model, keys, lambda app: app.table.row) == 2
    assert drive(library, tiny_model, ["end"], lambda app: app.table.row) == PIECES - 1
    assert drive(library, tiny_model, ["end", "down", "home", "up"], lambda app: app.table.row) == 0
    assert drive(library, tiny_model, ["pagedown"], lambda app: app.table.place) == 21


def test_a_typed_filter(library: Library, tiny_model: Path) -> None:
    keys = ["slash", *typed("melodiousness > 4.5, tense, 0"), "enter"]
    rows, head = drive(library, tiny_model, keys, lambda app: (app.shelf.rows.tolist(), screen(app)[0]))
    tension = column(library, range(PIECES), "tension")
    assert 0 < len(rows) < PIECES
    assert all(value >= 4.5 for value in column(library, rows, "melodiousness"))
    assert min(column(library, rows, "tension")) >= sorted(tension)[PIECES // 2 - 2]
    assert f"{len(rows)} shown" in head
    assert "tension high" in head
    assert len(drive(library, tiny_model, [*keys, "escape"], lambda app: app.shelf.rows)) == PIECES


def test_a_filter_by_keys(library: Library, tiny_model: Path) -> None:
    keys = ["down", "right", "right", "right", "greater_than_sign"]

    def told_and_shown(app: Browser) -> tuple[float, list[int]]:
        return float(str(screen(app)[0]).split("energy at ")[1].split()[1]), app.shelf.rows.tolist()

    energy = column(library, range(PIECES), "energy")
    least, rows = drive(library, tiny_model, keys, told_and_shown)
    assert energy[1] - 0.01 < least <= energy[1]
    assert rows == [row for row in range(PIECES) if energy[row] >= least]
    most, rows = drive(library, tiny_model, [*keys[:-1], "less_than_sign"], told_and_shown)
    assert energy[1] <= most < energy[1] + 0.01
    assert rows == [row for row in range(PIECES) if energy[row] <= most]


def test_what_makes_no_sense_is_said(library: Library, tiny_model: Path) -> None:
    def last(*keys: str) -> str:
        return str(drive(library, tiny_model, keys, lambda app: screen(app)[-1]))

    assert "no such name" in last("slash", *typed("enrgy > 4"), "enter")
    assert "choose a column" in last("greater_than_sign")
    assert "nothing is marked" in last("e")
    assert "nothing is marked" in last("m")
    assert "is gone" in last("p")
    assert "nothing fits" in str(
        drive(library, tiny_model, ["slash", *typed("zzz"), "enter"], lambda app: " ".join(screen(app)))
    )


@pytest.mark.parametrize("name", ["hits.m3u8", "hits.html"])
def test_marks_are_exported_and_nothing_is_overwritten(
    library: Library, tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    keys = ["space", "down", "space", "e", *typed(name), "enter"]
    last = drive(library, tiny_model, keys, lambda app: screen(app)[-1])
    assert f"wrote 2 pieces to {name}" in last
    content = (tmp_path / name).read_text("utf-8")
    assert "000.wav" in content
    assert "002.wav" in content
    assert "001.wav" not in content
    last = drive(library, tiny_model, keys, lambda app: screen(app)[-1])
    assert "exists; choose another name" in last
    assert (tmp_path / name).read_text("utf-8") == content


def test_names_that_no_playlist_can_hold_are_counted(
    tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = write_library(tmp_path / "odd.jsonl", predictions(tiny_model, qualities(2), ["a\nb", "c"]))
    keys = ["a", "e", *typed("x.m3u8"), "enter"]
    last = drive(open_library(path, tiny_model), tiny_model, keys, lambda app: screen(app)[-1])
    assert "wrote 1 piece to x.m3u8; 1 left out: a line break in the name" in last


def test_all_that_is_shown_is_marked_or_not(library: Library, tiny_model: Path) -> None:
    keys = ["slash", *typed("00"), "enter", "a", "escape"]
    assert drive(library, tiny_model, keys, lambda app: sorted(app.shelf.marked)) == list(range(10))
    assert len(drive(library, tiny_model, [*keys, "m"], lambda app: app.shelf.rows)) == 10
    assert not drive(library, tiny_model, [*keys, "m", "a", "escape"], lambda app: app.shelf.marked)


def test_the_whole_card_has_the_curves_of_the_file(
    tmp_path: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_audio(tmp_path / "song.wav")
    record = predictions(tiny_model, qualities(1), ["song.wav"])
    library = open_library(write_library(tmp_path / "library.jsonl", record), tiny_model)

    def heard(app: Browser) -> bool:
        return app.listener.has_heard(0) and any("Over time" in line for line in screen(app))

    lines = drive(library, tiny_model, ["enter"], screen, (80, 90), heard)
    assert not any("piece▲" in line for line in lines)
    assert any("Over time" in line for line in lines)
    lines = drive(library, tiny_model, ["enter", "escape"], screen, (80, 90), has_card)
    assert any("piece▲" in line for line in lines)


def test_a_file_that_is_gone_keeps_its_card(library: Library, tiny_model: Path) -> None:
    lines = drive(library, tiny_model, ["enter"], screen, until=lambda app: "000.wav: " in screen(app)[-1])
    assert "000.wav: " in lines[-1]
    assert any("model tiny 0" in line for line in lines)


def test_titles_come_from_the_files(library: Library) -> None:
    shelf = Shelf(library)
    shelf.take_titles({2: Titles("Aa first", "Somebody"), 3: Titles(None, "Somebody")})
    shelf.arrange()
    assert shelf.name(2) == "Aa first · Somebody"
    assert shelf.name(3) == "003.wav"
    assert shelf.rows[-1] == 2  # digits come before letters
    shelf.take_titles({3: Titles("Zz last", None)})
    assert not shelf.in_order  # and the heading says no other
    shelf.sort(PIECE)
    assert shelf.in_order
    assert shelf.rows[-1] == 3  # sorted anew, not turned round
    shelf.sort(PIECE)
    assert shelf.rows[0] == 3
    shelf.filter = shelf.understood('"somebody"')
    shelf.arrange()
    assert shelf.rows.tolist() == [2]


def silent_player(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where what stands in for mpv writes the number of its process."""
    plays, pid = folder / "mpv", folder / "pid"
    plays.write_text(f"#!/bin/sh\necho $$ > {pid}.new\nmv {pid}.new {pid}\nexec sleep 60\n")
    plays.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=":")
    return pid


def happens(what: Callable[[], bool]) -> bool:
    give_up = time.monotonic() + 20
    while not what() and time.monotonic() < give_up:
        time.sleep(0.01)
    return what()


def test_a_player_plays_one_file_and_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pid = silent_player(tmp_path, monkeypatch)
    one = player.Player()
    assert one.toggle(Path("a.mp3"))
    assert happens(pid.exists)
    first = int(pid.read_text())
    assert is_running(first)
    assert one.toggle(Path("b.mp3"))
    assert not is_running(first)
    assert not one.toggle(Path("b.mp3"))
    assert one.stop() is None


@pytest.mark.skipif(sys.platform == "win32", reason="its player is a script of a shell")
def test_a_player_ends_with_whoever_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pid = silent_player(tmp_path, monkeypatch)
    program = """
import time
from pathlib import Path
from midcli.views.browse.player import Player
one = Player()
one.toggle(Path("a.mp3"))
time.sleep(60)
"""
    browsing = subprocess.Popen([sys.executable, "-c", program])
    assert happens(pid.exists)
    assert is_running(int(pid.read_text()))
    browsing.kill()
    browsing.wait()
    assert happens(lambda: not is_running(int(pid.read_text())))


def test_the_end_does_not_wait_for_what_is_heard(
    library: Library, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, wanted = threading.Event(), threading.Event()

    def hear(*_: object) -> None:
        begun.set()
        wanted.wait(30)

    monkeypatch.setattr(Listener, "hear", hear)
    started = time.monotonic()
    drive(library, tiny_model, ["enter", "q"], lambda _: None)
    assert begun.is_set()
    assert time.monotonic() - started < 20
    wanted.set()


def test_what_is_being_heard_is_not_heard_twice_at_once(
    library: Library, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[int] = []
    wanted = threading.Event()

    def hear(_: Listener, row: int) -> None:
        heard.append(row)
        wanted.wait(30)
        raise InputError("missing.wav", "no such file")

    monkeypatch.setattr(Listener, "hear", hear)
    drive(library, tiny_model, ["enter", "escape", "enter", "escape", "j", "enter"], lambda _: wanted.set())
    assert sorted(heard) == [0, 1]


@pytest.mark.skipif(sys.platform == "win32", reason="no such signals")
def test_a_signal_ends_the_view_and_what_plays(
    library: Library, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped: list[player.Player] = []
    monkeypatch.setattr(player.Player, "stop", lambda one: stopped.append(one))

    async def run(number: signal.Signals) -> int | None:
        app = Browser(library, str(tiny_model))
        async with app.run_test() as pilot:
            await pilot.pause()
            os.kill(os.getpid(), number)
            while app.is_running:
                await asyncio.sleep(0.01)
        return app.ended_by

    assert [asyncio.run(run(number)) for number in (signal.SIGTERM, signal.SIGHUP)] == [15, 1]
    assert len(stopped) == 2


def test_a_narrow_terminal_shows_the_table_and_then_the_card(library: Library, tiny_model: Path) -> None:
    assert all(len(line) <= 50 for line in drive(library, tiny_model, [], screen, (50, 15)))
    assert not drive(library, tiny_model, [], has_card, (50, 15))
    assert drive(library, tiny_model, ["enter"], has_card, (50, 15), has_card)


def test_fifty_thousand_pieces_open_and_move_at_once(tmp_path: Path, tiny_model: Path) -> None:
    path = write_library(tmp_path / "library.jsonl", predictions(tiny_model, qualities(2000)))
    small = open_library(path, tiny_model)
    times = 25
    library = Library(
        **{
            **vars(small),
            "files": small.files * times,
            "origins": small.origins * times,
            "rows": np.tile(small.rows, times),
        }
    )

    async def run() -> list[float]:
        took = [-time.process_time()]
        app = Browser(library, str(tiny_model))
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.pause()
            took[0] += time.process_time()
            for act in (lambda: app.table.action_end(1), lambda: app.table.action_page(-1), app.action_sort):
                started = time.process_time()
                act()
                for line in range(22):
                    app.table.render_line(line)
                took.append(time.process_time() - started)
        return took

    opened, *acts = asyncio.run(run())
    assert opened < 2
    assert max(acts) < 0.3


def test_keys_that_are_typed_at_once_go_into_the_prompt(library: Library, tiny_model: Path) -> None:
    async def run() -> Any:
        app = Browser(library, str(tiny_model))
        async with app.run_test(size=(80, 24)) as pilot:
            for key in ("slash", *"sane", "slash"):  # as pasted: nobody waits for anything
                app.post_message(Key(key, "/" if key == "slash" else key))
            await pilot.pause(0.2)
            return app.query_one("#prompt").value, app.shelf.marked  # type: ignore[attr-defined]

    assert asyncio.run(run()) == ("sane/", set())


def test_a_prompt_that_is_opened_anew_at_once_takes_the_keys(library: Library, tiny_model: Path) -> None:
    async def run() -> Any:
        app = Browser(library, str(tiny_model))
        async with app.run_test(size=(80, 24)) as pilot:
            for key in ("slash", "escape", "slash"):
                app.post_message(Key(key, "/" if key == "slash" else None))
            await pilot.pause(0.2)
            await pilot.press(*"same")
            return app.query_one("#prompt").value, app.shelf.marked  # type: ignore[attr-defined]

    assert asyncio.run(run()) == ("same", set())


def test_one_piece_is_one(tmp_path: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    alone = write_library(tmp_path / "alone.jsonl", predictions(tiny_model, qualities(1)))
    keys = ["a", "e", *typed("one.m3u8"), "enter"]
    lines = drive(open_library(alone, tiny_model), tiny_model, keys, screen)
    assert lines[0] == "alone.jsonl · 1 piece · 1 marked"
    assert lines[-1] == "wrote 1 piece to one.m3u8"


def test_a_message_goes_when_the_prompt_does(library: Library, tiny_model: Path) -> None:
    keys = ["e", "slash", "escape"]  # nothing is marked, which is said
    assert drive(library, tiny_model, keys, lambda app: screen(app)[-1]) == HINT


def test_what_is_filtered_by_is_shown(library: Library, tiny_model: Path) -> None:
    heads = drive(
        library, tiny_model, ["slash", "n", "o", "t", "space", *"tense", "enter"], lambda app: screen(app)[1]
    )
    assert "tension" in heads
