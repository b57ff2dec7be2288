"""One round of each kind of `python -m tools.soak`."""

import sys

import pytest

pytest.importorskip("onnx")
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at processes as Linux shows them")


@pytest.mark.parametrize(
    ("kind", "number"),
    [
        ("killed", 1),
        ("tagged", 0),
        ("two at once", 0),
        ("full disk", 0),
        ("limits", 0),
        ("foreign model", 9),
        ("lying server", 0),
    ],
)
def test_a_round(kind: str, number: int) -> None:
    """Those that take least; the patience that others try is tried in tests of what has it."""
    from tools.soak.__main__ import attack

    assert attack(kind, 1, number) is None
