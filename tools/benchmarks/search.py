"""How fast `midcli find` answers over a large library, and how much memory it takes.

    python tools/benchmarks/search.py [--rows 100000] [--runs 5]

Rows are made up: qualities normally distributed around those of the bundled model's reference, 0.3 points
away. The first call reads all rows and leaves an index beside them; the limits, 1 s and 500 MB, are for the
calls after it. Whole processes are measured, start and end included.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np

LIMIT_S, LIMIT_MB = 1.0, 500
QUERIES = (
    ["tense, not dissonant", "--top", "20", "--why", "--json"],
    ["--like", "{file}", "--but", "sadder", "--json"],
    ["tense", "--vary", "--minutes", "60", "--json"],
    ["--from", "calm", "--to", "energetic", "--json"],
)


def write_rows(path: Path, rows: int) -> str:
    """Write a library of that many rows; returns the name of its first file."""
    from midcli.audio.spectrogram import FRONTEND
    from midcli.explanation.records import ModelInfo, Prediction, Source, Value
    from midcli.labels import QUALITY_NAMES
    from midcli.model.bundled import find_model
    from midcli.model.file import Model
    from midcli.model.novelty import Novelty
    from midcli.util.text import json_line

    model = Model(find_model(None), FRONTEND, threads=1)
    rng = np.random.default_rng(0)
    reference = model.reference.midlevel
    midlevel = reference[rng.integers(0, len(reference), rows)] + rng.normal(
        0, 0.3, (rows, len(QUALITY_NAMES))
    )
    emotions = model.head.emotions(midlevel)
    info = ModelInfo(model.name, model.version, model.sha256)

    def values(names: tuple[str, ...], points: list[float]) -> dict[str, Value]:
        return {
            name: Value(point, 5.0, 50.0, point - 1, point + 1)
            for name, point in zip(names, points, strict=True)
        }

    with path.open("w", encoding="utf-8") as file:
        for number in range(rows):
            name = f"Music/artist {number % 997}/album {number % 4001}/{number:06} title.mp3"
            record = Prediction(
                name,
                float(rng.integers(120, 360)),
                info,
                model.reference.name,
                values(QUALITY_NAMES, midlevel[number].tolist()),
                values(model.head.names, emotions[number].tolist()),
                (),
                Novelty(0.01, False, "clicks"),
                Source(f"{number:064x}", number, number),
            )
            file.write(json_line(record.to_dict()) + "\n")
    return "Music/artist 0/album 0/000000 title.mp3"


def timed(arguments: list[str]) -> float:
    """Seconds of a whole process that must succeed."""
    started = time.perf_counter()
    done = subprocess.run([sys.executable, "-m", "midcli", *arguments], capture_output=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr.decode())
    return time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=5)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        library = Path(folder) / "library.jsonl"
        first = write_rows(library, arguments.rows)
        print(f"{arguments.rows} rows, {library.stat().st_size / 1e6:.0f} MB, load {os.getloadavg()[0]:.1f}")
        print(f"first call, which makes the index: {timed(['find', str(library), 'tense', '--json']):.2f} s")
        results = []
        for query in QUERIES:
            said = [text.format(file=first) for text in query]
            used = resource.getrusage(resource.RUSAGE_CHILDREN)
            seconds = [timed(["find", str(library), *said]) for _ in range(arguments.runs)]
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            cpu = (after.ru_utime + after.ru_stime - used.ru_utime - used.ru_stime) / arguments.runs
            results.append({"query": " ".join(query), "median_s": median(seconds), "cpu_s": cpu})
            print(f"{median(seconds):.2f} s, {cpu:.2f} s of processors: find {' '.join(query)}")
        peak_mb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1000
        print(f"peak memory of all: {peak_mb:.0f} MB (limit {LIMIT_MB})")
        print(json.dumps({"rows": arguments.rows, "peak_mb": peak_mb, "queries": results}))
        if peak_mb > LIMIT_MB or max(one["median_s"] for one in results) > LIMIT_S:
            raise SystemExit("beyond the limits")


if __name__ == "__main__":
    main()
