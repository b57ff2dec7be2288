"""Regenerates the tables of models/README.md from what was measured: models/film.notes.json.

python -m tools.publish_notes
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from midcli.analyser import Analyser
from midcli.labels import EMOTION_NAMES, QUALITY_NAMES
from midcli.model.bundled import find_model, models_folder

NOTES = models_folder() / "film.notes.json"
README = models_folder() / "README.md"
BEGIN = "<!-- measured: begin (python -m tools.publish_notes) -->"
END = "<!-- measured: end -->"

LABELS = (*QUALITY_NAMES, *EMOTION_NAMES)
TARGETS = (
    ("random, joint: emotions", 0.82, lambda m: m["scores"]["random joint"]["emotion"]["mean"]),
    ("random, joint: qualities", 0.65, lambda m: m["scores"]["random joint"]["midlevel"]["mean"]),
    ("random, a2e: emotions", 0.80, lambda m: m["scores"]["random a2e"]["emotion"]["mean"]),
    ("fixed36, joint: emotions", 0.78, lambda m: m["scores"]["fixed36 joint"]["emotion"]["mean"]),
    ("album, joint: emotions", 0.77, lambda m: m["scores"]["album joint"]["emotion"]["mean"]),
    ("random, joint: weakest emotion", 0.70, lambda m: m["scores"]["random joint"]["emotion"]["weakest_r"]),
    ("random, joint: weakest quality", 0.42, lambda m: m["scores"]["random joint"]["midlevel"]["weakest_r"]),
    ("weights of runs, random: mean cosine", 0.95, lambda m: m["agreement"]["random"]["weights_cosine_mean"]),
    (
        "effects of fixed36's excerpts, over seeds: mean r",
        0.90,
        lambda m: m["agreement"]["fixed36"]["relative_effects_r_mean"],
    ),
    ("network, times real time", 1500, lambda m: m["speed"]["times_real_time"]),
)
"""Name, least value wanted, where it is among what was measured."""
MOST_COST = 0.005


def readme_block(measured: Mapping[str, Any], card: Mapping[str, Any]) -> str:
    """What models/README.md shows between its markers."""
    low, high = measured["scores"]["fixed36 joint"]["emotion"]["bootstrap_95"]
    shares = [share for label, share in card["coverage"].items() if label in LABELS]
    smuggling = measured["smuggling"]
    parts = [
        BEGIN,
        _table(("target", "wanted", "measured", ""), targets(measured)),
        f"95 % bootstrap interval of fixed36, joint, emotions: {low:.2f} to {high:.2f}.",
        f"**Intervals** of 80 % hold {card['coverage']['mean']:.2%} of the ratings on average, "
        f"{min(shares):.2%} to {max(shares):.2%} of each label's ({card['coverage']['protocol']}).",
        "**Smuggling.** Emotions of joint runs are "
        f"{smuggling['emotions: joint - a2mid2e']:.3f} better in r than those of a2mid2e: trained jointly, "
        "the qualities carry some emotion beyond what listeners mean by them. As qualities they are "
        f"{smuggling['qualities: a2mid - joint']:.3f} worse. What the annotated qualities leave unexplained "
        f"of the emotions correlates by {smuggling['joint shared']:.2f} with the errors of the predicted "
        f"qualities; without joint training, by {smuggling['a2mid2e shared']:.2f}.",
        f"**Signs.** {len(card['contradicted_correlations'])} of the 56 weights have another sign than the "
        "plain correlation of the annotations (each weighs a quality beside the six others): "
        f"{', '.join(card['contradicted_correlations'])}.".replace("_", " "),
        f"**Invariance.** {measured['invariance']['protocol']} Mean movement in standard deviations of the "
        "outputs over the corpus; a third was aimed at.",
        _table(
            ("what happens", "qualities", "emotions", "most moved output"),
            [
                (name, *(f"{value[key]:.2f}" for key in ("midlevel", "emotion", "most")))
                for name, value in measured["invariance"].items()
                if name != "protocol"
            ],
        ),
        "**What is flagged** as not music, among sounds that nothing was fitted to (Debian packages in "
        "brackets; speech prompts of 3 to 60 s, otherwise whole tracks). Excerpts of these packages were "
        "looked at while descriptors and penalties were chosen, so the shares may flatter a little:",
        _table(
            ("sounds", "files", "flagged"),
            [
                (name, f"{value['files']}", f"{value['flagged']:.0%}")
                for name, value in measured["flagged"].items()
            ],
        ),
        END,
    ]
    return "\n\n".join(parts)


def targets(measured: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """Name, what was wanted, what was measured, whether that is enough."""
    rows = []
    for name, wanted, find in TARGETS:
        value = find(measured)
        shown = f"{value:.4f}" if wanted < 1 else f"{value}"
        rows.append((name, f"at least {wanted:g}", shown, "met" if value >= wanted else "missed"))
    cost = measured["scores"]["cost of explainability, random"]
    verdict = "met" if cost <= MOST_COST else "missed"
    return [*rows, ("random: a2e − joint, emotions", f"at most {MOST_COST:g}", f"{cost:.4f}", verdict)]


def with_block(readme: str, block: str) -> str:
    """The text with another block between its markers."""
    before, begin, rest = readme.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise SystemExit(f"{README}: lacks the lines {BEGIN!r} and {END!r}")
    return before + block + after


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def published_block() -> str:
    """From the committed notes and the bundled model's card."""
    measured = json.loads(NOTES.read_text("utf-8"))["measured"]
    return readme_block(measured, Analyser(find_model("film")).model.card)


if __name__ == "__main__":
    README.write_text(with_block(README.read_text("utf-8"), published_block()), encoding="utf-8")
