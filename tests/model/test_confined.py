"""Networks of strangers in a process of their own."""

import gc
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import helper

from midcli.audio.spectrogram import BANDS, FRONTEND
from midcli.errors import ModelError
from midcli.model import confined
from midcli.model.confined import Confined
from midcli.model.engine import Engine
from midcli.model.file import Model, bundled_models
from midcli.model.network import NetworkError
from tests.model_files import write_model
from tests.running import is_running

pytestmark = pytest.mark.confined

FOREVER = 300


@pytest.fixture
def content(tiny_model: Path) -> bytes:
    return tiny_model.read_bytes()


def spectrogram(frames: int, seed: int = 0) -> Any:
    return np.random.default_rng(seed).uniform(-1, 1, (frames, BANDS)).astype(np.float32)


def slow_when_long(path: Path) -> Path:
    """A model whose work grows with the cube of the music: nothing for a second, endless for minutes."""
    model = onnx.load(write_model(path))
    similar = [
        helper.make_node("Transpose", ["spectrogram"], ["turned"], perm=[0, 2, 1]),
        helper.make_node("MatMul", ["spectrogram", "turned"], ["s0"]),
        *(helper.make_node("MatMul", [f"s{k}", f"s{k}"], [f"s{k + 1}"]) for k in range(FOREVER)),
    ]
    nodes = list(model.graph.node)
    del model.graph.node[:]
    model.graph.node.extend([*similar, *nodes])
    onnx.save(model, path)
    return path


@pytest.mark.parametrize("frames", [32, 33, 500])
def test_outputs_are_those_of_this_process(content: bytes, frames: int) -> None:
    apart, here = Confined(content, 1), Engine(content, 1)
    assert apart.signature == here.signature
    for theirs, ours in zip(apart.run(spectrogram(frames)), here.run(spectrogram(frames)), strict=True):
        assert np.array_equal(theirs, ours)


def test_the_bundled_model_gives_the_same_in_a_process_of_its_own() -> None:
    content = bundled_models()["film"].read_bytes()
    part = spectrogram(300)
    for theirs, ours in zip(Confined(content, 1).run(part), Engine(content, 1).run(part), strict=True):
        assert np.array_equal(theirs, ours)


def test_bundled_models_and_their_copies_run_here(tmp_path: Path, tiny_model: Path) -> None:
    film = bundled_models()["film"]
    copy = tmp_path / "copy.onnx"
    copy.write_bytes(film.read_bytes())
    assert isinstance(Model(film, FRONTEND).network, Engine)
    assert isinstance(Model(copy, FRONTEND).network, Engine)
    assert isinstance(Model(tiny_model, FRONTEND).network, Confined)


def test_several_threads_share_a_model(content: bytes) -> None:
    apart, here = Confined(content, 1), Engine(content, 1)
    parts = [spectrogram(40 + number, number) for number in range(12)]
    with ThreadPoolExecutor(4) as pool:
        for part, outputs in zip(parts, pool.map(apart.run, parts), strict=True):
            assert np.array_equal(outputs[0], here.run(part)[0])


def test_a_process_outlives_the_thread_that_started_it(content: bytes) -> None:
    made: list[Confined] = []
    thread = threading.Thread(target=lambda: made.append(Confined(content, 1)))
    thread.start()
    thread.join()
    process = made[0].process
    made[0].run(spectrogram(32))
    assert made[0].process is process


def test_a_process_that_was_killed_is_replaced(content: bytes) -> None:
    apart = Confined(content, 1)
    expected = apart.run(spectrogram(32))[0]
    apart.process.kill()
    with pytest.raises(NetworkError, match="memory, or it breaks onnxruntime"):
        apart.run(spectrogram(32))
    assert np.array_equal(apart.run(spectrogram(32))[0], expected)


def test_it_ends_with_its_model(content: bytes) -> None:
    apart = Confined(content, 1)
    process = apart.process
    del apart
    gc.collect()
    assert process.wait(2) == -signal.SIGKILL


def test_time_grows_with_the_music(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = Model(slow_when_long(tmp_path / "slow.onnx"), FRONTEND, threads=1)
    monkeypatch.setattr(confined, "allowed_s", lambda music_s: 1 + music_s / 100)
    model.evidence(spectrogram(64))
    began = time.monotonic()
    with pytest.raises(ModelError, match=r"slow\.onnx: its network takes longer than 2\.\d+ s for 131 s"):
        model.evidence(spectrogram(4096))
    assert time.monotonic() - began < 10
    assert model.evidence(spectrogram(64)).size  # others are analysed all the same


@pytest.mark.skipif(sys.platform == "win32", reason="signals are of another kind")
def test_an_interrupt_leaves_no_answer_behind(tmp_path: Path) -> None:
    model = Model(slow_when_long(tmp_path / "slow.onnx"), FRONTEND, threads=1)
    expected = model.evidence(spectrogram(64))
    timer = threading.Timer(0.5, lambda: os.kill(os.getpid(), signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        model.evidence(spectrogram(4096))
    assert np.array_equal(model.evidence(spectrogram(64)), expected)


@pytest.mark.skipif(sys.platform != "linux", reason="only there memory can be limited")
def test_memory_beyond_the_arena_is_limited_too() -> None:
    code = (
        "import numpy as np\nfrom midcli.model.child import limit_resources\nlimit_resources(1)\n"
        "np.empty(1 << 27)\ntry:\n    np.empty(1 << 29)\nexcept MemoryError:\n    print('refused')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "refused\n"


@pytest.mark.skipif(sys.platform == "win32", reason="processes are found in another way")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL, signal.SIGHUP])
def test_it_ends_with_its_parent_in_the_middle_of_work(tmp_path: Path, number: int) -> None:
    path = slow_when_long(tmp_path / "slow.onnx")
    code = (
        "import sys, numpy as np\nfrom pathlib import Path\nfrom midcli.model.file import Model\n"
        "from midcli.audio.spectrogram import FRONTEND\n"
        "model = Model(Path(sys.argv[1]), FRONTEND, threads=1)\n"
        "print(model.network.process.pid, flush=True)\nmodel.evidence(np.ones((4096, 149), np.float32))"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE) as parent:
        assert parent.stdout
        child = int(parent.stdout.readline())
        time.sleep(0.5)
        parent.send_signal(number)
        parent.wait()
    began = time.monotonic()
    while is_running(child) and time.monotonic() - began < 5:
        time.sleep(0.02)
    assert time.monotonic() - began < 2


NONSENSE = (b"{}\n", b"[]\n", b'{"sizes": [1e999]}\n', b'{"sizes": [-1]}\n', b"\xff\n", b"[" * 9000 + b"\n")


@pytest.mark.parametrize("answer", NONSENSE)
def test_what_is_no_answer_is_an_error(content: bytes, answer: bytes, tmp_path: Path) -> None:
    apart = Confined(content, 1)
    (tmp_path / "answer").write_bytes(answer)
    nonsense = pytest.raises(NetworkError, match="answers nonsense")
    with (tmp_path / "answer").open("rb") as apart.process.stdout, nonsense:
        apart.run(spectrogram(32))
    assert apart.run(spectrogram(32))
