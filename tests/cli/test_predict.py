import csv
import hashlib
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from midcli.cli.main import main
from midcli.labels import EMOTION_NAMES
from tests.model_files import write_model

FILES = 16
RATE_HZ = 22_050


class Run:
    """`midcli predict` in a process of its own."""

    def __init__(self, arguments: list[str], cwd: Path, **options: Any) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", "from midcli.cli.main import main; main()", "predict", *arguments],
            cwd=cwd,
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
            stdout=options.pop("stdout", subprocess.PIPE),
            start_new_session=True,
            **options,
        )

    def finish(self, stdin: bytes = b"") -> tuple[int, str, str]:
        stdout, stderr = self.process.communicate(stdin, timeout=60)
        assert b"Traceback" not in stderr
        return self.process.returncode, (stdout or b"").decode(), stderr.decode()

    def workers(self) -> list[int]:
        pid = self.process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return [child for child in map(int, children) if b"import serve" in command_of(child)]


def command_of(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def wait_until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def rows_of(path: Path) -> list[dict[str, Any]]:
    text = path.read_text()
    assert text.endswith("\n")
    return [json.loads(line) for line in text.splitlines()]


def digest_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:8]


def lines_in(path: Path) -> int:
    return path.read_bytes().count(b"\n") if path.exists() else 0


@pytest.fixture
def library(tmp_path: Path, tiny_model: Path, chord: np.ndarray[Any, Any]) -> Path:
    """Working folder with a library of three short files, one of them broken, and a model."""
    (tmp_path / "tiny.onnx").symlink_to(tiny_model)
    (tmp_path / "music").mkdir()
    for name, gain in (("a", 0.5), ("b", 0.9)):
        soundfile.write(tmp_path / "music" / f"{name}.wav", chord[:66150] * gain, RATE_HZ)
    (tmp_path / "music" / "broken.flac").write_text("no music")
    return tmp_path


@pytest.fixture
def large_library(library: Path, chord: np.ndarray[Any, Any]) -> Path:
    """As `library`, with many files that take a moment each."""
    long = np.tile(chord, 10)
    for number in range(FILES):
        soundfile.write(library / "music" / f"{number:02}.wav", long[: 40 * RATE_HZ + number], RATE_HZ)
    (library / "music" / "broken.flac").unlink()
    (library / "music" / "a.wav").unlink()
    (library / "music" / "b.wav").unlink()
    return library


