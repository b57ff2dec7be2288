from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")
torch.set_num_threads(1)  # threads would wait for each other longer than tiny networks take
pytest.importorskip("torchaudio")

from midcli.corpora.splits import split
from midcli.errors import DataError, UsageError
from midcli.study.enough import check_rated
from midcli.study.recipes import FILM
from midcli.study.regression import fit_linear
from midcli.training.experiment import a2mid2e_from_a2mid, fit_model, run_experiment
from tests.training_corpus import TINY, made_up_corpus

CORPUS, SPECTROGRAMS = made_up_corpus(30)
SPLIT = split(CORPUS, "random", 0, validate=True)


def run(scheme="joint", recipe=TINY, seed=0, corpus=CORPUS, **options):
    return run_experiment(corpus, SPLIT, scheme, recipe, seed, SPECTROGRAMS, device="cpu", **options)


@pytest.mark.parametrize(
    ("scheme", "midlevel", "emotion"), [("joint", 7, 8), ("a2mid", 7, None), ("a2e", None, 8)]
)
def test_predicts_exactly_the_test_excerpts(scheme, midlevel, emotion):
    result = run(scheme)
    assert sorted(result.predictions) == sorted(SPLIT.test)
    for values in result.predictions.values():
        assert (values["midlevel"] and len(values["midlevel"])) == midlevel
        assert (values["emotion"] and len(values["emotion"])) == emotion
    assert (result.train_midlevel is not None) == (scheme == "a2mid")
    assert result.epochs == 3
    assert result.device.startswith("cpu")
    assert {"torch", "numpy", "midcli", "python"} <= set(result.versions)


def test_predictions_are_on_the_scale_of_networks():
    emotions = np.array([values["emotion"] for values in run().predictions.values()])
    assert 0.1 < emotions.mean() < 0.9


def test_test_excerpts_touch_nothing_but_the_prediction():
    changed = [
        replace(excerpt, midlevel=excerpt.midlevel + 5, emotion=excerpt.emotion * 0)
        if excerpt.id in SPLIT.test
        else excerpt
        for excerpt in CORPUS.excerpts
    ]
    assert run(corpus=replace(CORPUS, excerpts=tuple(changed))).predictions == run().predictions


def test_validation_decides_nothing_with_fixed_epochs():
    result = run_experiment(
        CORPUS, replace(SPLIT, validation=()), "joint", TINY, 0, SPECTROGRAMS, device="cpu"
    )
    assert result.predictions == run().predictions


def test_a2mid2e_is_a2mid_and_ordinary_regression():
    a2mid, direct = run("a2mid"), run("a2mid2e")
    derived = a2mid2e_from_a2mid(CORPUS, a2mid)
    emotions = {excerpt.id: excerpt.emotion * 0.1 for excerpt in CORPUS.excerpts}
    fitted = fit_linear(
        np.array([a2mid.train_midlevel[name] for name in SPLIT.train]),
        np.array([emotions[name] for name in SPLIT.train]),
    )
    for name in SPLIT.test:
        expected = fitted(np.array([a2mid.predictions[name]["midlevel"]]))[0]
        assert derived.predictions[name]["emotion"] == pytest.approx(expected.tolist(), abs=1e-6)
        assert direct.predictions[name]["emotion"] == pytest.approx(expected.tolist(), abs=1e-4)
        assert derived.predictions[name]["midlevel"] == a2mid.predictions[name]["midlevel"]
    with pytest.raises(UsageError, match="a2mid"):
        a2mid2e_from_a2mid(CORPUS, run("a2e"))


def test_a_fitted_model_keeps_its_checkpoint_and_tells_of_each_epoch(tmp_path):
    epochs = []
    fit_model(
        CORPUS,
        SPLIT.train,
        (),
        "joint",
        TINY,
        0,
        SPECTROGRAMS,
        checkpoint=tmp_path / "run.pt",
        on_progress=lambda progress: epochs.append((progress.epoch, progress.epochs)),
        device="cpu",
    )
    assert epochs == [(epoch, 3) for epoch in range(1, 4)]
    assert [path.name for path in tmp_path.iterdir()] == ["run.pt"]


def test_what_is_fitted_in_closed_form_is_computed_on_the_cpu():
    recipe = replace(FILM, landmarks=20, copies=0)
    result = run_experiment(CORPUS, SPLIT, "joint", recipe, 0, SPECTROGRAMS, device="meta")
    assert result.device.startswith("cpu")


def test_what_does_not_fit_is_refused():
    with pytest.raises(UsageError, match="scheme nonsense"):
        run("nonsense")
    with pytest.raises(UsageError, match="device nonsense"):
        run_experiment(CORPUS, SPLIT, "a2e", TINY, 0, SPECTROGRAMS, device="nonsense")
    stopping = replace(TINY, stopping="validation")
    with pytest.raises(DataError, match="no validation part"):
        run_experiment(CORPUS, replace(SPLIT, validation=()), "a2e", stopping, 0, SPECTROGRAMS)


def test_labels_that_are_hardly_rated_are_named():
    excerpts = []
    for excerpt in CORPUS.excerpts:
        emotion = excerpt.emotion.copy()
        emotion[6] = np.nan
        excerpts.append(replace(excerpt, emotion=emotion))
    unrated = replace(CORPUS, excerpts=tuple(excerpts))
    with pytest.raises(
        DataError, match=r"at least 10 .* there are 0 for sad \(8 of 30 excerpts are held out\)$"
    ):
        run(corpus=unrated)
    assert run("a2mid", corpus=unrated).predictions


def test_too_few_excerpts_are_counted_and_not_every_label_is_named():
    with pytest.raises(DataError, match=r"there are 7 for every label \(23 of 30 excerpts are held out\)$"):
        check_rated(CORPUS, CORPUS.ids[:7], "joint")
    few = replace(CORPUS, excerpts=(replace(CORPUS.excerpts[0], midlevel=np.full(7, np.nan)),))
    with pytest.raises(DataError, match=r"there are 0 to 1 for every label$"):
        check_rated(few, few.ids, "joint")
