"""Analyses to JSON objects, and text from outside to something harmless."""

import json
import unicodedata
from typing import TYPE_CHECKING, Any

from midcli.errors import MidcliError

if TYPE_CHECKING:
    from midcli.pipeline import Analysis

EXPLAIN_SCHEMA = "midcli.explain/1"
PREDICT_SCHEMA = "midcli.predict/1"

_DECIMALS = 6


def explanation_object(analysis: "Analysis") -> dict[str, Any]:
    """The object of `explain --json`; all values in rating points."""
    result = prediction_object(analysis)
    result["schema"] = EXPLAIN_SCHEMA
    for name, emotion in analysis.emotions.items():
        result["emotions"][name] |= {
            "intercept": _rounded(emotion.intercept),
            "effects": {quality: _rounded(effect) for quality, effect in emotion.effects.items()},
            "relative_effects": {
                quality: _rounded(effect) for quality, effect in emotion.relative_effects.items()
            },
        }
    return result


def prediction_object(analysis: "Analysis") -> dict[str, Any]:
    """The object of `predict --json`: as explain's, without effects."""
    result: dict[str, Any] = {
        "schema": PREDICT_SCHEMA,
        "file": json_text(analysis.file),
        "duration_s": _rounded(analysis.duration_s),
        "model": {
            "name": analysis.model.name,
            "version": analysis.model.version,
            "sha256": analysis.model.sha256,
        },
        "midlevel": {name: _value_object(value) for name, value in analysis.midlevel.items()},
        "emotions": {name: _value_object(value) for name, value in analysis.emotions.items()},
        "warnings": list(analysis.warnings),
    }
    if analysis.novelty:
        result["novelty"] = {
            "score": _rounded(analysis.novelty.score),
            "flagged": analysis.novelty.flagged,
        }
    return result


def error_object(schema: str, file: str, error: MidcliError) -> dict[str, Any]:
    """The object of a file that failed."""
    message = getattr(error, "problem", str(error))
    return {"schema": schema, "file": json_text(file), "error": {"kind": error.kind, "message": message}}


def json_line(value: dict[str, Any]) -> str:
    """One line of JSON; NaN would not be JSON and is refused."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def json_text(text: str) -> str:
    """A file name as text that can be encoded: bytes that are not UTF-8 become replacement characters."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def printable(text: str) -> str:
    """Text from outside on one line, without control, format or unencodable characters."""
    return "".join(
        character if unicodedata.category(character)[0] != "C" else "\N{REPLACEMENT CHARACTER}"
        for character in json_text(text)
    )


def _value_object(value: Any) -> dict[str, float]:
    result = {name: _rounded(getattr(value, name)) for name in ("value", "average", "percentile")}
    if value.low is not None and value.high is not None:
        result |= {"low": _rounded(value.low), "high": _rounded(value.high)}
    return result


def _rounded(number: float) -> float:
    return round(number, _DECIMALS)
