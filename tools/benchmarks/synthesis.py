"""Music of sorts to measure on: bass, chords of decaying partials, a melody and a noisy beat."""

import functools
import multiprocessing
from pathlib import Path
from typing import Any

SAMPLE_RATE_HZ = 44_100
CHORDS = [(0, 3, 7), (8, 12, 15), (3, 7, 10), (10, 14, 17)]
BAR_S = 2


def write_audio(path: Path, duration_s: int, seed: int = 0) -> Path:
    """Write a stereo file of the kind that its name says, unless it is there from an earlier run."""
    write_all([(path, duration_s, seed)], 1)
    return path


def write_folder(folder: Path, files: int, duration_s: int) -> Path:
    """Write so many different mp3 files."""
    folder.mkdir(parents=True, exist_ok=True)
    tasks = [(folder / f"{number:03}.mp3", duration_s, number) for number in range(files)]
    write_all(tasks, multiprocessing.cpu_count())
    return folder


def write_all(tasks: list[tuple[Path, int, int]], jobs: int) -> None:
    missing = [task for task in tasks if not task[0].exists()]
    if missing:
        # in other processes: on Linux a child's peak memory starts at its parent's, so ours must stay small
        with multiprocessing.get_context("spawn").Pool(min(jobs, len(missing))) as pool:
            pool.starmap(_write, missing)


def _write(path: Path, duration_s: int, seed: int) -> None:
    import numpy as np
    import soundfile

    random = np.random.default_rng(seed)
    time_s = np.arange(BAR_S * SAMPLE_RATE_HZ) / SAMPLE_RATE_HZ

    @functools.cache
    def tone(semitones: int, decay_s: float, period_s: float) -> Any:
        hz = 220 * 2 ** (semitones / 12)
        partials = sum(np.sin(2 * np.pi * hz * n * time_s) / n**1.5 for n in range(1, 7))
        return partials * np.exp(-(time_s % period_s) / decay_s)

    unfinished = path.with_name(f"unfinished-{path.name}")
    with soundfile.SoundFile(unfinished, "w", SAMPLE_RATE_HZ, 2) as file:
        for bar in range(-(-duration_s // BAR_S)):
            chord = [note + seed % 12 for note in CHORDS[bar % len(CHORDS)]]
            accompaniment = tone(chord[0] - 24, 0.3, 0.5) + sum(tone(note, 0.8, 1.0) for note in chord)
            melody = tone(int(random.choice(chord)) + 12, 0.4, 0.5)
            beat = random.standard_normal(len(time_s)) * np.exp(-(time_s % 0.5) / 0.03)
            left = 0.05 * (accompaniment + 0.7 * melody + beat)
            right = 0.05 * (0.7 * accompaniment + melody + beat)
            remaining = duration_s * SAMPLE_RATE_HZ - file.frames
            file.write(np.stack([left, right], axis=1)[:remaining])
    unfinished.replace(path)
