"""A user's defaults: a config file, variables, options; which beats which, and what is refused."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st
from typer.main import get_command
from typer.testing import CliRunner

from midcli.cli.main import app
from midcli.cli.settings import BUILT_IN, SETTINGS, Value, config_file, defaults, read_settings
from midcli.errors import ClusterError, UsageError


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A config file that is yet to be written."""
    path = tmp_path / "config.toml"
    monkeypatch.setenv("MIDCLI_CONFIG", str(path))
    monkeypatch.delenv("MIDCLI_DATA", raising=False)
    return path


ROOT = get_command(app)


def read() -> dict[str, Value]:
    return read_settings(ROOT)


def run(*arguments: str | Path) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    return result.exit_code, result.stdout, result.stderr


def test_a_variable_beats_the_file(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config.write_text('model = "from-file"\njobs = 3\n')
    monkeypatch.setenv("MIDCLI_MODEL", "from-variable")
    values = read()
    assert (values["model"].value, values["model"].source) == ("from-variable", "MIDCLI_MODEL")
    assert (values["jobs"].value, values["jobs"].source) == (3, str(config))
    assert (values["device"].value, values["device"].source) == (None, BUILT_IN)


def test_an_option_beats_a_variable(monkeypatch: pytest.MonkeyPatch, song: Path, tiny_model: Path) -> None:
    monkeypatch.setenv("MIDCLI_MODEL", "no-such-model")
    code, _, stderr = run("predict", song, "--json")
    assert (code, "no-such-model" in stderr) == (4, True)
    code, stdout, _ = run("predict", song, "--json", "--model", tiny_model)
    assert (code, json.loads(stdout)["model"]["name"]) == (0, "tiny")


def test_a_setting_that_fails_is_named(config: Path, monkeypatch: pytest.MonkeyPatch, song: Path) -> None:
    config.write_text('reference = "/no/such/reference"\n')
    assert run("explain", song)[2].endswith(f" (set by {config})\n")
    monkeypatch.setenv("MIDCLI_MODEL", "no-such-model")
    assert run("explain", song)[2].endswith(" (set by MIDCLI_MODEL)\n")
    assert "set by" not in run("explain", song, "--model", "no-such-model")[2]
    assert "set by" not in run("explain", song.parent / "none.wav", "--model", "no-such-model")[2]


def test_the_file_is_the_default_of_an_option(config: Path, song: Path, tiny_model: Path) -> None:
    config.write_text(f"model = '{tiny_model}'\n")
    for command in (["explain", song], ["whatif", song, "--set", "dissonance=-1"], ["model"]):
        code, stdout, _ = run(*command, "--json")
        assert (code, '"name": "tiny"' in stdout) == (0, True)


def test_limits_are_settings_too(
    config: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, tiny_model: Path
) -> None:
    config.write_text("max_hours = 0.001\n")
    song = tmp_path / "song.wav"
    soundfile.write(song, np.random.default_rng(0).normal(0, 0.1, 5 * 22_050), 22_050)
    arguments = ("explain", song, song, "--model", tiny_model)
    code, _, stderr = run(*arguments)
    assert (code, "longer than the limit of 0.001 hours" in stderr) == (5, True)
    monkeypatch.setenv("MIDCLI_MAX_HOURS", "2")
    assert run(*arguments)[0] == 0


def test_relative_is_a_switch(config: Path, song: Path, tiny_model: Path) -> None:
    config.write_text("relative = false\n")
    absolute = run("explain", song, "--model", tiny_model)[1]
    assert absolute == run("explain", song, "--model", tiny_model, "--absolute")[1]
    assert absolute != run("explain", song, "--model", tiny_model, "--relative")[1]


def test_data_of_a_sub_command(config: Path, published: Path) -> None:
    config.write_text(f"data = '{published}'\n")
    code, stdout, _ = run("data", "check")
    assert (code, "360 of 360" in stdout) == (0, True)


def test_jobs_do_not_get_in_the_way_of_a_cluster(
    config: Path, song: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(address: str, *_: object) -> None:
        raise ClusterError(f"{address}: reached")

    monkeypatch.setattr("midcli.library.predicting.cluster_runner", refuse)
    config.write_text("jobs = 2\n")
    arguments = ["predict", song, "--json", "--cluster", "tcp://scheduler"]
    assert "tcp://scheduler: reached" in run(*arguments)[2]
    assert "--jobs is for this machine" in run(*arguments, "--jobs", "2")[2]


def test_verbose_and_log_file(config: Path, song: Path, tiny_model: Path) -> None:
    config.write_text('verbose = 1\nlog_file = "night.log"\n')
    code, _, stderr = run("predict", song, "--json", "--model", tiny_model)
    assert (code, "network run in" in stderr) == (0, True)
    assert "network run in" in (config.parent / "night.log").read_text()


@pytest.mark.parametrize("where", ["file", "variable"])
def test_a_log_file_that_cannot_be_written(config: Path, monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    log = config.parent / "missing" / "x.log"
    if where == "file":
        config.write_text("log_file = 'missing/x.log'\n")
    else:
        config.touch()
        monkeypatch.setenv("MIDCLI_LOG_FILE", str(log))
    source = str(config) if where == "file" else "MIDCLI_LOG_FILE"
    problem = f"{source}: log_file {log}: cannot be written: No such file or directory\n"
    assert run("glossary") == (4, "", f"error: {problem}")
    code, stdout, stderr = run("config", "--json")
    assert (code, stderr) == (0, f"warning: {problem}")
    assert json.loads(stdout)["settings"]["log_file"] == {"value": str(log), "source": source}
    assert run("--log-file", config.parent / "fine.log", "glossary")[0] == 0


def test_paths_start_at_home_or_beside_the_file(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(config.parent / "home"))
    monkeypatch.setenv("USERPROFILE", str(config.parent / "home"))
    config.write_text('data = "~/corpora"\nreference = "mine.jsonl"\nmodel = "~/own.onnx"\n')
    values = read()
    assert values["data"].value == config.parent / "home/corpora"
    assert values["reference"].value == config.parent / "mine.jsonl"
    assert values["model"].value == str(config.parent / "home/own.onnx")


def test_an_empty_variable_takes_back_what_the_file_says(
    config: Path, monkeypatch: pytest.MonkeyPatch, song: Path, tiny_model: Path
) -> None:
    config.write_text('reference = "missing.jsonl"\njobs = 3\n')
    explain = ("explain", song, "--model", tiny_model)
    assert "missing.jsonl" in run(*explain)[2]
    monkeypatch.setenv("MIDCLI_REFERENCE", "")
    assert run(*explain)[0] == 0
    values = read()
    assert values["reference"] == Value(None, "MIDCLI_REFERENCE")
    asked = defaults(values, ROOT)
    assert asked["predict"] == asked["find"] == {"jobs": 3}
    assert {name for settings in asked.values() for name in settings} == {"jobs"}


def test_a_model_may_lie_beside_the_file(config: Path) -> None:
    own, bundled = config.parent / "mine.onnx", config.parent / "film"
    config.write_text('model = "mine.onnx"\n')
    assert read()["model"].value == "mine.onnx"
    own.touch()
    assert read()["model"].value == str(own)
    bundled.touch()
    config.write_text('model = "film"\n')
    assert read()["model"].value == "film"


@pytest.mark.parametrize(
    ("written", "complaint"),
    [
        ("modle = 'film'", "unknown setting 'modle'; known are data, model"),
        ("[explain]\nmodel = 'film'", "unknown setting 'explain'"),
        ("jobs = '4'", "jobs = '4': expected a whole number"),
        ("jobs = true", "jobs = True: expected a whole number"),
        ("jobs = 0", "jobs = 0: expected a whole number, 1 or more"),
        ("relative = 1", "expected true or false"),
        ("max_hours = 'all'", "max_hours = 'all': expected a number"),
        ("max_hours = nan", "max_hours = nan: expected a number, 0.001 or more"),
        ("model = ['film']", "expected text"),
        ("data = ''", "is empty"),
        ("data = ", "not valid TOML"),
        (b"model = '\xff'", "not text in UTF-8"),
    ],
)
def test_nonsense_in_the_file_is_one_clear_line(
    config: Path, song: Path, written: str | bytes, complaint: str
) -> None:
    config.write_bytes(written if isinstance(written, bytes) else written.encode())
    code, stdout, stderr = run("explain", song)
    assert (code, stdout, stderr.count("\n")) == (2, "", 1)
    assert str(config) in stderr
    assert complaint in stderr


@pytest.mark.parametrize(
    ("variable", "text", "complaint"),
    [
        ("MIDCLI_JOBS", "many", "expected a whole number"),
        ("MIDCLI_JOBS", "-1", "expected a whole number"),
        ("MIDCLI_JOBS", "²", "expected a whole number"),
        ("MIDCLI_RELATIVE", "perhaps", "expected true or false"),
        ("MIDCLI_TIME_LIMIT", "soon", "expected a number"),
        ("MIDCLI_MAX_HOURS", "0", "expected a number, 0.001 or more"),
    ],
)
def test_nonsense_in_a_variable_is_one_clear_line(
    monkeypatch: pytest.MonkeyPatch, variable: str, text: str, complaint: str
) -> None:
    monkeypatch.setenv(variable, text)
    code, _, stderr = run("config")
    assert (code, stderr.count("\n")) == (2, 1)
    assert f"{variable}={text}: {complaint}" in stderr


@given(st.text(min_size=1, max_size=30).filter(lambda text: "\0" not in text))
def test_no_text_in_a_variable_crashes(text: str) -> None:
    for setting in SETTINGS:
        with pytest.MonkeyPatch.context() as patch:
            try:
                patch.setenv(setting.variable, text)
            except UnicodeEncodeError:
                return
            try:
                values = read()
            except UsageError:
                continue
            assert str(values[setting.name].value).strip()


def test_a_home_folder_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIDCLI_CONFIG", "~no-such-user/config.toml")
    code, _, stderr = run("explain", "--help")
    assert (code, stderr) == (2, "error: MIDCLI_CONFIG=~no-such-user/config.toml: no such home folder\n")


def test_numbers_are_numbers_in_json(config: Path) -> None:
    config.write_text("time_limit = inf\nmax_hours = 0.5\n")
    settings = json.loads(run("config", "--json")[1])["settings"]
    assert (settings["time_limit"]["value"], settings["max_hours"]["value"]) == ("inf", 0.5)


@pytest.mark.usefixtures("config")
def test_a_file_that_is_named_must_be_there() -> None:
    code, _, stderr = run("config")
    assert (code, "no such file; it is named by MIDCLI_CONFIG" in stderr) == (2, True)


def test_without_a_file_nothing_is_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("MIDCLI_CONFIG")
    monkeypatch.delenv("MIDCLI_DATA", raising=False)
    for variable in ("HOME", "XDG_CONFIG_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(variable, str(tmp_path))
    assert config_file().name == "config.toml"
    assert {value.source for value in read().values()} == {BUILT_IN}
    assert defaults(read(), ROOT) == {}


def test_help_works_with_a_broken_file(config: Path) -> None:
    config.write_text("= nonsense")
    assert run("--help")[0] == run("--version")[0] == 0


def test_config_shows_value_and_source(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config.write_text('device = "cpu"\nrelative = false\n')
    monkeypatch.setenv("MIDCLI_JOBS", "2")
    code, stdout, _ = run("config")
    assert (code, str(config) in stdout.replace("\n", "")) == (0, True)
    rows = {line.split()[0]: " ".join(line.split()) for line in stdout.splitlines() if line[:1].strip()}
    assert "device cpu config file MIDCLI_DEVICE" in rows["device"]
    assert "relative false config file" in rows["relative"]
    assert "jobs 2 MIDCLI_JOBS" in rows["jobs"]
    assert "data none built in MIDCLI_DATA" in rows["data"]


def test_config_as_json(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config.write_text('data = "corpora"\n')
    monkeypatch.setenv("MIDCLI_VERBOSE", "0")
    described = json.loads(run("config", "--json")[1])
    assert described["schema"] == "midcli.config/1"
    assert described["file"] == str(config)
    assert described["settings"]["data"] == {"value": str(config.parent / "corpora"), "source": str(config)}
    assert described["settings"]["verbose"] == {"value": 0, "source": "MIDCLI_VERBOSE"}
    assert described["settings"]["model"] == {"value": None, "source": BUILT_IN}
    in_force = {
        name: described["settings"][name]["value"] for name in ("time_limit", "max_hours", "relative")
    }
    assert in_force == {"time_limit": 1800, "max_hours": 24, "relative": True}
    monkeypatch.delenv("MIDCLI_VERBOSE")
    assert json.loads(run("config", "--json")[1])["settings"]["verbose"]["value"] == 0


def test_every_setting_is_the_default_of_parameters_of_one_type() -> None:
    for setting in SETTINGS:
        declared = setting.declared(ROOT)
        assert len(declared) == len(setting.options)
        assert len({repr(vars(parameter.type)) for parameter in declared}) == 1
