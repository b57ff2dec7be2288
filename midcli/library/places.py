"""Where the files are that results name, wherever they are read."""

import os
from pathlib import Path

from midcli.util.files import exists


def located(file: str, origin: str, results: Path) -> Path:
    """Where a piece of results is: where its name counts from, else beside the results or seen from here.

    `origin`: the folder that a relative name counts from, seen from that of the results; empty: that itself.

    >>> from pathlib import Path
    >>> from midcli.library.places import located
    >>> str(located("song.ogg", "", Path("library.jsonl")))
    'song.ogg'
    """
    real = Path(os.path.realpath(results))
    beside = (real if results.is_symlink() else results).parent / file
    given = real.parent / origin / file if origin else Path(file)
    places = [given, beside, Path(file)] if origin else [beside, Path(file)]
    return next(filter(exists, places), given)
