import errno
import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from midcli.errors import InputError, OutputError, UsageError
from midcli.explanation.records import (
    PREDICT_SCHEMA,
    ModelInfo,
    Prediction,
    Source,
    Value,
)
from midcli.explanation.reference import Comparison
from midcli.labels import EMOTION_NAMES, QUALITY_NAMES
from midcli.library.journal import Journal
from midcli.library.predicting import Format, write_table
from midcli.library.tasks import Outcome, failure
from midcli.util.files import lock
from midcli.util.text import json_line
from tests.views.test_terminal import analysis as made_up_analysis

MODEL = ModelInfo("tiny", "0", "m" * 64)
COMPARISON = Comparison(made_up_analysis().context)


def source_of(path: Path) -> Source:
    return Source(path.read_text(), path.stat().st_size, path.stat().st_mtime_ns)


def analysed(path: Path, **values: Any) -> Outcome:
    """The content of these files is a few letters, which stand for their hash."""
    source = source_of(path)
    record = Prediction(
        file=str(path),
        duration_s=3.0,
        model=MODEL,
        reference="40 made-up excerpts",
        midlevel=dict.fromkeys(QUALITY_NAMES, Value(5.0, 5.0, 50.0)),
        emotions=dict.fromkeys(EMOTION_NAMES, Value(4.0, 4.0, 50.0)),
        warnings=(),
        novelty=None,
        source=source,
    )
    return Outcome(str(path), replace(record, **values), source)


def row(outcome: Outcome) -> dict[str, Any]:
    assert outcome.record
    return outcome.record.to_dict()


def known(path: Path) -> Outcome:
    return Outcome(str(path), None, source_of(path))


def failed(path: Path, problem: str = "broken") -> Outcome:
    return failure(InputError(path, problem), source_of(path) if path.exists() else None)


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.fixture
def audio(tmp_path: Path) -> Path:
    path = tmp_path / "a.wav"
    path.write_text("aa")
    return path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "library.jsonl"


def test_rows_are_on_disk_at_once(path: Path, audio: Path) -> None:
    with Journal(path) as journal:
        journal.add(analysed(audio))
        assert rows(path) == [row(analysed(audio))]


def test_file_vanishes_without_rows_if_it_is_new(path: Path, audio: Path) -> None:
    with Journal(path):
        assert path.exists()
    assert not path.exists()
    path.touch()
    with Journal(path):
        pass
    assert path.exists()
    with Journal(path) as journal:
        journal.add(analysed(audio))
    with Journal(path):
        pass
    assert rows(path)


def test_analysed_file_is_known_until_it_changes(path: Path, audio: Path) -> None:
    with Journal(path) as journal:
        assert not journal.has(audio)
        journal.add(analysed(audio))
    with Journal(path) as journal:
        assert journal.model == MODEL
        assert journal.has(audio)
        os.utime(audio, ns=(0, 0))
        assert not journal.has(audio)
        assert journal.contents_like(audio) == {"aa"}
        audio.write_text("longer")
        assert not journal.has(audio)
        assert journal.contents_like(audio) == frozenset()


def test_failed_file_is_tried_again_and_its_row_replaced(path: Path, audio: Path) -> None:
    with Journal(path) as journal:
        journal.add(failed(audio))
        assert not journal.has(audio)
        assert journal.contents_like(audio) == frozenset()
        assert journal.model is None
    with Journal(path) as journal:
        journal.add(analysed(audio))
        assert len(rows(path)) == 2
        journal.tidy()
    assert rows(path) == [row(analysed(audio))]


def test_same_failure_again_is_not_written_again(path: Path, audio: Path) -> None:
    with Journal(path) as journal:
        journal.add(failed(audio))
        before = path.read_bytes()
        journal.add(failed(audio))
        assert path.read_bytes() == before
        journal.add(failed(audio, "otherwise broken"))
        assert len(rows(path)) == 2


def test_moved_file_keeps_its_row_under_the_new_name(path: Path, audio: Path, tmp_path: Path) -> None:
    with Journal(path) as journal:
        journal.add(analysed(audio, duration_s=3.0))
    moved = audio.rename(tmp_path / "b.wav")
    with Journal(path) as journal:
        record = journal.add(known(moved))
        assert isinstance(record, Prediction)
        assert record.file == str(moved)
        assert record.duration_s == 3.0
        assert journal.has(moved)
        journal.tidy()
    assert rows(path) == [record.to_dict()]


