"""Analyses to JSON objects."""

from typing import TYPE_CHECKING, Any

from midcli.errors import MidcliError
from midcli.explanation.records import EXPLAIN_SCHEMA, Prediction
from midcli.util.text import json_text, rounded

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from midcli.explanation.comparison import EmotionDifference
    from midcli.explanation.context import Context
    from midcli.explanation.curves import Curves, TurningPoint
    from midcli.explanation.effects import Explanation
    from midcli.explanation.evidence import Contribution, EvidenceMap, Segment
    from midcli.explanation.facts import Disagreement, Facts
    from midcli.explanation.sections import Section
    from midcli.explanation.whatif import Change, Outcome, Search, WhatIf
    from midcli.model.file import Model

COMPARE_SCHEMA = "midcli.compare/1"
WHATIF_SCHEMA = "midcli.whatif/1"
MODEL_SCHEMA = "midcli.model/1"

EVIDENCE_SEGMENTS = 60


def explanation_object(
    prediction: Prediction,
    explanation: "Explanation",
    summary: str,
    reasons: "Mapping[str, str]",
    sections: list[dict[str, Any]],
) -> dict[str, Any]:
    """The object of `explain --json` without the places in the music; all values in rating points."""
    result = prediction.to_dict()
    result["schema"] = EXPLAIN_SCHEMA
    result["summary"] = summary
    result["sections"] = sections
    for name, emotion in explanation.emotions.items():
        result["emotions"][name] |= {
            "intercept": rounded(emotion.intercept),
            "effects": {quality: rounded(effect) for quality, effect in emotion.effects.items()},
            "relative_effects": {
                quality: rounded(effect) for quality, effect in emotion.relative_effects.items()
            },
            "reasons": reasons[name],
        }
    return result


def sections_object(sections: "Sequence[Section]", summaries: "Sequence[str]") -> list[dict[str, Any]]:
    """The stretches between which a piece changes; their values, weighted by length, sum to the piece's."""
    return [
        {
            "start_s": rounded(section.start_s),
            "end_s": rounded(section.end_s),
            "summary": summary,
            "midlevel": {name: rounded(value.value) for name, value in section.explanation.midlevel.items()},
            "emotions": {name: rounded(value.value) for name, value in section.explanation.emotions.items()},
        }
        for section, summary in zip(sections, summaries, strict=True)
    ]


def evidence_object(evidence: "EvidenceMap", mapped: "Sequence[str]" = ()) -> dict[str, Any]:
    """Where the qualities come from: contributions of times and registers, which sum as values do.

    bias + sum(times) = bias + sum(registers) = value; the relative ones sum to value - average. `mapped`
    qualities come with their whole map, [time][register from low to high]: its mean is value - average.
    """
    from midcli.labels import QUALITY_NAMES

    segments = evidence.over_time(QUALITY_NAMES[0], EVIDENCE_SEGMENTS)
    result: dict[str, Any] = {
        "cell_s": rounded(evidence.cell_s),
        "seen_s": rounded(evidence.seen_s),
        "seen_octaves": None if evidence.seen_octaves is None else rounded(evidence.seen_octaves),
        "edges_s": [rounded(segment.start_s) for segment in segments] + [rounded(evidence.duration_s)],
        "registers_hz": {
            register.name: [rounded(register.low_hz), rounded(register.high_hz)]
            for register in evidence.registers
        },
        "qualities": {},
    }
    for j, quality in enumerate(QUALITY_NAMES):
        times = [segment.contribution for segment in evidence.over_time(quality, EVIDENCE_SEGMENTS)]
        registers = evidence.by_register(quality)
        result["qualities"][quality] = {
            "bias": rounded(float(evidence.bias[j])),
            "times": [rounded(part.absolute) for part in times],
            "relative_times": [rounded(part.relative) for part in times],
            "registers": {name: rounded(part.absolute) for name, part in registers.items()},
            "relative_registers": {name: rounded(part.relative) for name, part in registers.items()},
            "strongest": _segment_object(evidence.strongest(quality)),
        }
    for quality in mapped:
        points = evidence.relative_points[QUALITY_NAMES.index(quality)]
        result["qualities"][quality]["map"] = [
            [rounded(cell) for cell in column] for column in points.tolist()
        ]
    return result


