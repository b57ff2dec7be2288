import pytest
from typer.testing import CliRunner

from midcli.cli.main import app
from midcli.labels import EMOTIONS, QUALITIES


def glossary(width: int) -> str:
    result = CliRunner().invoke(app, ["glossary"], env={"COLUMNS": str(width)})
    assert result.exit_code == 0
    return result.stdout


@pytest.mark.parametrize("width", [60, 80, 140])
def test_every_word_is_explained_at_every_width(width: int) -> None:
    text = glossary(width)
    assert all(len(line) <= width for line in text.splitlines())
    together = " ".join(text.split())
    for label in (*QUALITIES, *EMOTIONS):
        assert label.name in text
        assert label.low_pole in together
        assert label.high_pole in together
        for question in label.questions:
            assert question in together
    assert "gloomy, bleak: sad, unpleasant" in together


def test_help_points_to_the_glossary() -> None:
    result = CliRunner().invoke(app, ["explain", "--help"], env={"COLUMNS": "80"})
    assert "midcli glossary" in " ".join(result.stdout.split())
