"""What is known of a piece beside the table: its reasons at once, its curves after it has been heard."""

from collections import OrderedDict
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from midcli.explanation.analysis import Analysis
from midcli.labels import QUALITY_NAMES
from midcli.library.columns import Library
from midcli.library.index import model_of

if TYPE_CHECKING:
    from midcli.analyser import Analyser

_MOST_KEPT = 20  # analyses of 3 to 30 MB


class Listener:
    """Explains the pieces of a library with the model that made it; several threads may ask."""

    def __init__(self, library: Library, model: str | None) -> None:
        self._library = library
        self._named = model
        self._loading = Lock()
        self._heard: OrderedDict[int, Analysis] = OrderedDict()

    def recall(self, row: int) -> Analysis:
        """A piece as its record has it: all values and reasons, exactly, but the same throughout.

        Raises DataError, ModelError.
        """
        if row in self._heard:
            return self._heard[row]
        record = self._library.record(row)
        context = self._loaded.context
        midlevel = np.array([record.midlevel[name].value for name in QUALITY_NAMES])
        explanation = context.explain(midlevel)
        even = np.repeat(
            (midlevel - context.midlevel_bias)[:, np.newaxis], context.register_evidence.shape[1], 1
        )
        return Analysis(
            record.file,
            record.duration_s,
            explanation,
            record.novelty,
            record.warnings,
            even[:, np.newaxis, :],
            context,
        )

    def hear(self, row: int) -> Analysis:
        """The piece with its curves, from its file. Raises InputError, ModelError."""
        if row not in self._heard:
            self._heard[row] = self._loaded.analyse(self._library.locate(row))
            if len(self._heard) > _MOST_KEPT:
                self._heard.popitem(last=False)
        return self._heard[row]

    def has_heard(self, row: int) -> bool:
        return row in self._heard

    @property
    def _loaded(self) -> "Analyser":
        with self._loading:
            return self._analyser

    @cached_property
    def _analyser(self) -> "Analyser":
        from midcli.analyser import Analyser  # in a thread, while the table is seen already

        return Analyser(model_of(self._library.path, self._library.model, self._named))
