"""What a shell offers as the value of an option; where it offers nothing, the shell offers files."""

from collections.abc import Sequence

from midcli.labels import EMOTION_NAMES, QUALITY_NAMES


def complete_model(incomplete: str) -> list[str]:
    """Names of bundled models."""
    from midcli.model.bundled import bundled_models

    return _starting(incomplete, list(bundled_models()))


def complete_emotion(incomplete: str) -> list[str]:
    return _starting(incomplete, EMOTION_NAMES)


def complete_vocabulary(incomplete: str) -> list[str]:
    """Those of the bundled default model."""
    from midcli.model.vocabularies import vocabulary_names

    return _starting(incomplete, vocabulary_names())


def complete_quality(incomplete: str) -> list[str]:
    return _starting(incomplete, QUALITY_NAMES)


def complete_word(incomplete: str) -> list[str]:
    """Names of qualities and emotions, also of the bundled default model's further vocabularies."""
    from midcli.model.vocabularies import further_vocabularies

    further = [name for head in further_vocabularies().values() for name in head.names]
    return _starting(incomplete, list(dict.fromkeys((*QUALITY_NAMES, *EMOTION_NAMES, *further))))


def complete_quality_change(incomplete: str) -> list[str]:
    """The part of QUALITY=NUMBER that is known."""
    return _starting(incomplete, [f"{name}=" for name in QUALITY_NAMES])


def complete_emotion_target(incomplete: str) -> list[str]:
    """The part of EMOTION=NUMBER that is known."""
    return _starting(incomplete, [f"{name}=" for name in EMOTION_NAMES])


def _starting(incomplete: str, names: Sequence[str]) -> list[str]:
    return [name for name in names if name.startswith(incomplete)]
