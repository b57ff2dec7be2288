"""Files as real writers leave them: each must sound like the healthy one, and say what it lacks."""

import io
import re
import struct
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile

from midcli.audio.reading import AudioReader
from midcli.errors import InputError, UsageError
from tests import media
from tests.media import FloatArray, encoded, music, muxed, write

RATE_HZ = 22_050
SECONDS = 6.0


def read(path: Path, track: int | None = None) -> tuple[FloatArray, list[str]]:
    reader = AudioReader(path, RATE_HZ, track=track)
    return np.concatenate(list(reader.blocks())), reader.warnings


def assert_alike(out: FloatArray, expected: FloatArray, atol: float = 1e-4) -> None:
    """The same samples, but for a block at the end."""
    assert abs(len(out) - len(expected)) < 0.1 * RATE_HZ
    length = min(len(out), len(expected)) - RATE_HZ // 10
    np.testing.assert_allclose(out[:length], expected[:length], atol=atol)


def correlation(out: FloatArray, expected: FloatArray) -> float:
    """Of a stretch of `expected` with where it fits best in `out`."""
    size = 1 << int(np.ceil(np.log2(len(out) + len(expected))))
    spectra = np.fft.rfft(out, size) * np.conj(np.fft.rfft(expected, size))
    place = int(np.fft.irfft(spectra)[: len(out) - len(expected) + 1].argmax())
    return float(np.corrcoef(out[place : place + len(expected)], expected)[0, 1])


def middle(seconds: float) -> FloatArray:
    """What is heard of `music` between one second from its start and one from its end."""
    return music(seconds, RATE_HZ)[RATE_HZ:-RATE_HZ, 0]


