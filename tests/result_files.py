"""A made-up rated corpus and result files for it, for tests of evaluation."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from midcli.corpora.corpus import Corpus, Excerpt
from midcli.corpora.splits import split
from midcli.study.results import Fingerprints, RunResult, data_fingerprint, prediction


def rated_corpus(folder: Path, excerpts: int = 60) -> Corpus:
    """Excerpts "001" ... with related random ratings and a file each; the first nine are the fixed parts."""
    rng = np.random.default_rng(1)
    midlevel = rng.uniform(1, 10, (excerpts, 7))
    emotion = 1 + midlevel @ rng.uniform(0, 0.15, (7, 8)) + rng.normal(0, 0.3, (excerpts, 8))
    rows = []
    for number in range(excerpts):
        path = folder / f"{number + 1:03}.mp3"
        path.write_bytes(b"audio")
        rows.append(Excerpt(path.stem, path, midlevel[number], emotion[number], f"album {number // 4}"))
    ids = [row.id for row in rows]
    return Corpus("made up", tuple(rows), tuple(ids[:6]), tuple(ids[6:9]))


def made_up_run(
    corpus: Corpus,
    scheme: str = "joint",
    seed: int = 0,
    protocol: str = "random",
    noise: float = 0.1,
    stopping: str = "validation",
) -> RunResult:
    """A run whose predictions are the ratings with noise."""
    rng = np.random.default_rng(seed)
    parts = split(corpus, protocol, seed, validate=stopping == "validation")
    rows = {excerpt.id: excerpt for excerpt in corpus.excerpts}
    predictions = {
        name: prediction(
            None if scheme == "a2e" else 0.1 * rows[name].midlevel + rng.normal(0, noise, 7),
            None if scheme == "a2mid" else 0.1 * rows[name].emotion + rng.normal(0, noise, 8),
        )
        for name in parts.test
    }
    return RunResult(
        scheme,
        "paper",
        protocol,
        seed,
        stopping,
        parts.train,
        parts.validation,
        parts.test,
        predictions,
        epochs=7,
        seconds=12.5,
        device="cpu, 1 threads",
        versions={"torch": "2"},
        date=f"2026-01-0{seed + 1}",
        fingerprints=Fingerprints("recipe", data_fingerprint(corpus)),
    )


def made_with(run: RunResult, **fingerprints: str) -> RunResult:
    return replace(run, fingerprints=replace(run.fingerprints, **fingerprints))


def fake_experiment(setting, device, threads):  # noqa: ARG001
    """In place of torch: predicts the ratings with noise, after two reports; fails or dies where asked."""
    rows = {excerpt.id: excerpt for excerpt in setting.corpus.excerpts}

    def experiment(job, parts, checkpoint, on_progress):
        checkpoint.write_bytes(b"state")
        for epoch in (1, 2):
            on_progress(
                SimpleNamespace(epoch=epoch, epochs=2, loss=0.5, validation_r=0.1, seconds_left=2.0 - epoch)
            )
        if job.seed == 13:
            raise ValueError("unlucky")
        if job.seed == 14:
            import os

            os._exit(9)
        return {
            scheme: _outcome(scheme, job.seed, [rows[name] for name in parts.test], threads)
            for scheme in job.schemes
        }

    return experiment


def _outcome(scheme, seed, excerpts, threads):
    rng = np.random.default_rng(seed)
    return SimpleNamespace(
        predictions={
            excerpt.id: {
                "midlevel": None
                if scheme == "a2e"
                else (0.1 * excerpt.midlevel + rng.normal(0, 0.1, 7)).tolist(),
                "emotion": None
                if scheme == "a2mid"
                else (0.1 * excerpt.emotion + rng.normal(0, 0.1, 8)).tolist(),
            }
            for excerpt in excerpts
        },
        epochs=2,
        seconds=0.5,
        device=f"made up, {threads} threads",
        versions={"torch": "none"},
    )
