import numpy as np
import pytest

from midcli.explanation.psychoacoustics import MAJOR_PROFILE, MINOR_PROFILE, ROUGHEST, roughness


def test_equal_partials_are_smooth_and_near_ones_rough() -> None:
    other_hz = np.array([440.0, 466.2, 659.3, 1760.0])
    same, semitone, fifth, octaves = roughness(np.full(4, 440.0), other_hz)
    assert same == 0
    assert semitone > 5 * fifth > 0
    assert octaves < 1e-6


@pytest.mark.parametrize("hz", [100.0, 440.0, 3000.0])
def test_the_roughest_distance_is_as_rough_as_it_says(hz: float) -> None:
    others_hz = np.linspace(hz, 2 * hz, 20_000)
    assert roughness(np.array(hz), others_hz).max() == pytest.approx(ROUGHEST, abs=1e-4)


def test_tonic_fits_a_key_best_and_thirds_tell_modes() -> None:
    for profile in (MAJOR_PROFILE, MINOR_PROFILE):
        assert len(profile) == 12
        assert max(profile) == profile[0]
    assert MAJOR_PROFILE[4] > MAJOR_PROFILE[3]
    assert MINOR_PROFILE[3] > MINOR_PROFILE[4]
