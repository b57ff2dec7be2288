"""Properties of ONNX files are replaced without touching the rest."""

from pathlib import Path

import onnx

from midcli.model.properties import with_properties


def test_only_the_named_properties_change(tiny_model: Path) -> None:
    before = onnx.load(tiny_model)
    after = onnx.load_from_string(
        with_properties(tiny_model.read_bytes(), {"midcli.card": '"é"', "midcli.new": "1"})
    )
    old = {entry.key: entry.value for entry in before.metadata_props}
    new = {entry.key: entry.value for entry in after.metadata_props}
    assert len(after.metadata_props) == len(new)
    assert new == old | {"midcli.card": '"é"', "midcli.new": "1"}
    assert after.graph == before.graph
    assert after.opset_import == before.opset_import
    assert after.ir_version == before.ir_version
