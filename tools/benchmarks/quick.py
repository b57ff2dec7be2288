"""How well `predict --quick` agrees with the whole piece, and how much faster it is, on long pieces.

    python tools/benchmarks/quick.py --data FOLDER --keep FOLDER [--pieces 40]

The corpora have excerpts only, so long pieces are made of them, 180 to 330 s, 44.1 kHz, stereo, the first
three of each kind as mp3 of about 192 kbit/s, the others as flac, which takes less time to write:

looped  one excerpt, again and again, with cross-fades of a second: more alike within than a song
joined  up to six recordings of one artist or film album in the order of verses and choruses (A B C B D C B
        A ...), each at the level of the first: more varied within than a song

Values of both ways are correlated over the pieces, output by output. Time is that of the processor, one
thread, warm, for all that a row of `predict` takes.
"""

import argparse
import csv
import os
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]

RATE_HZ = 44_100
SHORTEST_S, LONGEST_S = 180, 330
FADE_S = 1.0
FEWEST_PARTS, MOST_PARTS = 3, 6
FORM = (0, 1, 2, 1, 3, 2, 1, 0, 4, 2, 1, 5)
BLOCK = RATE_HZ
MP3S = 3


def groups(data: Path) -> dict[str, list[Path]]:
    """Excerpts of one artist or album each, in the order of the lists."""
    found: dict[str, list[Path]] = defaultdict(list)
    for corpus in ("mirex", "quadrants"):
        with (data / "songs" / f"{corpus}.csv").open(encoding="utf-8") as file:
            for row in csv.DictReader(file):
                found[row["group"]].append(data / "songs" / row["file"])
    with (data / "soundtracks" / "set1_tracklist.csv").open(encoding="utf-8-sig") as file:
        for row in csv.DictReader(file):
            album = row["Album name"].strip()
            found[album].append(data / "soundtracks" / "Set1" / f"{row['Nro']}.mp3")
    return {name: files[:MOST_PARTS] for name, files in found.items() if len(files) >= FEWEST_PARTS}


def samples_of(path: Path) -> FloatArray:
    """Mono at 44.1 kHz, at a level of -20 dB."""
    from midcli.audio.reading import AudioReader

    samples = np.concatenate(list(AudioReader(path, RATE_HZ).blocks()))
    return samples * np.float32(0.1 / max(float(np.sqrt(np.mean(samples**2))), 1e-6))


def joined(parts: Sequence[FloatArray], form: Iterator[int], length_s: float) -> FloatArray:
    """Parts in the order of a form, cross-faded, until the length is reached."""
    fade = round(FADE_S * RATE_HZ)
    rising = np.sin(np.linspace(0, np.pi / 2, fade)).astype(np.float32)
    piece = parts[next(form) % len(parts)].copy()
    while len(piece) < length_s * RATE_HZ:
        part = parts[next(form) % len(parts)].copy()
        part[:fade] *= rising
        part[:fade] += piece[-fade:] * rising[::-1]
        piece = np.concatenate([piece[:-fade], part])
    return piece[: round(length_s * RATE_HZ)]


def write(path: Path, samples: FloatArray) -> None:
    import soundfile

    peak = max(1.0, float(np.abs(samples).max()))
    stereo = np.repeat(samples[:, np.newaxis] / peak, 2, axis=1)
    options = {"bitrate_mode": "CONSTANT", "compression_level": 0.4} if path.suffix == ".mp3" else {}
    with soundfile.SoundFile(path, "w", RATE_HZ, 2, **options) as file:
        for start in range(0, len(stereo), BLOCK):
            file.write(stereo[start : start + BLOCK])


def make(data: Path, folder: Path, pieces: int) -> None:
    """Write the pieces that are not there yet."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(0)
    chosen = sorted(groups(data).items())
    for number, place in enumerate(rng.permutation(len(chosen))[:pieces]):
        length_s = float(rng.uniform(SHORTEST_S, LONGEST_S))
        suffix = ".mp3" if number < MP3S else ".flac"
        names = {kind: folder / f"{kind}-{number:03}{suffix}" for kind in ("joined", "looped")}
        if all(path.exists() for path in names.values()):
            continue
        parts = [samples_of(path) for path in chosen[place][1]]
        form = (FORM[step % len(FORM)] for step in count())
        write(names["joined"], joined(parts, form, length_s))
        write(names["looped"], joined(parts[:1], iter(count()), length_s))


def measure(analyser: Any, path: Path) -> tuple[list[float], float]:
    """All values of a piece, and the processor time that a row of it takes."""
    from midcli.library.tasks import read_source

    started = time.process_time()
    read_source(str(path))
    analysis = analyser.analyse(path)
    seconds = time.process_time() - started
    return [one.value for one in (*analysis.emotions.values(), *analysis.midlevel.values())], seconds


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--keep", type=Path, required=True, help="where the pieces are made and kept")
    parser.add_argument("--pieces", type=int, default=40)
    parser.add_argument("--model")
    arguments = parser.parse_args()
    from midcli.analyser import Analyser
    from midcli.labels import QUALITY_NAMES

    make(arguments.data, arguments.keep, arguments.pieces)
    whole, quick = Analyser(arguments.model, 1), Analyser(arguments.model, 1, quick=True)
    names = [*whole.context.head.names, *QUALITY_NAMES]
    for kind in ("joined", "looped"):
        paths = sorted(arguments.keep.glob(f"{kind}-*.*"))
        both = [(measure(whole, path), measure(quick, path)) for path in paths]
        values = np.array([[first[0], second[0]] for first, second in both])
        ratios = [first[1] / second[1] for first, second in both]
        print(f"{kind}: {len(paths)} pieces; {np.median(ratios):.2f} times as fast, least {min(ratios):.2f}")
        for column, name in enumerate(names):
            a, b = values[:, 0, column], values[:, 1, column]
            print(
                f"  {name:22} r {np.corrcoef(a, b)[0, 1]:.4f}   largest difference {np.abs(a - b).max():.2f}"
            )


if __name__ == "__main__":
    main()
