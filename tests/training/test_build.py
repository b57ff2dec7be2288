import json
from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")
torch.set_num_threads(1)  # threads would wait for each other longer than tiny networks take
pytest.importorskip("torchaudio")

from midcli.corpora.splits import group_folds
from midcli.errors import UsageError
from midcli.labels import EMOTION_NAMES, QUALITY_NAMES
from midcli.model.novelty import NoveltyJudge
from midcli.study.metrics import pearson
from midcli.study.recipes import FILM, Bearing, Kind, Lesson
from midcli.training import build as build_module
from midcli.training.beside import Beside
from midcli.training.build import Plan, build
from midcli.training.sounds import NOT_MUSIC
from tests.training_corpus import TINY, made_up_corpus, make_few_sounds

CORPUS, SPECTROGRAMS = made_up_corpus(36)


@pytest.fixture(autouse=True)
def few_sounds(monkeypatch):
    make_few_sounds(monkeypatch)


@pytest.fixture(autouse=True)
def no_files(monkeypatch):
    monkeypatch.setattr(build_module, "audio_digest", lambda path: f"digest of {path}")


@pytest.fixture
def exported(monkeypatch):
    """What would have been exported."""
    calls = []
    monkeypatch.setattr(build_module, "export", lambda *arguments: calls.append(arguments))
    return calls


def plan(**changes):
    base = Plan(
        "tiny", "9", "joint", TINY, seed=0, folds=3, command="midcli train …", notes={"limits": "tests"}
    )
    return replace(base, **changes)


