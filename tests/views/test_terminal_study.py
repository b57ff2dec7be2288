"""The live display of a study: what changes must be on the screen."""

from dataclasses import replace
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.text import Text

from midcli.study.progress import Progress
from midcli.study.runs import Failed, Finished, Job
from midcli.views.terminal.study import StudyDisplay
from tests.result_files import made_up_run, rated_corpus

LINES = 24


def drawn(display: StudyDisplay) -> list[str]:
    console = Console(width=80, height=LINES, color_system=None, file=StringIO())
    console.print(display)
    assert isinstance(console.file, StringIO)
    return console.file.getvalue().splitlines()


def test_running_and_failed_runs_are_on_the_screen_however_many_there_are() -> None:
    jobs = [Job(seed, ("joint",)) for seed in range(40)]
    display = StudyDisplay(jobs, 2, lambda: [Text("table\n" * 50)])
    for job in jobs[:3]:
        display.end(Failed(job, "unlucky"))
    display.advance(jobs[3], Progress(epoch=7, epochs=60, loss=0.5, validation_r=None, seconds_left=120.0))
    on_screen = drawn(display)[:LINES]
    assert on_screen[0].startswith("0 of 40 runs done, 3 failed, at most")
    assert sum("failed" in line for line in on_screen[1:]) == 3
    assert any(line.startswith("joint seed 3") and "7 of 60" in line for line in on_screen)
    assert any(line.startswith("joint seed 4") and "first epoch" in line for line in on_screen)
    assert "and 35 more that are done or waiting" in on_screen
    assert "table" in on_screen


def test_a_few_runs_are_all_shown() -> None:
    jobs = [Job(seed, ("a2e",)) for seed in range(4)]
    lines = drawn(StudyDisplay(jobs, 1, list))
    assert [line.split()[:3] for line in lines if line.startswith("a2e")] == [
        ["a2e", "seed", str(seed)] for seed in range(4)
    ]
    assert sum("waiting" in line for line in lines) == 3


def test_what_is_fitted_in_closed_form_has_no_loss() -> None:
    job = Job(0, ("joint",))
    display = StudyDisplay([job], 1, list)
    display.advance(job, Progress(120, 288, float("nan"), None, 30.0))
    (line,) = (line for line in drawn(display) if line.startswith("joint"))
    assert "120 of 288" in line
    assert "nan" not in line


def test_the_time_left_is_an_upper_bound(tmp_path: Path) -> None:
    jobs = [Job(seed, ("joint",)) for seed in range(3)]
    display = StudyDisplay(jobs, 2, list)
    assert display.seconds_left is None
    display.advance(jobs[0], Progress(100, 300, 0.5, None, 200.0))
    display.advance(jobs[1], Progress(50, 300, 0.5, None, 250.0))
    # the waiting run takes 300 s: 450 s if it starts as late as it can
    assert display.seconds_left is not None
    assert 450 <= display.seconds_left <= 750 / 2 + 300
    stopped_early = replace(made_up_run(rated_corpus(tmp_path)), epochs=100, seconds=100.0)
    display.end(Finished(jobs[0], (stopped_early,)))
    display.end(Failed(jobs[1], "unlucky"))
    assert display.seconds_left == 300
    display.advance(jobs[2], Progress(299, 300, 0.5, None, 1.0))
    assert display.seconds_left == 1
    display.end(Finished(jobs[2], (stopped_early,)))
    assert display.seconds_left == 0


def test_nothing_is_known_of_the_time_left_before_a_run_in_one_step_has_ended() -> None:
    jobs = [Job(seed, ("joint",)) for seed in range(2)]
    display = StudyDisplay(jobs, 1, list)
    display.advance(jobs[0], Progress(1, 1, float("nan"), None, 0.0))
    assert display.seconds_left is None