@pytest.fixture
def predict(
    library: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    """`midcli predict` in this process (its workers in theirs), in the folder of the library."""
    monkeypatch.chdir(library)

    def run(*arguments: str, stdin: bytes = b"") -> tuple[int, str, str]:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        monkeypatch.setattr("sys.argv", ["midcli", "predict", "--model", "tiny.onnx", *arguments])
        with pytest.raises(SystemExit) as exit_:
            main()
        stdout, stderr = capfd.readouterr()
        return int(exit_.value.code or 0), stdout, stderr

    return run


Predict = Callable[..., tuple[int, str, str]]


def test_table_summary_and_exit_code(predict: Predict) -> None:
    code, stdout, stderr = predict("music", "--jobs", "1")
    assert code == 5
    header, *lines = stdout.splitlines()
    assert header.split() == ["file", *EMOTION_NAMES]
    assert sorted(line.split()[0] for line in lines[:2]) == ["music/a.wav", "music/b.wav"]
    assert lines[2] == "ratings: 1 to 9"
    assert all("sums are not cut" in line for line in lines[3:])
    assert "\x1b" not in stdout + stderr
    failed, done = stderr.splitlines()
    assert failed.startswith("failed: music/broken.flac: ")
    assert done == "done: 3 files: 2 analysed, 1 failed"


def test_long_names_are_whole_in_a_pipe(library: Path, predict: Predict) -> None:
    name = f"{'long' * 40}.wav"
    (library / "music" / "a.wav").rename(library / "music" / name)
    assert f"music/{name} " in predict(f"music/{name}")[1]


def test_json_lines(predict: Predict) -> None:
    code, stdout, _ = predict("music", "music/missing.mp3", "--json", "--jobs", "2")
    rows = {row["file"]: row for row in map(json.loads, stdout.splitlines())}
    assert code == 5
    assert rows.keys() == {"music/a.wav", "music/b.wav", "music/broken.flac", "music/missing.mp3"}
    assert rows["music/missing.mp3"] == {
        "schema": "midcli.predict/1",
        "file": "music/missing.mp3",
        "error": {"kind": "input", "message": "no such file"},
    }
    good = rows["music/a.wav"]
    assert good["schema"] == "midcli.predict/1"
    assert "effects" not in good["emotions"]["tension"]


def test_one_file(predict: Predict) -> None:
    assert predict("music/a.wav")[0] == 0
    code, stdout, stderr = predict("music/broken.flac")
    assert (code, stdout) == (3, "")
    assert stderr.count("\n") == 1
    assert predict("music/a.wav", "music/b.wav", "--jobs", "1")[0] == 0


def test_paths_on_stdin(library: Path, predict: Predict) -> None:
    code, stdout, _ = predict("-", "--json", "--jobs", "1", stdin=b"music/a.wav\nmusic/b.wav\n")
    assert (code, stdout.count("\n")) == (0, 2)
    strange = library / "music" / "with\nnewline.wav"
    (library / "music" / "b.wav").rename(strange)
    code, stdout, _ = predict("-", "--json", "--jobs", "1", stdin=b"music/a.wav\0music/with\nnewline.wav\0")
    assert (code, stdout.count("\n")) == (0, 2)


def test_lists_in_other_encodings(predict: Predict) -> None:
    listed = "music/a.wav\r\nmusic/b.wav\r\n"
    code, stdout, _ = predict("-", "--json", "--jobs", "1", stdin=listed.encode("utf-8-sig"))
    assert (code, stdout.count("\n")) == (0, 2)
    for encoding in ("utf-16", "utf-16-le", "utf-16-be"):  # with a mark, and without
        code, stdout, stderr = predict("-", stdin=listed.encode(encoding))
        assert (code, stdout) == (2, "")
        assert stderr == "error: -: the list on stdin is UTF-16; it must be UTF-8\n"


def test_no_stdin(library: Path) -> None:
    arguments = [sys.executable, "-c", "from midcli.cli.main import main; main()", "predict", "-"]
    command = ["sh", "-c", 'exec "$@" <&-', "sh", *arguments]
    done = subprocess.run(command, cwd=library, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (2, "error: -: stdin is closed; it must list paths\n")


def test_names_come_out_harmless(library: Path, predict: Predict) -> None:
    (library / "music" / "broken.flac").rename(library / "music" / "[bold]\x1b[31m\nx.flac")
    (library / "music" / "b.wav").rename(library / "music" / "[red]é\x1b[31m\n🎵.wav")
    code, stdout, stderr = predict("music", "--jobs", "1")
    assert code == 5
    assert "music/[red]é�[31m�🎵.wav" in stdout
    assert "failed: music/[bold]�[31m�x.flac: " in stderr
    assert "\x1b" not in stdout + stderr


def test_csv_on_stdout(predict: Predict) -> None:
    code, stdout, _ = predict("music", "--format", "csv", "--jobs", "1")
    rows = {row["file"]: row for row in csv.DictReader(io.StringIO(stdout))}
    assert code == 5
    assert -20 < float(rows["music/a.wav"]["tension"]) < 20
    assert rows["music/broken.flac"]["flag"].startswith("failed: ")


def test_only_what_is_new_or_changed_is_analysed(
    library: Path, predict: Predict, chord: np.ndarray[Any, Any]
) -> None:
    (library / "music" / "broken.flac").unlink()
    output = library / "out.jsonl"
    arguments = ("music", "--output", "out.jsonl", "--jobs", "1")
    code, stdout, stderr = predict(*arguments)
    assert (code, stdout) == (0, "")
    assert stderr == "done: 2 files: 2 analysed; results in out.jsonl\n"
    first = output.read_bytes()
    assert predict(*arguments)[2] == "done: 2 files: 2 unchanged; results in out.jsonl\n"
    assert output.read_bytes() == first
    (library / "music" / "a.wav").rename(library / "music" / "moved.wav")
    soundfile.write(library / "music" / "b.wav", chord[:66150] * 0.3, RATE_HZ)
    soundfile.write(library / "music" / "new.wav", chord[:66150] * 0.4, RATE_HZ)
    assert "3 files: 2 analysed, 1 unchanged;" in predict(*arguments)[2]
    rows = {row["file"]: row for row in rows_of(output)}
    assert rows.keys() == {"music/moved.wav", "music/b.wav", "music/new.wav"}
    before = json.loads(first.splitlines()[0])
    if before["file"] == "music/a.wav":
        assert rows["music/moved.wav"]["emotions"] == before["emotions"]


@pytest.mark.parametrize("jobs", ["1", "4"])
@pytest.mark.parametrize("options", [[], ["--output", "out.jsonl"]])
def test_copies_are_counted_as_such(library: Path, predict: Predict, jobs: str, options: list[str]) -> None:
    for name in ("a2", "a3", "b2"):
        (library / "music" / f"{name}.wav").write_bytes((library / "music" / f"{name[0]}.wav").read_bytes())
    summary = predict("music", "--jobs", jobs, *options)[2].splitlines()[-1]
    assert summary.startswith("done: 6 files: 2 analysed, 3 copies, 1 failed")


def test_table_files_are_rewritten_from_what_is_kept(library: Path, predict: Predict) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    arguments = ("music", "--output", "out.parquet", "--jobs", "1")
    assert "2 analysed, 1 failed" in predict(*arguments)[2]
    assert parquet.read_table(library / "out.parquet").num_rows == 3
    (library / "music" / "broken.flac").unlink()
    assert "2 files: 2 unchanged;" in predict(*arguments)[2]
    assert sorted(path.name for path in library.iterdir()) == [
        "music",
        "out.parquet",
        "out.parquet.jsonl",
        "tiny.onnx",
    ]
    code, _, stderr = predict("music", "--output", "copy.csv", "--jobs", "1")
    assert code == 0, stderr
    with (library / "copy.csv").open(newline="", encoding="utf-8-sig") as file:
        assert {row["file"] for row in csv.DictReader(file)} == {"music/a.wav", "music/b.wav"}


def test_shards_share_the_work(library: Path, predict: Predict) -> None:
    (library / "music" / "broken.flac").unlink()
    shards = [predict("music", "--json", "--shard", f"{part}/2") for part in (1, 2)]
    assert [code for code, _, _ in shards] == [0, 0]
    files = [json.loads(line)["file"] for _, stdout, _ in shards for line in stdout.splitlines()]
    assert sorted(files) == ["music/a.wav", "music/b.wav"]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--json", "--format", "csv"], 2, "exclude each other"),
        (["--shard", ""], 2, "--shard : expected i/n"),
        (["--json", "--columns", "file"], 2, "--columns is for csv and xlsx"),
        (["--decimals", "3"], 2, "--decimals is for csv and xlsx"),
        (["--output", "out.xyz"], 2, "names no format"),
        (["--output", "x.csv", "--format", "table"], 2, "a table is for reading"),
        (["--format", "parquet"], 2, "name an --output file"),
        (["--output", "notes.jsonl"], 2, "no result of `midcli predict`"),
        (["--output", "notes.csv"], 2, "exists"),
        (["--output", "missing/out.jsonl"], 4, "cannot be written: No such file or directory"),
        (["--output", "music", "--format", "jsonl"], 4, "cannot be written: Is a directory"),
        (["--output", "/dev/full", "--json"], 4, "/dev/full: cannot be written: No space left on device"),
        (["--shard", "3/2"], 2, "expected i/n"),
        (["--time-limit", "nan"], 2, "nan: is no number"),
        (["--model", "nonsense"], 4, "no such model"),
        (["--cluster", "tcp://127.0.0.1:1", "--jobs", "2"], 2, "--jobs is for this machine"),
        (["--cluster", "tcp://127.0.0.1:1", "--time-limit", "9"], 2, "--time-limit is for this machine"),
        (["--cluster", "tcp://127.0.0.1:1", "--jobs", "2", "--format", "csv"], 2, "--jobs is for this"),
    ],
)
def test_wrong_usage_is_one_line(
    library: Path, predict: Predict, arguments: list[str], code: int, message: str
) -> None:
    for name in ("notes.jsonl", "notes.csv"):
        (library / name).write_text("my notes")
    returned, stdout, stderr = predict("music", *arguments)
    errors = [line for line in stderr.splitlines() if line.startswith("error: ")]
    assert (returned, stdout, len(errors)) == (code, "", 1), stderr
    assert message in errors[0]
    assert (library / "notes.csv").read_text() == (library / "notes.jsonl").read_text() == "my notes"
    assert not (library / "out.jsonl").exists()


