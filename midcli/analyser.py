"""Path to Analysis: the only place that composes the stages. This is the Python API."""

import logging
from collections.abc import Generator, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, nullcontext
from itertools import islice, pairwise
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from midcli.audio.levels import Levels
from midcli.audio.limits import MAX_DURATION_S, QUIET_PEAK
from midcli.audio.mixing import MIXING_WINDOW_S
from midcli.audio.reading import UNFILED, Audio, AudioReader, audio_name
from midcli.audio.silence import long_silences
from midcli.audio.spectrogram import (
    FRAMES_PER_SECOND,
    FRONTEND,
    SAMPLE_RATE_HZ,
    FloatArray,
    SpectrogramBuilder,
    band_centres_hz,
)
from midcli.errors import DataError, InputError, ModelError, UsageError
from midcli.explanation.analysis import Analysis
from midcli.explanation.context import Context
from midcli.explanation.effects import percentile
from midcli.explanation.evidence import Rows
from midcli.explanation.records import ModelInfo
from midcli.explanation.sections import stretches
from midcli.explanation.words.names import known_name
from midcli.explanation.words.numbers import duration
from midcli.model.bundled import find_model
from midcli.model.file import Model, Reference
from midcli.model.head import EIGHT, Array
from midcli.model.losses import Recording, losses
from midcli.model.novelty import Novelty, NoveltyJudge, texture, texture_of_parts
from midcli.util.heap import keep_freed_memory
from midcli.util.prefetch import Ahead, Item
from midcli.util.stopwatch import Stopwatch

if TYPE_CHECKING:
    from midcli.audio.excerpts import ExcerptReader
    from midcli.explanation.facts import Disagreement, Facts


_log = logging.getLogger(__name__)

_ITEMS_AHEAD = 16  # blocks of 1 MB each
_SILENCE = "silence"
_SILENT_MAGNITUDE = 0.007  # in a band, of full scale; the dither of 16-bit silence stays below
_MUCH_SILENCE = 0.1  # the film excerpts have .03 at most
_SILENCE_PEAK = 1e-4  # -80 dBFS, below any playable level and above the dither of 16-bit silence


class _Reading(NamedTuple):
    """A file that is being read."""

    reader: "AudioReader | ExcerptReader"
    blocks: AbstractContextManager[Iterator[FloatArray]]


class _Heard(NamedTuple):
    """What was read of one file."""

    spectrogram: FloatArray
    duration_s: float
    silent: bool
    is_silence: npt.NDArray[np.bool_]
    """Which frames are no louder than dither, and not because channels cancel each other."""
    cancels: bool
    """Whether channels cancel each other somewhere."""
    levels: Levels
    bits_per_second: float | None
    warnings: list[str]
    heard_s: float | None = None
    """How much was heard, in excerpts; None: all of it."""