class TestStreamsThatChange:
    """Item by item what a recording of a broadcast does: jingles at other rates, then 5.1."""

    @pytest.mark.parametrize(
        ("container", "codec"), [("adts", "aac"), ("mp3", "libmp3lame"), ("ac3", "ac3"), ("mpegts", "aac")]
    )
    @pytest.mark.parametrize("first_hz", [48_000, 32_000])
    @pytest.mark.parametrize("first_layout", ["mono", "stereo"])
    def test_rate_and_channels(
        self, tmp_path: Path, container: str, codec: str, first_hz: int, first_layout: str
    ) -> None:
        channels = 1 if first_layout == "mono" else 2
        jingle = muxed([music(3, first_hz, channels)], first_hz, container, codec, first_layout)
        rest = muxed([music(SECONDS, 44_100, 2)], 44_100, container, codec, "stereo")
        out, _ = read(write(tmp_path / "a", jingle + rest))
        assert len(out) / RATE_HZ == pytest.approx(3 + SECONDS, abs=0.25)
        assert correlation(out, middle(3)) > 0.97
        assert correlation(out[int(2.8 * RATE_HZ) :], middle(SECONDS)) > 0.97

    @pytest.mark.parametrize("layout", ["5.1", "7.1"])
    def test_stereo_to_surround(self, tmp_path: Path, layout: str) -> None:
        stereo = muxed([music(3, 48_000, 2)], 48_000, "adts", "aac", "stereo")
        channels = 6 if layout == "5.1" else 8
        surround = muxed([music(3, 48_000, channels)], 48_000, "adts", "aac", layout, bit_rate=512_000)
        out, _ = read(write(tmp_path / "a.aac", stereo + surround))
        assert len(out) / RATE_HZ == pytest.approx(6, abs=0.2)
        assert correlation(out[3 * RATE_HZ :], middle(3)) > 0.97

    def test_empty_channels_do_not_make_it_quieter(self, tmp_path: Path) -> None:
        stereo = music(3, 48_000, 2)
        in_surround = np.zeros((len(stereo), 6), np.float32)
        in_surround[:, :2] = stereo
        content = muxed([stereo], 48_000, "ac3", "ac3", "stereo", bit_rate=448_000)
        content += muxed([in_surround], 48_000, "ac3", "ac3", "5.1", bit_rate=448_000)
        out, _ = read(write(tmp_path / "a.ac3", content))
        before, after = out[RATE_HZ // 2 : 2 * RATE_HZ], out[RATE_HZ * 7 // 2 : 5 * RATE_HZ]
        assert after.std() == pytest.approx(before.std(), rel=0.05)


class TestTransportStreams:
    """Programmes of other streams that follow one another."""

    @pytest.mark.parametrize(
        ("codec", "options"),
        [
            ("aac", {"mpegts_start_pid": "512", "mpegts_service_id": "7"}),
            ("mp2", {}),
            ("ac3", {"mpegts_start_pid": "768"}),
        ],
    )
    @pytest.mark.parametrize("cut", [0, 100])
    def test_what_goes_on_in_other_streams(
        self, tmp_path: Path, codec: str, options: dict[str, str], cut: int
    ) -> None:
        first = muxed([music(4, 48_000, 2)], 48_000, "mpegts", "aac")
        second = muxed([music(SECONDS, 48_000, 2)], 48_000, "mpegts", codec, options=options)
        out, warnings = read(write(tmp_path / "a.ts", first[cut:] + second))
        assert len(out) / RATE_HZ == pytest.approx(4 + SECONDS, abs=0.25)
        assert correlation(out[4 * RATE_HZ - 2000 :], middle(SECONDS)) > 0.97
        assert warnings == []
        with pytest.raises(InputError, match="has no audio track 3; it has one audio track"):
            read(tmp_path / "a.ts", track=3)

    @pytest.mark.parametrize("length", [0, 1, 4, 9, 255])
    def test_tables_of_impossible_length(self, tmp_path: Path, length: int) -> None:
        content = muxed([music(SECONDS, 48_000, 2)], 48_000, "mpegts", "aac")
        header = re.compile(rb"(\x47[\x40-\x5f].[\x10-\x1f]\0[\0\x02])[\xb0-\xbf].", re.DOTALL)
        tables = list(header.finditer(content))
        for table in tables[2:]:  # decoders need the first two
            content = content[: table.end(1)] + bytes([0xB0, length]) + content[table.end() :]
        out, _ = read(write(tmp_path / "a.ts", content))
        assert len(tables) > 4
        assert len(out) / RATE_HZ == pytest.approx(SECONDS, abs=0.25)


class TestChains:
    """Streams that follow one another in one Ogg file."""

    @pytest.mark.parametrize(
        ("first", "second"),
        [
            (("VORBIS", 44_100, 1, 0.1), ("VORBIS", 44_100, 1, 0.9)),
            (("VORBIS", 44_100, 2, 0.5), ("VORBIS", 44_100, 1, 0.5)),
            (("VORBIS", 48_000, 1, 0.5), ("VORBIS", 32_000, 2, 0.5)),
            (("OPUS", 48_000, 2, 0.5), ("OPUS", 24_000, 1, 0.5)),
            (("VORBIS", 44_100, 1, 0.5), ("OPUS", 48_000, 1, 0.5)),
        ],
    )
    def test_each_link_by_itself(
        self, tmp_path: Path, first: tuple[str, int, int, float], second: tuple[str, int, int, float]
    ) -> None:
        content = b"".join(
            encoded(music(4, rate_hz, channels), rate_hz, "OGG", subtype, compression_level=level)
            for subtype, rate_hz, channels, level in (first, second)
        )
        out, warnings = read(write(tmp_path / "a.ogg", content))
        assert len(out) / RATE_HZ == pytest.approx(8, abs=0.1)
        assert correlation(out[: 4 * RATE_HZ], middle(4)) > 0.97
        assert correlation(out[4 * RATE_HZ :], middle(4)) > 0.97
        assert warnings == []

    def test_a_link_that_cannot_be_decoded_costs_itself(self, tmp_path: Path) -> None:
        link = encoded(music(4, 44_100), 44_100, "OGG", "VORBIS")
        broken = link[:28] + b"\1xorbis" + link[35:]
        out, warnings = read(write(tmp_path / "a.ogg", link + broken + link))
        assert len(out) / RATE_HZ == pytest.approx(8, abs=0.1)
        assert warnings == ["one of the streams joined in it could not be decoded"]

    @pytest.mark.parametrize("links", [1, 2])
    def test_a_last_page_that_is_cut_is_told(self, tmp_path: Path, links: int) -> None:
        link = encoded(music(4, 32_000), 32_000, "OGG", "VORBIS")
        out, [warning] = read(write(tmp_path / "a.ogg", (links * link)[:-100]))
        seconds = len(out) / RATE_HZ
        assert 4 * links - 2 < seconds < 4 * links
        assert warning.startswith(f"truncated or broken: analysed the first {seconds:.1f} s")

    def test_streams_beside_one_another_are_no_chain(self, tmp_path: Path) -> None:
        tracks = [music(4, 44_100, 2), music(4, 44_100, 2)]
        out, _ = read(write(tmp_path / "a.ogg", muxed(tracks, 44_100, "ogg", "flac")))
        assert len(out) / RATE_HZ == pytest.approx(4, abs=0.1)


def with_count(mp3: bytes, flags: int | None, count: int | None) -> bytes:
    """The header in the first frame, changed."""
    changed = bytearray(mp3)
    place = max(mp3.find(b"Xing", 0, 1441), mp3.find(b"Info", 0, 1441))
    if flags is not None:
        changed[place + 4 : place + 8] = struct.pack(">I", flags)
    if count is not None:
        changed[place + 8 : place + 12] = struct.pack(">I", count)
    return bytes(changed)


class TestHeadersThatLie:
    @pytest.fixture(scope="class")
    @classmethod
    def mp3(cls) -> bytes:
        return encoded(music(SECONDS, 44_100), 44_100, "MP3", bitrate_mode="VARIABLE", compression_level=0.5)

    @pytest.mark.parametrize(
        ("flags", "count", "told"),
        [(None, 0, False), (0, None, False), (None, 115, True), (None, 3, True), (None, 10**9, True)],
    )
    def test_counts_in_mp3(
        self, tmp_path: Path, mp3: bytes, flags: int | None, count: int | None, told: bool
    ) -> None:
        healthy, _ = read(write(tmp_path / "healthy.mp3", mp3))
        out, warnings = read(write(tmp_path / "a.mp3", with_count(mp3, flags, count)))
        assert len(out) / RATE_HZ == pytest.approx(SECONDS, abs=0.1)
        assert correlation(out, healthy[RATE_HZ:-RATE_HZ]) > 0.995
        assert bool(warnings) == told

    def test_a_count_is_told_in_words(self, tmp_path: Path, mp3: bytes) -> None:
        _, warnings = read(write(tmp_path / "a.mp3", with_count(mp3, None, 115)))
        assert warnings == ["its header counts 3.0 s, but it holds 6.0 s, all of which were analysed"]

    @pytest.mark.parametrize("factor", [0.5, 0.01, 2.0])
    @pytest.mark.parametrize("before", [b"", media.id3v2_tag(3000)])
    def test_samples_in_flac(self, tmp_path: Path, factor: float, before: bytes) -> None:
        flac = encoded(music(SECONDS, RATE_HZ), RATE_HZ, "FLAC")
        healthy, _ = read(write(tmp_path / "healthy.flac", flac))
        total = int(factor * SECONDS * RATE_HZ)
        packed = int.from_bytes(flac[18:26], "big") >> 36 << 36 | total
        out, warnings = read(
            write(tmp_path / "a.flac", before + flac[:18] + packed.to_bytes(8, "big") + flac[26:])
        )
        assert_alike(out, healthy)
        [warning] = warnings
        assert ("truncated" in warning) == (factor > 1)

    def test_flac_that_does_not_know_its_length(self, tmp_path: Path) -> None:
        flac = encoded(music(SECONDS, RATE_HZ), RATE_HZ, "FLAC")
        packed = int.from_bytes(flac[18:26], "big") >> 36 << 36
        out, warnings = read(write(tmp_path / "a.flac", flac[:18] + packed.to_bytes(8, "big") + flac[26:]))
        assert len(out) == SECONDS * RATE_HZ
        assert warnings == []

    @pytest.mark.parametrize("declared", [0, 1000, 2 * RATE_HZ])
    @pytest.mark.parametrize(
        ("file_format", "size_places", "code"),
        [("WAV", (4, 40), "<I"), ("AIFF", (4, 22, 42), ">I"), ("AU", (8,), ">I")],
    )
    def test_recordings_that_were_not_finished(
        self, tmp_path: Path, file_format: str, size_places: tuple[int, ...], code: str, declared: int
    ) -> None:
        if file_format == "AU" and declared:
            pytest.skip("what follows its audio is a comment")
        content = bytearray(encoded(music(SECONDS, RATE_HZ), RATE_HZ, file_format, "PCM_16"))
        healthy, _ = read(write(tmp_path / "healthy", bytes(content)))
        for place in size_places:
            content[place : place + 4] = struct.pack(code, declared)
        out, warnings = read(write(tmp_path / "a", bytes(content)))
        assert_alike(out, healthy)
        [warning] = warnings
        assert "its header" in warning
        assert "6.0 s, all of which were analysed" in warning

    def test_what_follows_the_audio_of_a_wav_is_not_played(self, tmp_path: Path) -> None:
        content = encoded(music(SECONDS, RATE_HZ), RATE_HZ, "WAV", "PCM_16")
        healthy, _ = read(write(tmp_path / "healthy.wav", content))
        noise = np.random.default_rng(0).bytes(50_001)
        chunk = b"LGWV" + struct.pack("<I", len(noise)) + noise + b"\0"
        for behind in (
            chunk,
            chunk[:-1],
            chunk * 2,
            bytes(60_000),
            media.ape_tag(noise),
            media.id3v2_tag(40_000),
        ):
            out, warnings = read(write(tmp_path / "a.wav", content + behind))
            np.testing.assert_array_equal(out, healthy)
            assert warnings == []


class TestFlaws:
    """What is broken costs itself, and players go on."""

    @pytest.mark.parametrize("at", [0.05, 0.5, 0.95])
    def test_one_byte_in_flac_costs_a_frame(self, tmp_path: Path, at: float) -> None:
        flac = bytearray(encoded(music(SECONDS, RATE_HZ), RATE_HZ, "FLAC"))
        healthy, _ = read(write(tmp_path / "healthy.flac", bytes(flac)))
        flac[int(at * len(flac))] ^= 0x10
        out, warnings = read(write(tmp_path / "a.flac", bytes(flac)))
        lost = len(healthy) - len(out)
        assert 0 < lost <= 2 * 4096  # where the header of a frame is hit, the one before goes with it
        np.testing.assert_allclose(out[-1000:], healthy[-1000:], atol=1e-6)
        [warning] = warnings
        assert " could not be decoded at 0:0" in warning

    @pytest.mark.parametrize("inserted", [bytes(5000), b"\xff" * 5000, np.random.default_rng(0).bytes(5000)])
    def test_junk_in_mp3(self, tmp_path: Path, inserted: bytes) -> None:
        mp3 = encoded(music(SECONDS, 44_100), 44_100, "MP3")
        healthy, _ = read(write(tmp_path / "healthy.mp3", mp3))
        half = len(mp3) // 2
        out, warnings = read(write(tmp_path / "a.mp3", mp3[:half] + inserted + mp3[half:]))
        assert len(out) / RATE_HZ == pytest.approx(SECONDS, abs=0.15)
        assert np.abs(out).max() == pytest.approx(np.abs(healthy).max(), rel=0.1)  # no bang
        np.testing.assert_allclose(out[: 2 * RATE_HZ], healthy[: 2 * RATE_HZ], atol=1e-4)
        assert correlation(out[3 * RATE_HZ :], healthy[4 * RATE_HZ : 5 * RATE_HZ]) > 0.995
        assert any("are no audio and were skipped" in warning for warning in warnings)

    def test_a_cut_wav_and_a_missing_file_stay_what_they_were(self, tmp_path: Path) -> None:
        wav = encoded(music(SECONDS, RATE_HZ), RATE_HZ, "WAV", "PCM_16")
        out, warnings = read(write(tmp_path / "a.wav", wav[: len(wav) // 2]))
        assert len(out) / RATE_HZ == pytest.approx(SECONDS / 2, abs=0.01)
        assert warnings == ["truncated or broken: analysed the first 3.0 s of 6.0 s"]


PICTURE = np.random.default_rng(7).bytes(70_000)


class TestTags:
    """Tags of other formats, anywhere: no warning, and the same samples."""

    @pytest.mark.parametrize(
        "tag",
        [
            media.id3v1_tag(),
            media.ape_tag(PICTURE),
            media.lyrics3_tag(b"la " * 2000) + media.id3v1_tag(),
            media.id3v2_tag(50_000),
            bytes(30_000),
        ],
        ids=["id3v1", "ape", "lyrics3", "id3v2", "zeros"],
    )
    @pytest.mark.parametrize("suffix", ["flac", "mp3"])
    def test_behind(self, tmp_path: Path, suffix: str, tag: bytes) -> None:
        content = encoded(music(SECONDS, 44_100), 44_100, suffix.upper())
        healthy, _ = read(write(tmp_path / f"healthy.{suffix}", content))
        out, warnings = read(write(tmp_path / f"a.{suffix}", content + tag))
        assert_alike(out, healthy)
        assert len(out) == pytest.approx(len(healthy), abs=0.03 * RATE_HZ)
        assert warnings == []

    @pytest.mark.parametrize(
        "tag",
        [
            media.ape_tag(PICTURE),
            media.id3v2_tag(100) + media.ape_tag(PICTURE),
            media.id3v2_tag(60_000) * 2,
            bytes(70_000) + media.id3v1_tag(),
        ],
    )
    def test_before_mp3(self, tmp_path: Path, tag: bytes) -> None:
        content = encoded(music(SECONDS, 44_100), 44_100, "MP3")
        healthy, _ = read(write(tmp_path / "healthy.mp3", content))
        out, warnings = read(write(tmp_path / "a.mp3", tag + content))
        assert_alike(out, healthy)
        assert warnings == []

    def test_between_joined_mp3s(self, tmp_path: Path) -> None:
        content = encoded(music(SECONDS, 44_100), 44_100, "MP3")
        healthy, _ = read(write(tmp_path / "healthy.mp3", content))
        tag = media.ape_tag(PICTURE) + media.id3v1_tag() + media.id3v2_tag(9000)
        for between in (b"", tag, bytes(30_000)):
            out, warnings = read(write(tmp_path / "a.mp3", content + between + content))
            assert_alike(out, np.concatenate([healthy, healthy]), atol=3e-3)
            assert warnings == []

    def test_joined_mp3s_of_constant_and_variable_bit_rate(self, tmp_path: Path) -> None:
        constant, variable = (  # whose headers have different names
            encoded(music(2, 22_050, 1), 22_050, "MP3", bitrate_mode=mode, compression_level=0.5)
            for mode in ("CONSTANT", "VARIABLE")
        )
        parts = [constant, constant, variable]
        healthy = [read(write(tmp_path / "healthy.mp3", part))[0] for part in parts]
        out, _ = read(write(tmp_path / "a.mp3", b"".join(parts)))
        assert_alike(out, np.concatenate(healthy), atol=3e-3)

    def test_zeros_between_joined_mp3s_without_headers(self, tmp_path: Path) -> None:
        content = encoded(music(3, 24_000, 2), 24_000, "MP3", bitrate_mode="CONSTANT")
        healthy, _ = read(write(tmp_path / "healthy.mp3", content))
        out, warnings = read(write(tmp_path / "a.mp3", content + bytes(1000) + content))
        assert len(out) == pytest.approx(2 * len(healthy), abs=2)
        assert_alike(out, np.concatenate([healthy, healthy]), atol=3e-3)
        assert warnings == []


class TestChunks:
    """What recorders, samplers and other programs put before the audio."""

    @pytest.mark.parametrize("padded", [True, False])
    @pytest.mark.parametrize("order", ["<", ">"])
    def test_of_odd_size(self, tmp_path: Path, padded: bool, order: str) -> None:
        file_format, first = ("WAV", b"iXML") if order == "<" else ("AIFF", b"NAME")
        content = encoded(music(3, RATE_HZ), RATE_HZ, file_format, "PCM_16")
        healthy, _ = read(write(tmp_path / "healthy", content))
        chunk = b"".join(
            name + struct.pack(f"{order}I", len(text)) + text + b"\0" * padded
            for name, text in ((first, b"<x/>a"), (b"bext", b"b" * 603))
        )
        out, warnings = read(write(tmp_path / "a", content[:12] + chunk + content[12:]))
        np.testing.assert_array_equal(out, healthy)
        assert warnings == []

    def test_a_maze_of_them_ends(self, tmp_path: Path) -> None:
        maze = (b"AAAA" + struct.pack("<I", 1) + b"A") * 5000
        with pytest.raises(InputError):
            read(write(tmp_path / "a.wav", b"RIFF" + struct.pack("<I", len(maze)) + b"WAVE" + maze))

    def test_a_recording_beyond_4_gb_that_was_not_finished(self, tmp_path: Path) -> None:
        content = bytearray(encoded(music(SECONDS, RATE_HZ), RATE_HZ, "RF64", "PCM_16"))
        data = content.find(b"data")
        content[data + 4 : data + 8] = b"\xff" * 4
        content[28:36] = bytes(8)
        out, [warning] = read(write(tmp_path / "a.wav", bytes(content)))
        assert len(out) == SECONDS * RATE_HZ
        assert "says that it is empty, but it holds 6.0 s" in warning


def test_a_track_that_begins_late_is_whole(tmp_path: Path) -> None:
    file = io.BytesIO()
    with av.open(file, "w", format="webm") as container:
        stream = container.add_stream("libopus", rate=48_000, layout="mono")
        frame = av.AudioFrame.from_ndarray(music(SECONDS, 48_000).T.copy(), "flt", "mono")
        frame.sample_rate, frame.pts = 48_000, 3 * 48_000
        for packet in (*stream.encode(frame), *stream.encode(None)):
            container.mux(packet)
    out, warnings = read(write(tmp_path / "a.webm", file.getvalue()))
    assert len(out) / RATE_HZ == pytest.approx(SECONDS, abs=0.1)
    assert warnings == []


def test_dsd_is_read_as_the_same_music_in_a_wav(tmp_path: Path) -> None:
    out, warnings = read(write(tmp_path / "a.dsf", media.dsf(music(3, RATE_HZ)[:, 0], RATE_HZ)))
    assert len(out) / RATE_HZ == pytest.approx(3, abs=0.05)
    assert correlation(out, middle(3)) > 0.998  # the modulator hisses
    assert warnings == []


class TestTracks:
    @pytest.fixture
    def two(self, tmp_path: Path) -> Path:
        tracks = [np.zeros((4 * 44_100, 2), np.float32), music(4, 44_100, 2)]
        return write(tmp_path / "a.m4a", muxed(tracks, 44_100, "mp4", "aac", default=1))

    def test_the_default_is_taken_and_told(self, two: Path) -> None:
        out, warnings = read(two)
        assert correlation(out, middle(4)) > 0.97
        [warning] = warnings
        assert warning.startswith("has 2 audio tracks (1 ")
        assert "track 2 was analysed" in warning

    def test_another_can_be_chosen(self, two: Path) -> None:
        out, warnings = read(two, track=1)
        assert np.abs(out).max() < 1e-3
        assert warnings == []
        with pytest.raises(InputError, match="has no audio track 3; it has 2 audio tracks"):
            read(two, track=3)

    def test_files_with_one(self, tmp_path: Path) -> None:
        soundfile.write(tmp_path / "a.wav", music(2, RATE_HZ), RATE_HZ)
        assert len(read(tmp_path / "a.wav", track=1)[0]) == 2 * RATE_HZ
        with pytest.raises(InputError, match="has no audio track 2; it has one audio track"):
            read(tmp_path / "a.wav", track=2)


class TestDisguises:
    def test_a_stream_of_cd_players_in_wav_is_decoded(self, tmp_path: Path) -> None:
        stream = muxed([music(SECONDS, 48_000, 2)], 48_000, "spdif", "ac3", bit_rate=448_000)
        soundfile.write(tmp_path / "a.wav", np.frombuffer(stream, "<i2").reshape(-1, 2), 48_000)
        out, _ = read(tmp_path / "a.wav")
        assert correlation(out, middle(SECONDS)) > 0.97

    def test_what_cannot_be_decoded_there_is_refused(self, tmp_path: Path) -> None:
        frames = b"".join(b"\x7f\xfe\x80\x01" + np.random.default_rng(k).bytes(2008) for k in range(200))
        soundfile.write(tmp_path / "a.wav", np.frombuffer(frames, "<i2").reshape(-1, 2), 44_100)
        with pytest.raises(InputError, match="holds a compressed stream"):
            read(tmp_path / "a.wav")

    def test_an_inverted_channel_is_no_compressed_stream(self, tmp_path: Path) -> None:
        left = np.random.default_rng(0).normal(0, 1000, 3 * RATE_HZ).astype("<i2")
        stereo = np.stack([left, ~left], axis=1)  # +384 and -385 are a sync word
        assert stereo[:16_000].tobytes().count(b"\x7f\xfe\x80\x01") > 2
        soundfile.write(tmp_path / "a.wav", stereo, RATE_HZ)
        _, warnings = read(tmp_path / "a.wav")
        assert "cancel each other" in warnings[0]

    @pytest.mark.parametrize(("bits", "encoding"), [(24, b"in24"), (32, b"in32")])
    def test_little_endian_aiff(self, tmp_path: Path, bits: int, encoding: bytes) -> None:
        samples = music(2, RATE_HZ)
        integers = (samples[:, 0] * (2 ** (bits - 1) - 1)).astype("<i4")
        packed = integers.view(np.uint8).reshape(-1, 4)[:, : bits // 8].tobytes()
        rate = b"\x40\x0d\xac\x44" + bytes(6)
        comm = struct.pack(">HIH", 1, len(samples), bits) + rate + encoding + b"\0\0"
        wave = b"\0\0\0\x0cfrma" + encoding + b"\0\0\0\x0aenda\0\1" + bytes(8)
        chunks = [(b"COMM", comm), (b"wave", wave), (b"SSND", bytes(8) + packed)]
        body = b"AIFC" + b"".join(name + struct.pack(">I", len(data)) + data for name, data in chunks)
        path = write(tmp_path / "a.aifc", b"FORM" + struct.pack(">I", len(body)) + body)
        out, _ = read(path)
        np.testing.assert_allclose(out, samples[:, 0], atol=1e-6)
        path.write_bytes(path.read_bytes().replace(encoding, b"fl32"))
        with pytest.raises(InputError, match="little-endian aiff of an encoding that cannot be read"):
            read(path)


class TestOpenFiles:
    @pytest.mark.parametrize("file_format", ["WAV", "FLAC", "MP3", "OGG"])
    def test_by_libsndfile(self, tmp_path: Path, file_format: str) -> None:
        content = encoded(music(3, 44_100, 2), 44_100, file_format)
        expected, _ = read(write(tmp_path / "a", content))
        file = io.BytesIO(content)
        file.seek(99)
        reader = AudioReader(file, RATE_HZ)
        np.testing.assert_allclose(np.concatenate(list(reader.blocks())), expected, atol=1e-6)
        assert not file.closed
        with (tmp_path / "a").open("rb") as opened:
            reader = AudioReader(opened, RATE_HZ)
            np.testing.assert_allclose(np.concatenate(list(reader.blocks())), expected, atol=1e-6)

    def test_by_ffmpeg(self, tmp_path: Path) -> None:
        content = muxed([music(3, 44_100, 2)], 44_100, "ipod", "aac")
        expected, _ = read(write(tmp_path / "a.m4a", content))
        reader = AudioReader(io.BytesIO(content), RATE_HZ)
        np.testing.assert_array_equal(np.concatenate(list(reader.blocks())), expected)

    def test_that_can_only_be_read_forwards(self) -> None:
        class Pipe(io.BytesIO):
            def seekable(self) -> bool:
                return False

        content = encoded(music(3, RATE_HZ), RATE_HZ, "FLAC")
        reader = AudioReader(Pipe(content), RATE_HZ)
        assert sum(map(len, reader.blocks())) == 3 * RATE_HZ

    def test_errors_name_what_they_can(self, tmp_path: Path) -> None:
        with pytest.raises(InputError, match="<file object>: the file is empty"):
            list(AudioReader(io.BytesIO(), RATE_HZ).blocks())
        with pytest.raises(InputError, match="<file object>: is opened as text, not as bytes"):
            list(AudioReader(io.StringIO("text"), RATE_HZ).blocks())  # type: ignore[arg-type]
        path = write(tmp_path / "text.wav", b"no audio")
        with path.open("rb") as opened, pytest.raises(InputError, match=r"text\.wav: not an audio file"):
            list(AudioReader(opened, RATE_HZ).blocks())


class TestSamples:
    @pytest.mark.parametrize("rate_hz", [RATE_HZ, 44_100])
    def test_they_are_read_like_a_file_of_them(self, tmp_path: Path, rate_hz: int) -> None:
        samples = music(3, rate_hz, 2)
        soundfile.write(tmp_path / "a.wav", samples, rate_hz, subtype="FLOAT")
        expected, _ = read(tmp_path / "a.wav")
        for given in (samples, samples.astype(np.float64), np.asfortranarray(samples)):
            reader = AudioReader((given, rate_hz), RATE_HZ)
            np.testing.assert_array_equal(np.concatenate(list(reader.blocks())), expected)

    @pytest.mark.parametrize("kind", [np.int16, np.int32, np.uint8])
    def test_integers_of_full_scale(self, kind: type) -> None:
        lowest, highest = np.iinfo(kind).min, np.iinfo(kind).max
        wave = 0.5 * np.sin(np.arange(2 * RATE_HZ) / 20)
        given = ((wave + 1) / 2 * (highest - lowest) + lowest).astype(kind)
        out = np.concatenate(list(AudioReader((given, RATE_HZ), RATE_HZ).blocks()))
        np.testing.assert_allclose(out, wave, atol=0.02)

    @pytest.mark.parametrize("shape", [(2, 44_100), (2, 3, 4), ()])
    def test_other_shapes_are_refused(self, shape: tuple[int, ...]) -> None:
        with pytest.raises(UsageError, match=r"samples are \(n,\) or \(n, channels\)"):
            list(AudioReader((np.zeros(shape), RATE_HZ), RATE_HZ).blocks())

    @pytest.mark.parametrize("rate_hz", [float("nan"), float("inf"), 0, -44_100, "fast", 44_100.5])
    def test_other_rates_are_refused(self, rate_hz: float) -> None:
        with pytest.raises(UsageError, match="a sample rate is a whole number of Hz, not"):
            list(AudioReader((np.zeros(9), rate_hz), RATE_HZ).blocks())  # type: ignore[arg-type]

    @pytest.mark.parametrize("shape", [(0,), (0, 2), (9, 0)])
    def test_no_samples_are_no_audio(self, shape: tuple[int, ...]) -> None:
        with pytest.raises(InputError, match="<samples>: contains no audio samples"):
            list(AudioReader((np.zeros(shape), RATE_HZ), RATE_HZ).blocks())

    def test_what_is_no_number_is_refused(self) -> None:
        with pytest.raises(UsageError, match="not complex128"):
            list(AudioReader((np.zeros(9, complex), RATE_HZ), RATE_HZ).blocks())
        with pytest.raises(InputError, match="<samples>: contains NaN"):
            list(AudioReader((np.full(RATE_HZ * 2, np.nan), RATE_HZ), RATE_HZ).blocks())


def test_where_channels_cancel(tmp_path: Path) -> None:
    samples = np.repeat(music(8, RATE_HZ), 2, axis=1)
    samples[4 * RATE_HZ :, 1] *= -1
    soundfile.write(tmp_path / "a.wav", samples, RATE_HZ, subtype="FLOAT")
    reader = AudioReader(tmp_path / "a.wav", RATE_HZ)
    list(reader.blocks())
    assert reader.cancelled == [(pytest.approx(4, abs=0.01), pytest.approx(8))]
    [warning] = reader.warnings
    assert warning.startswith("its channels cancel each other from 0:04 to 0:08 ")


@pytest.mark.parametrize("offset", [0.2, -0.05])
def test_a_constant_offset_is_taken_away(tmp_path: Path, offset: float) -> None:
    samples = music(8, RATE_HZ)[:, 0] * 0.5
    soundfile.write(tmp_path / "a.wav", samples, RATE_HZ, subtype="FLOAT")
    soundfile.write(tmp_path / "offset.wav", samples + offset, RATE_HZ, subtype="FLOAT")
    np.testing.assert_allclose(read(tmp_path / "offset.wav")[0], read(tmp_path / "a.wav")[0], atol=2e-4)


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("cut", [None, 40_000])
def test_a_wav_whose_audio_goes_on_in_further_chunks(tmp_path: Path, channels: int, cut: int | None) -> None:
    parts = [music(3, 44_100, channels), music(2, 44_100, channels)]
    takes = [encoded(part, 44_100, "WAV")[44:] for part in parts]
    odd = takes[0] + b"\x07\x07" if channels == 2 else takes[0]  # half a frame more
    header = encoded(parts[0][:1], 44_100, "WAV")[12:36]
    content = header + b"data" + struct.pack("<I", len(odd)) + odd + b"LIST" + struct.pack("<I", 4) + b"INFO"
    content += b"data" + struct.pack("<I", len(takes[1])) + takes[1]
    content = content[: len(content) - (cut or 0)]
    path = write(tmp_path / "a.wav", b"RIFF" + struct.pack("<I", len(content) + 4) + b"WAVE" + content)
    out, warnings = read(path)
    whole, _ = read(write(tmp_path / "b.wav", encoded(np.concatenate(parts), 44_100, "WAV")))
    assert_alike(out, whole[: len(out)])
    lost_s = (cut or 0) / 2 / channels / 44_100
    assert abs(len(whole) - len(out) - lost_s * RATE_HZ) < 5
    assert any("truncated" in warning for warning in warnings) == (lost_s > 0.25)


def test_mp3s_that_were_joined_though_only_the_first_has_a_header(tmp_path: Path) -> None:
    sound = music(2.5, 24_000, 2)
    parts = [
        encoded(sound, 24_000, "MP3", bitrate_mode=mode, compression_level=quality)
        for mode, quality in (("VARIABLE", 0.5), ("CONSTANT", 0.8))  # too small frames for a header
    ]
    assert b"Xing" in parts[0][:200]
    assert not any(name in part[:200] for part in parts[1:] for name in (b"Xing", b"Info"))
    alone = [read(write(tmp_path / f"{number}.mp3", part))[0] for number, part in enumerate(parts)]
    out, _ = read(write(tmp_path / "a.mp3", b"".join(parts)))
    first = len(alone[0])
    assert_alike(out[:first], alone[0])
    assert_alike(out[first:][: len(alone[1])], alone[1], atol=5e-3)
    assert len(out) == sum(map(len, alone))
