"""vibenet: valence and energy of the files in a list (JSON), as JSON into a second file."""

import json
import sys
from pathlib import Path

import vibenet

paths = json.loads(Path(sys.argv[1]).read_text("utf-8"))
model = vibenet.load_model()
found = {}
for path in paths:
    (result,) = model.predict(path)
    found[path] = {"valence": result.valence, "energy": result.energy}
Path(sys.argv[2]).write_text(json.dumps(found), encoding="utf-8")
