"""Recipes: every number of a training run, as data. Imports no torch."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

SCHEMES = ("a2e", "a2mid", "a2mid2e", "joint")
"""What a network can be trained for; a2mid2e is a2mid followed by linear regression."""


@dataclass(frozen=True)
class Augmentation:
    """How training excerpts are varied; zero turns a step off."""

    mixup_beta: float = 0.0
    """Parameter of the symmetric beta distribution of mixing shares (Zhang et al., ICLR 2018)."""
    shift_bands: int = 0
    """Largest shift along frequency, up or down, in bands."""
    tempo: float = 0.0
    """Largest relative change of tempo, up or down."""
    gain_db: float = 0.0
    """Largest change of level, up or down."""
    equaliser_db: float = 0.0
    """Standard deviation of the smooth equaliser at its control points."""
    equaliser_points: int = 6
    """Control points of the equaliser over the bands."""
    frequency_masks: int = 0
    """Number of masks along frequency (Park et al., Interspeech 2019)."""
    frequency_mask_bands: int = 0
    """Largest width of one."""
    time_masks: int = 0
    time_mask_frames: int = 0


@dataclass(frozen=True)
class Recipe:
    """How networks are built and trained."""

    name: str
    network: Literal["paper", "compact"]
    epochs: int
    """All that are run; with stopping by validation, the most that are."""
    stopping: Literal["validation", "fixed"]
    patience: int
    """Epochs without a lower validation loss before stopping; unused with a fixed number of epochs."""
    learning_rate: float
    schedule: Literal["constant", "one-cycle"]
    weight_decay: float
    """Decoupled (AdamW), on weights of convolutions and linear layers only."""
    batch_size: int
    crop_frames: int
    dropout: float
    standardise_targets: bool
    augmentation: Augmentation
    stem_channels: int = 0
    """Of the compact network."""
    stage_channels: tuple[int, ...] = ()
    """Of the compact network: one residual block each."""
    stage_strides: tuple[int, ...] = ()

    def fingerprint(self) -> str:
        """Twelve hex digits that change with any field."""
        return _fingerprint(asdict(self))

    def for_fixed_epochs(self, epochs: int) -> "Recipe":
        """The same recipe, stopped after that many epochs instead of by validation."""
        return replace(self, epochs=epochs, stopping="fixed")


@dataclass(frozen=True)
class Damage:
    """What happens to copies of excerpts (midcli.training.damage); ranges are drawn from uniformly."""

    compression_share: float
    """Share of copies whose loudness is evened out."""
    compression_exponents: tuple[float, float]
    gain_db: tuple[float, float]
    equaliser_db: float
    """Standard deviation of the smooth equaliser at its control points."""
    low_pass_share: float
    low_pass_hz: tuple[float, float]
    high_pass_share: float
    high_pass_hz: tuple[float, float]
    noise_share: float
    noise_levels: tuple[float, float]
    """Magnitude in each band; loud music has 1."""
    tempo: float
    """Largest relative change."""
    semitones: float
    """Largest transposition, up or down."""


@dataclass(frozen=True)
class Bearing:
    """How a column of another corpus bears on an emotion: by numbers, or by categories against the rest."""

    emotion: str
    column: str
    categories: tuple[str, ...] = ()
    """Values of the column that speak for the emotion; without any, the column holds numbers."""
    minus: str = ""
    """A second column of numbers that is subtracted."""
    weight: float = 1.0
    """Of its squared errors, in standard deviations of the corpus."""
    scale: tuple[float, float] | None = None
    """Ends of the scale on which listeners rated what they heard, if they did: intervals should hold that."""


@dataclass(frozen=True)
class Lesson:
    """What is learned from one corpus beside film music."""

    quality_weight: float = 0.0
    """Of the squared errors of its qualities, which are rated on the common scale."""
    bearings: tuple[Bearing, ...] = ()
    """Each emotion has an offset and a scale of its own: its ratings are standardised within the corpus."""


@dataclass(frozen=True)
class Kind:
    """A kind of music that averages and percentiles may refer to: whole corpora, or parts of them."""

    name: str
    corpora: tuple[str, ...] = ()
    parts: tuple[tuple[str, str, tuple[str, ...]], ...] = ()
    """Corpus, column, and what may stand in it, alone or among several after semicolons."""

    def has(self, corpus: str, cells: Mapping[str, str]) -> bool:
        """Whether a piece of that corpus is of the kind."""
        if corpus in self.corpora:
            return True
        return any(
            corpus == of and {value.strip() for value in cells.get(column, "").split(";")} & set(values)
            for of, column, values in self.parts
        )


@dataclass(frozen=True)
class RadialRecipe:
    """How a radial network (midcli.training.radial) is fitted: in closed form, in one pass."""

    name: str
    descriptors: Literal["film", "music"]
    landmarks: int
    """Moments of the training part that a block of descriptors is compared with."""
    kernel_widths: tuple[float, ...]
    """Of each block of descriptors: factor of the squared distance, in mean squared deviations of the
    descriptors."""
    block_weights: tuple[float, ...]
    """Share of each block's kernel."""
    ridge: float
    """Penalty of the qualities' weights, relative to the mean of the kernel's eigenvalues."""
    emotion_weight: float
    """Of the emotions' squared errors against those of the qualities."""
    head_ridge: float
    """Penalty of the last layer, per excerpt, in standardised units."""
    damage: Damage
    copies: int
    """Damaged copies of each excerpt that are learned from beside it."""
    clip: float = 0.0
    """Descriptors count hardly further than this many deviations from their mean; 0: as far as they go."""
    turns: int = 50
    """How often qualities and last layer are solved for in turn."""
    beside: Mapping[str, Lesson] = field(default_factory=dict)
    """What is learned from other corpora, by their names."""
    kinds: tuple[Kind, ...] = ()
    """What a model's reference may be narrowed to."""
    epochs: int = 1
    stopping: Literal["fixed"] = "fixed"

    def fingerprint(self) -> str:
        """Twelve hex digits that change with any field."""
        return _fingerprint(asdict(self))

    def for_fixed_epochs(self, epochs: int) -> "RadialRecipe":  # noqa: ARG002
        """The same recipe: there are no epochs to choose."""
        return self