class Analyser:
    """A loaded model that analyses one file after another; several threads may share it.

    `model` is a bundled model's name or a file; `threads` are those of the network (0: all cores), and with 1
    nothing else runs beside it either; `reference` is a file of predictions, or a kind of music that the
    model knows, to which averages and percentiles refer instead of the model's corpus; `first` is the file to
    be analysed first, read while the model loads; `vocabulary` is that of the emotions (default: the model's
    first); `quick` hears one to two minutes, spread over it, of a long piece that is given by its path.
    Raises ModelError if the model, DataError if the reference cannot be used, UsageError if the model has no
    such vocabulary.

    >>> from midcli import Analyser
    >>> analyser = Analyser()
    >>> analyser.analyse("song.ogg").emotions["energy"].name
    'energy'
    """

    def __init__(
        self,
        model: str | Path | None = None,
        threads: int = 0,
        max_duration_s: float = MAX_DURATION_S,
        reference: str | Path | None = None,
        first: str | Path | None = None,
        vocabulary: str | None = None,
        quick: bool = False,
        track: int | None = None,
    ) -> None:
        watch = Stopwatch(_log)
        keep_freed_memory()
        self.threads = threads
        self.max_duration_s = max_duration_s
        self.quick = quick
        self.track = track
        self._first_path = None if first is None else Path(first)
        self._taking_first = Lock()
        with ExitStack() as if_it_fails:
            if first is not None:
                self._first = self._read(first)
                if_it_fails.push(self._first.blocks)
            self.model = Model(find_model(model), FRONTEND, threads)
            self._judge = _novelty_judge(self.model)
            watch.lap("model %s %s loaded from %s", self.model.name, self.model.version, self.model.path)
            self.context = _context(self.model, reference, vocabulary)
            if_it_fails.pop_all()

    @property
    def reference(self) -> Reference:
        """What averages and percentiles refer to."""
        return self.context.reference

    def analyse(self, audio: Audio) -> Analysis:
        """Analyse a file, an open binary file, or samples (n,) or (n, channels) with their rate in Hz.

        Raises InputError, which is an OSError, if it cannot be read, UsageError if it is none of these.

        >>> from midcli import Analyser
        >>> import numpy as np
        >>> noise = np.random.default_rng(0).normal(0, 0.1, 3 * 22_050)
        >>> round(Analyser().analyse((noise, 22_050)).duration_s)
        3
        """
        watch = Stopwatch(_log)
        heard = self._hear(audio)
        name, frames = audio_name(audio), len(heard.spectrogram)
        watch.lap("%s: %.1f s read, %d frames of spectrogram", name, heard.duration_s, frames)
        with self._beside(self._judging(heard)) as judging:
            parts = self._parts(heard)
            cells = self._evidence(heard, parts)
            novelty, error_scale = next(judging)
        watch.lap("%s: network run", name)
        analysis = Analysis(
            name,
            heard.duration_s,
            self.context.explain(self.model.midlevel(cells), error_scale),
            novelty,
            (*heard.warnings, *self._warnings(heard, parts, novelty)),
            cells,
            self.context,
            heard.heard_s,
            self.track,
            stretches(heard.spectrogram, heard.duration_s) if heard.heard_s is None else None,
            _pauses(heard, parts),
        )
        watch.lap("%s: explained", name)
        return analysis

    def analyse_many(
        self, paths: Iterable[str | Path], jobs: int | None = None
    ) -> Generator[Analysis | InputError, None, None]:
        """Analyses, or why there is none, in order of completion, by `jobs` threads (default: all cores).

        Paths are taken as they are needed, so there may be any number of them. Raises UsageError if it is one
        path alone, or there are fewer than no jobs.

        >>> from midcli import Analyser
        >>> results = list(Analyser().analyse_many(["song.ogg", "missing.ogg"], jobs=2))
        >>> sorted(type(result).__name__ for result in results)
        ['Analysis', 'InputError']
        """
        from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait

        from midcli.util.containers import usable_cores

        if isinstance(paths, str | Path):
            raise UsageError(f"expected several paths, not one: [{str(paths)!r}]")
        if jobs is not None and jobs < 0:
            raise UsageError(f"jobs={jobs}: threads cannot be fewer than none")
        remaining = iter(paths)
        threads = jobs or usable_cores()
        with ThreadPoolExecutor(threads) as pool:
            waiting = {pool.submit(self._attempt, path) for path in islice(remaining, 2 * threads)}
            try:
                while waiting:
                    done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                    waiting |= {pool.submit(self._attempt, path) for path in islice(remaining, len(done))}
                    for future in done:
                        yield future.result()
            finally:
                for future in waiting:
                    future.cancel()

    def facts(self, analysis: Analysis) -> "tuple[Facts, list[Disagreement]]":
        """Measured facts of the analysed file, and which of them contradict the model.

        Raises ExtraError without librosa, InputError if the file is gone, UsageError if it never was one.
        """
        if analysis.file in UNFILED:
            raise UsageError(f"facts are measured of a file by its path; this was {analysis.file}")
        from midcli.explanation import facts
        from midcli.explanation.loudness import LoudnessMeter

        watch = Stopwatch(_log)
        meter = LoudnessMeter()
        reader = AudioReader(
            analysis.file, facts.SAMPLE_RATE_HZ, self.max_duration_s, analysis.track, hears=meter.add
        )
        measured = facts.measure(reader.blocks(), analysis.duration_s, meter)
        watch.lap("%s: facts measured", analysis.file)
        film = self.model.references.get("film", self.context.corpus).midlevel  # as the facts' quarters
        among_film = {
            name: percentile(quality.value, film[:, j])
            for j, (name, quality) in enumerate(analysis.midlevel.items())
        }
        shown = {name: quality.percentile for name, quality in analysis.midlevel.items()}
        return measured, facts.disagreements(measured, among_film, shown)

    def _attempt(self, path: str | Path) -> Analysis | InputError:
        try:
            return self.analyse(path)
        except InputError as error:
            return error

    def _warnings(self, heard: _Heard, parts: list[slice], novelty: Novelty | None) -> list[str]:
        flagged = bool(novelty and novelty.flagged)
        is_mix_of_nothing = heard.silent and heard.cancels  # which the file's own warnings say
        warnings = []
        if novelty and flagged and not is_mix_of_nothing:
            warnings.append(_flag_reason(novelty.resembles))
        if heard.duration_s < self.model.shortest_s:
            measured_on = f"all music that intervals were measured on (from {self.model.shortest_s:g} s)"
            warnings.append(f"shorter than {measured_on}: they hold less often")
        if not flagged:
            warnings += _silence_in_words(heard, parts)
            recording = Recording.of(heard.spectrogram, heard.levels, heard.bits_per_second)
            eight = self.context.head.name == EIGHT
            found = [loss if eight else loss.of_qualities() for loss in losses(recording)]
            warnings += [loss.in_words(self.model.name) for loss in found]
        return warnings

    def _parts(self, heard: _Heard) -> list[slice]:
        """What the network hears: all of the music but long silences, or what excerpts have of it."""
        if heard.heard_s is not None:
            return _sounding_excerpts(heard)
        return self.model.parts_heard(heard.spectrogram, long_silences(heard.is_silence))

    def _hear(self, audio: Audio) -> _Heard:
        with self._taking_first:
            is_first = isinstance(audio, str | Path) and Path(audio) == self._first_path
            if is_first:
                self._first_path = None
        reading = self._first if is_first else self._read(audio)
        builder = SpectrogramBuilder()
        with reading.blocks as blocks:
            for block in blocks:
                builder.add(block)
        spectrogram = builder.finish()
        silent = builder.peak < _SILENCE_PEAK
        loudest = np.log10(1 + _SILENT_MAGNITUDE / max(builder.peak, QUIET_PEAK))
        reader = reading.reader
        is_silence = spectrogram.max(axis=1) < loudest
        for start_s, end_s in reader.cancelled:
            is_silence[_frame(start_s - MIXING_WINDOW_S) : _frame(end_s + MIXING_WINDOW_S)] = False
        return _Heard(
            spectrogram,
            reader.duration_s,
            silent,
            is_silence,
            bool(reader.cancelled),
            reader.levels,
            reader.bits_per_second,
            reader.warnings,
            reader.heard_s,
        )

    def _evidence(self, heard: _Heard, parts: list[slice]) -> Array:
        """The map of what was heard; of excerpts, of one after another."""
        if heard.heard_s is None:
            return self.model.evidence(heard.spectrogram, parts)
        return self.model.evidence_of_parts(heard.spectrogram, parts)

    def _read(self, audio: Audio) -> _Reading:
        if self.quick and self.track is None and isinstance(audio, str | Path):
            from midcli.audio.excerpts import ExcerptReader

            quick = ExcerptReader(audio, SAMPLE_RATE_HZ, self.max_duration_s)
            return _Reading(quick, self._beside(quick.blocks()))
        whole = AudioReader(audio, SAMPLE_RATE_HZ, self.max_duration_s, self.track)
        return _Reading(whole, self._beside(whole.blocks()))

    def _beside(self, items: Generator[Item, None, None]) -> AbstractContextManager[Iterator[Item]]:
        """Made in a thread of its own, unless this is to be the only one."""
        return nullcontext(items) if self.threads == 1 else Ahead(items, _ITEMS_AHEAD)

    def _judging(self, heard: _Heard) -> Generator[tuple[Novelty | None, Array | None], None, None]:
        """Whether it is music, and what errors are to be expected."""
        if heard.silent or (self._judge is None and self.model.error_scale is None):
            yield Novelty(1.0, flagged=True, resembles=_SILENCE) if heard.silent else None, None
            return
        if heard.heard_s is None:
            textured = texture(heard.spectrogram, heard.is_silence)
        else:
            textured = texture_of_parts(heard.spectrogram, _sounding_excerpts(heard))
        scale = self.model.error_scale
        yield self._novelty(textured), scale(textured) if scale else None

    def _novelty(self, textured: Array) -> Novelty | None:
        if self._judge is None:
            return None
        log_odds = self._judge.log_odds(textured)
        highest = float(log_odds.max())
        return Novelty(
            1 / (1 + float(np.exp(-highest))),
            highest > self._judge.threshold,
            self._judge.kinds[int(log_odds.argmax())],
        )