def test_a_rename_that_was_not_tidied_is_noticed_again(path: Path, audio: Path, tmp_path: Path) -> None:
    with Journal(path) as journal:
        journal.add(analysed(audio))
    moved = audio.rename(tmp_path / "b.wav")
    with Journal(path) as journal:
        journal.add(known(moved))  # and stopped
    with Journal(path) as journal:
        assert [record.file for record in journal.records()] == [str(moved)]
        journal.tidy()
    assert [row["file"] for row in rows(path)] == [str(moved)]


def test_copies_out_of_reach_keep_their_rows(path: Path, audio: Path, tmp_path: Path) -> None:
    copy = tmp_path / "b.wav"
    copy.write_text(audio.read_text())
    with Journal(path) as journal:
        journal.add(analysed(audio))
        journal.add(known(copy))
    audio.unlink()
    copy.unlink()
    with Journal(path) as journal:
        assert len(list(journal.records())) == 2


@pytest.mark.skipif(sys.platform == "win32", reason="there are no locks")
def test_a_file_that_another_run_replaces_is_opened_anew(
    path: Path, audio: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Journal(path) as journal:
        journal.add(analysed(audio))
    replaced: list[bytes] = []

    def replace_before_the_lock(file: IO[Any]) -> bool:
        if not replaced:
            replaced.append(path.read_bytes())
            path.unlink()
            path.write_bytes(replaced[0])
        return lock(file)

    monkeypatch.setattr("midcli.library.journal.lock", replace_before_the_lock)
    with Journal(path) as journal:
        journal.add(analysed(audio, duration_s=4.0))
    assert [row["duration_s"] for row in rows(path)] == [3.0, 4.0]


def test_copied_file_gets_a_row_of_its_own(path: Path, audio: Path, tmp_path: Path) -> None:
    copy = tmp_path / "b.wav"
    copy.write_text("aa")
    with Journal(path) as journal:
        journal.add(analysed(audio))
        journal.add(known(copy))
        journal.tidy()
    assert [row["file"] for row in rows(path)] == [str(audio), str(copy)]


def test_another_path_to_a_file_replaces_its_row(
    path: Path, audio: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "music").symlink_to(tmp_path, target_is_directory=True)
    with Journal(path) as journal:
        journal.add(analysed(Path(audio.name)))
        for other in (audio, Path("music") / audio.name, audio):
            journal.add(known(other))
            assert [record.file for record in journal.records()] == [str(other)]


@pytest.mark.parametrize("link", [os.link, os.symlink])
def test_links_in_a_library_have_rows_of_their_own(
    path: Path, audio: Path, tmp_path: Path, link: Callable[[Path, Path], None]
) -> None:
    link(audio, tmp_path / "b.wav")
    with Journal(path) as journal:
        journal.add(analysed(audio))
        journal.add(known(tmp_path / "b.wav"))
        assert [record.file for record in journal.records()] == [str(audio), str(tmp_path / "b.wav")]
        assert journal.has(audio)


def test_records_come_by_the_names_of_their_files(path: Path, audio: Path, tmp_path: Path) -> None:
    other = tmp_path / "zz.wav"
    other.write_text("other")
    with Journal(path) as journal:
        journal.add(analysed(other))
        journal.add(analysed(audio))
        assert [record.file for record in journal.records()] == [str(audio), str(other)]


def test_content_moves_to_another_name_while_the_old_name_gets_new_content(
    path: Path, audio: Path, tmp_path: Path
) -> None:
    with Journal(path) as journal:
        journal.add(analysed(audio, duration_s=1.0))
        moved = audio.rename(tmp_path / "b.wav")
        audio.write_text("cc")
        journal.add(analysed(audio, duration_s=2.0))
        journal.add(known(moved))
        journal.tidy()
        kept = [record for record in journal.records() if isinstance(record, Prediction)]
        assert {record.file: record.duration_s for record in kept} == {
            str(audio): 2.0,
            str(moved): 1.0,
        }


def test_good_row_stays_when_its_file_is_out_of_reach(path: Path, audio: Path) -> None:
    with Journal(path) as journal:
        journal.add(analysed(audio))
        audio.unlink()
        journal.add(failed(audio, "no such file"))
        journal.tidy()
    assert "error" not in rows(path)[0]


def test_good_row_goes_when_its_file_has_become_bad(path: Path, audio: Path) -> None:
    with Journal(path) as journal:
        journal.add(analysed(audio))
        audio.write_text("bad")
        journal.add(failed(audio))
        journal.tidy()
    (row,) = rows(path)
    assert "error" in row


def test_names_that_are_not_text_do_not_replace_each_other(path: Path, tmp_path: Path) -> None:
    names = [os.fsdecode(name) for name in (b"\xe8.wav", b"\xe9.wav")]
    for name, content in zip(names, ("aa", "bb"), strict=True):
        (tmp_path / name).write_text(content)
    with Journal(path) as journal:
        for name in names:
            journal.add(analysed(tmp_path / name, file=str(tmp_path / "\N{REPLACEMENT CHARACTER}.wav")))
        journal.tidy()
        assert len(rows(path)) == 2
        journal.add(known(tmp_path / names[0]))
        assert len(rows(path)) == 2


def test_copies_of_what_has_no_valid_name_take_nothing_from_it(path: Path, tmp_path: Path) -> None:
    original, copy = tmp_path / os.fsdecode(b"\xe8.wav"), tmp_path / "copy.wav"
    for file in (original, copy):
        file.write_text("aa")
    with Journal(path) as journal:
        journal.add(analysed(original, file=str(tmp_path / "\N{REPLACEMENT CHARACTER}.wav")))
        journal.add(known(copy))
        journal.tidy()
        assert [Path(row["file"]).name for row in rows(path)] == ["\N{REPLACEMENT CHARACTER}.wav", "copy.wav"]


@pytest.mark.parametrize("torn", ['{"sch', '{"schema": "midcli.predict/1", "file": "b', "{"])
def test_row_that_a_crash_left_incomplete_is_dropped(path: Path, audio: Path, torn: str) -> None:
    with Journal(path) as journal:
        journal.add(analysed(audio))
    whole = path.read_bytes()
    path.write_bytes(whole + torn.encode())
    with Journal(path) as journal:
        assert path.read_bytes() == whole
        assert journal.has(audio)


@pytest.mark.parametrize(
    "content",
    [
        b"my notes",
        b"my notes\n",
        b"\xff\xfe\x00\n",
        b"{}\n",
        b"[]\n",
        b'{"schema": "midcli.explain/1", "file": "a"}\n',
        b'{"schema": "midcli.predict/1", "file": 1, "error": {}}\n',
        b'{"schema": "midcli.predict/1", "file": "a", "source": 3, "error": {}}\n',
        b'{"schema": "midcli.predict/1", "file": "a"}\n',
        b'{"schema": "midcli.predict/1", "fi\n',
        b"[" * 100_000 + b"\n",
    ],
)
def test_other_files_are_refused_and_stay_as_they_are(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(UsageError, match="line 1 is no result"):
        Journal(path)
    assert path.read_bytes() == content


def test_other_emotions_than_the_eight_are_refused_under_their_name(path: Path, audio: Path) -> None:
    described = row(analysed(audio))
    described["emotions"]["angered"] = described["emotions"].pop("anger")
    path.write_text(json_line(described) + "\n")
    with pytest.raises(UsageError, match="line 1 is no result"):
        Journal(path)


@settings(deadline=None)  # tags are read by a library that takes a while to import
@given(data=st.data())
def test_any_change_of_a_row_is_refused_or_harmless(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("journal")
    (folder / "a.wav").write_text("aa")
    whole = part = json.loads(json.dumps(row(analysed(folder / "a.wav"))))
    while data.draw(st.booleans()):
        deeper = [value for value in part.values() if isinstance(value, dict)]
        part = data.draw(st.sampled_from(deeper)) if deeper else part
    key = data.draw(st.sampled_from(sorted(part)))
    value = data.draw(st.sampled_from([None, 3, "text", [], {}, [1], {"x": 1}, -1.5, True, 10**400, 1e999]))
    if data.draw(st.booleans()):
        part[key] = value
    else:
        del part[key]
    (folder / "x.jsonl").write_text(json.dumps(whole) + "\n")
    try:
        with Journal(folder / "x.jsonl") as journal:
            journal.has(folder / "a.wav")
            write_table(journal.records(), folder / "x.csv", Format.csv)
            for kept in journal.records():
                COMPARISON.of(kept)
    except UsageError:
        pass


@given(content=st.binary(min_size=1, max_size=60))
def test_any_other_content_is_refused_or_kept(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.mktemp("journal") / "x.jsonl"
    failure_row = {"schema": PREDICT_SCHEMA, "file": "a", "error": {"kind": "input", "message": "x"}}
    good = json_line(failure_row).encode() + b"\n"
    path.write_bytes(good + content)
    try:
        with Journal(path):
            assert path.read_bytes().startswith(good)
    except UsageError:
        assert path.read_bytes() == good + content


def test_two_runs_cannot_write_to_one_file(path: Path) -> None:
    with Journal(path), pytest.raises(UsageError, match="another midcli is writing"):
        Journal(path)


def test_place_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot be written: No such file or directory"):
        Journal(tmp_path / "missing" / "x.jsonl")
    with pytest.raises(OutputError, match="cannot be written: Is a directory"):
        Journal(tmp_path)


def test_link_is_kept_when_tidied(path: Path, audio: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.jsonl"
    link.symlink_to(path)
    with Journal(link) as journal:
        journal.add(failed(audio))
        journal.add(analysed(audio))
        journal.tidy()
    assert link.is_symlink()
    assert rows(path) == [row(analysed(audio))]


def test_rows_can_be_read_and_added_after_tidying(path: Path, audio: Path, tmp_path: Path) -> None:
    other = tmp_path / "b.wav"
    other.write_text("bb")
    with Journal(path) as journal:
        journal.add(failed(audio))
        journal.add(analysed(audio))
        journal.tidy()
        assert list(journal.records()) == [analysed(audio).record]
        journal.add(analysed(other))
    assert rows(path) == [row(analysed(audio)), row(analysed(other))]


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="cannot say which files are open")
def test_no_open_file_is_replaced_on_windows(
    path: Path, audio: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real_replace = Path.replace

    def replace(new: Path, old: Path) -> Path:
        opened = [os.path.realpath(link) for link in Path("/proc/self/fd").iterdir()]
        assert not {str(new), str(old)} & set(opened)
        return real_replace(new, old)

    monkeypatch.setattr("sys.platform", "win32")
    with Journal(path) as journal:
        journal.add(failed(audio))
        journal.add(analysed(audio))
        monkeypatch.setattr(Path, "replace", replace)
        journal.tidy()
    assert rows(path) == [row(analysed(audio))]


def test_whole_rows_replace_quick_ones_and_never_the_reverse(audio: Path, tmp_path: Path) -> None:
    path = tmp_path / "library.jsonl"
    with Journal(path, quick=True) as journal:
        assert not journal.has(audio)
        journal.add(analysed(audio, heard_s=61.44))
        assert journal.has(audio)
    with Journal(path) as journal:
        assert not journal.has(audio)
        assert journal.contents_like(audio) == frozenset()
        journal.add(analysed(audio))
        assert journal.has(audio)
        journal.tidy()
    assert [row.get("heard_s") for row in rows(path)] == [None]
    with Journal(path, quick=True) as journal:
        assert journal.has(audio)
        assert journal.contents_like(audio) == {"aa"}


def test_rows_without_facts_do_not_suffice_where_facts_are_wanted(audio: Path, tmp_path: Path) -> None:
    path = tmp_path / "library.jsonl"
    measured = analysed(audio, facts={"tempo_bpm": 120.0, "key": "C major", "minor_lead": None, "tempi": []})
    with Journal(path) as journal:
        journal.add(analysed(audio))
    with Journal(path, facts=True) as journal:
        assert not journal.has(audio)
        assert journal.contents_like(audio) == frozenset()
        journal.add(measured)
        assert journal.has(audio)
        journal.tidy()
    with Journal(path) as journal:
        assert journal.has(audio)
        assert list(journal.records()) == [measured.record]


def test_rows_of_another_track_do_not_suffice(audio: Path, tmp_path: Path) -> None:
    path = tmp_path / "library.jsonl"
    with Journal(path) as journal:
        journal.add(analysed(audio))
    with Journal(path, track=2) as journal:
        assert not journal.has(audio)
        assert journal.contents_like(audio) == frozenset()
        journal.add(analysed(audio, track=2))
        assert journal.has(audio)
        journal.tidy()
    assert [row["track"] for row in rows(path)] == [2]
    with Journal(path) as journal:
        assert not journal.has(audio)


def test_what_was_analysed_outlives_a_failure_of_more(audio: Path, tmp_path: Path) -> None:
    path = tmp_path / "library.jsonl"
    with Journal(path) as journal:
        journal.add(analysed(audio))
    with Journal(path, track=2) as journal:
        journal.add(failed(audio, "has no audio track 2"))
        assert list(journal.records()) == [analysed(audio).record]
        audio.write_text("another")
        journal.add(failed(audio))
    assert ["error" in row for row in rows(path)] == [False, True]


def test_a_quick_run_takes_over_what_was_heard_whole(audio: Path, tmp_path: Path) -> None:
    path = tmp_path / "library.jsonl"
    copy = tmp_path / "copy.wav"
    copy.write_text("aa")
    with Journal(path) as journal:
        journal.add(analysed(audio))
    with Journal(path, quick=True) as journal:
        journal.add(analysed(copy, heard_s=61.44))  # by another worker, at the same time
        third = tmp_path / "third.wav"
        third.write_text("aa")
        assert journal.contents_like(third) == {"aa"}
        record = journal.add(known(third))
    assert isinstance(record, Prediction)
    assert record.heard_s is None


on_posix = pytest.mark.skipif(sys.platform == "win32", reason="there are no locks")


@on_posix
def test_a_run_that_starts_while_another_ends_without_rows_loses_none(
    path: Path, audio: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both orders: the second run opens the file before it is removed, and while it is removed."""
    unlink, refused = Path.unlink, []

    def unlink_while_another_starts(gone: Path, **options: bool) -> None:
        with pytest.raises(UsageError, match="another midcli") as caught:
            Journal(path)
        refused.append(caught.value)
        unlink(gone, **options)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", unlink_while_another_starts)
        Journal(path).close()
    assert refused
    assert not path.exists()

    first = Journal(path)

    def lock_after_the_end_of_the_first(file: IO[Any]) -> bool:
        first.close()
        return lock(file)

    monkeypatch.setattr("midcli.library.journal.lock", lock_after_the_end_of_the_first)
    with Journal(path) as second:
        second.add(analysed(audio))
    assert rows(path) == [row(analysed(audio))]


@on_posix
def test_a_run_that_starts_while_another_tidies_loses_nothing(
    path: Path, audio: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both orders: the second run opens the file before it is replaced, and just after."""
    rename, refused, tidied = Path.replace, [], []

    def replace_while_another_starts(new: Path, old: Path) -> Path:
        done = rename(new, old)
        with pytest.raises(UsageError, match="another midcli") as caught:
            Journal(path)
        refused.append(caught.value)
        return done

    first = Journal(path)
    first.add(failed(audio))
    first.add(analysed(audio, duration_s=3.0))
    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", replace_while_another_starts)
        first.tidy()
    assert refused
    with pytest.raises(UsageError, match="another midcli"):
        Journal(path)
    first.add(analysed(audio, duration_s=4.0))

    def lock_after_the_end_of_the_first(file: IO[Any]) -> bool:
        if not tidied:
            tidied.append(True)
            first.tidy()
            first.close()
        return lock(file)

    monkeypatch.setattr("midcli.library.journal.lock", lock_after_the_end_of_the_first)
    with Journal(path) as second:
        second.add(analysed(audio, duration_s=5.0))
    assert [each["duration_s"] for each in rows(path)] == [4.0, 5.0]


def test_a_row_that_only_lacks_its_newline_is_kept(path: Path, audio: Path) -> None:
    with Journal(path) as journal:
        journal.add(analysed(audio))
    whole = path.read_bytes()
    path.write_bytes(whole[:-1])
    with Journal(path) as journal:
        assert journal.has(audio)
        assert not journal.repair
        journal.add(analysed(audio, warnings=("odd",)))
    assert path.read_bytes().startswith(whole)
    assert len(rows(path)) == 2


@pytest.mark.parametrize("zeros", [1, 4096, 3 << 20])
@pytest.mark.parametrize("cut", [0, 1, 40])
def test_empty_bytes_of_a_power_cut_are_removed_with_a_word(
    path: Path, audio: Path, tmp_path: Path, zeros: int, cut: int
) -> None:
    other = tmp_path / "b.wav"
    other.write_text("bb")
    with Journal(path) as journal:
        journal.add(analysed(audio))
        journal.add(analysed(other))
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) - cut] + bytes(zeros))
    with Journal(path) as journal:
        assert "empty bytes" in journal.repair
        assert journal.has(audio)
        assert journal.has(other) == (cut < 2)
        assert whole.startswith(path.read_bytes())
    with Journal(path) as journal:
        assert not journal.repair


def test_empty_bytes_within_a_file_are_refused(path: Path, audio: Path) -> None:
    with Journal(path) as journal:
        journal.add(analysed(audio))
    content = path.read_bytes() + bytes(4096) + b"\n"
    path.write_bytes(content)
    with pytest.raises(UsageError, match="line 2 is no result"):
        Journal(path)
    assert path.read_bytes() == content


def test_a_byte_order_mark_is_accepted(path: Path, audio: Path) -> None:
    with Journal(path) as journal:
        journal.add(failed(audio))
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    with Journal(path) as journal:
        journal.add(analysed(audio))
        journal.tidy()
        assert journal.has(audio)
    with Journal(path) as journal:
        assert journal.has(audio)


def test_rows_reach_the_disk_within_seconds(
    path: Path, audio: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    monkeypatch.setattr("midcli.library.journal.SYNC_S", 0.2)
    other = tmp_path / "b.wav"
    other.write_text("bb")
    with Journal(path) as journal:
        monkeypatch.setattr(os, "fsync", lambda _: synced.append(len(rows(path))))
        journal.add(analysed(audio))
        journal.add(analysed(other))
        assert not synced  # not for every row
        deadline = time.monotonic() + 5
        while not synced and time.monotonic() < deadline:
            time.sleep(0.02)
        assert synced == [2]
        journal.add(analysed(audio, warnings=("odd",)))
    assert synced == [2, 3]  # the rest at the end


def test_rows_that_do_not_reach_the_disk_are_told(
    path: Path, audio: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    journal = Journal(path)
    journal.add(analysed(audio))
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError, match="No space left on device"):
        journal.close()


@pytest.mark.skipif(sys.platform == "win32", reason="no limits of the system")
def test_a_row_that_fits_in_part_is_taken_back(path: Path, audio: Path) -> None:
    import resource

    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    with Journal(path) as journal:
        journal.add(analysed(audio))
        resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + 20, limits[1]))
        try:
            with pytest.raises(OutputError, match="cannot be written: File too large"):
                journal.add(analysed(audio, warnings=("odd",)))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert len(rows(path)) == 1


def test_new_files_of_killed_runs_are_removed(path: Path, audio: Path, tmp_path: Path) -> None:
    left, fresh, own = (
        tmp_path / name
        for name in (f".{path.name}.abc.midcli-new", f".{path.name}.def.midcli-new", f".{path.name}.original")
    )
    for file in (left, fresh, own):
        file.touch()
    os.utime(left, (0, 0))
    os.utime(own, (0, 0))
    with Journal(path) as journal:
        journal.add(failed(audio))
        journal.add(analysed(audio))
    assert not left.exists()
    assert fresh.exists()  # may be in use
    assert own.exists()


@pytest.mark.parametrize("quick", [False, True])
def test_another_path_to_a_file_never_gets_a_second_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quick: bool
) -> None:
    music = tmp_path / "music"
    music.mkdir()
    (music / "a.wav").write_text("aa")
    (music / "b.wav").write_text("bbb")
    path = tmp_path / "library.jsonl"
    (tmp_path / "link").symlink_to(music)
    heard = 61.44 if quick else None

    def run(folder: str, cwd: Path, broken: str = "broken") -> None:
        monkeypatch.chdir(cwd)
        with Journal(path, quick) as journal:
            for name in ("a.wav", "b.wav"):
                file = Path(folder) / name
                if journal.has(file):
                    continue
                if source_of(file).sha256 in journal.contents_like(file):
                    journal.add(known(file))
                else:
                    bad = name == "b.wav"
                    journal.add(failed(file, broken) if bad else analysed(file, heard_s=heard))
            journal.tidy()

    run("music", tmp_path)
    for folder, cwd in ((str(music), tmp_path), ("link", tmp_path), ("../music", music), (".", music)):
        run(folder, cwd)
        assert sorted(Path(row["file"]).name for row in rows(path)) == ["a.wav", "b.wav"]
    run(str(music), tmp_path, broken="broken in another way")
    assert [row["error"]["message"] for row in rows(path) if "error" in row] == ["broken in another way"]


def test_a_whole_analysis_by_another_path_replaces_a_quick_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.wav").write_text("aa")
    path = tmp_path / "library.jsonl"
    with Journal(path, quick=True) as journal:
        journal.add(analysed(Path("a.wav"), heard_s=61.44))
    with Journal(path) as journal:
        journal.add(analysed(tmp_path / "a.wav"))
        journal.tidy()
    assert [row.get("heard_s") for row in rows(path)] == [None]


def test_a_file_that_changed_is_the_same_from_within_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    music = tmp_path / "music"
    music.mkdir()
    path = tmp_path / "library.jsonl"
    monkeypatch.chdir(tmp_path)
    (music / "a.wav").write_text("aa")
    (music / "b.wav").write_text("bbb")
    with Journal(path) as journal:
        journal.add(analysed(Path("music/a.wav")))
        journal.add(failed(Path("music/b.wav"), "broken"))
    (music / "a.wav").write_text("another")
    (music / "b.wav").write_text("broken otherwise")
    monkeypatch.chdir(music)
    with Journal(path) as journal:
        journal.add(analysed(Path("a.wav")))
        journal.add(failed(Path("b.wav"), "broken"))
        journal.tidy()
    assert sorted(row["file"] for row in rows(path)) == ["a.wav", "b.wav"]


def test_names_count_from_where_they_were_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    music = tmp_path / "music"
    music.mkdir()
    path = tmp_path / "library.jsonl"
    (music / "a.wav").write_text("aa")
    (tmp_path / "a.wav").write_text("another of that name")
    monkeypatch.chdir(music)
    with Journal(path) as journal:
        journal.add(analysed(Path("a.wav")))
        journal.add(analysed(music / "a.wav"))
        journal.tidy()
    assert [row["source"].get("folder") for row in rows(path)] == [None]
    with Journal(path) as journal:
        journal.add(analysed(Path("a.wav")))
        journal.tidy()
    assert [row["source"]["folder"] for row in rows(path)] == ["music"]
    (music / "a.wav").write_text("changed")
    monkeypatch.chdir(tmp_path)
    with Journal(path) as journal:
        assert not journal.has(Path("a.wav"))
        journal.add(analysed(Path("music/a.wav")))
        journal.add(analysed(Path("a.wav")))
        journal.tidy()
    assert sorted(row["file"] for row in rows(path)) == ["a.wav", "music/a.wav"]


def test_another_file_of_the_same_name_is_not_taken_for_one_beside_the_results(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    for folder in (one, other):
        folder.mkdir()
        (folder / "01.wav").write_text(folder.name)
    path = one / "library.jsonl"
    monkeypatch.chdir(one)
    with Journal(path) as journal:
        journal.add(analysed(Path("01.wav")))
    monkeypatch.chdir(other)
    with Journal(path) as journal:
        assert not journal.has(Path("01.wav"))
        journal.add(analysed(Path("01.wav")))
        journal.tidy()
        assert journal.has(Path("01.wav"))
    assert [row["source"].get("folder") for row in rows(path)] == [None, "../other"]
    (one / "copy.wav").write_text("one")
    monkeypatch.chdir(one)
    with Journal(path) as journal:
        assert journal.has(Path("01.wav"))
        assert journal.is_copy("copy.wav", analysed(Path("copy.wav")).source)