def curves_object(curves: "Curves", turning_points: "Sequence[TurningPoint]") -> dict[str, Any]:
    """Emotions and qualities through a piece; the mean of each curve is the value of the piece."""
    from midcli.explanation.words.differences import turning_point_label
    from midcli.labels import QUALITY_NAMES

    return {
        "window_s": rounded(curves.window_s),
        "times_s": [rounded(time) for time in curves.times_s.tolist()],
        "emotions": _named_lists(curves.head.names, curves.emotions.tolist()),
        "midlevel": _named_lists(QUALITY_NAMES, curves.midlevel.tolist()),
        "turning_points": [
            {
                "emotion": point.emotion,
                "time_s": rounded(point.time_s),
                "start_s": rounded(point.start_s),
                "end_s": rounded(point.end_s),
                "before": rounded(point.before),
                "after": rounded(point.after),
                "change": rounded(point.change),
                "contributions": _rounded_values(point.contributions),
                "words": turning_point_label(point),
            }
            for point in turning_points
        ],
    }


def facts_object(facts: "Facts", disagreements: "Sequence[Disagreement]") -> dict[str, Any]:
    """Measured facts, null where there was nothing to measure, and the qualities that they contradict."""
    result = facts_values(facts)
    result["disagreements"] = [
        {
            "fact": item.bearing.fact,
            "quality": item.bearing.quality,
            "fact_is": _high_or_low(item.fact_is_high),
        }
        for item in disagreements
    ]
    return result


def facts_values(facts: "Facts") -> dict[str, Any]:
    """What was measured, null where there was nothing to measure."""
    result: dict[str, Any] = {
        name: rounded(value) if isinstance(value, float) else value
        for name, value in vars(facts).items()
        if name not in ("onset_strength", "tempi")
    }
    return result | {
        "tempi": [{name: rounded(value) for name, value in vars(one).items()} for one in facts.tempi]
    }


def comparison_object(
    a: dict[str, Any],
    b: dict[str, Any],
    differences: "Mapping[str, EmotionDifference]",
    words: "Mapping[str, str]",
) -> dict[str, Any]:
    """The object of `compare --json` of two explanation objects: difference = a - b = sum(contributions)."""
    return {
        "schema": COMPARE_SCHEMA,
        "a": a,
        "b": b,
        "emotions": {
            name: {
                "difference": rounded(item.difference),
                "contributions": _rounded_values(item.contributions),
                "words": words[name],
            }
            for name, item in differences.items()
        },
    }


def set_object(
    prediction: Prediction, changes: "Sequence[Change]", outcome: "Outcome", piece: "WhatIf"
) -> dict[str, Any]:
    """The object of `whatif --set --json`."""
    return _whatif_object(prediction, _set_request(changes)) | _outcome_object(outcome, piece)


def steps_object(prediction: Prediction, steps: "Sequence[tuple[str, Outcome]]") -> dict[str, Any]:
    """The object of `whatif --json` alone: what one point more of each quality adds to each emotion."""
    result = _whatif_object(prediction, {})
    result["one_point_more"] = {
        quality: {
            name: rounded(after - outcome.emotions_before[name])
            for name, after in outcome.emotions_after.items()
        }
        for quality, outcome in steps
    }
    return result


def search_object(
    prediction: Prediction,
    targets: "Mapping[str, float]",
    search: "Search",
    piece: "WhatIf",
    changes: "Sequence[Change]" = (),
) -> dict[str, Any]:
    """The object of `whatif --target --json`; without `midlevel` and `emotions` if it is not reached."""
    kept = _set_request(changes) if changes else {}
    result = _whatif_object(prediction, {"target": dict(targets)} | kept)
    result["reached"] = search.outcome is not None
    result["attainable"] = {
        name: [rounded(least), rounded(most)] for name, (least, most) in search.attainable.items()
    }
    if search.outcome is not None:
        result |= _outcome_object(search.outcome, piece)
    return result


