"""Measure what the notes of the bundled model say, and write it into them.

    MIDCLI_DATA=~/corpora python -m tools.checks [--sounds FOLDER]

FOLDER has a subfolder for each kind of sound, of music or not; the notes say what share of each is flagged.
"""

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from midcli.analyser import Analyser
from midcli.audio.spectrogram import BANDS, FRAMES_PER_SECOND, FRONTEND
from midcli.corpora.published import load_soundtracks
from midcli.errors import InputError
from midcli.library.finding import find_files
from midcli.model.bundled import find_model, models_folder
from midcli.model.file import Model
from midcli.study.results import find_results
from midcli.util.files import replacing
from tools.checks.invariance import invariance
from tools.checks.runs import agreement, scores, smuggling
from tools.publish_notes import NOTES, targets

PROTOCOLS = ("random", "album", "fixed36")  # whose corpus is that of film music
THREADS = 2
MUSIC_S = 600
_DECIMALS = 4


def main(sounds: Path | None) -> None:
    corpus = load_soundtracks(Path(os.environ["MIDCLI_DATA"]))
    runs = [run for run in find_results(models_folder() / "results") if run.protocol in PROTOCOLS]
    notes = json.loads(NOTES.read_text("utf-8"))
    notes["measured"] |= {
        "scores": scores(runs, corpus),
        "agreement": agreement(runs),
        "smuggling": smuggling(runs, corpus),
        "invariance": invariance(corpus),
        "speed": speed(),
    }
    if sounds:
        notes["measured"]["flagged"] = flagged(sounds)
    notes["targets"] = {
        name: f"wanted {wanted}, measured {value}: {verdict}"
        for name, wanted, value, verdict in targets(notes["measured"])
    }
    with replacing(NOTES) as file:
        file.write((json.dumps(_rounded(notes), indent=1, ensure_ascii=False) + "\n").encode())


def speed() -> dict[str, Any]:
    """Seconds of music a second through the network alone: the median of five runs."""
    model = Model(find_model("film"), FRONTEND, THREADS)
    frames = np.random.default_rng(0).random((round(MUSIC_S * FRAMES_PER_SECOND), BANDS)).astype(np.float32)
    seconds = []
    for _ in range(5):
        started = time.perf_counter()
        model.evidence(frames)
        seconds.append(time.perf_counter() - started)
    return {
        "protocol": f"{MUSIC_S} s of spectrogram through onnxruntime, {THREADS} threads, median of 5 runs",
        "times_real_time": round(MUSIC_S / float(np.median(seconds))),
    }


def flagged(folder: Path) -> dict[str, Any]:
    """Share of each subfolder's files that are flagged, of those that can be read."""
    analyser = Analyser("film")
    shares = {}
    for kind in sorted(path for path in folder.iterdir() if path.is_dir()):
        files, _ = find_files([str(kind)])
        flags = [novelty.flagged for file in files if (novelty := _novelty(analyser, file.path))]
        shares[kind.name] = {"files": len(flags), "flagged": np.mean(flags)}
    return shares


def _novelty(analyser: Analyser, file: Any) -> Any:
    try:
        return analyser.analyse(file).novelty
    except InputError:
        return None


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _rounded(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_rounded(inner) for inner in value]
    return round(float(value), _DECIMALS) if isinstance(value, float | np.floating) else value


if __name__ == "__main__":
    main(Path(sys.argv[sys.argv.index("--sounds") + 1]) if "--sounds" in sys.argv else None)
