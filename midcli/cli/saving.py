"""`--save`: explanations outside the terminal, as a page or as pictures."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from midcli.cli.targets import check_targets
from midcli.errors import InputError, UsageError

if TYPE_CHECKING:
    from midcli.views.page.page import Section
    from midcli.views.page.piece import Piece

PAGE = ".html"
VECTOR = ".svg"
RASTER = ".png"
FORMATS = (PAGE, VECTOR, RASTER)


def check_page(path: Path, files: Sequence[Path], overwrite: bool) -> None:
    """Raises UsageError or OutputError unless a page can be written there."""
    if path.suffix.lower() != PAGE:
        raise UsageError(f"--save {path}: the name must end in {PAGE}")
    check_targets([path], files, overwrite)


def print_saved(path: Path, content: bytes) -> None:
    """Tell of a written file on stderr."""
    from midcli.cli.console import print_line
    from midcli.util.text import printable

    print_line("saved", printable(f"{path}: {len(content) / 1000:.0f} kB"), "green")


@dataclass
class Saving:
    """The files asked for."""

    paths: Sequence[Path] = ()
    embed_audio: bool = False
    pieces: int = 1
    _sections: "list[Section]" = field(default_factory=list)
    _failures: list[tuple[str, str]] = field(default_factory=list)
    _pictures: "list[Piece]" = field(default_factory=list)

    def check(self) -> None:
        """Find out before the analysis what could not be done after it. Raises UsageError, ExtraError."""
        for path in self.paths:
            if path.suffix.lower() not in FORMATS:
                raise UsageError(f"--save {path}: the name must end in {', '.join(FORMATS)}")
        if self._wanted(VECTOR, RASTER) and self.pieces > 1:
            raise UsageError(f"--save: a picture shows a single piece; several make a page ({PAGE})")
        if self.embed_audio and not self._wanted(PAGE):
            raise UsageError("--embed-audio needs --save NAME.html")
        if self._wanted(RASTER):
            from midcli.views.page.raster import require_rasteriser

            require_rasteriser()

    def add(self, piece: "Piece") -> None:
        """Keep what the files need of an analysed piece. Raises InputError, OutputError."""
        if self._wanted(PAGE):
            from midcli.views.page.page import Section

            self._sections.append(Section(piece, len(self._sections) + 1, alone=self.pieces == 1))
        if self._wanted(VECTOR, RASTER):
            self._pictures.append(piece)

    def failed(self, file: Path, error: InputError) -> None:
        self._failures.append((str(file), error.problem))

    def write(self) -> None:
        """Write all files, unless no piece could be read. Raises OutputError."""
        from midcli.util.files import write_bytes

        if not self._sections and not self._pictures:
            return
        for path in self.paths:
            content = self._content(path.suffix.lower())
            write_bytes(path, content)
            print_saved(path, content)

    def _content(self, suffix: str) -> bytes:
        if suffix == PAGE:
            from midcli.views.page.page import page

            return page(self._sections, self._failures)
        from midcli.views.page.picture import picture

        if suffix == VECTOR:
            return picture(self._pictures[0], dark=True).encode()
        from midcli.views.page.raster import png

        return png(picture(self._pictures[0], dark=False))

    def _wanted(self, *suffixes: str) -> bool:
        return any(path.suffix.lower() in suffixes for path in self.paths)
