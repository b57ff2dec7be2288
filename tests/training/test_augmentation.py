import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("torchaudio")

from midcli.audio.spectrogram import BANDS
from midcli.study.recipes import Augmentation
from midcli.training.augmentation import BatchMaker

FRAMES = 40


@pytest.fixture(autouse=True)
def _seeded():
    torch.manual_seed(0)


def excerpts(count=6, frames=60):
    return [torch.rand(frames, BANDS) for _ in range(count)]


def maker(mean=0.0, deviation=1.0, **options):
    return BatchMaker(Augmentation(**options), FRAMES, mean, deviation)


def test_without_augmentation_batches_are_standardised_stretches():
    spectrograms = excerpts(3)
    batch, targets = maker(0.5, 2.0)(spectrograms, torch.ones(3, 15))
    assert torch.equal(targets, torch.ones(3, 15))
    for crop, spectrogram in zip(batch, spectrograms, strict=True):
        stretches = (spectrogram.unfold(0, FRAMES, 1).transpose(1, 2) - 0.5) / 2.0
        assert any(torch.equal(crop, stretch) for stretch in stretches)


def test_short_excerpts_are_repeated():
    short = torch.rand(15, BANDS)
    batch, _ = maker()([short], torch.ones(1, 15))
    assert torch.equal(batch[0], short.repeat(3, 1)[:FRAMES])


def test_shift_moves_bands_and_repeats_the_edge():
    spectrogram = torch.arange(float(BANDS)).repeat(FRAMES, 1)
    shifts = set()
    for _ in range(60):
        batch, _ = maker(shift_bands=3)([spectrogram], torch.ones(1, 15))
        shift = int(spectrogram[0, 70] - batch[0, 0, 70])
        assert torch.equal(batch[0], (spectrogram - shift).clamp(0, BANDS - 1))
        shifts.add(shift)
    assert shifts == set(range(-3, 4))


def test_tempo_stretches_time():
    ramp = torch.arange(100.0).unsqueeze(1).repeat(1, BANDS)
    paces = []
    for _ in range(30):
        batch, _ = maker(tempo=0.1)([ramp], torch.ones(1, 15))
        steps = batch[0, 1:, 0] - batch[0, :-1, 0]
        assert torch.allclose(steps, steps[0].expand_as(steps), atol=1e-3)
        paces.append(float(steps[0]))
    assert 0.9 <= min(paces) < 0.97
    assert 1.03 < max(paces) <= 1.1


def test_gain_multiplies_magnitudes():
    spectrogram = torch.rand(FRAMES, BANDS) + 0.1
    batch, _ = maker(gain_db=6.0)([spectrogram], torch.ones(1, 15))
    ratio = (10 ** batch[0] - 1) / (10**spectrogram - 1)
    assert torch.allclose(ratio, ratio[0, 0].expand_as(ratio), rtol=1e-3)
    assert 10 ** (-6 / 20) <= float(ratio[0, 0]) <= 10 ** (6 / 20)
    assert float(ratio[0, 0]) != pytest.approx(1, abs=1e-3)


def test_equaliser_is_smooth_and_constant_over_time():
    spectrogram = torch.rand(FRAMES, BANDS) + 0.1
    batch, _ = maker(equaliser_db=6.0)([spectrogram], torch.ones(1, 15))
    gain_db = 20 * torch.log10((10 ** batch[0] - 1) / (10**spectrogram - 1))
    assert torch.allclose(gain_db, gain_db[0].expand_as(gain_db), atol=1e-2)
    assert float(gain_db[0].std()) > 1
    assert float((gain_db[0, 1:] - gain_db[0, :-1]).abs().max()) < 1.5


def test_mixing_keeps_spectrograms_and_targets_together():
    levels = torch.linspace(0, 1, 6)
    spectrograms = [torch.full((FRAMES, BANDS), float(level)) for level in levels]
    batch, targets = maker(mixup_beta=1.0)(spectrograms, levels.unsqueeze(1).repeat(1, 15))
    assert torch.allclose(batch[:, 0, 0], targets[:, 0], atol=1e-6)
    assert not torch.allclose(targets[:, 0], levels)


def test_masks_hide_stretches_with_the_mean():
    batch, _ = maker(frequency_masks=1, frequency_mask_bands=20, time_masks=1, time_mask_frames=10)(
        [torch.ones(FRAMES, BANDS)] * 8, torch.ones(8, 15)
    )
    hidden_bands, hidden_frames = (batch == 0).all(dim=1), (batch == 0).all(dim=2)
    assert hidden_bands.any()
    assert hidden_frames.any()
    assert hidden_bands.sum(dim=1).max() <= 20
    assert hidden_frames.sum(dim=1).max() <= 10
    assert ((batch == 1) | hidden_bands.unsqueeze(1) | hidden_frames.unsqueeze(2)).all()


def test_same_seed_gives_the_same_batch():
    everything = maker(
        mixup_beta=0.3, shift_bands=4, tempo=0.1, gain_db=3, equaliser_db=3, time_masks=2, time_mask_frames=9
    )
    spectrograms = excerpts()
    batches = []
    for _ in range(2):
        torch.manual_seed(7)
        batches.append(everything(spectrograms, torch.rand(6, 15)))
    assert torch.equal(batches[0][0], batches[1][0])
    assert torch.equal(batches[0][1], batches[1][1])
