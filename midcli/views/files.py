"""Explanations as files: pages (.html), pictures (.svg, .png), and curves as a table or as labels."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from midcli.errors import InputError, OutputError, UsageError
from midcli.labels import QUALITY_NAMES
from midcli.util.files import exists, write_bytes

if TYPE_CHECKING:
    from midcli.explanation.analysis import Analysis
    from midcli.explanation.curves import Curves
    from midcli.views.page.page import Section
    from midcli.views.piece import Piece

PAGE = ".html"
VECTOR = ".svg"
RASTER = ".png"
FORMATS = (PAGE, VECTOR, RASTER)

_DECIMALS = 6


def save(
    analyses: "Analysis | Iterable[Analysis]",
    path: str | Path,
    overwrite: bool = False,
    embed_audio: bool = False,
) -> None:
    """Write a page of one or several analyses, or a picture of one; the ending says which.

    `embed_audio`: with a player and the music on the page. Raises UsageError, which is a ValueError, for
    another ending; OutputError, which is an OSError, if the file exists (unless `overwrite`) or cannot be
    written; InputError if the audio to embed is not there any more; ExtraError for .png without the extra.

    >>> import midcli
    >>> midcli.save(midcli.analyse("song.ogg"), "report.html")
    """
    from midcli.explanation.analysis import Analysis
    from midcli.views.piece import Piece

    target = Path(path)
    pieces = [analyses] if isinstance(analyses, Analysis) else list(analyses)
    report = Report([target], len(pieces), embed_audio)
    _check_absent(target, overwrite)
    for analysis in pieces:
        report.add(Piece(analysis))
    report.write()


class Report:
    """Pages and pictures of the same pieces; each piece is drawn when it is added, and need not be kept.

    `pieces` is how many there are to be. Raises UsageError for what cannot be, ExtraError for a .png without
    the extra.
    """

    def __init__(self, paths: Sequence[Path], pieces: int = 1, embed_audio: bool = False) -> None:
        self._paths = paths
        self._alone = pieces == 1
        self._embed_audio = embed_audio
        self._sections: list[Section] = []
        self._pictures: dict[str, bytes] = {}
        self._failures: list[tuple[str, str]] = []
        for path in paths:
            if path.suffix.lower() not in FORMATS:
                raise UsageError(f"{path}: the name must end in {', '.join(FORMATS)}")
            if path.suffix.lower() != PAGE and pieces > 1:
                raise UsageError(f"{path}: a picture shows a single piece; several make a page ({PAGE})")
        if embed_audio and not self._wants(PAGE):
            raise UsageError(f"audio is embedded in pages ({PAGE}) only")
        if self._wants(RASTER):
            from midcli.views.page.raster import require_rasteriser

            require_rasteriser()

    def add(self, piece: "Piece") -> None:
        """Draw a piece. Raises InputError if its audio is to be embedded and cannot be read."""
        if self._wants(PAGE):
            from midcli.views.page.page import Section

            if self._embed_audio:
                piece = replace(piece, mp3=_mp3(piece))
            self._sections.append(Section(piece, len(self._sections) + 1, alone=self._alone))
        for suffix in (VECTOR, RASTER):
            if self._wants(suffix):
                self._pictures[suffix] = _picture(piece, suffix)

    def failed(self, error: InputError) -> None:
        """Name a file that could not be read."""
        self._failures.append((error.path, error.problem))

    def write(self) -> dict[Path, int]:
        """Write all files, unless no piece was added, and say how many bytes are in each.

        Raises OutputError.
        """
        written = {}
        if self._sections or self._pictures:
            for path in self._paths:
                content = self._content(path.suffix.lower())
                write_bytes(path, content)
                written[path] = len(content)
        return written

    def _content(self, suffix: str) -> bytes:
        if suffix != PAGE:
            return self._pictures[suffix]
        from midcli.views.page.page import page

        return page(self._sections, self._failures)

    def _wants(self, suffix: str) -> bool:
        return any(path.suffix.lower() == suffix for path in self._paths)


def save_comparison(
    a: "Analysis", b: "Analysis", path: Path, emotions: Sequence[str] = (), overwrite: bool = False
) -> int:
    """Write a page of two pieces side by side, and say how many bytes; first come the named emotions.

    Raises UsageError for another ending than .html, OutputError as `save` does.

    >>> import midcli
    >>> from pathlib import Path
    >>> from midcli.views.files import save_comparison
    >>> a, b = midcli.analyse("song.ogg"), midcli.analyse("other.ogg")
    >>> save_comparison(a, b, Path("both.html")) > 10_000
    True
    """
    from midcli.explanation.analysis import comparison_dict
    from midcli.explanation.comparison import compare
    from midcli.views.page.comparison import comparison_page
    from midcli.views.panels.difference import difference

    check_page(path)
    _check_absent(path, overwrite)
    split = compare(a, b)
    described = comparison_dict(a, b, split)
    content = comparison_page(difference(a, b, split, emotions), described)
    write_bytes(path, content)
    return len(content)


def check_page(path: Path) -> None:
    """Raises UsageError if the name is not that of a page."""
    if path.suffix.lower() != PAGE:
        raise UsageError(f"{path}: the name must end in {PAGE}")


def _check_absent(path: Path, overwrite: bool) -> None:
    if exists(path) and not overwrite:
        raise OutputError(f"{path}: exists")


def _mp3(piece: "Piece") -> bytes:
    from midcli.views.page.listening import mp3_bytes

    return mp3_bytes(Path(piece.analysis.file), piece.analysis.track)


def _picture(piece: "Piece", suffix: str) -> bytes:
    from midcli.views.page.picture import picture

    if suffix == VECTOR:
        return picture(piece, dark=True).encode()
    from midcli.views.page.raster import png

    return png(picture(piece, dark=False))


def save_curves(analysis: "Analysis", path: Path) -> int:
    """Write the curves through a piece as a table, and say how many rows. Raises OutputError.

    >>> import midcli
    >>> from pathlib import Path
    >>> from midcli.views.files import save_curves
    >>> save_curves(midcli.analyse("song.ogg"), Path("curves.csv")) > 1
    True
    """
    curves = analysis.curves()
    write_bytes(path, curves_csv(curves))
    return len(curves.times_s)


def save_labels(analysis: "Analysis", path: Path) -> int:
    """Write sections and turning points as audio editors read them (.txt, .csv, .wav), and say how many.

    The ending names the format (.txt, .csv, .wav); at most one turning point of an emotion is at a time.
    Raises UsageError for another ending, InputError if the wav to copy cannot be read, OutputError.

    >>> import midcli
    >>> from pathlib import Path
    >>> from midcli.views.files import save_labels
    >>> save_labels(midcli.analyse("song.ogg"), Path("labels.txt"))  # three seconds that do not change
    0
    """
    from midcli.views.markers import check_markers, marker_file, markers_of

    source = Path(analysis.file)
    check_markers(path, source)
    markers = markers_of(analysis)
    write_bytes(path, marker_file(path, markers, source))
    return len(markers)


def curves_csv(curves: "Curves") -> bytes:
    """One row a cell of the map: its time, the emotions and the qualities, in rating points (UTF-8)."""
    import csv
    import io

    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(["time_s", *curves.head.names, *QUALITY_NAMES])
    columns = (curves.times_s, *curves.emotions, *curves.midlevel)
    for row in zip(*(column.tolist() for column in columns), strict=True):
        writer.writerow([f"{number:.{_DECIMALS}f}" for number in row])
    return table.getvalue().encode()
