"""The paper's figures as PNG and SVG. The only module that imports matplotlib (extra `figures`)."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from midcli.errors import ExtraError, OutputError
from midcli.labels import EMOTION_NAMES, QUALITY_NAMES
from midcli.study.figures import Box, FigureData, box_of, song_label
from midcli.util.files import replacing

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Array = npt.NDArray[np.float64]

FORMATS = ("png", "svg")

_COLOURS = ("#d55e00", "#0072b2")  # of the two songs; told apart by colour-blind people (Okabe & Ito 2008)
_MARKERS = ("s", "o")
_DOTS_PER_INCH = 150
_QUALITY_WORDS = [name.replace("_", " ") for name in QUALITY_NAMES]


def require_figures() -> None:
    """Raise ExtraError unless matplotlib is installed."""
    try:
        import matplotlib  # noqa: F401
    except ImportError as error:
        raise ExtraError("drawing figures", "figures") from error


def figure_paths(folder: Path) -> list[Path]:
    """The files that `write_figures` writes."""
    return [folder / f"{name}.{file_format}" for name in _DRAWINGS for file_format in FORMATS]


def write_figures(folder: Path, data: FigureData) -> None:
    """Write Figures 3 to 5 and the pair of Table 4, each as PNG and SVG.

    Raises ExtraError without matplotlib, OutputError.
    """
    require_figures()
    for name, draw in _DRAWINGS.items():
        figure = draw(data)
        for file_format in FORMATS:
            save(figure, folder / f"{name}.{file_format}", file_format)


def draw_effects(data: FigureData) -> "Figure":
    """Figure 3: box plots of effects by emotion, with the pair of songs marked."""
    figure = _figure(13, 7)
    axes = figure.subplots(2, 4, sharey=True)
    places = np.arange(len(QUALITY_NAMES))
    for k, (emotion, one) in enumerate(zip(EMOTION_NAMES, axes.flat, strict=True)):
        effects = data.effects[:, k]
        one.axvline(0, color="0.7", linewidth=0.8)
        one.bxp(
            [_statistics(box_of(column)) for column in effects.T],
            positions=places,
            orientation="horizontal",
            widths=0.6,
            flierprops={"markersize": 2, "markeredgecolor": "0.6"},
            medianprops={"color": "black"},
        )
        for name, colour, marker in zip(data.pair, _COLOURS, _MARKERS, strict=True):
            one.plot(
                effects[data.row(name)], places, marker, color=colour, markersize=5, label=song_label(name)
            )
        one.set_title(emotion)
        one.set_yticks(places, _QUALITY_WORDS)
        one.tick_params(axis="x", labelsize=8)
    axes[0, 0].legend(fontsize=8)
    figure.supxlabel("effect (weight x value) in rating points")
    figure.suptitle(f"Effects of {data.model} over {len(data.ids)} excerpts")
    return figure


def _statistics(box: Box) -> dict[str, Any]:
    """As matplotlib calls them."""
    return {
        "whislo": box.low,
        "q1": box.lower,
        "med": box.median,
        "q3": box.upper,
        "whishi": box.high,
        "fliers": box.outside,
    }


def draw_correlations(data: FigureData) -> "Figure":
    """Figure 4: correlations of annotated qualities and emotions."""
    return matrix(data.correlations, EMOTION_NAMES, "Correlation of annotations (Pearson's r)")


def draw_weights(data: FigureData) -> "Figure":
    """Figure 5: weights of the last layer."""
    return matrix(data.weights, EMOTION_NAMES, f"Weights of the last layer of {data.model}")


def draw_pair(data: FigureData) -> "Figure":
    """Table 4: the pair of songs that differ most in qualities for their difference in emotions."""
    figure = _figure(11, 4.5)
    left, right = figure.subplots(1, 2)
    _dumbbells(left, _QUALITY_WORDS, data.qualities, data, "predicted")
    left.set_title("qualities")
    _dumbbells(right, EMOTION_NAMES, data.emotions, data, "predicted")
    for name, colour, marker in zip(data.pair, _COLOURS, _MARKERS, strict=True):
        right.plot(
            data.annotated[data.row(name)],
            range(len(EMOTION_NAMES)),
            marker,
            markerfacecolor="none",
            color=colour,
            label=f"#{name} annotated",
        )
    right.set_title("emotions")
    right.legend(fontsize=8)
    figure.supxlabel("rating points")
    first, second = data.pair
    figure.suptitle(f"#{first} and #{second}, the pair with the greatest d_Mid − d_E ({data.model})")
    return figure


def _dumbbells(axes: "Axes", names: Sequence[str], values: Array, data: FigureData, kind: str) -> None:
    """Both songs of the pair on a line for each name, joined; (excerpts, names) in."""
    places = np.arange(len(names))
    first, second = (values[data.row(name)] for name in data.pair)
    axes.hlines(places, np.minimum(first, second), np.maximum(first, second), color="0.8", zorder=0)
    for name, colour, marker, one in zip(data.pair, _COLOURS, _MARKERS, (first, second), strict=True):
        axes.plot(one, places, marker, color=colour, label=f"#{name} {kind}")
    axes.set_yticks(places, names)
    axes.invert_yaxis()


def matrix(values: Array, names: Sequence[str], title: str) -> "Figure":
    """Qualities by emotions of these names as coloured cells with their numbers; (names, 7) in."""
    figure = _figure(8, 5)
    axes = figure.subplots()
    limit = float(np.nanmax(np.abs(values)))
    image = axes.imshow(values.T, cmap="RdBu_r", vmin=-limit, vmax=limit, aspect="auto", origin="lower")
    axes.set_xticks(range(len(names)), names)
    axes.set_yticks(range(len(QUALITY_NAMES)), _QUALITY_WORDS)
    for (k, j), value in np.ndenumerate(values):
        colour = "white" if abs(value) > 0.6 * limit else "black"
        axes.text(k, j, f"{value:.2f}", ha="center", va="center", color=colour, fontsize=9)
    axes.set_title(title)
    figure.colorbar(image)
    return figure


def _figure(width_in: float, height_in: float) -> "Figure":
    """A figure that belongs to no window, so that nothing depends on a display."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width_in, height_in), layout="constrained")


def save(figure: "Figure", path: Path, file_format: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as file:
            # without a date, the same data give the same file
            metadata = {"Date": None} if file_format == "svg" else None
            figure.savefig(file, format=file_format, dpi=_DOTS_PER_INCH, metadata=metadata)
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {error.strerror}") from error


_DRAWINGS: "dict[str, Callable[[FigureData], Figure]]" = {
    "figure-3-effects": draw_effects,
    "figure-4-correlations": draw_correlations,
    "figure-5-weights": draw_weights,
    "table-4-pair": draw_pair,
}
