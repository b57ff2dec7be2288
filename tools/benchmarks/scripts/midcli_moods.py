"""midcli: valence and energy of the files in a list (JSON), as JSON into a second file, by a model."""

import json
import sys
from pathlib import Path

from midcli import Analyser

paths = json.loads(Path(sys.argv[1]).read_text("utf-8"))
analyser = Analyser(sys.argv[3])
found = {}
for path in paths:
    emotions = analyser.analyse(path).emotions
    found[path] = {name: emotions[name].value for name in ("valence", "energy")}
Path(sys.argv[2]).write_text(json.dumps(found), encoding="utf-8")
