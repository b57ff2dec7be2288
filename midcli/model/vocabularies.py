"""The vocabularies of the bundled model, without loading its network."""

from midcli.errors import ModelError
from midcli.model.bundled import find_model
from midcli.model.file import METADATA_PREFIX, read_model
from midcli.model.head import EIGHT, Head, read_heads
from midcli.model.properties import properties
from midcli.util.documents import ContentError, from_json


def vocabulary_names() -> list[str]:
    """Names of the bundled model's vocabularies; only the eight emotions if there is no such model."""
    return [EIGHT, *further_vocabularies()]


def further_vocabularies() -> dict[str, Head]:
    """The bundled model's vocabularies besides the eight emotions; none if there is no such model."""
    try:
        stored = properties(read_model(find_model(None))).get(f"{METADATA_PREFIX}heads", "{}")
        return read_heads(from_json(stored))
    except (ModelError, ContentError):
        return {}
