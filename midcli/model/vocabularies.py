"""The vocabularies of a model file, without loading its network."""

from pathlib import Path

from midcli.errors import ModelError
from midcli.model.bundled import find_model
from midcli.model.file import METADATA_PREFIX, read_model
from midcli.model.head import EIGHT, Head, read_heads
from midcli.model.network import NetworkError
from midcli.model.properties import properties
from midcli.util.documents import ContentError, from_json


def has_own_emotions(path: Path) -> bool:
    """Whether a model's emotions are others than the eight, unless these are asked for.

    Raises ModelError if the file is none.
    """
    stored = _stored(path)
    return any(f"{METADATA_PREFIX}{key}" in stored for key in ("emotions", "vocabulary"))


def vocabulary_names() -> list[str]:
    """Names of the bundled model's vocabularies; only the eight emotions if there is no such model."""
    return [EIGHT, *further_vocabularies()]


def further_vocabularies() -> dict[str, Head]:
    """The bundled model's vocabularies besides the eight emotions; none if there is no such model."""
    try:
        return read_heads(from_json(_stored(find_model(None)).get(f"{METADATA_PREFIX}heads", "{}")))
    except (ModelError, ContentError):
        return {}


def _stored(path: Path) -> dict[str, str]:
    try:
        return properties(read_model(path))
    except NetworkError as error:
        raise ModelError(f"{path}: {error}") from error
