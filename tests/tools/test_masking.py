"""The bundled models' maps must point at what matters (see tools/masking.py)."""

import os
from pathlib import Path

import numpy as np
import pytest

from midcli.analyser import Analyser
from midcli.labels import QUALITY_NAMES
from tools.masking import excerpts, measure, table


@pytest.mark.data
@pytest.mark.parametrize(("model", "not_found"), [("film", ()), ("music", ("rhythmic_stability",))])
def test_silencing_what_the_map_points_at_matters_more(model: str, not_found: tuple[str, ...]) -> None:
    masking = measure(Analyser(model), excerpts(Path(os.environ["MIDCLI_DATA"]), every=36))
    print(table(masking))
    falls_further = masking.pointed_at.mean(axis=0) < masking.elsewhere.mean(axis=0)
    found = dict(zip(QUALITY_NAMES, falls_further.tolist(), strict=True))
    assert [name for name, falls in found.items() if not falls] == list(not_found)
    assert masking.right.mean() > 0.65


def test_every_quality_is_measured(tiny_model: Path, song: Path) -> None:
    masking = measure(Analyser(tiny_model), [song])
    assert masking.pointed_at.shape == masking.elsewhere.shape == (1, len(QUALITY_NAMES))
    assert np.isfinite(masking.elsewhere).all()
    assert (masking.elsewhere != 0).all()
    assert "| rhythmic stability |" in table(masking)