AnyRecipe = Recipe | RadialRecipe


def _fingerprint(fields: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(fields, sort_keys=True).encode()).hexdigest()[:12]


PAPER = Recipe(
    name="paper",
    network="paper",
    epochs=300,
    stopping="validation",
    patience=50,
    learning_rate=5e-4,
    schedule="constant",
    weight_decay=0.0,
    batch_size=8,
    crop_frames=313,
    dropout=0.3,
    standardise_targets=False,
    augmentation=Augmentation(),
)
"""As published (Chowdhury et al., ISMIR 2019), but for the most epochs, of which the paper says nothing; the
validation part comes out of its training part."""

COMPACT = Recipe(
    name="compact",
    network="compact",
    epochs=60,
    stopping="fixed",
    patience=0,
    learning_rate=1e-3,
    schedule="one-cycle",
    weight_decay=1e-2,
    batch_size=16,
    crop_frames=313,
    dropout=0.1,
    standardise_targets=True,
    augmentation=Augmentation(
        mixup_beta=0.3,
        shift_bands=4,
        tempo=0.1,
        gain_db=3.0,
        equaliser_db=3.0,
        frequency_masks=2,
        frequency_mask_bands=16,
        time_masks=2,
        time_mask_frames=32,
    ),
    stem_channels=16,
    stage_channels=(48, 64, 128),
    stage_strides=(2, 2, 2),
)

