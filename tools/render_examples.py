"""Renders the example pieces: notes (*.toml) to MIDI, FluidSynth, Ogg Vorbis.

A tool for developers, not run by the tests. It needs the Python packages mido, numpy and soundfile and,
installed by the system, FluidSynth, FFmpeg and the soundfont FluidR3_GM.sf2
(Debian: fluidsynth ffmpeg fluid-soundfont-gm).

    python tests/examples/render.py                # all pieces
    python tests/examples/render.py can-can        # one

A piece is a TOML file: `tempo` lists [beat, quarter notes a minute], `beats_per_bar` is in quarter notes,
`pickup` counts those before the first bar line, and each of `parts` has a General MIDI `program` (1 to 128),
`volume`, `pan` (0 left to 127 right), `reverb`, `swell` (long notes grow and fade) and `notes`:

    D5:2            pitch and length in beats; a length holds until the next one (C4 is middle C)
    -               a rest
    G3+B3+E4        a chord
    F5/E5           a grace note before E5
    E5.  E5_  E5>   staccato, legato, accent
    D5*8            eight times
    pp p mp mf f ff dynamics; `p<f:8` goes from p to f over the next 8 beats
    |               a bar line, checked against beats_per_bar
"""

import random
import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any, NamedTuple

import mido
import numpy as np
import soundfile

FOLDER = Path(__file__).parent.parent / "tests" / "examples"
SOUNDFONT = Path("/usr/share/sounds/sf2/FluidR3_GM.sf2")
SAMPLE_RATE_HZ = 44_100
VORBIS_QUALITY = "1.5"
PEAK_DBFS = -1.0
TAIL_S = 1.5

TICKS_PER_BEAT = 960
DRUM_CHANNEL = 9
VELOCITY = {"pp": 36, "p": 50, "mp": 64, "mf": 78, "f": 94, "ff": 112}
LENGTH = {"": 0.9, ".": 0.45, "_": 1.03, ">": 0.9}
GRACE_BEATS = 0.1

_STEP = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_NOTE = re.compile(
    r"(?:(?P<grace>[A-G][#b]?\d)/)?(?P<pitches>-|[A-G][#b]?\d(?:\+[A-G][#b]?\d)*)"
    r"(?P<marks>[._>]*)(?::(?P<beats>[\d.]*\d))?(?P<marks2>[._>]*)(?:\*(?P<times>\d+))?"
)
_RAMP = re.compile(r"(?P<start>[pmf]+)<(?P<end>[pmf]+):(?P<beats>[\d.]+)")


class Note(NamedTuple):
    """One sounding note; start and length in beats."""

    start: float
    length: float
    pitch: int
    velocity: int


def key_number(pitch: str) -> int:
    """MIDI key of a name such as F#3."""
    accidental = pitch.count("#") - pitch.count("b")
    return 12 * (int(pitch[-1]) + 1) + _STEP[pitch[0]] + accidental


def read_notes(text: str, beats_per_bar: float, pickup: float) -> list[Note]:
    notes: list[Note] = []
    beat, length = 0.0, 1.0
    ramp = (0.0, VELOCITY["mf"], 0.0, VELOCITY["mf"])  # from beat, velocity, to beat, velocity
    for word in text.split():
        if word == "|":
            bars = (beat - pickup) / beats_per_bar
            if abs(bars - round(bars)) > 1e-6:
                raise SystemExit(f"bar line at beat {beat:g} after {len(notes)} notes")
        elif word in VELOCITY:
            ramp = (beat, VELOCITY[word], beat, VELOCITY[word])
        elif found := _RAMP.fullmatch(word):
            ramp = (beat, VELOCITY[found["start"]], beat + float(found["beats"]), VELOCITY[found["end"]])
        elif found := _NOTE.fullmatch(word):
            length = float(found["beats"] or length)
            marks = found["marks"] + found["marks2"]
            for _ in range(int(found["times"] or 1)):
                velocity = round(np.interp(beat, ramp[::2], ramp[1::2])) + (14 if ">" in marks else 0)
                sounding = length * LENGTH[marks.replace(">", "")]
                if found["grace"]:
                    grace = key_number(found["grace"])
                    notes.append(Note(beat - GRACE_BEATS, GRACE_BEATS, grace, velocity - 6))
                if found["pitches"] != "-":
                    chord = map(key_number, found["pitches"].split("+"))
                    notes += [Note(beat, sounding, key, velocity) for key in chord]
                beat += length
        else:
            raise SystemExit(f"not a note: {word!r}")
    return notes