def test_results_and_log_are_kept_apart(library: Path, predict: Predict) -> None:
    predict("music/a.wav", "--output", "out.jsonl")
    before = (library / "out.jsonl").read_bytes()
    code, _, stderr = predict("music", "--output", "out.jsonl", "--log-file", "out.jsonl")
    assert (code, stderr) == (
        2,
        "error: out.jsonl: exists and is no log of midcli; choose another --log-file\n",
    )
    assert (library / "out.jsonl").read_bytes() == before
    for output, log in (("x.csv", "x.csv"), ("y.csv", "y.csv.jsonl"), ("z.jsonl", "z.jsonl")):
        code, _, stderr = predict("music", "--output", output, "--log-file", log)
        assert (code, stderr) == (2, f"error: {log}: is the log file; choose another name\n")


def test_results_of_another_model_are_not_mixed(library: Path, predict: Predict) -> None:
    write_model(library / "other.onnx", seed=1)
    predict("music", "--output", "out.jsonl", "--jobs", "1")
    before = (library / "out.jsonl").read_bytes()
    code, _, stderr = predict("music", "--output", "out.jsonl", "--model", "other.onnx")
    assert code == 2
    old, new = (digest_of(library / name) for name in ("tiny.onnx", "other.onnx"))
    assert stderr == (
        f"error: out.jsonl: holds results of another model (tiny 0, sha256 {old}) than the one in use "
        f"(sha256 {new}); choose another output, or use that model\n"
    )
    assert (library / "out.jsonl").read_bytes() == before


