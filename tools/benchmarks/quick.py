"""How well `predict --quick` agrees with the whole piece, and how much faster it is, on songs of your own.

    python tools/benchmarks/quick.py FOLDER... [--model music] [--shortest 180] [--output values.jsonl]

Takes all songs of three minutes and more (and of a quarter of an hour at most) in the folders. Values of both
ways are correlated over the songs, output by output. Time is that of the processor, one thread, warm, for all
that a row of `predict` takes; the whole and the quick way follow each other song by song.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

LONGEST_S = 900


def measure(analyser: Any, path: Path) -> dict[str, Any]:
    """All values of a song, how much was heard, and the processor time that a row of it takes."""
    from midcli.library.tasks import read_source

    started = time.process_time()
    read_source(str(path))
    analysis = analyser.analyse(path)
    values = {name: one.value for name, one in (*analysis.emotions.items(), *analysis.midlevel.items())}
    return {
        "seconds": time.process_time() - started,
        "heard_s": analysis.heard_s,
        "duration_s": analysis.duration_s,
        "flagged": bool(analysis.novelty and analysis.novelty.flagged),
        "values": values,
    }


def report(rows: Sequence[dict[str, Any]]) -> None:
    """Agreement of every output, and speed by format."""
    sought = [row for row in rows if row["quick"]["heard_s"] is not None]
    print(f"{len(rows)} songs, {len(rows) - len(sought)} of them read whole by both")
    if not sought:
        return
    for name in sought[0]["whole"]["values"]:
        a, b = (np.array([row[way]["values"][name] for row in sought]) for way in ("whole", "quick"))
        away = b - a
        print(
            f"  {name:22} r {np.corrcoef(a, b)[0, 1]:.4f}  spread {a.std():.2f}  bias {away.mean():+.3f}"
            f"  typical difference {np.sqrt(np.mean(away**2)):.3f}  largest {np.abs(away).max():.2f}"
        )
    for suffix in sorted({Path(row["file"]).suffix for row in rows}):
        ratios = [
            row["whole"]["seconds"] / row["quick"]["seconds"] for row in rows if row["file"].endswith(suffix)
        ]
        print(
            f"  {suffix}: {len(ratios)} songs, {np.median(ratios):.2f} times as fast, least {min(ratios):.2f}"
        )
    changed = sum(row["whole"]["flagged"] != row["quick"]["flagged"] for row in sought)
    print(f"  flagged as not music by one way only: {changed}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--model")
    parser.add_argument("--shortest", type=float, default=180.0)
    parser.add_argument("--output", type=Path, help="where a line for each song is written")
    arguments = parser.parse_args()
    from midcli.analyser import Analyser
    from midcli.errors import InputError
    from midcli.library.finding import find_files

    whole, quick = Analyser(arguments.model, 1), Analyser(arguments.model, 1, quick=True)
    rows = []
    for file in find_files(map(str, arguments.folders))[0]:
        try:
            first = measure(whole, file.path)
        except InputError as error:
            print(error, file=sys.stderr)
            continue
        if not arguments.shortest <= first["duration_s"] <= LONGEST_S:
            continue
        rows.append({"file": str(file.path), "whole": first, "quick": measure(quick, file.path)})
        if arguments.output:
            with arguments.output.open("a", encoding="utf-8") as lines:
                lines.write(json.dumps(rows[-1]) + "\n")
    report(rows)


if __name__ == "__main__":
    main()
