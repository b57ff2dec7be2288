"""The table of pieces: only the lines that are seen are ever made, so that any number of them scrolls."""

from collections.abc import Sequence

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from midcli.views.browse.shelf import Column, Shelf
from midcli.views.terminal import theme

_MARK, _UNMARKED = "● ", "  "
_DOUBT = "? "
_DOWN, _UP = "▼", "▲"
_LEAST_NAME = 16
_QUIET, _TITLE = Style.parse(theme.QUIET), Style.parse(theme.TITLE)
_COLOURS = {sign: Style.parse(theme.direction(sign)) for sign in (-1, 0, 1)}
_HEAD = Style(underline=True)
_CHOSEN = Style(bold=True, underline=True)
_CURSOR = Style(reverse=True)
_PASSIVE_CURSOR = Style(bold=True, underline=True)


class Table(ScrollView, can_focus=True):
    """The pieces of a shelf, a line each under a line of headings."""

    BINDINGS = [  # noqa: RUF012 (as Textual has it)
        Binding("up,k", "move(-1)", "up", show=False),
        Binding("down,j", "move(1)", "down", show=False),
        Binding("pageup,ctrl+b", "page(-1)", "page up", show=False),
        Binding("pagedown,ctrl+f", "page(1)", "page down", show=False),
        Binding("home,g", "end(0)", "first", show=False),
        Binding("end,G", "end(1)", "last", show=False),
        Binding("left,h", "choose(-1)", "column left", show=False),
        Binding("right,l", "choose(1)", "column right", show=False),
    ]

    class Selected(Message):
        """Another piece is selected, or none."""

        def __init__(self, row: int | None) -> None:
            super().__init__()
            self.row = row

    def __init__(self, shelf: Shelf) -> None:
        super().__init__()
        self.shelf = shelf
        self.place = 0
        """Where the cursor is in what is shown."""
        self.chosen: Column | None = None
        """The column that keys speak of; None for the names."""

    @property
    def row(self) -> int | None:
        """The selected row of the library."""
        return int(self.shelf.rows[self.place]) if self.place < len(self.shelf) else None

    def show_again(self, row: int | None) -> None:
        """Show the shelf as it is now, the cursor on a piece if that is shown, else at the top."""
        found = None if row is None else self.shelf.place_of(row)
        self.place = found or 0
        self.virtual_size = Size(0, len(self.shelf) + 1)
        self._follow()
        self.refresh()
        self.post_message(self.Selected(self.row))

    def seen(self) -> Sequence[int]:
        """Rows of the library on the screen."""
        first = self.scroll_offset.y
        rows: list[int] = self.shelf.rows[first : first + self.size.height].tolist()
        return rows

    def on_mount(self) -> None:
        self.show_again(None)

    def on_resize(self) -> None:
        self._follow()

    def action_move(self, step: int) -> None:
        self._go_to(self.place + step)

    def action_page(self, direction: int) -> None:
        self._go_to(self.place + direction * self._page)

    def action_end(self, last: int) -> None:
        self._go_to(len(self.shelf) - 1 if last else 0)

    def action_choose(self, step: int) -> None:
        choices = [None, *self.shelf.columns]
        place = choices.index(self.chosen) + step
        self.chosen = choices[min(max(place, 0), len(choices) - 1)]
        self.refresh()
        self.post_message(self.Selected(self.row))

    def show_column(self, *names: str) -> None:
        """Choose the first of the columns that have one of these names."""
        self.chosen = next((column for column in self.shelf.columns if column.name in names), self.chosen)

    def on_click(self, event: object) -> None:
        line = getattr(event, "y", 0)
        if line:
            self._go_to(self.scroll_offset.y + line - 1)

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        columns = self.shown_columns(width)
        if y == 0:
            return self._heading(columns, width)
        place = self.scroll_offset.y + y - 1
        if place >= len(self.shelf):
            return Strip.blank(width)
        return self._line(place, columns, width)

    @property
    def _page(self) -> int:
        return max(1, self.size.height - 1)

    def _go_to(self, place: int) -> None:
        place = min(max(place, 0), len(self.shelf) - 1)
        if place == self.place or place < 0:
            return
        self.place = place
        self._follow()
        self.refresh()
        self.post_message(self.Selected(self.row))

    def _follow(self) -> None:
        """Scroll such that the cursor is seen, below the headings."""
        first = self.scroll_offset.y
        if self.place < first:
            first = self.place
        elif self.place >= first + self._page:
            first = self.place - self._page + 1
        self.scroll_to(y=first, animate=False, force=True, immediate=True)

    def shown_columns(self, width: int) -> list[Column]:
        """Those that fit beside the names: the one sorted by, then from the chosen one on."""
        shelf = self.shelf
        start = shelf.columns.index(self.chosen) if self.chosen else 0
        sorted_by = [column for column in shelf.columns if column.name == shelf.sorted_by]
        following = [column for column in shelf.columns[start:] if column not in sorted_by]
        before = [column for column in reversed(shelf.columns[:start]) if column not in sorted_by]
        wanted = dict.fromkeys([*([self.chosen] if self.chosen else []), *sorted_by, *following, *before])
        fitting: list[Column] = []
        room = width - len(_MARK) - _LEAST_NAME
        for column in wanted:
            room -= column.width + 2
            if room < 0:
                break
            fitting.append(column)
        return [column for column in shelf.columns if column in fitting]

    def _heading(self, columns: Sequence[Column], width: int) -> Strip:
        name_width = self._name_width(columns, width)
        segments = [Segment(_UNMARKED, _HEAD)]
        segments.append(self._head("piece", name_width, self.chosen is None, left=True, name="piece"))
        for column in columns:
            segments.append(Segment(" ", _HEAD))
            segments.append(
                self._head(column.head, column.width + 1, column == self.chosen, left=False, name=column.name)
            )
        return Strip(segments).crop(0, width)

    def _head(self, text: str, width: int, chosen: bool, left: bool, name: str) -> Segment:
        arrow = ""
        if self.shelf.sorted_by == name and self.shelf.in_order:
            arrow = _DOWN if self.shelf.descending else _UP
        said = f"{text}{arrow}"
        said = set_cell_size(said, width) if left else said.rjust(width)
        return Segment(said, _CHOSEN if chosen else _HEAD)

    def _line(self, place: int, columns: Sequence[Column], width: int) -> Strip:
        shelf = self.shelf
        row = int(shelf.rows[place])
        flagged = shelf.is_flagged(row)
        name = (_DOUBT if flagged else "") + shelf.name(row)
        name_width = self._name_width(columns, width)
        style = _QUIET if flagged else Style.null()
        segments = [
            Segment(_MARK if row in shelf.marked else _UNMARKED, _TITLE),
            Segment(_fitted(name, name_width), style),
        ]
        for column in columns:
            colour = style if flagged else _COLOURS[shelf.leaning(row, column)]
            segments.append(Segment(shelf.cell(row, column).rjust(column.width + 2), colour))
        strip = Strip(segments).adjust_cell_length(width)
        if place != self.place:
            return strip
        return strip.apply_style(_CURSOR if self.has_focus else _PASSIVE_CURSOR)

    def _name_width(self, columns: Sequence[Column], width: int) -> int:
        return max(1, width - len(_MARK) - sum(column.width + 2 for column in columns))


def _fitted(text: str, width: int) -> str:
    """The text in that many columns of a terminal, cut if it has to be."""
    if cell_len(text) > width:
        text = set_cell_size(text, width - 1) + "…"
    return set_cell_size(text, width)