def analyse(audio: Audio, model: str | Path | None = None) -> Analysis:
    """Analyse a file, an open binary file, or samples (n,) or (n, channels) with their rate in Hz.

    `model` is a bundled model's name or a model file.

    Raises InputError if the audio, ModelError if the model cannot be used.

    >>> import midcli
    >>> len(midcli.analyse("song.ogg").midlevel)
    7
    """
    first = audio if isinstance(audio, str | Path) else None
    return Analyser(model, first=first).analyse(audio)


def _context(model: Model, reference: str | Path | None, vocabulary: str | None) -> Context:
    head = model.heads[known_name(vocabulary or model.vocabulary, tuple(model.heads))]
    own = model.reference if reference is None else _reference(model, reference)
    return Context(
        ModelInfo(model.name, model.version, model.sha256),
        head,
        model.midlevel_interval,
        model.midlevel_bias,
        model.register_evidence,
        Rows(band_centres_hz(), model.grid.stride_bands, model.grid.receptive_bands),
        model.grid.receptive_frames / FRAMES_PER_SECOND,
        own,
        model.reference,
    )


def _reference(model: Model, reference: str | Path) -> Reference:
    """One of the model's own, by the kind of music, or what a file of predictions says."""
    if str(reference) in model.references:
        return model.references[str(reference)]
    if model.references and not Path(reference).exists():
        kinds = ", ".join(model.references)
        raise DataError(f"{reference}: neither a file nor a kind of music that the model knows ({kinds})")
    from midcli.explanation.reference import read_reference

    return read_reference(reference, model.sha256)


