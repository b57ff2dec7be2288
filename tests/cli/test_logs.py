"""-v and --log-file: stages and times, tracebacks, and nothing harmful."""

import logging
import subprocess
import sys
from collections.abc import Generator, Iterable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from midcli.cli import logs
from midcli.cli.main import app
from midcli.errors import OutputError
from midcli.library.tasks import Outcome, Task, analyse_task

RUN_WITH_A_BUG = """
import sys
from midcli import analyser as pipeline
def analyse(self, path):
    raise LookupError("a bug")
pipeline.Analyser.analyse = analyse
from midcli.cli.main import main
main()
"""


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.mark.parametrize("content", [b"RIFF\0\0\0\0WAVE", b'{"schema": "midcli.predict/1"}\n', b"my notes"])
def test_only_logs_are_appended_to(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "other").write_bytes(content)
    result = run("glossary", "--log-file", tmp_path / "other")
    assert result.exit_code == 2
    assert "exists and is no log of midcli" in result.stderr
    assert (tmp_path / "other").read_bytes() == content
    (tmp_path / "empty.log").touch()
    assert run("glossary", "--log-file", tmp_path / "empty.log").exit_code == 0
    assert run("glossary", "--log-file", tmp_path / "empty.log").exit_code == 0


@pytest.mark.parametrize("position", [0, 1, 2])
def test_verbose_tells_stages_and_times_on_stderr(song: Path, tiny_model: Path, position: int) -> None:
    arguments: list[str | Path] = ["predict", song, "--json", "--model", tiny_model]
    result = run(*arguments[:position], "-v", *arguments[position:])
    assert result.exit_code == 0
    for stage in (
        "1 file: 1 to analyse",
        "model tiny 0 loaded from",
        "3.0 s read",
        "network run in",
        "explained in",
    ):
        assert stage in result.stderr
    assert "Traceback" not in result.stderr
    assert run(*arguments).stdout == result.stdout


def test_verbose_lines_stay_while_decoders_are_silenced() -> None:
    script = (
        "import logging, os\n"
        "from midcli.cli import logs\n"
        "from midcli.audio.quiet import silenced\n"
        "logs.start(1)\n"
        "logs.start(1)\n"
        "with silenced():\n"
        "    os.write(2, b'flaw in frame 1')\n"
        "    logging.getLogger('midcli').info('a stage is done')\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "a stage is done\n")


def test_quiet_without_it(song: Path, tiny_model: Path) -> None:
    assert run("explain", song, "--model", tiny_model).stderr == ""


def test_an_expected_failure_has_its_traceback_in_the_file_only(tmp_path: Path, tiny_model: Path) -> None:
    log = tmp_path / "midcli.log"
    result = run("-v", "explain", tmp_path / "none.wav", "--model", tiny_model, "--log-file", log)
    assert result.exit_code == 3
    assert result.stderr.count("none.wav: no such file") == 1
    assert "Traceback" not in result.stderr
    written = log.read_text()
    assert "error: " in written
    assert "Traceback" in written
    assert "InputError" in written


def test_twice_verbose_shows_tracebacks(tmp_path: Path, tiny_model: Path) -> None:
    result = run("explain", "-vv", tmp_path / "none.wav", "--model", tiny_model)
    assert result.stderr.count("Traceback") == 1
    assert result.stderr.count("midcli ") >= 1


def test_a_file_is_appended_to(tmp_path: Path) -> None:
    log = tmp_path / "midcli.log"
    run("glossary", "--log-file", log)
    logs.stop()
    earlier = log.read_text()
    run("glossary", "--log-file", log)
    assert log.read_text().startswith(earlier)
    lines = log.read_text().splitlines()
    assert sum("DEBUG midcli: midcli " in line for line in lines) == 2


@pytest.mark.skipif(not Path("/dev/stderr").exists(), reason="needs names for streams")
def test_stderr_in_a_file_of_its_own_is_appended_to(song: Path, tiny_model: Path, tmp_path: Path) -> None:
    job = tmp_path / "job.txt"
    job.write_text("the job begins\n")
    command = [sys.executable, "-m", "midcli", "--log-file", "/dev/stderr", "explain", str(song)]
    with job.open("a") as stderr:
        done = subprocess.run(
            [*command, "--model", str(tiny_model)], stderr=stderr, stdout=subprocess.DEVNULL
        )
    assert done.returncode == 0
    assert "INFO midcli" in job.read_text("utf-8")


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    result = run("glossary", "--log-file", tmp_path / "no-folder" / "midcli.log")
    assert (result.exit_code, result.stderr.count("\n")) == (OutputError.exit_code, 1)
    assert "midcli.log: cannot be written: No such file or directory" in result.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_costs_the_log_only(song: Path, tiny_model: Path) -> None:
    result = run("-v", "explain", song, "--model", tiny_model, "--log-file", "/dev/full")
    assert result.exit_code == 0
    assert result.stderr.count("/dev/full: the log cannot be written: No space left on device\n") == 1
    assert "Traceback" not in result.stderr
    assert "network run in" in result.stderr


def test_a_bug_is_logged_with_its_traceback(tmp_path: Path, song: Path, tiny_model: Path) -> None:
    log = tmp_path / "midcli.log"
    command = [
        sys.executable,
        "-c",
        RUN_WITH_A_BUG,
        "--log-file",
        log,
        "explain",
        song,
        "--model",
        tiny_model,
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.count("LookupError: a bug") == 1
    assert "CRITICAL midcli: unexpected LookupError" in log.read_text()
    assert "LookupError: a bug" in log.read_text()


def test_a_bug_in_a_worker_reaches_the_log(tmp_path: Path, song: Path) -> None:
    class Broken:
        def analyse(self, path: str) -> None:
            raise LookupError(path)

    outcome = analyse_task(Broken(), Task(str(song)))  # type: ignore[arg-type]
    assert "raise LookupError(path)" in outcome.traceback
    from midcli.library.batch import Batch
    from midcli.library.finding import AudioFile

    def run(_: Iterable[Task]) -> Generator[Outcome, None, None]:
        yield outcome

    log = tmp_path / "midcli.log"
    logs.start(file=log)
    list(Batch([AudioFile(song)], [], None).records(run))
    assert "raise LookupError(path)" in log.read_text()


def test_escapes_in_names_come_out_harmless(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = tmp_path / "midcli.log"
    logs.start(1, log)
    logging.getLogger("midcli.test").info("%s", "\x1b[31m[bold]song\nerror: forged")
    logs.stop()
    for text in (log.read_text(), capsys.readouterr().err):
        assert "\x1b" not in text
        assert "[bold]song" in text


def test_python_m(song: Path, tiny_model: Path) -> None:
    command = [sys.executable, "-m", "midcli", "predict", song, "--json", "--model", tiny_model]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, '"schema": "midcli.predict/1"' in done.stdout) == (0, True)
