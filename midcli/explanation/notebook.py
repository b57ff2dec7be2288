"""A small card in HTML, which notebooks show for an analysis."""

from html import escape
from typing import TYPE_CHECKING

from midcli.explanation.words.certainty import to_explain
from midcli.explanation.words.numbers import decimal, duration, standing
from midcli.explanation.words.sentences import relative_heading
from midcli.util.text import printable

if TYPE_CHECKING:
    from midcli.explanation.analysis import Analysis
    from midcli.explanation.effects import EmotionValue


def notebook_card(analysis: "Analysis") -> str:
    """Summary, emotions with bars, and the reasons of those that stand out; no scripts and no styles."""
    title = f"{printable(analysis.file)} · {duration(analysis.duration_s)}"
    rows = "".join(map(_row, analysis.emotions.values()))
    whys = "".join(
        f"<p><b>{escape(relative_heading(emotion, analysis.doubtful))}</b> "
        f"{escape(analysis.reasons(emotion.name))}</p>"
        for emotion in to_explain(analysis.explanation)
    )
    notes = "".join(f"<p><i>{escape(warning)}</i></p>" for warning in analysis.warnings)
    return (
        f"<div><b>{escape(title)}</b><p>{escape(analysis.summary)}</p>"
        f"<table>{rows}</table><small>among {escape(printable(analysis.reference))}</small>"
        f"{whys}{notes}</div>"
    )


def _row(emotion: "EmotionValue") -> str:
    lowest, highest = emotion.scale
    return (
        f"<tr><th>{escape(emotion.name)}</th><td>{decimal(emotion.value)}</td>"
        f'<td><meter min="{lowest:g}" max="{highest:g}" value="{emotion.value:.2f}"></meter></td>'
        f"<td>{standing(emotion.percentile)}</td></tr>"
    )
