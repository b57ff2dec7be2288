"""Bad and odd input through the real command line: exit codes, one clear line, no traceback."""

import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import soundfile
from typer.main import get_command
from typer.testing import CliRunner, Result

from midcli.cli.main import app
from tests.conftest import SAMPLE_RATE_HZ
from tests.model_files import write_model

FloatArray = npt.NDArray[np.float32]
Make = Callable[[Path, FloatArray], Path]


def invoke(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments], env={"COLUMNS": "80"})


def process(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from midcli.cli.main import main; main()", *map(str, arguments)],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    ("arguments", "where"),
    [
        (["tag", "--write", ""], ""),
        (["explain", ""], ""),
        (["compare", "", "a.wav"], ""),
        (["explain", "a.wav", "--save", ""], "--save "),
    ],
)
def test_an_empty_name_is_not_the_working_folder(arguments: list[str], where: str) -> None:
    result = invoke(*arguments)
    assert result.exit_code == 2
    assert result.stderr == f'error: {where}"": names no file or folder; a variable may be unset\n'


def missing(folder: Path, _: FloatArray) -> Path:
    return folder / "missing.wav"


def is_folder(folder: Path, _: FloatArray) -> Path:
    (folder / "album.wav").mkdir()
    return folder / "album.wav"


def empty(folder: Path, _: FloatArray) -> Path:
    (folder / "empty.wav").touch()
    return folder / "empty.wav"


def text_as_mp3(folder: Path, _: FloatArray) -> Path:
    (folder / "text.mp3").write_text("Dear diary,\n" * 200)
    return folder / "text.mp3"


def raw_samples(folder: Path, _: FloatArray) -> Path:
    (folder / "samples.raw").write_bytes(bytes(50_000))
    return folder / "samples.raw"


def header_only(folder: Path, _: FloatArray) -> Path:
    soundfile.write(folder / "header.wav", np.zeros(0, np.float32), SAMPLE_RATE_HZ)
    return folder / "header.wav"


def not_a_number(folder: Path, chord: FloatArray) -> Path:
    samples = chord.copy()
    samples[1000] = np.nan
    soundfile.write(folder / "nan.wav", samples, SAMPLE_RATE_HZ, subtype="FLOAT")
    return folder / "nan.wav"


def infinite(folder: Path, chord: FloatArray) -> Path:
    samples = chord.copy()
    samples[-1000] = np.inf
    soundfile.write(folder / "inf.wav", samples, SAMPLE_RATE_HZ, subtype="FLOAT")
    return folder / "inf.wav"


