import re
from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")
torch.set_num_threads(1)  # threads would wait for each other longer than tiny networks take
pytest.importorskip("torchaudio")

from midcli.errors import OutputError
from midcli.training import loop
from midcli.training.loop import Examples, fit, spectrogram_scaling
from midcli.training.networks import convolutional_network
from tests.training_corpus import PLAIN, TINY, made_up_corpus

CPU = torch.device("cpu")


def examples(count=16, seed=0):
    corpus, spectrograms = made_up_corpus(count, seed)
    targets = np.hstack([corpus.midlevel, corpus.emotion]) * 0.1
    return Examples(list(spectrograms.values()), targets.astype(np.float32))


def weights(fitted):
    return fitted.network.state_dict()


def same(first, second):
    return all(torch.equal(first[name], second[name]) for name in first)


@pytest.mark.parametrize("recipe", [TINY, replace(TINY, stopping="validation", patience=9)])
def test_resumed_equals_uninterrupted(recipe, tmp_path, monkeypatch):
    monkeypatch.setattr(loop, "CHECKPOINT_EVERY_S", -1)
    checkpoint = tmp_path / "run.pt"
    train, validation = examples(), examples(6, seed=1)
    whole = fit(recipe, "joint", 3, train, validation, CPU)

    def interrupt(progress):
        if progress.epoch == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fit(recipe, "joint", 3, train, validation, CPU, checkpoint, interrupt)
    epochs = []
    resumed = fit(
        recipe, "joint", 3, train, validation, CPU, checkpoint, lambda progress: epochs.append(progress.epoch)
    )
    assert epochs == [3]
    assert same(weights(whole), weights(resumed))
    assert whole.best_epoch == resumed.best_epoch


def test_what_was_begun_without_a_gpu_goes_on_with_one(tmp_path, monkeypatch):
    monkeypatch.setattr(loop, "CHECKPOINT_EVERY_S", -1)
    checkpoint, data = tmp_path / "run.pt", examples()

    def interrupt(_progress):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fit(TINY, "a2e", 0, data, None, CPU, checkpoint, interrupt)
    training = loop.Training(TINY, "a2e", data, None, CPU)
    training.device = torch.device("cuda")
    training.restore(checkpoint, loop.run_key(TINY, "a2e", 0, data, None))
    assert training.epoch == 1


def test_what_is_no_checkpoint_is_replaced(tmp_path):
    checkpoint = tmp_path / "run.pt"
    torch.save(torch.zeros(3), checkpoint)
    fit(TINY, "a2e", 0, examples(), None, CPU, checkpoint)
    assert torch.load(checkpoint, weights_only=True)["finished"]


@pytest.mark.parametrize("in_the_way", ["run", "run/run.pt"])
def test_a_checkpoint_that_cannot_be_written_is_an_error_with_its_path(in_the_way, tmp_path):
    checkpoint = tmp_path / "run/run.pt"
    if in_the_way == "run":
        checkpoint.parent.write_bytes(b"")
    else:
        checkpoint.mkdir(parents=True)
    with pytest.raises(OutputError, match=re.escape(str(tmp_path / in_the_way))):
        fit(TINY, "a2e", 0, examples(), None, CPU, checkpoint)


def test_finished_run_is_not_trained_again(tmp_path):
    checkpoint = tmp_path / "run.pt"
    first = fit(TINY, "a2e", 0, examples(), None, CPU, checkpoint)
    again = fit(TINY, "a2e", 0, examples(), None, CPU, checkpoint, lambda _: pytest.fail("trained"))
    assert same(weights(first), weights(again))
    assert again.seconds == first.seconds


