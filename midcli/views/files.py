"""An explanation as a file: a page (.html) or a picture (.svg, .png)."""

from pathlib import Path
from typing import TYPE_CHECKING

from midcli.errors import OutputError, UsageError
from midcli.util.files import exists, write_bytes

if TYPE_CHECKING:
    from midcli.explanation.analysis import Analysis

PAGE = ".html"
VECTOR = ".svg"
RASTER = ".png"
FORMATS = (PAGE, VECTOR, RASTER)


def save(analysis: "Analysis", path: str | Path, overwrite: bool = False) -> None:
    """Write a page or a picture of an analysis; the ending says which.

    Raises UsageError, which is a ValueError, for another ending; OutputError, which is an OSError, if the
    file exists (unless `overwrite`) or cannot be written.

    >>> import midcli
    >>> midcli.save(midcli.analyse("song.ogg"), "report.html")
    """
    target = Path(path)
    suffix = target.suffix.lower()
    if suffix not in FORMATS:
        raise UsageError(f"{target}: the name must end in {', '.join(FORMATS)}")
    if exists(target) and not overwrite:
        raise OutputError(f"{target}: exists")
    write_bytes(target, _content(analysis, suffix))


def _content(analysis: "Analysis", suffix: str) -> bytes:
    from midcli.explanation.words.certainty import qualities_that_matter, to_explain
    from midcli.views.page.piece import Piece

    explained = to_explain(analysis.explanation)
    curves = analysis.curves()
    mapped = qualities_that_matter(explained, analysis.midlevel)
    piece = Piece(
        analysis,
        analysis.to_dict(),
        explained,
        True,
        analysis.evidence,
        mapped,
        curves,
        analysis.turning_points(curves),
    )
    if suffix == PAGE:
        from midcli.views.page.page import Section, page

        return page([Section(piece, 1, alone=True)], [])
    from midcli.views.page.picture import picture

    if suffix == VECTOR:
        return picture(piece, dark=True).encode()
    from midcli.views.page.raster import png

    return png(picture(piece, dark=False))
