"""The full-screen view of a library: a table that sorts and filters, and the card of the selected piece."""

import asyncio
import signal
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from threading import Thread
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text
from textual import on
from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, VerticalScroll
from textual.events import Resize
from textual.widgets import Input, Static

from midcli.errors import MidcliError, UsageError
from midcli.explanation.analysis import Analysis
from midcli.explanation.words.certainty import to_explain
from midcli.explanation.words.numbers import pieces
from midcli.library.columns import Library
from midcli.library.tags import Titles
from midcli.util.text import printable
from midcli.views.browse.card import CardBeside
from midcli.views.browse.export import export
from midcli.views.browse.keys import HINT, KEYS
from midcli.views.browse.listener import Listener
from midcli.views.browse.player import Player
from midcli.views.browse.shelf import PIECE, Filter, Shelf
from midcli.views.browse.table import Table
from midcli.views.browse.titles import TitleReader
from midcli.views.panels.over_time import over_time
from midcli.views.piece import Piece
from midcli.views.terminal import theme

_BESIDE = 80  # columns from which table and card stand beside each other
_CARD = theme.LEAST_WIDTH
_MOST_CARD = 76
_REST_S = 0.08  # the cursor rests that long before a card is made
_MOST_TURNS = 5


class Browser(App[MidcliError | None]):
    """Looks at one library; what ends it, if it is an error, is its result."""

    CSS = """
    Screen { layout: vertical; }
    #head, #status { height: 1; }
    #head, #status { text-overflow: ellipsis; }
    #head { text-style: bold; text-wrap: nowrap; }
    #status { text-wrap: nowrap; }
    #prompt { height: 1; border: none; padding: 0; display: none; }
    #body { height: 1fr; }
    Table { width: 1fr; height: 100%; scrollbar-size: 0 0; }
    #beside { width: 40; height: 100%; scrollbar-size-vertical: 0; margin: 0 0 0 1; }
    #card { width: 100%; height: auto; }
    .narrow #beside { display: none; }
    .whole Table { display: none; }
    .whole #beside { display: block; margin: 0; }
    """
    ENABLE_COMMAND_PALETTE = False
    BINDINGS = [  # noqa: RUF012 (as Textual has it)
        Binding("q,ctrl+q,ctrl+c", "leave", "quit", priority=True),
        Binding("slash", "filter", "filter", priority=True),
        Binding("s", "sort", "sort"),
        Binding("n", "sort_names", "by name"),
        Binding("greater_than_sign", "bound(1)", "at least"),
        Binding("less_than_sign", "bound(-1)", "at most"),
        Binding("escape", "out", "back", priority=True),
        Binding("space", "mark", "mark"),
        Binding("a", "mark_shown", "mark all"),
        Binding("m", "only_marked", "marked only"),
        Binding("e", "export", "export", priority=True),
        Binding("p", "play", "play"),
        Binding("enter", "whole", "card"),
        Binding("tab", "other_pane", "other pane", priority=True),
        Binding("question_mark", "keys", "keys"),
    ]

    def __init__(self, library: Library, model: str | None = None) -> None:
        super().__init__(ansi_color=True)
        self.shelf = Shelf(library)
        self.listener = Listener(library, model)
        self.player = Player()
        self.table = Table(self.shelf)
        self._titles = TitleReader(library, self._told)
        self._asked_for = ""
        """What is typed in the prompt: a filter or a file."""
        self._shown: int | None = None
        """The piece on the card."""
        self._shows_keys = False
        self._being_heard: set[int] = set()
        self.ended_by: int | None = None
        """The signal that did."""

    def compose(self) -> ComposeResult:
        yield Static(id="head", markup=False)
        with Horizontal(id="body"):
            yield self.table
            with VerticalScroll(id="beside"):
                yield Static(id="card", markup=False)
        yield Input(id="prompt", compact=True)
        yield Static(HINT, id="status", markup=False)

    def on_mount(self) -> None:
        if sys.platform != "win32":
            for number in (signal.SIGTERM, signal.SIGHUP):
                asyncio.get_running_loop().add_signal_handler(number, self._end, number)
        self.table.focus()
        self._show_head()
        self._titles.start()

    def on_unmount(self) -> None:
        self._titles.stop()
        self.player.stop()

    def on_resize(self, event: Resize) -> None:
        self.query_one("#body").set_class(event.size.width < _BESIDE, "narrow")
        self._fit_card(event.size.width)
        self._show_card_soon()

    @on(Table.Selected)
    def _selected(self) -> None:
        self._titles.ask([row for row in self.table.seen() if row not in self.shelf.titles])
        self._show_head()
        self._show_card_soon()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """What opens the prompt comes before all else, but is text in the prompt itself."""
        return not (self._asked_for and action in ("filter", "export"))

    def action_leave(self) -> None:
        self.exit(None)

    def _end(self, number: int) -> None:
        """As by a key: the terminal is as it was before, and nothing plays on."""
        self.ended_by = number
        self.exit(None)

    def action_sort(self) -> None:
        self._sort(self.table.chosen.name if self.table.chosen else PIECE)

    def action_sort_names(self) -> None:
        self._sort(PIECE)

    def action_bound(self, sign: int) -> None:
        if self.table.row is None or self.table.chosen is None:
            self._say("choose a column with left and right first")
            return
        try:
            self._filter(self.shelf.bounded_like(self.table.row, self.table.chosen, sign))
        except UsageError as error:
            self._say(str(error))

    def action_filter(self) -> None:
        self._ask("filter", "filter: tense, energy > 6, or any text", "")

    def action_export(self) -> None:
        if not self.shelf.marked:
            self._say("nothing is marked; mark with the space bar")
            return
        self._ask("export", f"write {len(self.shelf.marked)} marked to NAME.m3u8 or NAME.html", "")

    def action_out(self) -> None:
        """Out of what was entered last: the prompt, the keys, the whole card, marked only, the filter."""
        if self._asked_for:
            self._close_prompt()
        elif self._shows_keys:
            self.action_keys()
        elif self._is_whole:
            self._show_whole(False)
        elif self.shelf.only_marked:
            self.action_only_marked()
        elif not self.shelf.filter.is_empty:
            self._filter(Filter())

    def action_mark(self) -> None:
        if self.table.row is not None:
            self.shelf.toggle_mark(self.table.row)
            self.table.action_move(1)
            self.table.refresh()
            self._show_head()

    def action_mark_shown(self) -> None:
        self.shelf.mark_shown()
        self.table.refresh()
        self._show_head()

    def action_only_marked(self) -> None:
        if not self.shelf.marked and not self.shelf.only_marked:
            self._say("nothing is marked; mark with the space bar")
            return
        self.shelf.only_marked = not self.shelf.only_marked
        self._arrange()

    def action_play(self) -> None:
        row = self.table.row
        if row is None:
            return
        file = self.shelf.library.locate(row)
        if not file.exists():
            self._say(f"{file}: is gone")
            return
        try:
            plays = self.player.toggle(file)
        except UsageError as error:
            self._say(str(error))
        else:
            self._say(f"playing {self.shelf.name(row)}; p stops it" if plays else "stopped")

    def action_whole(self) -> None:
        if self.table.row is not None:
            self._show_whole(not self._is_whole)

    def action_other_pane(self) -> None:
        (self.query_one("#beside") if self.table.has_focus else self.table).focus()
        self.table.refresh()

    def action_keys(self) -> None:
        self._shows_keys = not self._shows_keys
        if self._shows_keys:
            self._shown = None
            self.query_one("#card", Static).update(Text(KEYS))
        else:
            self._show_card_soon()

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        asked_for, text = self._asked_for, event.value.strip()
        self._close_prompt()
        try:
            if asked_for == "filter":
                wanted = self.shelf.understood(text)
                self.table.show_column(*wanted.query.names[:1])
                self._filter(wanted)
            elif text:
                target = Path(text).expanduser()
                written = export(self.shelf, target)
                left_out = len(self.shelf.marked) - written
                but = f"; {left_out} left out: a line break in the name" if left_out else ""
                self._say(f"wrote {pieces(written)} to {target}{but}")
        except (MidcliError, RuntimeError) as error:
            self._say(str(error))

    @property
    def _is_whole(self) -> bool:
        return self.query_one("#body").has_class("whole")

    def _sort(self, name: str) -> None:
        row = self.table.row
        self.shelf.sort(name)
        self.table.show_again(row)
        self._show_head()

    def _filter(self, wanted: Filter) -> None:
        self.shelf.filter = wanted
        self._arrange()

    def _arrange(self) -> None:
        row = self.table.row
        self.shelf.arrange()
        self.table.show_again(row)
        self._show_head()

    def _ask(self, what: str, hint: str, value: str) -> None:
        prompt = self.query_one("#prompt", Input)
        self._asked_for = what
        prompt.placeholder, prompt.value = hint, value
        prompt.display, self.query_one("#status").display = True, False
        self.screen.set_focus(prompt)  # at once: what is typed next may be here already

    def _close_prompt(self) -> None:
        self._asked_for = ""
        self.query_one("#prompt").display, self.query_one("#status").display = False, True
        self.screen.set_focus(self.table)  # at once: the prompt may be opened anew before a later call
        self._show_head()

    def _say(self, message: str) -> None:
        """A line at the bottom, until the next key."""
        self.query_one("#status", Static).update(Text(printable(message), overflow="ellipsis", no_wrap=True))

    def _show_head(self) -> None:
        shelf = self.shelf
        shown = len(shelf)
        parts = [printable(shelf.library.called), pieces(len(shelf.library))]
        if shelf.only_marked or not shelf.filter.is_empty:
            parts.append(f"{shown} shown")
        if shelf.marked:
            parts.append(f"{len(shelf.marked)} marked")
        if not shelf.filter.is_empty:
            parts.append(str(shelf.filter))
        line = Text(" · ".join(parts), overflow="ellipsis", no_wrap=True)
        self.query_one("#head", Static).update(line)
        self.query_one("#status", Static).update(Text(HINT, overflow="ellipsis", no_wrap=True))

    def _fit_card(self, width: int) -> None:
        beside = self.query_one("#beside")
        beside.styles.width = "1fr" if self._is_whole else min(max(_CARD, width // 2), _MOST_CARD)

    def _show_whole(self, whole: bool) -> None:
        self.query_one("#body").set_class(whole, "whole")
        self._fit_card(self.size.width)
        (self.query_one("#beside") if whole else self.table).focus()
        self._show_card_soon()
        row = self.table.row
        if whole and row is not None and not self.listener.has_heard(row):
            self._say(f"listening to {self.shelf.name(row)} ...")
            if row not in self._being_heard:
                self._being_heard.add(row)
                self._beside(partial(self._hear, row, self._card_width))

    def _show_card_soon(self) -> None:
        self._shown = None
        self.set_timer(_REST_S, partial(self._show_card_of, self.table.row))

    def _show_card_of(self, row: int | None) -> None:
        """If the cursor still is there."""
        if self._shows_keys or row != self.table.row or (row is not None and row == self._shown):
            return
        self._shown = row
        if row is None:
            self.query_one("#card", Static).update(Text("nothing fits; Esc shows all", theme.QUIET))
            return
        self._beside(partial(self._recall, row, self._card_width))

    def _beside(self, work: Callable[[], None]) -> None:
        """In a thread for which the end of the view does not wait, as it would for a worker of Textual."""

        def run() -> None:
            try:
                work()
            except Exception as error:  # a bug, which ends the view as any other
                self._tell(self._raise, error)

        Thread(target=run, daemon=True).start()

    def _raise(self, error: Exception) -> None:
        raise error

    def _recall(self, row: int, width: int) -> None:
        """In a thread: the first card waits for the model."""
        try:
            card = self._card(row, self.listener.recall(row), width)
        except MidcliError as error:
            self._tell(self._put, row, Text(printable(str(error)), theme.NOTE))
        else:
            self._tell(self._put, row, card)

    def _hear(self, row: int, width: int) -> None:
        """In a thread: the file is read again."""
        try:
            card = self._card(row, self.listener.hear(row), width)
        except MidcliError as error:
            self._tell(self._say, str(error))
            return
        finally:
            self._being_heard.discard(row)
        self._tell(self._put, row, card)
        self._tell(self._show_head)

    def _card(self, row: int, analysis: Analysis, width: int) -> RenderableType:
        card = CardBeside(Piece(analysis))
        if not self.listener.has_heard(row):
            return card
        from midcli.views.terminal.curves import emotion_curves

        names = [emotion.name for emotion in to_explain(analysis.explanation)]
        curves = emotion_curves(over_time(analysis, names, _MOST_TURNS), width, coloured=True)
        return Group(card, Text(), curves)

    @property
    def _card_width(self) -> int:
        return self.query_one("#card").size.width or _CARD

    def _put(self, row: int, card: RenderableType) -> None:
        if row == self.table.row and not self._shows_keys:
            self.query_one("#card", Static).update(card)
            self.query_one("#beside", VerticalScroll).scroll_home(animate=False)

    def _told(self, titles: dict[int, Titles]) -> None:
        """In the thread that reads titles."""
        self._tell(self._take_titles, titles)

    def _tell(self, what: Callable[..., None], *about: Any) -> None:
        """From a thread, which may end after the view."""
        if self.is_running:
            self.call_later(what, *about)

    def _take_titles(self, titles: dict[int, Titles]) -> None:
        self.shelf.take_titles(titles)
        if not set(self.table.seen()).isdisjoint(titles):
            self.table.refresh()
