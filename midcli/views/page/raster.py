"""SVG to PNG, by resvg and in a font that comes along, the same everywhere (extra `pictures`)."""

from importlib.resources import files
from importlib.util import find_spec

from midcli.errors import ExtraError

ZOOM = 2
"""Pixels of the PNG for each of the SVG, across and down."""

_FONT = "Source Sans Pro"
_FONT_MODULE = "font_source_sans_pro"
_FONT_FILES = ("SourceSansPro-Regular.ttf", "SourceSansPro-Semibold.ttf")


def require_rasteriser() -> None:
    """Raise ExtraError unless the extra is installed."""
    for module in ("resvg_py", _FONT_MODULE):
        if find_spec(module) is None:
            raise ExtraError("a picture in PNG", "pictures")


def png(svg: str) -> bytes:
    """The picture in its light colours. Characters that the font lacks are those of the machine's fonts.

    Raises ExtraError.
    """
    require_rasteriser()
    import resvg_py

    folder = files(_FONT_MODULE) / "files"
    fonts = [str(folder / name) for name in _FONT_FILES]
    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=svg, zoom=ZOOM, font_files=fonts, font_family=_FONT, sans_serif_family=_FONT
        )
    )