def test_a_model_that_is_cut_short_is_told(library: Path, predict: Predict) -> None:
    (library / "cut.onnx").write_bytes((library / "tiny.onnx").read_bytes()[:1000])
    code, _, stderr = predict("music", "--model", "cut.onnx")
    assert (code, stderr) == (4, "error: cut.onnx: not a usable ONNX model\n")


def test_another_track_is_analysed_anew(library: Path, predict: Predict) -> None:
    predict("music/a.wav", "--output", "out.jsonl")
    for summary in ("1 analysed", "1 unchanged"):
        _, _, stderr = predict("music/a.wav", "--output", "out.jsonl", "--track", "1")
        assert f"done: 1 file: {summary}; results in out.jsonl" in stderr
    assert [row["track"] for row in map(json.loads, (library / "out.jsonl").open())] == [1]
    code, _, stderr = predict("music/a.wav", "--output", "out.jsonl", "--track", "2")
    assert code == 3
    assert "failed: music/a.wav: has no audio track 2; it has one audio track" in stderr
    assert [row["track"] for row in map(json.loads, (library / "out.jsonl").open())] == [1]


def test_results_of_several_models_are_not_gone_on_with(library: Path, predict: Predict) -> None:
    predict("music", "--output", "out.jsonl", "--jobs", "1")
    first, *others = (library / "out.jsonl").read_text().splitlines(keepends=True)
    foreign = json.loads(first)
    foreign["file"], foreign["model"]["sha256"] = "elsewhere.wav", 64 * "0"
    joined = "".join([first, *others, json.dumps(foreign) + "\n"])
    (library / "out.jsonl").write_text(joined)
    code, _, stderr = predict("music", "--output", "out.jsonl")
    assert code == 2
    made_by = json.loads(first)["model"]["sha256"][:8]
    assert stderr == (
        f"error: out.jsonl: holds results of several models (the first by tiny 0, sha256 {made_by}; "
        "of elsewhere.wav by tiny 0, sha256 00000000); choose another output\n"
    )
    assert (library / "out.jsonl").read_text() == joined


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("output_format", ["jsonl", "csv"])
def test_stdout_on_a_full_disk(library: Path, output_format: str) -> None:
    with Path("/dev/full").open("wb") as full:
        run = Run(["--model", "tiny.onnx", "music/a.wav", "--format", output_format], library, stdout=full)
        code, _, stderr = run.finish()
    assert code == 4
    assert "error: stdout: cannot be written: No space left on device" in stderr
    assert "Exception" not in stderr


