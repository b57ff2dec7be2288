"""Tables and facts of whatever is in a book of scores, by protocol and recipe."""

from midcli.study import moods, transfer
from midcli.study.mood_tables import mood_facts, mood_tables
from midcli.study.remarks import facts
from midcli.study.scores import ScoreBook
from midcli.study.tables import Table, paper_tables
from midcli.study.transfer_tables import transfer_facts, transfer_tables


def tables_of(book: ScoreBook, protocol: str, recipe: str) -> tuple[Table, ...]:
    """The tables that have anything in them."""
    if protocol == moods.PROTOCOL:
        return tuple(table for one in book.moods if one.recipe == recipe for table in mood_tables(one))
    if protocol == transfer.PROTOCOL:
        return tuple(
            table for one in book.transfers if one.recipe == recipe for table in transfer_tables(one)
        )
    return paper_tables(book, protocol, recipe)


def facts_of(book: ScoreBook, protocol: str, recipe: str) -> list[str]:
    """What a reader must know to judge them."""
    if protocol == moods.PROTOCOL:
        return [line for one in book.moods if one.recipe == recipe for line in mood_facts(one)]
    if protocol == transfer.PROTOCOL:
        return [line for one in book.transfers if one.recipe == recipe for line in transfer_facts(one)]
    return facts(book, protocol, recipe)
