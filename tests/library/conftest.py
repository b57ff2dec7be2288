from pathlib import Path

import pytest

from midcli.analyser import Analyser
from midcli.errors import InputError
from midcli.explanation.records import Record
from midcli.library.tasks import Task, analyse_task, failure


@pytest.fixture(scope="module")
def records(tiny_model: Path, song: Path) -> list[Record]:
    """Of a piece that was analysed, and of one that was not."""
    outcomes = (
        analyse_task(Analyser(tiny_model, threads=1), Task(str(song))),
        failure(InputError("lost.mp3", "no such file")),
    )
    return [outcome.record for outcome in outcomes if outcome.record]