@pytest.mark.parametrize("change", ["recipe", "seed", "ratings", "audio", "broken file"])
def test_checkpoint_of_another_run_is_not_resumed(change, tmp_path):
    checkpoint = tmp_path / "run.pt"
    fit(TINY, "a2mid", 0, examples(), None, CPU, checkpoint)
    recipe, seed, train = TINY, 0, examples()
    if change == "recipe":
        recipe = replace(TINY, learning_rate=1e-4)
    elif change == "seed":
        seed = 1
    elif change == "ratings":
        train.targets[0, 0] += 0.1
    elif change == "audio":
        train.spectrograms[0][0, 0] += 0.1
    else:
        checkpoint.write_bytes(checkpoint.read_bytes()[:1000])
    epochs = []
    fit(recipe, "a2mid", seed, train, None, CPU, checkpoint, lambda progress: epochs.append(progress.epoch))
    assert epochs == [1, 2, 3]


def test_seed_decides_the_start_and_leaves_torch_alone():
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    first, again, other = (fit(TINY, "joint", seed, examples(), None, CPU) for seed in (1, 1, 2))
    assert torch.equal(torch.rand(3), expected)
    assert same(weights(first), weights(again))
    assert not same(weights(first), weights(other))


def test_training_learns():
    losses = []
    recipe = replace(PLAIN, epochs=40, learning_rate=1e-2)
    fitted = fit(recipe, "joint", 0, examples(24), None, CPU, on_progress=lambda p: losses.append(p.loss))
    assert losses[-1] < 0.6 * losses[0]
    assert fitted.epochs == fitted.best_epoch == 40


def test_stops_by_validation_and_keeps_the_best_weights():
    recipe = replace(
        PLAIN, epochs=40, stopping="validation", patience=2, schedule="constant", learning_rate=0.05
    )
    seen = []
    train, validation = examples(), examples(8, seed=1)
    fitted = fit(recipe, "joint", 0, train, validation, CPU, on_progress=seen.append)
    assert fitted.epochs == fitted.best_epoch + 2 < 40
    assert seen[-1].seconds_left == 0
    shorter = fit(
        replace(recipe, epochs=fitted.best_epoch, stopping="fixed"), "joint", 0, train, validation, CPU
    )
    assert same(weights(fitted), weights(shorter))


@torch.no_grad()
@pytest.mark.parametrize("scheme", ["joint", "a2mid", "a2e"])
def test_target_scale_folds_into_the_linear_layers(scheme):
    torch.manual_seed(0)
    network = convolutional_network(PLAIN, scheme).eval()
    batch = torch.rand(3, 50, 149)
    before = [output for output in network(batch) if output is not None]
    labels = sum(output.shape[1] for output in before)
    mean, deviation = torch.rand(labels), torch.rand(labels) + 0.5
    loop.fold_target_scale(network, mean, deviation)
    after = torch.cat([output for output in network(batch) if output is not None], dim=1)
    assert torch.allclose(after, torch.cat(before, dim=1) * deviation + mean, atol=1e-5)


def test_unrated_cells_count_for_nothing():
    outputs = torch.rand(4, 7, requires_grad=True)
    targets = torch.rand(4, 7)
    targets[1] = targets[2, 3] = float("nan")
    loss = loop.masked_mse(outputs, targets)
    rated = targets.isfinite()
    assert torch.allclose(loss, ((outputs - targets)[rated] ** 2).mean())
    loss.backward()
    assert (outputs.grad[~rated] == 0).all()
    assert (outputs.grad[rated] != 0).all()


def test_training_with_missing_ratings_stays_finite():
    train = examples()
    train.targets[:5, :7] = np.nan
    train.targets[5:9, 9] = np.nan
    fitted = fit(TINY, "joint", 0, train, None, CPU)
    assert all(value.isfinite().all() for value in weights(fitted).values())


def test_scaling_is_that_of_all_cells():
    train = examples()
    cells = np.concatenate([spectrogram.ravel() for spectrogram in train.spectrograms])
    scaling = spectrogram_scaling(train.spectrograms)
    assert (scaling.mean, scaling.deviation) == pytest.approx((cells.mean(), cells.std()), rel=1e-5)