_DAMAGE = Damage(
    compression_share=0.3,
    compression_exponents=(0.6, 0.95),
    gain_db=(-4.0, 6.0),
    equaliser_db=2.5,
    low_pass_share=0.2,
    low_pass_hz=(3500.0, 9000.0),
    high_pass_share=0.15,
    high_pass_hz=(40.0, 250.0),
    noise_share=0.2,
    noise_levels=(10**-2.5, 10**-1.0),
    tempo=0.06,
    semitones=1.5,
)

FILM = RadialRecipe(
    name="film",
    descriptors="film",
    landmarks=512,
    kernel_widths=(0.35, 0.35, 0.35, 0.35, 0.35, 0.7),
    block_weights=(1 / 3, 1 / 3, 1 / 3, 1.0, 1.0, 1.0),
    ridge=1.5,
    emotion_weight=1.0,
    head_ridge=0.05,
    damage=_DAMAGE,
    copies=1,
)


def _genres(*names: str) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    return (("quadrants", "genres", names),)


def _styles(*names: str) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    return (("musifeast", "genre", names),)


DEFAULT = RadialRecipe(
    name="default",
    descriptors="music",
    landmarks=512,
    kernel_widths=(0.35, 0.35, 0.35, 0.7, 0.7, 0.35, 0.35, 0.7, 0.7, 0.7, 0.7),
    block_weights=(1 / 3, 1 / 3, 1 / 3, 1.0, 1.0, 1.0, 0.5, 1.0, 1.0, 1.0, 3.0),
    ridge=1.8,
    emotion_weight=1.7,
    head_ridge=0.1,
    damage=_DAMAGE,
    copies=0,
    kinds=(
        Kind("film", ("soundtracks",), (("musifeast", "genre", ("Film",)),)),
        Kind(
            "popular",
            ("mirex",),
            (
                *_genres("Pop/Rock", "R&B", "Rap", "Country"),
                *_styles("Pop", "Rock", "60s", "80s", "R&B", "Hip-hop", "Country"),
                ("emotify", "genre", ("pop", "rock")),
            ),
        ),
        Kind("rock", (), (("emotify", "genre", ("rock",)), *_styles("Rock", "Metal"))),
        Kind(
            "classical",
            (),
            (("emotify", "genre", ("classical",)), *_styles("Classical"), *_genres("Classical")),
        ),
        Kind(
            "electronic",
            (),
            (
                ("emotify", "genre", ("electronic",)),
                *_styles("Electronic", "Dance", "Ambient"),
                *_genres("Electronic"),
            ),
        ),
        Kind("jazz", (), (*_styles("Jazz", "Funk"), *_genres("Jazz", "Blues"))),
        Kind("world", (), _genres("International", "Latin", "Reggae")),
    ),
    clip=2.0,
    turns=20,
    beside={
        "mirex": Lesson(quality_weight=1.6),
        "musifeast": Lesson(
            bearings=(
                Bearing("valence", "valence", weight=2.5, scale=(1.0, 5.0)),
                Bearing("energy", "arousal", weight=2.5, scale=(1.0, 5.0)),
            )
        ),
        "emotify": Lesson(
            bearings=(
                Bearing("tension", "tension"),
                Bearing("sad", "sadness"),
                Bearing("tender", "tenderness"),
                Bearing("happy", "joyful_activation", weight=1.5),
                Bearing("valence", "joyful_activation", minus="sadness", weight=0.5),
                Bearing("energy", "power", minus="calmness"),
            )
        ),
        "quadrants": Lesson(
            bearings=(
                Bearing("valence", "quadrant", ("1", "4")),
                Bearing("energy", "quadrant", ("1", "2")),
                Bearing("happy", "quadrant", ("1",)),
                Bearing("anger", "quadrant", ("2",)),
                Bearing("sad", "quadrant", ("3",)),
            )
        ),
    },
)

RECIPES: dict[str, AnyRecipe] = {recipe.name: recipe for recipe in (PAPER, COMPACT, FILM, DEFAULT)}
