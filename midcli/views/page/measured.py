"""Measured facts beside what the model hears."""

from midcli.views.page.markup import Markup, element
from midcli.views.page.parts import Outline
from midcli.views.piece import Piece


def measured(piece: Piece, outline: Outline) -> Markup:
    """A row a fact, and where a fact contradicts the model; nothing if nothing was measured."""
    if piece.facts is None:
        return Markup()
    from midcli.explanation.words.facts import NOTHING, disagreement_sentence, fact_rows, heard, part_note

    facts, disagreements = piece.facts
    rows = []
    for label, value, quality in fact_rows(facts):
        beside = ", ".join(heard(piece.analysis.midlevel[quality])) if quality else ""
        rows.append(
            element(
                "tr",
                element("th", label, scope="row"),
                element("td", value or NOTHING),
                element("td", beside, class_="remark"),
            )
        )
    table = element(
        "table",
        element(
            "thead",
            element(
                "tr",
                *(element("th", head, scope="col") for head in ("", "measured", "what the model hears")),
            ),
        ),
        element("tbody", *rows),
    )
    notes = [element("p", disagreement_sentence(one, facts.key), class_="note") for one in disagreements]
    if note := part_note(facts, piece.analysis.duration_s):
        notes.append(element("p", note, class_="quiet"))
    return outline.panel("facts", "Measured", element("div", table, class_="scroll"), *notes)