def run(tmp_path, corpus=CORPUS, chosen=None, spectrograms=SPECTROGRAMS, **options):
    return build(corpus, spectrograms, chosen or plan(), tmp_path / "m.onnx", device="cpu", **options)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The card of the plain plan, and what would have been exported."""
    calls = []
    with pytest.MonkeyPatch.context() as patch:
        make_few_sounds(patch)
        patch.setattr(build_module, "audio_digest", lambda path: f"digest of {path}")
        patch.setattr(build_module, "export", lambda *arguments: calls.append(arguments))
        card = run(tmp_path_factory.mktemp("built"))
    return card, *calls


def test_reference_is_out_of_fold_and_agrees_with_its_registers(built):
    _, (_, model, metadata, checked, half) = built
    reference = metadata["reference"]
    assert reference["ids"] == list(CORPUS.ids)
    midlevel, registers = np.array(reference["midlevel"]), np.array(reference["register_evidence"])
    bias = model.explained.midlevel_bias.detach().numpy()
    assert registers.mean(axis=1) + bias == pytest.approx(midlevel.mean(axis=0), abs=1e-5)
    fitted_to = np.stack([model.predict(SPECTROGRAMS[name]).midlevel for name in CORPUS.ids])
    assert np.abs(midlevel - fitted_to).max() > 1e-3
    assert len(checked) == 3
    assert half is False


def test_no_excerpt_shapes_its_own_reference(built, exported, tmp_path):
    name = CORPUS.ids[5]
    excerpts = [
        replace(excerpt, midlevel=excerpt.midlevel + 4, emotion=excerpt.emotion + 4)
        if excerpt.id == name
        else excerpt
        for excerpt in CORPUS.excerpts
    ]
    run(tmp_path, corpus=replace(CORPUS, excerpts=tuple(excerpts)))
    before, after = (
        np.array(metadata["reference"]["midlevel"]) for _, _, metadata, *_ in (built[1], exported[0])
    )
    fold = next(fold for fold in group_folds(CORPUS, 3, 0) if name in fold)
    unchanged = [row for row, other in enumerate(CORPUS.ids) if other in fold]
    assert (before[unchanged] == after[unchanged]).all()
    assert (before != after).any()


def test_a_users_corpus_called_as_a_published_one_is_not_taken_for_it(exported, tmp_path):
    own, quick = replace(CORPUS, name="soundtracks"), plan(recipe=replace(TINY, epochs=1), folds=2)
    card = run(tmp_path, corpus=own, chosen=quick)
    published = run(tmp_path, corpus=replace(own, published=True), chosen=quick)
    assert [metadata["reference"]["name"].split()[1] for _, _, metadata, *_ in exported] == [
        "soundtracks",
        "film",
    ]
    assert "rights in the training data" in card["licence"]
    assert "academic research" in published["licence"]


def test_card_is_filled_in(built):
    card, (_, _, metadata, *_) = built
    json.dumps(metadata, allow_nan=False)
    predicted = np.array(metadata["reference"]["midlevel"])
    assert card["scores"]["midlevel_r"]["mean"] == pytest.approx(
        pearson(predicted, CORPUS.midlevel).mean(), abs=1e-3
    )
    assert (card["name"], card["version"], card["scheme"], card["seeds"]) == ("tiny", "9", "joint", [0])
    assert card["recipe"] == {
        "name": "tiny",
        "fingerprint": TINY.fingerprint(),
        "epochs": 3,
        "command": "midcli train …",
    }
    assert card["training_ids"] == list(CORPUS.ids)
    assert card["training_files"] == [f"digest of {name}.wav" for name in CORPUS.ids]
    assert set(metadata["calibration"]) == {
        *("coverage", "midlevel", "emotion"),
        *("novelty", "shortest_s"),
    }
    assert NoveltyJudge.from_json(metadata["calibration"]["novelty"]).kinds == tuple(NOT_MUSIC)
    assert 0 <= card["flagged"]["music"] <= 1
    assert 0.6 < card["coverage"]["mean"] < 0.95
    assert set(card["contradicted_correlations"]) <= {
        f"{e} by {q}" for e in EMOTION_NAMES for q in QUALITY_NAMES
    }
    assert card["notes"] == {"limits": "tests"}
    assert {"licence", "date", "versions", "training_data"} <= set(card)


def test_interrupted_build_goes_on_to_the_same_result(built, exported, tmp_path):
    steps = []

    def interrupt(progress):
        if (progress.step, progress.training.epoch) == (3, 2):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, checkpoints=tmp_path / "checkpoints", on_progress=interrupt)
    run(
        tmp_path,
        checkpoints=tmp_path / "checkpoints",
        on_progress=lambda progress: steps.append(progress.step),
    )
    assert set(steps) == {3, 4, 5}
    assert exported[0][2]["reference"] == built[1][2]["reference"]


@pytest.mark.usefixtures("exported")
def test_stopping_by_validation_sets_the_epochs_of_the_final_fit(tmp_path):
    seen = []
    stopping = replace(TINY, stopping="validation", patience=1, epochs=4)
    card = run(tmp_path, chosen=plan(recipe=stopping), on_progress=seen.append)
    best = card["recipe"]["epochs"]
    assert 1 <= best <= 4
    final = [progress for progress in seen if progress.step == 4]
    assert [progress.training.epochs for progress in final] == [best] * best
    assert all(progress.steps == 5 for progress in seen)
    assert [seen[0].name, final[0].name, seen[-1].name] == ["fold 1 of 3", "everything", "novelty"]
    assert seen[-1].seconds_left == 0


@pytest.mark.parametrize(("scheme", "groups"), [("a2e", {"emotion"}), ("a2mid", {"midlevel"})])
def test_other_schemes_describe_what_they_have(scheme, groups, exported, tmp_path):
    run(tmp_path, chosen=plan(scheme=scheme))
    metadata = exported[0][2]
    novelty = {"novelty"} if scheme == "a2mid" else set()
    assert set(metadata["calibration"]) == {"coverage", "shortest_s"} | groups | novelty
    assert ("reference" in metadata) == (scheme == "a2mid")


def test_one_fold_is_refused(tmp_path):
    with pytest.raises(UsageError, match="1 folds"):
        run(tmp_path, chosen=plan(folds=1))


def test_what_is_beside_is_learned_from_and_described_too(exported, tmp_path):
    main, spectrograms = made_up_corpus(24)
    songs, more = made_up_corpus(16, seed=5)
    excerpts = [
        replace(
            excerpt,
            emotion=np.full(8, np.nan),
            group=f"artist {number // 2}",
            cells={"arousal": str(1 + number % 5)},
        )
        for number, excerpt in enumerate(songs.excerpts)
    ]
    beside = Beside([replace(songs, name="songs", excerpts=tuple(excerpts))], {"songs": more})
    lesson = Lesson(quality_weight=1.0, bearings=(Bearing("energy", "arousal", scale=(1.0, 5.0)),))
    kinds = (Kind("all of them", ("songs", "made-up")),)
    recipe = replace(FILM, landmarks=20, copies=0, beside={"songs": lesson}, kinds=kinds)
    card = run(tmp_path, corpus=main, spectrograms=spectrograms, chosen=plan(recipe=recipe), beside=beside)
    metadata = exported[0][2]
    assert metadata["reference"]["ids"] == [*main.ids, *(f"songs/{name}" for name in songs.ids)]
    assert metadata["reference"]["name"] == "40 pieces of many genres"
    assert metadata["reference"]["parts"] == {"all of them": list(range(40))}
    assert card["training_data"] == "made-up, 24 excerpts; songs, 16 excerpts"
    assert set(card["coverage"]["by corpus"]["songs"]) == {"midlevel", "emotion"}
    assert card["scores"]["beside"]["songs"]["midlevel_r"]["mean"] > 0.5
