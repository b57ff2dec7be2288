import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from midcli.errors import ClusterError, ExtraError, ModelError
from midcli.explanation.records import Failure, Prediction
from midcli.library.batch import model_sha256
from midcli.library.cluster import run_cluster
from midcli.library.tasks import Outcome, Task

distributed = pytest.importorskip("distributed")

FILES = 12
RATE_HZ = 22_050


def wait_until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


class Cluster:
    """A scheduler and two workers, each a process of its own."""

    def __init__(self, folder: Path) -> None:
        scheduler_file = folder / "scheduler.json"
        self.processes = [
            self._start("scheduler", "--port", "0", "--scheduler-file", str(scheduler_file)),
        ]
        wait_until(lambda: scheduler_file.exists() and scheduler_file.stat().st_size)
        self.address: str = json.loads(scheduler_file.read_text())["address"]
        self.workers = [
            self._start(
                "worker", self.address, "--nthreads", "1", "--no-nanny", "--local-directory", str(folder)
            )
            for _ in range(2)
        ]
        self.processes += self.workers
        with distributed.Client(self.address, set_as_default=False) as client:
            client.wait_for_workers(2, timeout=60)

    def _start(self, *arguments: str) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            [sys.executable, "-m", "dask", *arguments, "--no-dashboard"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            # the workers find midcli, but neither this folder nor anything relative to it
            cwd="/",
        )

    def stop(self) -> None:
        for process in reversed(self.processes):
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    cluster = Cluster(tmp_path_factory.mktemp("cluster"))
    yield cluster
    cluster.stop()


@pytest.fixture
def library(tmp_path: Path, tiny_model: Path, chord: np.ndarray[Any, Any]) -> Path:
    (tmp_path / "tiny.onnx").symlink_to(tiny_model)
    (tmp_path / "music").mkdir()
    long = np.tile(chord, 10)
    for number in range(FILES):
        soundfile.write(tmp_path / "music" / f"{number:02}.wav", long[: 40 * RATE_HZ + number], RATE_HZ)
    (tmp_path / "music" / "broken.flac").write_text("no music")
    return tmp_path


def predict(folder: Path, address: str) -> "subprocess.Popen[bytes]":
    arguments = ["predict", "music", "--output", "out.jsonl", "--model", "tiny.onnx", "--cluster", address]
    return subprocess.Popen(
        [sys.executable, "-c", "from midcli.cli.main import main; main()", *arguments],
        cwd=folder,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def finish(process: "subprocess.Popen[bytes]") -> tuple[int, str]:
    stderr = process.communicate(timeout=100)[1].decode()
    assert "Traceback" not in stderr
    return process.returncode, stderr


def rows_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def run(cluster: Cluster, model: Path, sha256: str, *files: Path) -> list[Outcome]:
    return list(run_cluster(cluster.address, str(model), sha256, [Task(str(file)) for file in files]))


def test_the_same_rows_as_here(cluster: Cluster, tiny_model: Path, song: Path, tmp_path: Path) -> None:
    from midcli.analyser import Analyser
    from midcli.library.tasks import analyse_task

    sha256 = model_sha256(str(tiny_model))
    outcomes = {
        outcome.file: outcome for outcome in run(cluster, tiny_model, sha256, song, tmp_path / "x.mp3")
    }
    here = analyse_task(Analyser(tiny_model, threads=1), Task(str(song)))
    there = outcomes[str(song)].record
    assert isinstance(here.record, Prediction)
    assert isinstance(there, Prediction)
    for name, emotion in here.record.emotions.items():
        assert there.emotions[name].to_dict() == pytest.approx(emotion.to_dict(), abs=1e-5)
    assert outcomes[str(song)].source == here.source
    failed = outcomes[str(tmp_path / "x.mp3")].record
    assert isinstance(failed, Failure)
    assert failed.kind == "input"


def test_workers_with_another_model_are_refused(cluster: Cluster, tiny_model: Path, song: Path) -> None:
    with pytest.raises(ModelError, match="not the model that this run began with"):
        run(cluster, tiny_model, "0" * 64, song)


def test_no_scheduler_or_no_dask(tiny_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("midcli.library.cluster.CONNECT_TIMEOUT_S", 0.5)
    for address in ("tcp://127.0.0.1:1", "nonsense://x"):
        with pytest.raises(ClusterError, match="no Dask scheduler answers"):
            list(run_cluster(address, str(tiny_model), "", []))
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ExtraError, match="extra cluster"):
        list(run_cluster("tcp://127.0.0.1:1", str(tiny_model), "", []))


def test_interrupt_resume_and_a_killed_worker(cluster: Cluster, library: Path) -> None:
    output = library / "out.jsonl"

    def lines() -> int:
        return output.read_bytes().count(b"\n") if output.exists() else 0

    command = predict(library, cluster.address)
    wait_until(lambda: lines() >= 2)
    began = time.monotonic()
    os.killpg(command.pid, signal.SIGINT)
    code, stderr = finish(command)
    assert time.monotonic() - began < 2
    assert code == 130
    done = len(rows_of(output))
    assert 2 <= done < FILES
    assert f"stopped: {done} of {FILES + 1} files are done and in out.jsonl" in stderr

    command = predict(library, cluster.address)
    wait_until(lambda: lines() > done)
    cluster.workers[0].kill()
    code, stderr = finish(command)
    assert code == 5
    rows = rows_of(output)
    assert len({row["file"] for row in rows}) == len(rows) == FILES + 1
    assert [Path(row["file"]).name for row in rows if "error" in row] == ["broken.flac"]
    assert "1 failed" in stderr

    code, stderr = finish(predict(library, cluster.address))
    assert f"{FILES} unchanged, 1 failed" in stderr
    assert len(rows_of(output)) == FILES + 1