def limit_file_size() -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000))


def test_full_disk_loses_nothing(library: Path, predict: Predict) -> None:
    arguments = ["--model", "tiny.onnx", "music", "--output", "out.jsonl", "--jobs", "1"]
    code, _, stderr = Run(arguments, library, preexec_fn=limit_file_size).finish()
    assert code == 4
    assert "error: out.jsonl: cannot be written" in stderr
    assert "run the same command again" in stderr
    kept = len(rows_of(library / "out.jsonl"))
    assert 1 <= kept <= 2
    code, _, stderr = predict("music", "--output", "out.jsonl", "--jobs", "1")
    assert code == 5
    assert len(rows_of(library / "out.jsonl")) == 3


def test_interrupt_stops_at_once_and_can_go_on(large_library: Path, predict: Predict) -> None:
    output = large_library / "out.jsonl"
    run = Run(["--model", "tiny.onnx", "music", "--output", "out.jsonl", "--jobs", "2"], large_library)
    wait_until(lambda: lines_in(output) >= 2)
    began = time.monotonic()
    os.killpg(run.process.pid, signal.SIGINT)
    code, _, stderr = run.finish()
    assert time.monotonic() - began < 2
    assert code == 130
    done = len(rows_of(output))
    assert 2 <= done < FILES
    assert stderr.splitlines() == [
        f"stopped: {done} of {FILES} files are done and in out.jsonl; run the same command again to go on"
    ]
    code, _, stderr = predict("music", "--output", "out.jsonl", "--jobs", "1")
    assert code == 0
    assert f"{FILES - done} analysed, {done} unchanged;" in stderr
    assert len({row["file"] for row in rows_of(output)}) == len(rows_of(output)) == FILES


def test_impatient_interrupts_are_one(large_library: Path) -> None:
    output = large_library / "out.jsonl"
    run = Run(["--model", "tiny.onnx", "music", "--output", "out.jsonl", "--jobs", "2"], large_library)
    wait_until(lambda: lines_in(output) >= 1)
    os.killpg(run.process.pid, signal.SIGINT)
    for _ in range(20):
        time.sleep(0.01)
        with suppress(ProcessLookupError):
            os.killpg(run.process.pid, signal.SIGINT)
    code, _, stderr = run.finish()
    assert code == 130
    assert stderr.startswith("stopped: ")
    assert stderr.count("\n") == 1


def test_interrupt_while_processes_start(large_library: Path) -> None:
    run = Run(["--model", "tiny.onnx", "music", "--output", "out.jsonl", "--jobs", "2"], large_library)
    wait_until(run.workers)
    os.killpg(run.process.pid, signal.SIGINT)
    code, _, stderr = run.finish()
    assert code == 130
    assert stderr == f"stopped: 0 of {FILES} files are done\n"
    assert not (large_library / "out.jsonl").exists()