def track(piece: dict[str, Any], part: dict[str, Any], channel: int, human: random.Random) -> mido.MidiTrack:
    """A part as a MIDI track, with a player's small unevenness in time and force."""
    first = [
        mido.Message("program_change", channel=channel, program=part["program"] - 1),
        mido.Message("control_change", channel=channel, control=7, value=part["volume"]),
        mido.Message("control_change", channel=channel, control=10, value=part["pan"]),
        mido.Message("control_change", channel=channel, control=91, value=part.get("reverb", 60)),
    ]
    events = [(0, message) for message in first]
    for note in read_notes(part["notes"], piece["beats_per_bar"], piece.get("pickup", 0)):
        start = max(0, round((note.start + human.gauss(0, 0.008)) * TICKS_PER_BEAT))
        end = start + round(note.length * TICKS_PER_BEAT)
        velocity = min(127, max(1, note.velocity + round(human.gauss(0, 3))))
        on = mido.Message("note_on", channel=channel, note=note.pitch, velocity=velocity)
        events += [(start, on), (end, mido.Message("note_off", channel=channel, note=note.pitch))]
        if part.get("swell") and note.length > 1:
            for step in range(17):
                value = round(88 + 39 * np.sin(np.pi * step / 16))
                swell = mido.Message("control_change", channel=channel, control=11, value=value)
                events.append((start + (end - start) * step // 16, swell))
    events.sort(key=lambda event: (event[0], event[1].type == "note_on"))
    result = mido.MidiTrack()
    now = 0
    for tick, message in events:
        result.append(message.copy(time=tick - now))
        now = tick
    return result


def midi_file(piece: dict[str, Any]) -> mido.MidiFile:
    tempo_track = mido.MidiTrack()
    now = 0
    for beat, bpm in piece["tempo"]:
        tick = round(beat * TICKS_PER_BEAT)
        tempo_track.append(mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(bpm), time=tick - now))
        now = tick
    human = random.Random(0)
    channels = iter(channel for channel in range(16) if channel != DRUM_CHANNEL)
    tracks = [tempo_track]
    for part in piece["parts"]:
        channel = DRUM_CHANNEL if part.get("drums") else next(channels)
        tracks.append(track(piece, part, channel, human))
    return mido.MidiFile(ticks_per_beat=TICKS_PER_BEAT, tracks=tracks)


def render(notes: Path, folder: Path) -> Path:
    """Write the Ogg file beside the notes; `folder` holds what is in between."""
    piece = tomllib.loads(notes.read_text(encoding="utf-8"))
    midi, wav, ogg = folder / "piece.mid", folder / "piece.wav", notes.with_suffix(".ogg")
    song = midi_file(piece)
    song.save(midi)
    settings = {
        "synth.gain": 0.4,
        "synth.reverb.room-size": 0.6,
        "synth.reverb.damp": 0.3,
        "synth.reverb.width": 0.8,
        "synth.reverb.level": 0.7,
        "synth.chorus.active": 0,
    }
    options = [part for name, value in settings.items() for part in ("-o", f"{name}={value}")]
    output = ["-r", str(SAMPLE_RATE_HZ), "-O", "float", "-F", wav]
    command = ["fluidsynth", "-ni", *options, *output, SOUNDFONT, midi]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)

    samples, _ = soundfile.read(wav, always_2d=True)
    samples = samples[: round((song.length + TAIL_S) * SAMPLE_RATE_HZ)]
    fade = round(TAIL_S * SAMPLE_RATE_HZ)
    samples[-fade:] *= np.cos(np.linspace(0, np.pi / 2, fade))[:, None]
    gain = 1.0
    for _ in range(2):  # the encoder moves the peak, so the first round only measures it
        soundfile.write(wav, samples * gain, SAMPLE_RATE_HZ, subtype="FLOAT")
        encode = ["ffmpeg", "-v", "error", "-y", "-i", wav, "-c:a", "libvorbis", "-q:a", VORBIS_QUALITY]
        tags = ["-map_metadata", "-1", "-metadata", f"title={piece['title']}", "-metadata"]
        subprocess.run([*encode, *tags, f"artist={piece['composer']}", "-bitexact", ogg], check=True)
        decoded, _ = soundfile.read(ogg)
        gain *= 10 ** (PEAK_DBFS / 20) / np.abs(decoded).max()
    return ogg


def main() -> None:
    names = sys.argv[1:] or sorted(path.stem for path in FOLDER.glob("*.toml"))
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            ogg = render(FOLDER / f"{name}.toml", Path(folder))
            info = soundfile.info(ogg)
            print(f"{ogg.name}: {info.duration:.1f} s, {ogg.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