def model_object(model: "Model", context: "Context", songs: "Mapping[str, dict[str, Any]]") -> dict[str, Any]:
    """The object of `model --json`, with explanation objects of songs by file.

    Quartiles are lowest, 25 %, median, 75 %, highest over the reference.
    """
    import numpy as np

    from midcli.explanation.effects import corpus_effects
    from midcli.labels import QUALITY_NAMES

    head, reference = context.head, context.reference

    def quartiles(relative: bool) -> dict[str, Any]:
        effects = corpus_effects(reference.midlevel, head.weights, relative)
        spread = np.percentile(effects, [0, 25, 50, 75, 100], axis=0)
        return {
            emotion: {
                quality: [rounded(number) for number in spread[:, k, j].tolist()]
                for j, quality in enumerate(QUALITY_NAMES)
            }
            for k, emotion in enumerate(head.names)
        }

    return {
        "schema": MODEL_SCHEMA,
        "file": json_text(str(model.path)),
        "sha256": model.sha256,
        "reference": json_text(reference.name),
        "card": model.card,
        "weights": {
            emotion: dict(zip(QUALITY_NAMES, row, strict=True))
            for emotion, row in zip(head.names, head.weights.tolist(), strict=True)
        },
        "effects": quartiles(relative=False),
        "relative_effects": quartiles(relative=True),
        "songs": {json_text(file): song for file, song in songs.items()},
    }


def error_object(schema: str, file: str, error: MidcliError) -> dict[str, Any]:
    """The object of a file that failed."""
    message = getattr(error, "problem", str(error))
    return {"schema": schema, "file": json_text(file), "error": {"kind": error.kind, "message": message}}


def _segment_object(segment: "Segment") -> dict[str, float]:
    return {
        "start_s": rounded(segment.start_s),
        "end_s": rounded(segment.end_s),
        **_contribution_object(segment.contribution),
    }


def _contribution_object(contribution: "Contribution") -> dict[str, float]:
    return {
        "contribution": rounded(contribution.absolute),
        "relative_contribution": rounded(contribution.relative),
    }


def _whatif_object(prediction: Prediction, request: dict[str, Any]) -> dict[str, Any]:
    from midcli.explanation.whatif import NOTE

    described = prediction.to_dict()
    kept = {key: described[key] for key in ("file", "duration_s", "model", "reference", "warnings")}
    return {"schema": WHATIF_SCHEMA, **kept, "request": request, "note": NOTE}


def _set_request(changes: "Sequence[Change]") -> dict[str, Any]:
    return {
        "set": {change.quality: {"amount": change.amount, "relative": change.relative} for change in changes}
    }


def _outcome_object(outcome: "Outcome", piece: "WhatIf") -> dict[str, Any]:
    return {
        "distance": rounded(outcome.distance),
        "typical_distance": rounded(piece.typical_distance),
        "closer_pairs": rounded(piece.closer(outcome.distance)),
        "midlevel": _before_and_after(outcome.before, outcome.after),
        "emotions": {
            name: values | {"contributions": _rounded_values(outcome.contributions[name])}
            for name, values in _before_and_after(outcome.emotions_before, outcome.emotions_after).items()
        },
    }


def _before_and_after(
    before: "Mapping[str, float]", after: "Mapping[str, float]"
) -> dict[str, dict[str, Any]]:
    return {
        name: {
            "before": rounded(value),
            "after": rounded(after[name]),
            "change": rounded(after[name] - value),
        }
        for name, value in before.items()
    }


def _named_lists(names: "Sequence[str]", rows: list[list[float]]) -> dict[str, list[float]]:
    return {name: [rounded(number) for number in row] for name, row in zip(names, rows, strict=True)}


def _rounded_values(numbers: "Mapping[str, float]") -> dict[str, float]:
    return {name: rounded(number) for name, number in numbers.items()}


def _high_or_low(is_high: bool) -> str:
    return "high" if is_high else "low"