def test_killed_process_costs_one_file(large_library: Path, predict: Predict) -> None:
    output = large_library / "out.jsonl"
    run = Run(["--model", "tiny.onnx", "music", "--output", "out.jsonl", "--jobs", "1"], large_library)
    wait_until(lambda: lines_in(output) >= 2)
    (worker,) = run.workers()
    os.kill(worker, signal.SIGSTOP)
    time.sleep(0.1)  # whatever it had sent has been received, so it is busy with the next file
    os.kill(worker, signal.SIGKILL)
    code, _, stderr = run.finish()
    assert code == 5
    failed = [row for row in rows_of(output) if "error" in row]
    assert [row["error"]["kind"] for row in failed] == ["crashed"]
    assert len(rows_of(output)) == FILES
    assert "its process was killed, perhaps because memory ran out" in stderr
    code, _, stderr = predict("music", "--output", "out.jsonl", "--jobs", "1")
    assert code == 0
    assert f"1 analysed, {FILES - 1} unchanged" in stderr


def test_file_that_takes_too_long_costs_one_file(large_library: Path) -> None:
    output = large_library / "out.jsonl"
    arguments = ["--model", "tiny.onnx", "music", "--output", "out.jsonl", "--jobs", "1", "--time-limit", "4"]
    run = Run(arguments, large_library)
    wait_until(lambda: lines_in(output) >= 1)
    (worker,) = run.workers()
    os.kill(worker, signal.SIGSTOP)
    code, _, stderr = run.finish()
    assert code == 5
    (failed,) = [row for row in rows_of(output) if "error" in row]
    assert failed["error"]["kind"] == "limit"
    assert failed["error"]["message"] == "took longer than the limit of 4 s"
    assert failed["error"]["message"] in stderr
    assert "hint: limits are raised with --max-hours and --time-limit" in stderr
    assert len(rows_of(output)) == FILES


def test_longest_music_is_for_the_user_to_say(library: Path, predict: Predict) -> None:
    soundfile.write(library / "music" / "b.wav", np.zeros(8 * 8000), 8000)
    code, stdout, _ = predict("music", "--json", "--max-hours", "0.002", "--jobs", "1")
    kinds = {row["file"]: row.get("error", {}).get("kind") for row in map(json.loads, stdout.splitlines())}
    assert code == 5
    assert kinds == {"music/a.wav": None, "music/b.wav": "limit", "music/broken.flac": "input"}
    code, _, stderr = predict("music/b.wav", "--max-hours", "0.002")
    assert (code, "limits are raised with --max-hours" in stderr) == (3, True)
    code, _, _ = predict("music/b.wav", "--max-hours", "0.003")
    assert code == 0


def test_processes_end_when_the_command_is_killed(large_library: Path) -> None:
    output = large_library / "out.jsonl"
    run = Run(["--model", "tiny.onnx", "music", "--output", "out.jsonl", "--jobs", "2"], large_library)
    wait_until(lambda: lines_in(output) >= 1)
    workers = run.workers()
    run.process.kill()
    run.process.communicate()
    wait_until(lambda: not any(b"import serve" in command_of(worker) for worker in workers))
    assert len(rows_of(output)) >= 1


def test_heavy_libraries_are_not_imported_by_the_command(library: Path) -> None:
    script = (
        "import sys; from midcli.cli.main import app\n"
        "try: app(['predict', 'music', '--model', 'tiny.onnx', '--output', 'out.jsonl'])\n"
        "except SystemExit: pass\n"
        "heavy = {'onnxruntime', 'av', 'soundfile', 'soxr', 'torch', 'scipy', 'distributed', 'pyarrow'}\n"
        "sys.exit(' '.join(heavy & sys.modules.keys()) or 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=library, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


def test_what_a_power_cut_left_is_told(library: Path, predict: Predict) -> None:
    output = library / "out.jsonl"
    predict("music", "--output", "out.jsonl")
    whole = output.read_bytes()
    output.write_bytes(whole + bytes(4096))
    code, _, stderr = predict("music", "--output", "out.jsonl")
    assert code == 5  # of the broken file, as before
    assert "warning: out.jsonl: a power cut left empty bytes at its end" in stderr
    assert output.read_bytes() == whole