def a_blink(folder: Path, chord: FloatArray) -> Path:
    soundfile.write(folder / "blink.wav", chord[: SAMPLE_RATE_HZ // 20], SAMPLE_RATE_HZ)
    return folder / "blink.wav"


def silent_film(folder: Path, _: FloatArray) -> Path:
    import av

    path = folder / "film.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        for _frame in range(15):
            frame = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def a_pipe(folder: Path, _: FloatArray) -> Path:
    path = folder / "pipe.wav"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
    return path


def overlong_name(folder: Path, _: FloatArray) -> Path:
    return folder / ("x" * 300 + ".wav")


UNREADABLE: list[tuple[Make, str]] = [
    (missing, "no such file"),
    (is_folder, "is a folder, not an audio file; `midcli predict` takes folders"),
    (empty, "the file is empty"),
    (text_as_mp3, "not an audio file"),
    (raw_samples, "not an audio file"),
    (header_only, "no audio samples"),
    (not_a_number, "NaN, infinite or absurd samples"),
    (infinite, "NaN, infinite or absurd samples"),
    (a_blink, "only 0.05 s of audio"),
    (silent_film, "has no audio track"),
    (a_pipe, "is not a regular file"),
    (overlong_name, "cannot be opened"),
]


@pytest.mark.parametrize(("make", "problem"), UNREADABLE, ids=[make.__name__ for make, _ in UNREADABLE])
def test_unreadable_input(
    make: Make, problem: str, tmp_path: Path, chord: FloatArray, tiny_model: Path
) -> None:
    path = make(tmp_path, chord)
    result = invoke("explain", path, "--model", tiny_model)
    assert result.exit_code == 3
    assert result.stdout == ""
    [line] = result.stderr.splitlines()
    assert line.startswith(f"error: {path}: ")
    assert problem in line


def test_unreadable_permissions(song: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real_open = Path.open

    def refuse(path: Path, *arguments: object, **options: object) -> object:
        if path == song:
            raise PermissionError(13, "Permission denied", str(path))
        return real_open(path, *arguments, **options)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", refuse)
    result = invoke("explain", song, "--model", tiny_model)
    assert result.exit_code == 3
    assert result.stderr == f"error: {song}: cannot be opened: Permission denied\n"


def test_the_real_process_fails_with_one_line_a_file(
    tmp_path: Path, chord: FloatArray, tiny_model: Path
) -> None:
    paths = [make(tmp_path, chord) for make in (missing, text_as_mp3, silent_film)]
    done = process("explain", *paths, "--model", tiny_model)
    assert done.returncode == 5
    assert done.stdout == ""
    lines = done.stderr.splitlines()
    assert len(lines) == 3
    assert all(line.startswith(f"error: {path}: ") for line, path in zip(lines, paths, strict=True))


@pytest.mark.skipif(os.name != "posix", reason="removes the folder that a process is in")
@pytest.mark.parametrize(
    ("command", "options"),
    [
        ("explain", ["--save", "page.html"]),
        ("explain", ["--csv", "curves.csv"]),
        ("compare", ["--save", "page.html"]),
    ],
)
def test_a_working_folder_that_is_gone(
    command: str, options: list[str], tmp_path: Path, song: Path, tiny_model: Path
) -> None:
    songs = [song] if command == "explain" else [song, tmp_path / "missing.wav"]
    gone = tmp_path / "gone"
    gone.mkdir()
    arguments = [command, *map(str, songs), *options, "--model", str(tiny_model)]
    leave = f"import os; os.chdir({str(gone)!r}); os.rmdir({str(gone)!r}); "
    done = subprocess.run(
        [sys.executable, "-c", f"{leave}from midcli.cli.main import main; main()", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 4
    [error] = [line for line in done.stderr.splitlines() if not line.startswith("stopped: ")]
    assert error.startswith("error: ")
    assert "the working folder is gone" in error


def test_one_bad_file_does_not_stop_the_others(tmp_path: Path, song: Path, tiny_model: Path) -> None:
    gone = tmp_path / "gone.wav"
    result = invoke("explain", gone, song, gone, "--model", tiny_model)
    assert result.exit_code == 5
    assert "song.wav · 0:03" in result.stdout
    assert result.stderr == f"error: {gone}: no such file\n" * 2
    assert invoke("explain", gone, gone, "--model", tiny_model).exit_code == 5
    assert invoke("explain", song, song, "--model", tiny_model).exit_code == 0


def test_json_has_one_object_for_each_file_failed_ones_too(
    tmp_path: Path, song: Path, tiny_model: Path
) -> None:
    gone = tmp_path / "gone.wav"
    result = invoke("explain", "--json", gone, song, "--model", tiny_model)
    assert result.exit_code == 5
    failed, explained = map(json.loads, result.stdout.splitlines())
    assert failed == {
        "schema": "midcli.explain/1",
        "file": str(gone),
        "error": {"kind": "input", "message": "no such file"},
    }
    assert explained["file"] == str(song)


@pytest.mark.parametrize("name", ["cut.wav", "cut.flac", "cut.mp3"])
def test_truncated_audio_is_explained_with_a_warning(
    name: str, tmp_path: Path, chord: FloatArray, tiny_model: Path
) -> None:
    soundfile.write(tmp_path / name, np.tile(chord, 2), SAMPLE_RATE_HZ)
    content = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(content[: len(content) // 2])
    result = invoke("explain", tmp_path / name, "--model", tiny_model)
    assert result.exit_code == 0
    assert "Warning: truncated or broken: analysed the first " in result.stdout
    result = invoke("explain", "--json", tmp_path / name, "--model", tiny_model)
    assert json.loads(result.stdout)["warnings"][0].startswith("truncated or broken")


def test_silence_is_flagged(tmp_path: Path, tiny_model: Path) -> None:
    soundfile.write(tmp_path / "silence.wav", np.zeros(3 * SAMPLE_RATE_HZ), SAMPLE_RATE_HZ)
    result = invoke("explain", "--json", tmp_path / "silence.wav", "--model", tiny_model)
    assert result.exit_code == 0
    described = json.loads(result.stdout)
    assert described["novelty"]["flagged"] is True
    assert any("silence" in warning for warning in described["warnings"])
    shown = invoke("explain", tmp_path / "silence.wav", "--model", tiny_model).stdout
    assert "Warning: silence" in shown
    assert "guess" in shown
    assert "It sounds" not in shown


@pytest.mark.parametrize(
    ("subtype", "rate_hz", "channels"),
    [
        ("PCM_U8", 44_100, 1),
        ("PCM_24", 44_100, 2),
        ("DOUBLE", 44_100, 1),
        ("FLOAT", 96_000, 1),
        ("PCM_16", 8000, 2),
        ("PCM_16", 48_000, 6),
    ],
)
def test_odd_but_valid_audio(
    subtype: str, rate_hz: int, channels: int, tmp_path: Path, tiny_model: Path
) -> None:
    time_s = np.arange(2 * rate_hz) / rate_hz
    samples = np.repeat(0.4 * np.sin(2 * np.pi * 330 * time_s)[:, np.newaxis], channels, axis=1)
    soundfile.write(tmp_path / "a.wav", samples, rate_hz, subtype=subtype)
    result = invoke("explain", "--json", tmp_path / "a.wav", "--model", tiny_model)
    assert result.exit_code == 0
    described = json.loads(result.stdout)
    of_sines = ("no sound above", "its peaks are pressed")  # which have neither overtones nor peaks
    assert [warning for warning in described["warnings"] if not warning.startswith(of_sines)] == []
    assert described["duration_s"] == pytest.approx(2, abs=0.01)


NAMES = [
    "two words.wav",
    "Été à Łódź.wav",
    "🎻🎵.wav",
    "日本の歌.wav",
    "line\nbreak.wav",
    "[bold]x.wav",
    "[red.wav",
    "\x1b[31mred\x1b]0;title\x07.wav",
    "\x9b31m.wav",
    "back\u202ewards.wav",
    "line\u2028separator.wav",
]


@pytest.mark.parametrize("name", NAMES)
def test_any_name_is_shown_harmlessly(name: str, tmp_path: Path, song: Path, tiny_model: Path) -> None:
    path = tmp_path / name
    path.write_bytes(song.read_bytes())
    shown = invoke("explain", path, "--model", tiny_model)
    described = invoke("explain", "--json", path, "--model", tiny_model)
    path.unlink()
    failed = invoke("explain", path, "--model", tiny_model)
    assert (shown.exit_code, described.exit_code, failed.exit_code) == (0, 0, 3)
    for text in (shown.stdout, described.stdout, failed.stderr):
        assert not set(text) & {*map(chr, range(10)), *map(chr, range(11, 32)), "\x7f", "\x9b", "\u2028"}
    assert len(described.stdout.splitlines()) == 1
    assert json.loads(described.stdout)["file"] == str(path)
    assert len(failed.stderr.splitlines()) == 1
    if name.startswith("["):
        assert name in shown.stdout
        assert name in failed.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere names are Unicode")
def test_a_name_that_is_not_unicode(tmp_path: Path, song: Path, tiny_model: Path) -> None:
    path = os.fsdecode(bytes(tmp_path) + b"/\xff\xfe.wav")
    Path(path).write_bytes(song.read_bytes())
    done = process("explain", path, tmp_path / "gone.wav", "--model", tiny_model)
    assert done.returncode == 5
    assert "��.wav · 0:03" in done.stdout
    done = process("explain", "--json", path, "--model", tiny_model)
    assert json.loads(done.stdout)["file"] == f"{tmp_path}/��.wav"


def broken_model(folder: Path) -> Path:
    path = folder / "broken.onnx"
    path.write_bytes(write_model(path).read_bytes()[:500])
    return path


def text_model(folder: Path) -> Path:
    (folder / "text.onnx").write_text("not a model")
    return folder / "text.onnx"


def foreign_model(folder: Path) -> Path:
    import onnx
    from onnx import TensorProto, helper

    value = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1]) for name in ("x", "y")]
    graph = helper.make_graph([helper.make_node("Identity", ["x"], ["y"])], "g", value[:1], value[1:])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=10)
    onnx.save(model, folder / "foreign.onnx")
    return folder / "foreign.onnx"


def other_frontend(folder: Path) -> Path:
    from midcli.audio.spectrogram import FRONTEND

    frontend = {**FRONTEND, "mean": 0.1, "deviation": 0.2, "sample_rate_hz": 16_000}
    return write_model(folder / "other.onnx", frontend=frontend)


def no_model(folder: Path) -> Path:
    return folder / "none.onnx"


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (broken_model, "not a usable ONNX model"),
        (text_model, "not a usable ONNX model"),
        (foreign_model, "not made by midcli"),
        (other_frontend, "another front end (differs in: sample_rate_hz)"),
        (no_model, "no such file"),
    ],
)
def test_a_model_that_does_not_fit(
    make: Callable[[Path], Path], problem: str, tmp_path: Path, song: Path
) -> None:
    model = make(tmp_path)
    result = invoke("explain", song, "--model", model)
    assert result.exit_code == 4
    assert result.stdout == ""
    [line] = result.stderr.splitlines()
    assert line.startswith(f"error: {model}: ")
    assert problem in line


@pytest.mark.parametrize(
    "arguments",
    [
        ["explain"],
        ["explain", "song.wav", "--emotion", "bored"],
        ["explain", "song.wav", "--all", "--emotion", "sad"],
        ["explain", "song.wav", "--no-such-option"],
        ["no-such-command"],
    ],
)
def test_wrong_usage(arguments: list[str]) -> None:
    result = invoke(*arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "Traceback" not in result.stderr


def test_an_unknown_emotion_is_answered_with_the_known_ones() -> None:
    result = invoke("explain", "song.wav", "--emotion", "bored")
    assert result.stderr == (
        "error: --emotion bored: no such name; choose from "
        "valence, energy, tension, anger, fear, happy, sad, tender\n"
    )


def test_a_reader_that_leaves_early_is_no_failure(song: Path, tiny_model: Path) -> None:
    command = [sys.executable, "-c", "from midcli.cli.main import main; main()", "explain"]
    command += [*[str(song)] * 5, "--all", "--model", str(tiny_model)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        assert running.stdout
        assert running.stderr
        running.stdout.readline()
        running.stdout.close()
        assert running.stderr.read() == ""
        assert running.wait(30) == 0


def test_a_reader_that_leaves_before_the_table_is_no_failure(song: Path, tiny_model: Path) -> None:
    command = [sys.executable, "-c", "from midcli.cli.main import main; main()", "predict", "--jobs", "1"]
    command += [str(song), str(song.parent), "--model", str(tiny_model)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as running:
        assert running.stdout
        running.stdout.close()
        assert running.wait(30) == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["explain", "--help"]], ids=" ".join)
def test_help_that_cannot_be_printed(arguments: list[str]) -> None:
    command = [sys.executable, "-c", "from midcli.cli.main import main; main()", *arguments]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr.count("\n")) == (4, 1)
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        assert running.stdout
        assert running.stderr
        running.stdout.close()
        assert running.stderr.read() == ""
        assert running.wait(30) == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("options", [[], ["--json"]])
def test_a_full_disk_is_an_expected_failure(song: Path, tiny_model: Path, options: list[str]) -> None:
    command = [sys.executable, "-c", "from midcli.cli.main import main; main()", "explain", *options]
    command += [str(song), "--model", str(tiny_model)]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 4
    assert done.stderr == "error: stdout: cannot be written: No space left on device\n"


def test_a_terminal_without_unicode_gets_look_alikes(song: Path, tiny_model: Path) -> None:
    done = process("explain", song, "--model", tiny_model, PYTHONIOENCODING="ascii")
    assert done.returncode == 0
    assert done.stdout.isascii()
    assert done.stderr == ""
    assert "=====" in done.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ["explain", "{song}", "--json", "--model", "{model}"],
        ["predict", "{song}", "--json", "--model", "{model}"],
        ["predict", "{song}", "--format", "csv", "--model", "{model}"],
        ["compare", "{song}", "{song}", "--json", "--model", "{model}"],
        ["whatif", "{song}", "--set", "dissonance=2", "--json", "--model", "{model}"],
        ["model", "--song", "{song}", "--json", "--model", "{model}"],
        ["config", "--json"],
        ["evaluate", "--markdown"],
    ],
    ids=lambda arguments: arguments[0],
)
def test_what_programs_read_is_utf_8_in_any_locale(arguments: list[str], tmp_path: Path, song: Path) -> None:
    named = tmp_path / "Łódź →.wav"
    named.write_bytes(song.read_bytes())
    config = tmp_path / "Łódź →.toml"
    config.touch()
    command = [argument.format(song=named, model="film") for argument in arguments]
    done = subprocess.run(
        [sys.executable, "-m", "midcli", *command],
        env=os.environ | {"PYTHONIOENCODING": "latin-1", "MIDCLI_CONFIG": str(config), "MIDCLI_DATA": ""},
        cwd=tmp_path,
        capture_output=True,
        check=True,
    )
    assert ("\u2212" if command[0] == "evaluate" else "Łódź →") in done.stdout.decode("utf-8")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["explain", "{name}.wav"], 3),
        (["predict", "{name}.wav"], 3),
        (["predict", "{name}*.wav"], 3),
        (["predict", "{song}", "--output", "{name}.jsonl"], 4),
        (["explain", "{song}", "--csv", "{name}.csv"], 4),
        (["explain", "{song}", "--model", "{name}"], 4),
        (["data", "check", "{name}"], 4),
    ],
)
def test_a_name_that_is_too_long_is_an_expected_failure(arguments: list[str], code: int, song: Path) -> None:
    result = invoke(*(argument.format(name="x" * 5000, song=song) for argument in arguments))
    assert result.exit_code == code, result.stderr
    assert result.stderr.splitlines()[-1].startswith(("error: ", "failed: "))
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["predict", "{song}", "--model", "{model}", "--output", "{closed}/out.jsonl"],
        ["predict", "{song}", "--model", "{model}", "--output", "{closed}/out.csv"],
        ["predict", "{song}", "--model", "{model}", "--json", "--output", "{closed}/out"],
        ["explain", "{song}", "--model", "{model}", "--csv", "{closed}/out.csv"],
        ["explain", "{song}", "--model", "{model}", "--save", "{closed}/out.html"],
        ["train", "--out", "{closed}/model.onnx"],
        ["data", "check", "{closed}"],
        ["data", "check", "{closed}/corpora"],
    ],
)
def test_a_place_one_may_not_look_into(
    arguments: list[str], tmp_path: Path, song: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = tmp_path / "closed"
    closed.mkdir()

    def inside(path: object) -> bool:
        return str(path).startswith(f"{closed}{os.sep}")

    def refusing(function: Callable[..., object]) -> Callable[..., object]:
        def refuse(path: object, *arguments: object, **options: object) -> object:
            if inside(path):
                raise PermissionError(13, "Permission denied", str(path))
            return function(path, *arguments, **options)

        return refuse

    for name in ("os.stat", "os.open", "builtins.open"):  # root may look everywhere
        module, _, function = name.rpartition(".")
        monkeypatch.setattr(name, refusing(getattr(sys.modules[module], function)))
    monkeypatch.setattr("os.access", lambda path, _: path != closed)
    result = invoke(*(argument.format(song=song, model=tiny_model, closed=closed) for argument in arguments))
    assert result.exit_code == 4, result.exception
    assert str(closed) in result.stderr
    assert result.stderr.count("error: ") == 1


@pytest.mark.parametrize(
    ("command", "option"),
    [
        (["explain", "song.wav"], "--max-hours"),
        (["predict", "song.wav"], "--time-limit"),
        (["data", "fetch", "soundtracks"], "--max-gb"),
    ],
)
def test_limits_that_are_no_number_are_refused(command: list[str], option: str) -> None:
    result = CliRunner().invoke(app, [*command, option, "nan"])
    assert result.exit_code == 2
    assert result.stderr == f"error: {option} nan: is no number\n"


def with_closed(descriptor: int, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """As `>&-` does."""
    program = [sys.executable, "-m", "midcli", *arguments]
    return subprocess.run(
        program, capture_output=True, text=True, preexec_fn=lambda: os.close(descriptor), check=False
    )


@pytest.mark.skipif(sys.platform == "win32", reason="closes streams as a shell does")
@pytest.mark.parametrize(
    "arguments", [["explain", "SONG"], ["predict", "--json", "SONG"], ["--help"], ["--version"], ["config"]]
)
def test_results_for_a_closed_stdout_are_a_failure(song: Path, arguments: list[str]) -> None:
    done = with_closed(1, *(str(song) if each == "SONG" else each for each in arguments))
    assert done.returncode == 4
    assert done.stderr.splitlines()[-1] == "error: stdout: cannot be written: it is closed"


@pytest.mark.skipif(sys.platform == "win32", reason="closes streams as a shell does")
def test_a_closed_stdout_does_not_matter_where_nothing_is_for_it(song: Path, tmp_path: Path) -> None:
    done = with_closed(1, "predict", str(song), "--output", str(tmp_path / "out.jsonl"))
    assert done.returncode == 0
    assert (tmp_path / "out.jsonl").read_bytes().count(b"\n") == 1


@pytest.mark.skipif(sys.platform == "win32", reason="closes streams as a shell does")
def test_a_closed_stderr_takes_nothing_and_is_no_failure(song: Path) -> None:
    done = with_closed(2, "explain", str(song))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout


@pytest.mark.skipif(sys.platform != "linux", reason="limits memory")
@pytest.mark.parametrize("limit_kb", [25_000, 230_000, 400_000])
def test_too_little_memory_is_one_line(song: Path, limit_kb: int) -> None:
    import resource

    done = subprocess.run(
        [sys.executable, "-m", "midcli", "explain", str(song)],
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit_kb << 10, limit_kb << 10)),
        check=False,
    )
    assert done.returncode == 4
    assert re.fullmatch(
        r"error: the address space of this program is limited to \d+ MB; midcli needs \d+ MB \(.*\)\n",
        done.stderr,
    )


