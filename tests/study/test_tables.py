"""Scores and tables: from result files and ratings, with the published numbers beside them."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from midcli.corpora.corpus import Corpus
from midcli.errors import DataError
from midcli.study.formats import csv_text, markdown, markdown_report, study_object
from midcli.study.metrics import bootstrap_difference_interval, bootstrap_interval, pearson
from midcli.study.recipes import RECIPES
from midcli.study.remarks import facts, remarks, rough_duration, score
from midcli.study.results import find_results
from midcli.study.scores import ScoreBook, compute_scores, from_json, read_scores, to_json, write_scores
from midcli.study.tables import Cell, Row, Table, emotion_table, paper_tables, quality_table
from midcli.views.terminal.tables import ScoreTable
from tests.result_files import made_up_run, made_with, rated_corpus
from tools.publish_scores import (
    BEGIN,
    DOCUMENT,
    END,
    README,
    RESULTS,
    SCORES,
    published_scores,
    published_tables,
    summary,
    with_tables,
)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    return rated_corpus(tmp_path_factory.mktemp("corpus"))


@pytest.fixture(scope="module")
def book(corpus: Corpus) -> ScoreBook:
    schemes = {"a2e": [0, 1, 2], "a2mid": [0, 1], "a2mid2e": [0, 1], "joint": [1, 2, 3]}
    runs = [made_up_run(corpus, scheme, seed) for scheme, seeds in schemes.items() for seed in seeds]
    runs += [made_up_run(corpus, "joint", seed, "fixed36") for seed in (0, 1)]
    runs += [made_up_run(corpus, "a2mid", 0, "midlevel")]
    return compute_scores(runs, corpus, corpus)


def rows(table) -> dict[str, Row]:
    return {row.name: row for row in table.rows}


def test_cells_are_mean_and_deviation_of_r_over_seeds(corpus: Corpus, book: ScoreBook) -> None:
    row = rows(emotion_table(book, "random", "paper"))["A2E"]
    scores = []
    for seed in (0, 1, 2):
        run = made_up_run(corpus, "a2e", seed)
        rated = np.array([corpus.emotion[corpus.ids.index(name)] for name in run.test])
        scores.append(pearson(run.emotion, rated))
    assert row.runs == 3
    assert [cell.mean for cell in row.cells[:8]] == pytest.approx(np.mean(scores, axis=0).tolist())
    assert row.cells[0].deviation == pytest.approx(np.std([s[0] for s in scores], ddof=1))
    assert row.cells[8].mean == pytest.approx(np.mean(scores))
    assert [cell.published for cell in row.cells] == [0.81, 0.79, 0.84, 0.82, 0.81, 0.66, 0.60, 0.75, 0.76]


def test_rows_are_those_of_the_paper(book: ScoreBook) -> None:
    emotions = rows(emotion_table(book, "random", "paper"))
    assert list(emotions) == ["Mid2E", "A2E", "A2Mid2E", "A2Mid2E-Joint", "CoE A2Mid2E", "CoE Joint"]
    qualities = quality_table(book, "random", "paper")
    assert list(rows(qualities)) == ["A2Mid+", "A2Mid+ (60)", "A2Mid", "Joint"]
    # 60 excerpts are not the paper's 5000
    assert not any(cell.published for cell in rows(qualities)["A2Mid+ (60)"].cells)
    # the paper's table lists stability before complexity
    assert qualities.columns[2:4] == ("rhythmic_complexity", "rhythmic_stability")
    assert [cell.published for cell in rows(qualities)["Joint"].cells[2:4]] == [0.46, 0.34]


def test_cost_is_over_the_splits_that_both_schemes_have(book: ScoreBook) -> None:
    cost = rows(emotion_table(book, "random", "paper"))["CoE Joint"]
    study = book.study("random", "paper")
    direct, joint = (study.schemes[name].emotion.with_means for name in ("a2e", "joint"))
    assert cost.runs == 2
    expected = (direct[1:] - joint[:2]).mean(axis=0)
    assert [cell.mean for cell in cost.cells] == pytest.approx(expected.tolist())
    assert cost.ahead(Cell(0.01, published=0.02)) == 1
    assert cost.ahead(Cell(0.03, published=0.02)) == -1


def test_the_interval_of_a_cost_is_over_the_runs_of_its_mean(corpus: Corpus) -> None:
    shared = [made_up_run(corpus, scheme, seed, "fixed36") for scheme in ("a2e", "joint") for seed in (0, 1)]
    alone = [made_up_run(corpus, "a2e", seed, "fixed36", noise=3.0) for seed in (2, 3, 4)]
    books = [compute_scores(runs, corpus) for runs in (shared, shared + alone)]
    tables = [emotion_table(book, "fixed36", "paper") for book in books]
    few, all_runs = (rows(table)["CoE Joint"] for table in tables)
    assert few == all_runs
    assert rows(tables[0])["A2E"] != rows(tables[1])["A2E"]


def test_fixed36_has_its_own_published_numbers_and_an_interval(book: ScoreBook) -> None:
    table = emotion_table(book, "fixed36", "paper")
    joint = rows(table)["A2Mid2E-Joint"]
    assert "2025" in (table.published_by or "")
    assert joint.cells[8].published == 0.68
    low, high = joint.cells[8].interval
    assert low < joint.cells[8].mean < high
    assert "intervals" in markdown(table)
    assert rows(emotion_table(book, "random", "paper"))["A2E"].cells[8].interval is None


def test_runs_on_changing_excerpts_have_no_bootstrap_interval(corpus: Corpus) -> None:
    runs = [made_up_run(corpus, "a2e", 0), *(made_up_run(corpus, "joint", seed) for seed in range(3))]
    table = emotion_table(compute_scores(runs, corpus), "random", "paper")
    assert all(cell.interval is None for row in table.rows for cell in row.cells)
    assert "bootstrap" not in " ".join([markdown(table), *remarks(table)])


def test_the_cost_on_fixed36_has_an_interval_of_paired_draws(corpus: Corpus) -> None:
    runs = [made_up_run(corpus, scheme, seed, "fixed36") for scheme in ("a2e", "joint") for seed in (0, 1)]
    made = compute_scores(runs, corpus)
    cost = rows(emotion_table(made, "fixed36", "paper"))["CoE Joint"].cells[8]
    low, high = cost.interval
    assert low < cost.mean < high
    assert "CoE Joint" in markdown(emotion_table(from_json(to_json(made)), "fixed36", "paper"))
    # the same predictions cost nothing, whatever is drawn
    rated = corpus.emotion
    predicted = np.array([rated + np.random.default_rng(0).normal(size=rated.shape)])
    ends = bootstrap_difference_interval(predicted, predicted.copy(), rated, resamples=50)
    assert not np.any(ends)


def test_facts_say_what_flatters_or_explains_the_scores(corpus: Corpus, book: ScoreBook) -> None:
    lines = facts(book, "random", "paper")
    albums = {excerpt.id: excerpt.group for excerpt in corpus.excerpts}
    run = made_up_run(corpus, seed=0)
    known = {albums[name] for name in (*run.train, *run.validation)}
    expected = sum(albums[name] in known for name in run.test)
    shares = book.study("random", "paper").schemes["a2e"].known_groups
    assert shares[0] == expected
    assert any(line.startswith("Of the 12 test excerpts ") and "albums" in line for line in lines)
    assert "Mid2E: regression on the annotations of 10 splits." in lines


@pytest.mark.parametrize(("count", "said"), [(2, 0), (3, 1)])
def test_what_joint_training_gains_is_said_from_three_runs_on(corpus: Corpus, count: int, said: int) -> None:
    separate = [made_up_run(corpus, "a2mid2e", seed, noise=1.0) for seed in range(count)]
    joint = [made_up_run(corpus, "joint", seed) for seed in range(count)]
    lines = facts(compute_scores([*separate, *joint], corpus), "random", "paper")
    assert sum("trained jointly" in line for line in lines) == said


def test_gains_of_joint_training_that_may_be_chance_are_unsaid(corpus: Corpus) -> None:
    separate = [made_up_run(corpus, "a2mid2e", seed, noise=0.1) for seed in range(5)]
    luckier = [made_up_run(corpus, "joint", seed, noise=0.0999) for seed in range(5)]
    other_splits = [made_up_run(corpus, "joint", seed, noise=0.01) for seed in range(5, 10)]
    for joint in (luckier, other_splits):
        lines = facts(compute_scores([*separate, *joint], corpus), "random", "paper")
        assert not any("trained jointly" in line for line in lines)


@pytest.mark.parametrize(("errors", "said"), [(2.75, False), (2.8, True)])
def test_splits_that_share_excerpts_make_the_gain_of_joint_training_less_sure(
    book: ScoreBook, errors: float, said: bool
) -> None:
    # five runs that test one excerpt for every two others: the variance of the mean is 1/5 + 1/2 of the runs'
    gains = 0.01 * np.arange(-2, 3) / np.std(np.arange(-2, 3), ddof=1)
    gains += errors * 0.01 * np.sqrt(7 / 10)
    study = book.study("random", "paper")
    schemes = {
        name: replace(
            study.schemes[name],
            seeds=(0, 1, 2, 3, 4),
            emotion=replace(study.schemes[name].emotion, runs=np.tile(level[:, np.newaxis], 8)),
            train=30,
            validation=10,
            test=20,
        )
        for name, level in (("a2mid2e", np.full(5, 0.5)), ("joint", 0.5 + gains))
    }
    lines = facts(replace(book, studies=(replace(study, schemes=schemes),)), "random", "paper")
    assert any("trained jointly" in line for line in lines) == said


def test_what_joint_training_gains_is_unsaid_where_all_runs_test_the_same(corpus: Corpus) -> None:
    separate = [made_up_run(corpus, "a2mid2e", seed, "fixed36", noise=1.0) for seed in range(5)]
    joint = [made_up_run(corpus, "joint", seed, "fixed36") for seed in range(5)]
    lines = facts(compute_scores([*separate, *joint], corpus), "fixed36", "paper")
    assert not any("trained jointly" in line for line in lines)


def test_bootstrap_interval_covers_as_often_as_it_says() -> None:
    rng = np.random.default_rng(0)
    inside = 0
    for _ in range(100):
        rated = rng.normal(size=(60, 1))
        predicted = 0.6 * rated + 0.8 * rng.normal(size=(60, 1))
        low, high = bootstrap_interval(predicted[np.newaxis], rated, resamples=300)
        inside += low[0] <= 0.6 <= high[0]
    assert 85 <= inside <= 100


def test_regression_on_annotations_is_scored_on_held_out_excerpts(corpus: Corpus) -> None:
    scores = compute_scores([], corpus).regression["random"].runs
    assert scores.shape == (10, 8)
    rng = np.random.default_rng(0)
    excerpts = tuple(replace(e, emotion=rng.normal(size=8)) for e in corpus.excerpts)
    unrelated = compute_scores([], replace(corpus, excerpts=excerpts)).regression["random"].runs
    assert abs(unrelated.mean()) < 0.15 < scores.mean()


def test_runs_of_different_recipes_or_data_are_not_mixed(corpus: Corpus) -> None:
    run, other = made_up_run(corpus, seed=0), made_up_run(corpus, "a2mid", 1, "midlevel")
    with pytest.raises(DataError, match=r"a2mid-paper-seed1\.json: was made with another recipe"):
        compute_scores([run, made_with(other, recipe="other")], corpus, corpus)
    with pytest.raises(DataError, match=r"joint-paper-seed0\.json: was made with another data set"):
        compute_scores([made_with(run, data="other")], corpus)
    with pytest.raises(DataError, match="was made with another split"):
        compute_scores([replace(run, seed=1)], corpus)


def test_what_is_learned_from_beside_is_said_and_not_mixed(corpus: Corpus) -> None:
    runs = [made_up_run(corpus, seed=seed) for seed in (0, 1)]
    assert not any("other corpora" in line for line in facts(compute_scores(runs, corpus), "random", "paper"))
    beside = [replace(run, beside={"mirex": 468, "emotify": 200}) for run in runs]
    book = from_json(to_json(compute_scores(beside, corpus)))
    words = "Each run learned from other corpora too: 468 of mirex, 200 of emotify, without groups"
    assert any(line.startswith(words) for line in facts(book, "random", "paper"))
    with pytest.raises(
        DataError, match=r"learned from mirex, emotify beside, joint-paper-seed0\.json from noth"
    ):
        compute_scores([runs[0], beside[1]], corpus)


def test_runs_are_scored_on_their_own_ratings_alone(corpus: Corpus) -> None:
    ratings = tuple(replace(excerpt, emotion=excerpt.emotion[::-1]) for excerpt in corpus.excerpts)
    with pytest.raises(DataError, match="another data set"):
        compute_scores([made_up_run(corpus)], replace(corpus, excerpts=ratings))


def test_constant_predictions_have_no_score(corpus: Corpus) -> None:
    run = made_up_run(corpus, "a2e")
    constant = {name: replace(p, emotion=(0.5, *p.emotion[1:])) for name, p in run.predictions.items()}
    made = compute_scores([replace(run, predictions=constant)], corpus)
    cells = rows(emotion_table(made, "random", "paper"))["A2E"].cells
    assert (cells[0].mean, cells[8].mean) == (None, None)
    assert cells[1].mean is not None
    assert '"valence": {"mean": null' in __import__("json").dumps(study_object(made, "random", "paper"))


def test_scores_survive_their_file(tmp_path: Path, book: ScoreBook) -> None:
    write_scores(tmp_path / "scores.json", book)
    again = read_scores(tmp_path / "scores.json")
    assert to_json(again) == to_json(book)
    assert again.date == "2026-01-04"
    (tmp_path / "scores.json").write_text('{"schema": "other"}')
    with pytest.raises(DataError, match=r"scores\.json"):
        read_scores(tmp_path / "scores.json")


def test_partial_sets_say_how_many_runs(corpus: Corpus, book: ScoreBook) -> None:
    assert "| A2E | 3 |" in markdown(emotion_table(book, "random", "paper"))
    lines = facts(book, "random", "paper")
    assert any("a2e: 3 runs (seeds 0 to 2)" in line and "7 epochs" in line for line in lines)
    assert any(
        "stopped early on the validation excerpts alone, after 300 epochs at" in line for line in lines
    )
    tested = len({name for seed in range(3) for name in made_up_run(corpus, seed=seed).test})
    assert any("a2e: 3 runs" in line and f"{tested} different excerpts tested" in line for line in lines)
    assert any("a2mid2e: 2 runs" in line and line.endswith("with the networks of a2mid") for line in lines)
    assert any("cpu, 1 threads" in line and "38 s" in line for line in lines)


def test_which_excerpts_were_never_seen(corpus: Corpus, book: ScoreBook) -> None:
    assert facts(book, "fixed36", "paper")[-1] == f"Never seen by any run: {', '.join(corpus.fixed_test)}."
    seen = {name for seed in range(4) for name in made_up_run(corpus, seed=seed).train}
    never = set(corpus.ids) - seen
    words = facts(book, "random", "paper")[-1]
    assert all(name not in seen for name in never)
    assert all(name not in words for name in seen)


def test_a_recipe_chosen_on_overlapping_excerpts_says_so(corpus: Corpus) -> None:
    book = compute_scores([replace(made_up_run(corpus), recipe="default")], corpus)
    assert any(
        "chosen among the excerpts outside fixed36" in line for line in facts(book, "random", "default")
    )


def test_what_is_fitted_in_closed_form_has_no_epochs(corpus: Corpus) -> None:
    book = compute_scores([replace(made_up_run(corpus, stopping="fixed"), recipe="default")], corpus)
    text = " ".join(facts(book, "random", "default"))
    assert "fitted in closed form" in text
    assert "epochs" not in text
    assert "0 validation" not in text


def test_every_cell_that_is_far_from_the_published_number_is_commented_on() -> None:
    cells = (
        Cell(0.9, 0.01, 0.8, (0.85, 0.95), runs=3),
        Cell(0.7, 0.01, 0.8, (0.6, 0.85), runs=3),
        Cell(0.81, 0.01, 0.8, runs=3),
    )
    row = Row("A2E", 3, cells)
    costs = (Cell(0.1, 0.01, 0.0, runs=3), Cell(-0.1, 0.01, 0.0, runs=3), Cell(0.0, 0.1, 0.0, runs=3))
    cost = Row("CoE Joint", 3, costs, is_cost=True)
    table = Table("emotions", "title", ("valence", "energy", "mean"), (row, cost), "someone")
    better, worse, chance = remarks(table)
    far = "More than 2 standard deviations of our runs"
    assert better == f"{far} better than published: A2E valence; CoE Joint energy."
    assert worse == f"{far} worse than published: A2E energy; CoE Joint valence."
    assert chance.endswith("outside our bootstrap intervals are A2E valence.")
    console = Console(width=200, record=True, color_system=None, file=__import__("io").StringIO())
    console.print(ScoreTable(table))
    assert better in console.export_text()


def test_nothing_far_means_no_comment() -> None:
    row = Row("A2E", 3, (Cell(0.81, 0.01, 0.8, (0.7, 0.9), runs=3),))
    assert remarks(Table("emotions", "title", ("mean",), (row,), "someone")) == []


@pytest.mark.parametrize("width", [40, 80, 100, 200])
def test_tables_fit_the_terminal(book: ScoreBook, width: int) -> None:
    console = Console(width=width, record=True, color_system=None, file=__import__("io").StringIO())
    for table in paper_tables(book, "random", "paper"):
        console.print(ScoreTable(table))
    text = console.export_text()
    assert max(map(len, text.splitlines())) <= width
    for word in ("valence", "tender", "mean", "minorness", "A2Mid2E-Joint", "CoE Joint", "A2Mid+ (60)"):
        assert word in text
    assert "…" not in text


def test_every_cell_is_in_the_csv(book: ScoreBook) -> None:
    lines = csv_text(book, [("random", "paper"), ("fixed36", "paper")]).splitlines()
    header = lines[0].split(",")
    assert header[:7] == ["protocol", "recipe", "table", "row", "runs", "label", "mean"]
    assert all(len(line.split(",")) == len(header) for line in lines)
    cells = sum(
        len(row.cells)
        for protocol in ("random", "fixed36")
        for table in paper_tables(book, protocol, "paper")
        for row in table.rows
    )
    assert len(lines) == 1 + cells


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.824, ".82"), (-0.04, "−.04"), (-0.001, ".00"), (1.0, "1.00"), (None, "–"), (0.999, "1.00")],
)
def test_numbers_as_in_the_paper(value: float | None, text: str) -> None:
    assert score(value) == text


@pytest.mark.parametrize(("seconds", "text"), [(5, "5 s"), (600, "10 min"), (36000, "10.0 h")])
def test_durations(seconds: float, text: str) -> None:
    assert rough_duration(seconds) == text


def test_devices_are_counted_where_there_are_several(corpus: Corpus) -> None:
    runs = [made_up_run(corpus, "a2e", seed) for seed in (0, 1, 2)]
    others = [*runs[:1], *(replace(run, device="H100") for run in runs[1:])]
    alike, mixed = (facts(compute_scores(made, corpus), "random", "paper")[1] for made in (runs, others))
    assert alike.endswith("on average, cpu, 1 threads; 38 s in all")
    assert mixed.endswith("on average, 2 on H100; 1 on cpu, 1 threads; 38 s in all")


@pytest.mark.parametrize(("shared", "said"), [(6, False), (7, True)])
def test_test_parts_that_runs_mostly_share_are_said(book: ScoreBook, shared: int, said: bool) -> None:
    study = book.study("random", "paper")
    assert study.schemes["a2e"].test == 12
    same = replace(study.schemes["a2e"], never_seen=tuple(map(str, range(shared))))
    lines = facts(replace(book, studies=(replace(study, schemes={"a2e": same}),)), "random", "paper")
    assert (
        any(line.startswith("7 of the 12 test excerpts are the same in every run") for line in lines) == said
    )


def test_far_cells_are_marked() -> None:
    assert Cell(0.8, 0.02, 0.75, runs=3).far
    assert not Cell(0.8, 0.03, 0.75, runs=3).far
    assert not Cell(0.8, None, 0.1, runs=1).far
    # .7549 rounds to .75 too
    assert not Cell(0.8, 0.024, 0.75, runs=3).far
    # the deviation of two runs says little
    assert not Cell(0.8, 0.02, 0.75, runs=2).far


def test_the_text_around_the_tables_is_kept(book: ScoreBook, tmp_path: Path) -> None:
    document = tmp_path / "accuracy.md"
    document.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    tables = published_tables(book)
    assert with_tables(document, tables) == f"before\n{tables}\nafter\n"
    assert markdown_report(book, [("random", "paper")]) in tables
    document.write_text("nothing")
    with pytest.raises(SystemExit, match="lacks"):
        with_tables(document, tables)


@pytest.mark.parametrize(("document", "tables"), [(DOCUMENT, published_tables), (README, summary)])
def test_documents_show_the_published_scores(document: Path, tables: Callable[[ScoreBook], str]) -> None:
    assert with_tables(document, tables(read_scores(SCORES))) == document.read_text("utf-8"), (
        f"{document.name} has drifted: python -m tools.publish_scores --tables"
    )


def test_committed_runs_are_those_of_the_recipes_and_the_published_scores() -> None:
    runs = find_results(RESULTS)
    for run in runs:
        assert run.fingerprints.recipe == RECIPES[run.recipe].fingerprint(), run.key
    published = {
        (study.protocol, study.recipe, scheme): scores.seeds
        for study in read_scores(SCORES).studies
        for scheme, scores in study.schemes.items()
    }
    present: dict[tuple[str, str, str], tuple[int, ...]] = {}
    for run in sorted(runs, key=lambda run: run.seed):
        key = (run.protocol, run.recipe, run.scheme)
        present[key] = (*present.get(key, ()), run.seed)
    assert published == present


@pytest.mark.data
def test_published_scores_follow_from_the_committed_runs() -> None:
    assert_close(to_json(published_scores()), to_json(read_scores(SCORES)))


@pytest.mark.data
def test_regression_reaches_what_the_paper_reports() -> None:
    scores = published_scores().regression["random"].with_means.mean(axis=0)
    paper = np.array([0.88, 0.80, 0.84, 0.65, 0.82, 0.81, 0.74, 0.73, 0.79])
    assert np.abs(scores - paper).max() < 0.03


def assert_close(value, expected) -> None:
    """Equal but for the last decimal of numbers."""
    if isinstance(expected, dict):
        assert value.keys() == expected.keys()
        for key in expected:
            assert_close(value[key], expected[key])
    elif isinstance(expected, (list, tuple)):
        assert len(value) == len(expected)
        for one, other in zip(value, expected, strict=True):
            assert_close(one, other)
    elif isinstance(expected, float):
        assert value == pytest.approx(expected, abs=2e-4)
    else:
        assert value == expected


def test_scores_object_is_read_back(book: ScoreBook) -> None:
    assert to_json(from_json(to_json(book))) == to_json(book)
