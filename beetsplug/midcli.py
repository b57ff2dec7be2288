"""beets plug-in: how music sounds as fields of a beets library.

    plugins: midcli
    midcli:
        auto: yes           # also what is imported
        model: film         # a bundled model or a file
        jobs: 2

`beet mood QUERY` analyses what has no values yet; `beet ls tension:6.. dissonance:..4`, sorting, paths and
smart playlists then know every emotion and quality (in rating points) and `mood`.
"""

import os
from collections.abc import Iterable, Sequence
from functools import cached_property
from optparse import Values
from typing import Any

from beets import ui
from beets.dbcore import types
from beets.library import Item, Library
from beets.plugins import BeetsPlugin

from midcli.errors import MidcliError
from midcli.explanation.records import Failure, Prediction, Record
from midcli.labels import EMOTION_NAMES, QUALITY_NAMES
from midcli.library.predicting import predict
from midcli.library.tags_content import moods_of

_MOOD, _MODEL = "mood", "midcli_model"
"""The mood words, and the model that has heard a piece; also of one that is no music and has no values."""


class MidcliPlugin(BeetsPlugin):
    """Fields, the command, and the stage of an import."""

    def __init__(self) -> None:
        super().__init__("midcli")
        self.config.add({"auto": False, "model": None, "jobs": 1})
        if self.config["auto"].get(bool):
            self.import_stages = [self._imported]

    @cached_property
    def item_types(self) -> dict[str, types.Type[Any, Any]]:
        """Of every emotion and quality, so that ranges can be asked for."""
        numbers = dict.fromkeys((*self._emotions, *QUALITY_NAMES), types.FLOAT)
        return numbers | {_MOOD: types.STRING, _MODEL: types.STRING}

    def commands(self) -> list[ui.Subcommand]:
        command = ui.Subcommand("mood", help="analyse how music sounds, for queries such as tension:6..")
        command.parser.add_option(
            "-f", "--force", action="store_true", default=False, help="also what has values already"
        )
        command.parser.add_option(
            "-p", "--pretend", action="store_true", default=False, help="say what would be analysed"
        )
        command.func = self._mood
        return [command]

    def _mood(self, library: Library, options: Values, arguments: list[str]) -> None:
        items = [item for item in library.items(arguments) if options.force or not item.get(_MODEL)]
        if options.pretend:
            for item in items:
                ui.print_(format(item))
            return
        try:
            self._analyse(items)
        except MidcliError as error:
            raise ui.UserError(f"midcli: {error}") from error

    def _imported(self, _session: Any, task: Any) -> None:
        try:
            self._analyse(task.imported_items())
        except MidcliError as error:  # the import is worth more than the moods
            self._log.warning("{}", error)

    def _analyse(self, items: Iterable[Item]) -> None:
        """Values into the items, each as soon as it is there."""
        by_path = {os.fsdecode(item.path): item for item in items}

        def take(record: Record) -> None:
            item = by_path[record.file]
            if isinstance(record, Failure):
                self._log.warning("{}: {}", record.file, record.message)
                return
            item.update(_values(record))
            item.store()
            ui.print_(
                f"{item}: {item[_MOOD] or 'no clear mood'}" if not record.flagged else f"{item}: no music"
            )

        if by_path:
            jobs = self.config["jobs"].get(int)
            predict(list(by_path), model=self._model, jobs=jobs, on_record=take)

    @property
    def _model(self) -> str | None:
        model: str | None = self.config["model"].get()
        return model

    @property
    def _emotions(self) -> Sequence[str]:
        """Those of the model; the eight are known without looking into one."""
        if self._model is None:
            return EMOTION_NAMES
        from midcli.audio.spectrogram import FRONTEND
        from midcli.model.bundled import find_model
        from midcli.model.file import Model

        return Model(find_model(self._model), FRONTEND, threads=1).head.names


def _values(piece: Prediction) -> dict[str, Any]:
    heard: dict[str, Any] = {_MODEL: f"{piece.model.name} {piece.model.version}", _MOOD: ""}
    if piece.flagged:
        return heard
    numbers = {name: round(value.value, 2) for name, value in {**piece.emotions, **piece.midlevel}.items()}
    return heard | numbers | {_MOOD: ", ".join(moods_of(piece))}
