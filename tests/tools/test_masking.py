"""The bundled model's map must point at what matters (see tests/masking.py)."""

import os
from pathlib import Path

import pytest

from midcli.analyser import Analyser
from midcli.model.bundled import DEFAULT_MODEL, bundled_models
from tools.masking import excerpts, measure, table


@pytest.mark.data
@pytest.mark.skipif(DEFAULT_MODEL not in bundled_models(), reason="no model is bundled")
def test_silencing_what_the_map_points_at_matters_more() -> None:
    masking = measure(Analyser(), excerpts(Path(os.environ["MIDCLI_DATA"]), every=36))
    print(table(masking))
    falls_further = masking.pointed_at.mean(axis=0) < masking.elsewhere.mean(axis=0)
    assert falls_further.all()
    assert masking.right.mean() > 0.65
