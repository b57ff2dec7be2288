"""How one speaks of the emotions and the qualities."""

from collections.abc import Mapping
from typing import NamedTuple

from midcli.labels import EMOTIONS, EmotionWords, Label


class QualityWords(NamedTuple):
    """How one speaks of a quality: where it is, how it compares, how it moves.

    What is above the average but in the lower half of the scale is "less legato", not "more staccato".
    """

    noun: str
    subject: str
    is_high: str
    is_low: str
    more_high: str
    less_high: str
    more_low: str
    less_low: str
    very_high: str
    very_low: str
    high: str
    low: str
    """Short, for the ends of an axis."""
    raised: str
    lowered: str
    strong: str
    weak: str
    rises: str
    falls: str
    synonyms: tuple[str, ...] = ()
    """What people type who mean it."""

    @property
    def more(self) -> str:
        """Of what has more of it than something else, wherever the two are on the scale."""
        return self.more_high

    @property
    def less(self) -> str:
        return self.more_low

    def compared(self, above: bool, upper_half: bool) -> str:
        """The same standing alone: `less legato`, `simpler rhythm`."""
        said = self.comparative(above, upper_half).removesuffix(" than most")
        subject = self.subject.removeprefix("its ")
        return said if subject == "it" else f"{said} {subject}"

    def comparative(self, above: bool, upper_half: bool) -> str:
        """Of what is above or below another in either half of the scale."""
        if above:
            return self.more_high if upper_half else self.less_low
        return self.less_high if upper_half else self.more_low


def emotion_words(label: Label) -> EmotionWords:
    """How one speaks of an emotion: as its model says, or else by its name."""
    if label.words:
        return label.words
    name = label.name.replace("_", " ")
    return EmotionWords(name, f"more {name}", f"less {name}", name, f"not {name}")


EMOTION_WORDS: Mapping[str, EmotionWords] = {label.name: emotion_words(label) for label in EMOTIONS}

QUALITY_WORDS: Mapping[str, QualityWords] = {
    "melodiousness": QualityWords(
        noun="melodiousness",
        subject="it",
        is_high="singable",
        is_low="hard to sing",
        more_high="more singable",
        less_high="less singable",
        more_low="harder to sing",
        less_low="less hard to sing",
        very_high="very singable",
        very_low="very hard to sing",
        high="singable",
        low="hard to sing",
        raised="its more singable melody",
        lowered="its less singable melody",
        strong="its singable melody",
        weak="the lack of a singable melody",
        rises="a melody comes forward",
        falls="the melody recedes",
        synonyms=("melody", "melodious", "melodic", "singable"),
    ),
    "articulation": QualityWords(
        noun="articulation",
        subject="it",
        is_high="staccato",
        is_low="legato",
        more_high="more staccato",
        less_high="less staccato",
        more_low="more legato",
        less_low="less legato",
        very_high="very staccato",
        very_low="very legato",
        high="staccato",
        low="legato",
        raised="its more staccato touch",
        lowered="its more legato touch",
        strong="its staccato touch",
        weak="its legato touch",
        rises="notes get shorter",
        falls="notes get longer",
        synonyms=("staccato", "legato"),
    ),
    "rhythmic_complexity": QualityWords(
        noun="rhythmic complexity",
        subject="its rhythm",
        is_high="layered",
        is_low="simple",
        more_high="more layered",
        less_high="less layered",
        more_low="simpler",
        less_low="less simple",
        very_high="many-layered",
        very_low="very simple",
        high="layered",
        low="easy to tap",
        raised="its more layered rhythm",
        lowered="its simpler rhythm",
        strong="its layered rhythm",
        weak="its simple rhythm",
        rises="the rhythm gains layers",
        falls="the rhythm gets simpler",
        synonyms=("complexity", "complex"),
    ),
    "rhythmic_stability": QualityWords(
        noun="rhythmic stability",
        subject="its beat",
        is_high="steady",
        is_low="free",
        more_high="steadier",
        less_high="less steady",
        more_low="freer",
        less_low="less free",
        very_high="very steady",
        very_low="very free",
        high="steady",
        low="free beat",
        raised="its steadier beat",
        lowered="its less steady beat",
        strong="its steady beat",
        weak="its free beat",
        rises="the beat gets steadier",
        falls="the beat loosens",
        synonyms=("beat", "steadiness", "steady"),
    ),
    "dissonance": QualityWords(
        noun="dissonance",
        subject="it",
        is_high="dissonant",
        is_low="consonant",
        more_high="more dissonant",
        less_high="less dissonant",
        more_low="more consonant",
        less_low="less consonant",
        very_high="very dissonant",
        very_low="very consonant",
        high="dissonant",
        low="consonant",
        raised="its greater dissonance",
        lowered="its greater consonance",
        strong="its dissonance",
        weak="its consonance",
        rises="it gets more dissonant",
        falls="it gets more consonant",
        synonyms=("dissonant", "consonance", "consonant", "roughness", "noisy"),
    ),
    "tonal_stability": QualityWords(
        noun="tonal stability",
        subject="its key",
        is_high="clear",
        is_low="unclear",
        more_high="clearer",
        less_high="less clear",
        more_low="less clear",
        less_low="less unclear",
        very_high="very clear",
        very_low="very unclear",
        high="clear key",
        low="unclear key",
        raised="its clearer key",
        lowered="its less clear key",
        strong="its clear key",
        weak="its unclear key",
        rises="the key gets clearer",
        falls="the key blurs",
        synonyms=("key", "tonality", "atonality"),
    ),
    "minorness": QualityWords(
        noun="minorness",
        subject="it",
        is_high="in minor",
        is_low="in major",
        more_high="more clearly in minor",
        less_high="less minor than most",
        more_low="more clearly in major",
        less_low="less major than most",
        very_high="clearly in minor",
        very_low="clearly in major",
        high="minor",
        low="major",
        raised="its darker mode",
        lowered="its brighter mode",
        strong="its minor mode",
        weak="its major mode",
        rises="it turns to minor",
        falls="it turns to major",
        synonyms=("minor", "major", "mode"),
    ),
}
