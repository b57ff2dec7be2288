"""sonara: valence and energy of the files in a list (JSON), as JSON into a second file."""

import json
import sys
from pathlib import Path

import sonara

paths = json.loads(Path(sys.argv[1]).read_text("utf-8"))
found = {}
for path in paths:
    result = sonara.analyze_file(path, mode="playlist")
    found[path] = {"valence": float(result["valence"]), "energy": float(result["energy"])}
Path(sys.argv[2]).write_text(json.dumps(found), encoding="utf-8")
