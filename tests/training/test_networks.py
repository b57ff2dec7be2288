from dataclasses import replace

import pytest

torch = pytest.importorskip("torch")

from midcli.audio.spectrogram import BANDS
from midcli.study.recipes import COMPACT, PAPER
from midcli.training.networks import Explained, compact_trunk, convolutional_network, receptive_field
from tests.training_corpus import TINY


def networks(count, recipe=TINY, scheme="joint"):
    torch.manual_seed(0)
    return [convolutional_network(recipe, scheme).eval() for _ in range(count)]


def test_paper_network_has_the_published_size_and_field():
    network = networks(1, PAPER)[0]
    assert 3.8e6 < sum(p.numel() for p in network.parameters()) < 4.0e6
    assert network.features(torch.zeros(1, 313, BANDS)).shape == (1, 256, 39, 18)
    assert receptive_field(network.trunk) == (95, 8)


@pytest.mark.parametrize("recipe", [TINY, COMPACT, replace(COMPACT, stage_strides=(1, 2, 2))])
def test_receptive_field_is_what_gradients_reach(recipe):
    trunk = networks(1, recipe)[0].trunk
    seen, stride = receptive_field(trunk)
    image = torch.rand(1, 1, 4 * seen, 3, requires_grad=True)
    features = trunk(image)
    middle = features.shape[2] // 2
    features[0, :, middle].sum().backward()
    reached = torch.nonzero(image.grad.abs().sum(dim=(0, 1, 3))).flatten()
    assert int(reached.max() - reached.min()) < seen
    assert int(reached.max() - reached.min()) > 0.7 * seen
    assert features.shape[2] == -(-image.shape[2] // stride)


@pytest.mark.parametrize(
    ("scheme", "shapes"), [("joint", [(2, 7), (2, 8)]), ("a2mid", [(2, 7), None]), ("a2e", [None, (2, 8)])]
)
def test_schemes_have_their_outputs(scheme, shapes):
    outputs = networks(1, scheme=scheme)[0](torch.rand(2, 50, BANDS))
    assert [None if output is None else tuple(output.shape) for output in outputs] == shapes


@torch.no_grad()
def test_the_map_and_its_mean_are_the_network_itself():
    network = networks(1)[0]
    batch = torch.rand(2, 50, BANDS)
    explained = Explained(network, network.to_emotion)
    assert explained.output_names == ("evidence", "midlevel", "emotion")
    evidence, midlevel, emotion = explained(batch)
    for ours, theirs in zip((midlevel, emotion), network(batch), strict=True):
        assert torch.allclose(ours, theirs, atol=1e-6)
    assert torch.allclose(evidence.mean(dim=(2, 3)) + explained.midlevel_bias, midlevel, atol=1e-6)


@torch.no_grad()
def test_a_network_without_qualities_has_emotions_only():
    network = networks(1, scheme="a2e")[0]
    batch = torch.rand(2, 50, BANDS)
    explained = Explained(network, None)
    assert explained.output_names == ("emotion",)
    assert torch.equal(explained(batch)[0], network(batch)[1])


def test_dropout_is_between_blocks_whatever_their_width():
    layers = [type(layer).__name__ for layer in compact_trunk(32, (32, 64), (1, 2), 0.1)]
    assert layers[-3:] == ["ResidualBlock", "Dropout", "ResidualBlock"]
