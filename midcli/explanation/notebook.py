"""A small card in HTML, which notebooks show for an analysis."""

from collections.abc import Iterable, Mapping
from html import escape

from midcli.explanation.effects import EmotionValue
from midcli.explanation.records import Prediction
from midcli.explanation.words.numbers import decimal, duration, standing
from midcli.explanation.words.sentences import relative_heading
from midcli.util.text import printable


def notebook_card(
    piece: Prediction,
    summary: str,
    emotions: Mapping[str, EmotionValue],
    why: Iterable[tuple[EmotionValue, str]],
) -> str:
    """Summary, emotions with bars, and reasons for some of them; no scripts and no styles."""
    title = f"{printable(piece.file)} · {duration(piece.duration_s)}"
    rows = "".join(map(_row, emotions.values()))
    whys = "".join(
        f"<p><b>{escape(relative_heading(emotion, piece.flagged))}</b> {escape(text)}</p>"
        for emotion, text in why
    )
    notes = "".join(f"<p><i>{escape(warning)}</i></p>" for warning in piece.warnings)
    among = escape(printable(piece.reference or ""))
    return (
        f"<div><b>{escape(title)}</b><p>{escape(summary)}</p>"
        f"<table>{rows}</table><small>among {among}</small>{whys}{notes}</div>"
    )


def _row(emotion: EmotionValue) -> str:
    lowest, highest = emotion.scale
    return (
        f"<tr><th>{escape(emotion.name)}</th><td>{decimal(emotion.value)}</td>"
        f'<td><meter min="{lowest:g}" max="{highest:g}" value="{emotion.value:.2f}"></meter></td>'
        f"<td>{standing(emotion.percentile)}</td></tr>"
    )
