"""What is odd about a file, as it shows while the file is read, to the words of its warnings."""

from collections.abc import Sequence
from dataclasses import dataclass, field

TOLERANCE_S = 0.25
"""Encoder delay and padding; some lengths are estimates."""

_TOLD_S = 0.05  # the first packet of a stream that was cut is often broken
_TOLD_BYTES = 2000  # fewer are left where streams were cut
_MUCH_MORE_S, _MUCH_MORE = 1.0, 0.02


@dataclass
class Findings:
    """Collected by all that has to do with one file."""

    notes: list[str] = field(default_factory=list)
    losses: list[tuple[float, float]] = field(default_factory=list)
    """(where, how much), in seconds of what was decoded before, and of what could not be."""
    cancelled: list[tuple[float, float]] = field(default_factory=list)
    """(start, end) in seconds of where channels cancel each other."""

    skips: list[tuple[float, int]] = field(default_factory=list)
    """(where in seconds, bytes) of what stands between the audio and is neither audio nor a tag."""

    def note(self, oddity: str) -> None:
        """Told once, though several parts of the file have it."""
        if oddity not in self.notes:
            self.notes.append(oddity)

    def lost(self, at_s: float, seconds: float) -> None:
        """Some seconds at some place could not be decoded."""
        if self.losses and self.losses[-1][0] == at_s:
            seconds += self.losses.pop()[1]
        self.losses.append((at_s, seconds))

    def end_at(self, read_s: float) -> None:
        """What is behind the end of a stream of no known length was none of it."""
        self.losses = [(at_s, seconds) for at_s, seconds in self.losses if at_s < read_s - _TOLD_S]

    def compare_header(self, declared_s: float, held_s: float) -> None:
        """What a header counts, and what there is, which is decoded."""
        if held_s - declared_s > max(_MUCH_MORE_S, _MUCH_MORE * held_s):
            counts = f"counts {seconds_in_words(declared_s)}" if declared_s else "says that it is empty"
            held = seconds_in_words(held_s)
            self.notes.append(f"its header {counts}, but it holds {held}, all of which were analysed")

    def compare_length(self, read_s: float, declared_s: float) -> None:
        """What was decoded, and what was promised."""
        lost_s = sum(seconds for _, seconds in self.losses)
        if declared_s - read_s - lost_s > TOLERANCE_S:
            self.truncated(read_s, declared_s)

    def truncated(self, read_s: float, declared_s: float) -> None:
        """The file ends early; 0 if it does not say where it should."""
        expected = f" of {declared_s:.1f} s" if declared_s > read_s else ""
        self.notes.append(f"truncated or broken: analysed the first {read_s:.1f} s{expected}")

    def warnings(self) -> list[str]:
        """One line for each kind of oddity."""
        return [*self.notes, *self._losses_in_words(), *self._skips_in_words(), *self._cancelled_in_words()]

    def _losses_in_words(self) -> list[str]:
        total_s = sum(seconds for _, seconds in self.losses)
        if total_s < _TOLD_S:
            return []
        return [f"{seconds_in_words(total_s)} could not be decoded {_places(self.losses)}"]

    def _skips_in_words(self) -> list[str]:
        total = sum(count for _, count in self.skips)
        if total < _TOLD_BYTES:
            return []
        return [f"{total} bytes {_places(self.skips)} are no audio and were skipped"]

    def _cancelled_in_words(self) -> list[str]:
        if not self.cancelled:
            return []
        where = ", ".join(f"{clock(start)} to {clock(end)}" for start, end in self.cancelled[:3])
        more = " and elsewhere" if len(self.cancelled) > 3 else ""
        return [
            f"its channels cancel each other from {where}{more} (one may be inverted): their mix, which is "
            "analysed, lacks most of what is heard there"
        ]


def _places(found: Sequence[tuple[float, float]]) -> str:
    first = clock(found[0][0])
    return f"at {first}" if len(found) == 1 else f"in {len(found)} places from {first} on"


def clock(seconds: float) -> str:
    """`3:07`, or `1:03:07`."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def seconds_in_words(seconds: float) -> str:
    """`0.3 s`, or `2:05` for more than a minute."""
    return f"{max(seconds, 0.1):.1f} s" if seconds < 60 else clock(seconds)
