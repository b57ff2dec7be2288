"""One round of each kind of `python -m tools.soak`."""

import sys

import pytest

pytest.importorskip("onnx")
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at processes as Linux shows them")


@pytest.mark.parametrize(
    "kind", ["killed", "tagged", "two at once", "full disk", "limits", "foreign model", "lying server"]
)
def test_a_round(kind: str) -> None:
    from tools.soak.__main__ import attack

    assert attack(kind, 1, 0) is None
