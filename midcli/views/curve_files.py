"""Curves and turning points to files: a table, and labels for an audio editor."""

import csv
import io
from collections.abc import Iterable

from midcli.explanation.curves import Curves, TurningPoint
from midcli.explanation.words.differences import turning_point_label
from midcli.labels import EMOTION_NAMES, QUALITY_NAMES

_DECIMALS = 6


def curves_csv(curves: Curves) -> bytes:
    """One row a cell of the map: its time, the emotions and the qualities, in rating points (UTF-8)."""
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(["time_s", *EMOTION_NAMES, *QUALITY_NAMES])
    columns = (curves.times_s, *curves.emotions, *curves.midlevel)
    for row in zip(*(column.tolist() for column in columns), strict=True):
        writer.writerow([f"{number:.{_DECIMALS}f}" for number in row])
    return table.getvalue().encode()


def label_track(turning_points: Iterable[TurningPoint]) -> bytes:
    """Audacity's label format (UTF-8): start and end in seconds, a tab between, and the text."""
    lines = [
        f"{point.start_s:.{_DECIMALS}f}\t{point.end_s:.{_DECIMALS}f}\t{turning_point_label(point)}\n"
        for point in turning_points
    ]
    return "".join(lines).encode()
