"""The card beside the table: the reasons first, as few lines are seen at once."""

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from midcli.views.terminal import theme
from midcli.views.terminal.card import Card, effects_chart
from midcli.views.terminal.paragraph import paragraph


class CardBeside(Card):
    """The same card as `explain` prints, in another order."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        width = theme.card_width(options.max_width)
        yield from self._title(width)
        for effects in self.piece.whys:
            yield Text()
            yield paragraph(effects.sentences, width)
        yield Text()
        yield from self._emotions(width)
        yield Text()
        yield from self._qualities(width)
        for effects in self.piece.whys:
            yield Text()
            yield from effects_chart(effects, self.piece.amounts, width)
        yield Text()
        yield paragraph(self._legend(width), width, theme.QUIET)
