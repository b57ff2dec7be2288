"""What `find` and `similar` share: from the options to hits."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from midcli.cli.delivery import Delivery, deliver
from midcli.cli.libraries import open_named
from midcli.cli.names import of_option
from midcli.cli.options import TOP
from midcli.errors import UsageError

if TYPE_CHECKING:
    from midcli.library.columns import Library
    from midcli.library.playlists import Length
    from midcli.library.query import Bound, Condition, Like, On, Query, Turn
    from midcli.library.search import Ranking


@dataclass(frozen=True)
class Way:
    """How many of the hits, and in which order, as the options say it."""

    top: int | None = None
    minutes: float | None = None
    vary: bool = False
    start: str | None = None
    end: str | None = None
    between: tuple[Path, Path] | None = None
    seed: int | None = None

    def check(self) -> None:
        """Raises UsageError for options that do not go together."""
        if self.top is not None and self.minutes is not None:
            raise UsageError("--top and --minutes exclude each other")
        if self.top is not None and self.top < 1:
            raise UsageError(f"--top {self.top}: a list of so many pieces is none; ask for 1 or more")
        ends = [words for words in (self.start, self.end) if words is not None]
        if len(ends) == 1 or not all(map(str.strip, ends)):
            raise UsageError("an arc needs --from and --to, each with words, such as calm and energetic")
        if sum([self.vary, self.start is not None, self.between is not None]) > 1:
            raise UsageError("--vary, --from with --to, and --between exclude each other")

    @property
    def is_playlist(self) -> bool:
        """Whether the order is one for listening."""
        return self.vary or self.start is not None or bool(self.between) or self.minutes is not None


@dataclass(frozen=True)
class Wanted:
    """What is searched for, as the options say it."""

    words: str = ""
    high: Sequence[str] = ()
    low: Sequence[str] = ()
    least: Sequence[str] = ()
    most: Sequence[str] = ()
    like: Sequence[Path] = ()
    but: str = ""
    on: "On" = "emotions"
    opposite: bool = False
    way: Way = Way()
    flagged: bool = False
    vocabulary: str | None = None
    contrast: str | None = None

    def check(self) -> None:
        """Raises UsageError for options that do not go together."""
        self.way.check()
        if self.but and not self.like:
            raise UsageError("--but is relative to a piece; add --like FILE")
        if self.opposite and not self.like:
            raise UsageError("--opposite is relative to a piece; add --like FILE")
        asked = (self.words.strip(), self.high, self.low, self.least, self.most, self.like)
        if not any((*asked, self.way.start, self.way.between)) and self.contrast is None:
            raise UsageError(
                'nothing is asked for; name words, such as "tense, not dissonant", or --like FILE'
            )

    def check_rules(self) -> None:
        """Raises UsageError for what the rules of a smart playlist cannot say."""
        beyond = {
            "--like": self.like,
            "--contrast": self.contrast,
            "--from": self.way.start,
            "--between": self.way.between,
            "--vary": self.way.vary,
            "--minutes": self.way.minutes,
            "--seed": self.way.seed is not None,
            "--flagged": self.flagged,
            "--vocabulary": self.vocabulary,
        }
        if named := next((option for option, given in beyond.items() if given), None):
            raise UsageError(f"a smart playlist (.nsp) has no rule for {named}; write .m3u8 instead")


def search(
    library: Path, wanted: Wanted, delivery: Delivery, model: str | None, jobs: int | None, quick: bool
) -> None:
    """Find and deliver. Raises MidcliError."""
    from midcli.cli.console import print_line
    from midcli.library.playlists import Length
    from midcli.library.search import like_of, rank, rows_of
    from midcli.util.text import printable

    wanted.check()
    length = Length(None if wanted.way.minutes is not None else wanted.way.top or TOP, wanted.way.minutes)
    if delivery.by_rules:
        wanted.check_rules()
    delivery.check([library, *wanted.like, *(wanted.way.between or ())])
    opened = open_named(library, model, jobs, quick)
    if wanted.vocabulary:
        with of_option("--vocabulary"):
            opened = opened.in_words_of(wanted.vocabulary)
    query = _query(opened, wanted, model)
    turning = [_understood(opened, words) for words in (wanted.way.start, wanted.way.end) if words]
    ends = [like_of(opened, file, model) for file in wanted.way.between or ()]
    described = _described(query, turning, ends)
    print_line("understood", printable(described), "bold")
    _warn_of_no_music([*query.likes, *ends])
    asked = [*query.conditions, *query.changes, *(one for end in turning for one in end)]
    _warn_of_guesses(opened, {*(one.name for one in asked), *(one.name for one in query.bounds)})
    if wanted.contrast is not None:
        _warn_of_excerpts(opened)
    ranking = rank(opened, query, wanted.flagged, rows_of(opened, wanted.like))
    fitting = len(ranking)
    for_listening = wanted.way.is_playlist or delivery.is_playlist
    ranking = _listed(ranking, wanted.way, length, turning, ends, for_listening)
    print_line("found", _count(opened, fitting, ranking, wanted.way), "bold")
    deliver(ranking, described, wanted.way.top or TOP, delivery)


def _warn_of_no_music(likes: "Sequence[Like]") -> None:
    from midcli.cli.console import print_warning
    from midcli.util.text import printable

    for like in likes:
        if like.flagged:
            print_warning(f"{printable(like.name)} does not sound like music: take its values as guesses")


def _warn_of_guesses(library: "Library", asked: set[str]) -> None:
    from midcli.cli.console import print_warning

    for name in library.head.guesses:
        if name in asked:
            print_warning(f"{name.replace('_', ' ')}: what the model says of it is no better than a guess")


def _warn_of_excerpts(library: "Library") -> None:
    """What `--quick` heard has no sections, so that nobody knows whether it changes."""
    from midcli.cli.console import print_warning

    in_excerpts = int((~library.rows["heard_whole"]).sum())
    if in_excerpts:
        print_warning(f"{in_excerpts} of {len(library)} pieces were heard in excerpts: no contrast is known")


def _query(library: "Library", wanted: Wanted, model: str | None) -> "Query":
    from midcli.library.query import Query, each_once
    from midcli.library.search import like_of

    conditions = [
        *_understood(library, wanted.words),
        *(_condition(library, "--high", 1, name) for name in wanted.high),
        *(_condition(library, "--low", -1, name) for name in wanted.low),
    ]
    bounds = [_bound(library, "--min", 1, text) for text in wanted.least]
    bounds += [_bound(library, "--max", -1, text) for text in wanted.most]
    likes = [like_of(library, path, model) for path in wanted.like]
    changes = _understood(library, wanted.but)
    contrast = None if wanted.contrast is None else _turns(library, wanted.contrast)
    return Query(
        each_once(conditions), tuple(bounds), tuple(likes), changes, wanted.on, wanted.opposite, contrast
    )


def _turns(library: "Library", words: str) -> "tuple[Turn, ...]":
    from midcli.library.contrasts import turns

    with of_option("--contrast"):
        return turns(words, library.head)


def _understood(library: "Library", words: str) -> "tuple[Condition, ...]":
    """What words mean; of several, one that means nothing is warned about. Raises UsageError if none does."""
    from midcli.cli.console import print_warning
    from midcli.library.query import CHANGES, NUMBERS, check_agreement, understand

    understood = understand(words, library.head)
    if understood.problem:
        options = {
            NUMBERS: "; bounds are --min tension=6, --max sad=3",
            CHANGES: '; changes are --contrast "calm to tense", an arc of several is --from calm --to tense',
        }
        given = {help_ for _, help_ in understood.unknown}
        hint = "".join(said for help_, said in options.items() if help_ in given)
        if not understood.conditions:
            raise UsageError(f"{understood.problem}{hint or '; `midcli glossary` lists the words'}")
        print_warning(f"{understood.problem}{hint}")
    elif words.strip() and not understood.conditions:
        raise UsageError(f'"{words}" names no emotion or quality; `midcli glossary` lists the words')
    check_agreement(understood.conditions)
    return understood.conditions


def _condition(library: "Library", option: str, sign: int, name: str) -> "Condition":
    from midcli.library.query import condition

    with of_option(option):
        return condition(name, sign, library.head)


def _bound(library: "Library", option: str, sign: int, text: str) -> "Bound":
    from midcli.library.query import bound

    name, _, number = text.partition("=")
    with of_option(option):
        if not (name.strip() and number.strip()):
            raise UsageError(f"{text}: expected a name and points, such as energy=6")
        try:
            points = float(number)
        except ValueError as error:
            raise UsageError(f"{text}: not a number after the equals sign, such as energy=6") from error
        return bound(name, sign, points, library.head)


def _listed(
    ranking: "Ranking",
    way: Way,
    length: "Length",
    turning: "Sequence[Sequence[Condition]]",
    between: "Sequence[Like]",
    for_listening: bool,
) -> "Ranking":
    """As many of the hits as are wanted, in the order that is wanted; for listening, no artist twice in a
    row.
    """
    from midcli.cli.console import print_line, print_warning
    from midcli.library.hits import artists_of
    from midcli.library.playlists import apart, arc, in_order, path, varied

    if way.vary:
        listed, variety = varied(ranking, length, way.seed)
        print_line("varied", variety.in_words, "bold")
    elif turning:
        start, end = turning
        listed = arc(ranking, start, end, length, way.seed)
    elif between:
        a, b = (end.midlevel for end in between)
        listed = path(ranking, a, b, length, way.seed)
    else:
        listed = in_order(ranking, length, way.seed)
    if not for_listening:
        return listed
    order = apart(artists_of(listed))
    moved = sum(place != number for number, place in enumerate(order))
    if moved and (turning or between):
        print_warning(
            f"{moved} of {len(order)} pieces are not where their step is, so that no artist follows himself"
        )
    return listed.part(order)


def _described(query: "Query", turning: "Sequence[Sequence[Condition]]", between: "Sequence[Like]") -> str:
    """What was understood, the way of a list included."""
    from midcli.library.query import end_in_words, in_words

    parts = [in_words(query)] if not query.is_empty else []
    if turning:
        parts.append("from {} to {}".format(*map(end_in_words, turning)))
    if between:
        parts.append("from {} to {}".format(*(end.name for end in between)))
    return " · ".join(parts)


def _count(library: "Library", fitting: int, listed: "Ranking", way: Way) -> str:
    from midcli.explanation.words.numbers import pieces

    all_of_them = pieces(len(library))
    if not fitting:
        return f"none of {all_of_them} fits; ask for less, or leave a condition out"
    shown = len(listed)
    some = f"; {shown} chosen" if way.is_playlist else f"; the first {shown}" if shown < fitting else ""
    if way.minutes is not None:
        some += f", {_lasting(float(library.rows['duration_s'][listed.rows].sum()))}"
        some += f" of {way.minutes:g} minutes: nothing else fits" if shown == fitting else ""
    return f"{fitting} of {all_of_them} {'fits' if fitting == 1 else 'fit'}{some}"


def _lasting(seconds: float) -> str:
    """`45 minutes`, `18 seconds`"""
    if round(seconds) < 60:
        return f"{seconds:.0f} seconds"
    minutes = round(seconds / 60)
    return "1 minute" if minutes == 1 else f"{minutes} minutes"
