import glob
import os
from pathlib import Path

import pytest

from midcli.errors import UsageError
from midcli.library.finding import AudioFile, find_files, paths_matching, take_shard
from tests.audio.test_reading import RATE_HZ, read, tone, write_container


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in (
        "music/b.mp3",
        "music/a.wav",
        "music/deep/down/C.FLAC",
        "music/cover.jpg",
        "music/._a.wav",
        "music/.trash/gone.mp3",
        "[live] song.ogg",
        "notes.txt",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    (tmp_path / "empty").mkdir()
    return tmp_path


def names(*paths: str) -> list[str]:
    files, problems = find_files(paths)
    assert not problems
    return [str(file.path) for file in files]


@pytest.mark.usefixtures("library")
class TestFindFiles:
    def test_folder_is_searched_for_audio_that_is_not_hidden(self) -> None:
        assert names("music") == ["music/a.wav", "music/b.mp3", "music/deep/down/C.FLAC"]

    def test_named_file_is_taken_whatever_its_name(self) -> None:
        assert names("notes.txt", "missing.mp3") == ["notes.txt", "missing.mp3"]

    def test_every_file_once(self) -> None:
        assert names("music/b.mp3", "./music/b.mp3", "music", "music/") == [
            "music/b.mp3",
            "music/a.wav",
            "music/deep/down/C.FLAC",
        ]

    def test_an_empty_name_is_not_the_working_folder(self) -> None:
        files, problems = find_files(["", "music/b.mp3"])
        assert [file.path.name for file in files] == ["b.mp3"]
        assert [str(problem) for problem in problems] == ['"": names no file; a variable may be unset']

    def test_pattern(self) -> None:
        assert names("music/*.mp3") == ["music/b.mp3"]
        assert names("music/**/*.FLAC") == ["music/deep/down/C.FLAC"]
        assert names("mus*") == ["music/a.wav", "music/b.mp3", "music/deep/down/C.FLAC"]

    def test_name_that_looks_like_a_pattern(self) -> None:
        assert names("[live] song.ogg") == ["[live] song.ogg"]

    def test_folder_or_pattern_without_audio(self) -> None:
        files, problems = find_files(["empty", "*.opus", "music/b.mp3"])
        assert [file.path.name for file in files] == ["b.mp3"]
        assert [str(problem) for problem in problems] == [
            "empty: the folder contains no audio files",
            "*.opus: no audio file matches this pattern",
        ]

    def test_linked_folders_are_not_followed_so_that_loops_end(self, library: Path) -> None:
        (library / "music" / "loop").symlink_to(library / "music", target_is_directory=True)
        assert len(names("music")) == 3

    @pytest.mark.parametrize("pattern", ["**/*.wav", "music/**/*.wav", "**", "music/**", "**/music/**/*.wav"])
    def test_patterns_do_not_follow_linked_folders_either(self, library: Path, pattern: str) -> None:
        (library / "music" / "loop").symlink_to(library / "music", target_is_directory=True)
        assert [name for name in names(pattern) if name.endswith(".wav")] == ["music/a.wav"]

    @pytest.mark.parametrize(
        "pattern",
        [
            "**",
            "**/*",
            "**/*.mp3",
            "music/**",
            "music/**/",
            "mus*/**/down/*",
            "**/**/.*",
            "a**/*",
            ".//**/d*/**",
        ],
    )
    def test_patterns_otherwise_mean_what_they_usually_do(self, library: Path, pattern: str) -> None:
        (library / "music" / os.fsdecode(b"\xff.mp3")).touch()
        for start in ("", f"{library}{os.sep}"):
            found = {Path(match) for match in glob.glob(start + pattern, recursive=True)}  # noqa: PTH207
            assert {Path(match) for match in paths_matching(start + pattern)} == found

    @pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads everything")
    def test_folder_that_cannot_be_listed(self, library: Path) -> None:
        (library / "music" / "deep").chmod(0)
        files, problems = find_files(["music"])
        (library / "music" / "deep").chmod(0o755)
        assert len(files) == 2
        assert "cannot be listed: Permission denied" in str(problems[0])

    @pytest.mark.parametrize("pattern", ["mus*", "**", "music/d*"])
    def test_folder_that_cannot_be_listed_below_a_pattern(
        self, pattern: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        real_scandir = os.scandir

        def refuse(path: str | os.PathLike[str]) -> object:
            if Path(path).name == "deep":
                raise PermissionError(13, "Permission denied", os.fspath(path))
            return real_scandir(path)

        monkeypatch.setattr("os.scandir", refuse)
        files, problems = find_files([pattern])
        assert "music/deep/down/C.FLAC" not in [str(file.path) for file in files]
        assert [str(problem) for problem in problems] == [
            "music/deep: the folder cannot be listed: Permission denied"
        ]


@pytest.mark.parametrize(
    ("suffix", "codec"),
    [
        ("3gp", "aac"),
        ("ac3", "ac3"),
        ("avi", "mp3"),
        ("eac3", "eac3"),
        ("flv", "mp3"),
        ("m2ts", "ac3"),
        ("mpg", "mp2"),
        ("ogv", "flac"),
        ("vob", "mp2"),
        ("wmv", "wmav2"),
    ],
)
def test_what_can_be_read_is_found_in_folders(tmp_path: Path, suffix: str, codec: str) -> None:
    path = tmp_path / f"a.{suffix}"
    write_container(path, tone(3, 44_100), 44_100, codec, bit_rate=128_000)
    assert names(str(tmp_path)) == [str(path)]
    assert len(read(path)[0]) / RATE_HZ == pytest.approx(3, abs=0.1)


class TestShards:
    FILES = tuple(AudioFile(Path(f"/here/{number}.mp3"), Path("/here")) for number in range(100))

    @pytest.mark.parametrize("parts", [1, 2, 3, 7])
    def test_parts_are_disjoint_and_complete(self, parts: int) -> None:
        shards = [take_shard(self.FILES, f"{part}/{parts}") for part in range(1, parts + 1)]
        assert sorted(file.path for shard in shards for file in shard) == sorted(
            file.path for file in self.FILES
        )
        assert min(map(len, shards)) > 50 / parts

    def test_same_parts_where_the_folder_is_mounted_elsewhere(self) -> None:
        there = [AudioFile(Path(f"/there/on/{file.path.name}"), Path("/there/on")) for file in self.FILES]
        assert [file.path.name for file in take_shard(there, "2/3")] == [
            file.path.name for file in take_shard(self.FILES, "2/3")
        ]

    def test_a_file_stays_in_its_part_when_others_go(self) -> None:
        part = take_shard(self.FILES, "1/2")
        assert take_shard(self.FILES[::2], "1/2") == [file for file in part if file in self.FILES[::2]]

    @pytest.mark.parametrize(
        "shard", ["0/2", "3/2", "1", "1/0", "a/b", "-1/2", "1/2/3", "", "1/" + "9" * 5000]
    )
    def test_nonsense(self, shard: str) -> None:
        with pytest.raises(UsageError, match="expected i/n"):
            take_shard(self.FILES, shard)