def test_no_command_refuses_all_its_files_for_one_that_it_may_not_read() -> None:
    commands = [get_command(app)]
    types = []
    while commands:
        command = commands.pop()
        commands += getattr(command, "commands", {}).values()
        types += [parameter.type for parameter in command.params if hasattr(parameter.type, "readable")]
    assert len(types) > 20
    assert not any(kind.readable for kind in types)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("verbosity", [(), ("-v",)])
@pytest.mark.parametrize("full", [True, False])
def test_a_stderr_that_takes_nothing_changes_neither_work_nor_exit_code(
    tmp_path: Path, song: Path, tiny_model: Path, verbosity: tuple[str, ...], full: bool
) -> None:
    read_end, write_end = os.pipe()
    os.close(read_end)
    target = os.open("/dev/full", os.O_WRONLY) if full else write_end
    command = [
        *verbosity,
        "explain",
        "--json",
        "--model",
        str(tiny_model),
        str(song),
        str(tmp_path / "no.wav"),
    ]
    done = subprocess.run(
        [sys.executable, "-m", "midcli", *command],
        stdout=subprocess.PIPE,
        stderr=target,
        timeout=60,
        check=False,
    )
    assert done.returncode == 5
    assert len(done.stdout.splitlines()) == 2
    os.close(write_end)