def _sounding_excerpts(heard: _Heard) -> list[slice]:
    """The excerpts of what was heard, without what lies across their seams; those of silence left out."""
    from midcli.audio.excerpts import between_seams

    parts = between_seams(len(heard.spectrogram), FRAMES_PER_SECOND)
    return [part for part in parts if not heard.is_silence[part].all()] or parts


def _frame(seconds: float) -> int:
    return max(0, round(seconds * FRAMES_PER_SECOND))


def _pauses(heard: _Heard, parts: list[slice]) -> tuple[tuple[float, float], ...]:
    """From when to when, in seconds, nothing of a whole piece is heard between two parts."""
    if heard.heard_s is not None:
        return ()
    return tuple(
        (before.stop / FRAMES_PER_SECOND, after.start / FRAMES_PER_SECOND)
        for before, after in pairwise(parts)
    )


def _silence_in_words(heard: _Heard, parts: list[slice]) -> list[str]:
    """What is said of silence within the music."""
    said = []
    pauses = _pauses(heard, parts)
    if pauses:
        where = f"from {duration(pauses[0][0])} to {duration(pauses[0][1])}"
        if len(pauses) > 1:
            where = f"for {duration(sum(end - start for start, end in pauses))} in all, first {where}"
        said.append(f"silent {where}, which counts for nothing")
    share = np.mean(np.concatenate([heard.is_silence[part] for part in parts]))
    if share > _MUCH_SILENCE:
        said.append(f"{100 * share:.0f} % of it is silence, which counts as if it were music")
    return said


def _flag_reason(resembles: str) -> str:
    if resembles == _SILENCE:
        return "silence: its values say nothing about music"
    return (
        f"sounds more like {resembles} than music: its values can be compared with those of similar sounds, "
        "not with those of music"
    )


def _novelty_judge(model: Model) -> NoveltyJudge | None:
    stored = model.calibration.get("novelty")
    if stored is None:
        return None
    try:
        return NoveltyJudge.from_json(stored)
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(f"{model.path}: its novelty score is incomplete or malformed ({error!r})") from error
