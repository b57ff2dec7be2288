"""Why music sounds the way it does: emotions explained by mid-level perceptual qualities.

>>> import midcli
>>> analysis = midcli.analyse("song.ogg")
>>> sorted(analysis.emotions)[:2]
['anger', 'energy']
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from midcli.analyser import Analyser, analyse
    from midcli.errors import (
        DataError,
        ExtraError,
        InputError,
        MidcliError,
        ModelError,
        OutputError,
        UsageError,
    )
    from midcli.explanation.analysis import Analysis
    from midcli.explanation.comparison import compare
    from midcli.library.predicting import predict
    from midcli.views.files import save

__all__ = [
    "Analyser",
    "Analysis",
    "DataError",
    "ExtraError",
    "InputError",
    "MidcliError",
    "ModelError",
    "OutputError",
    "UsageError",
    "__version__",
    "analyse",
    "compare",
    "predict",
    "save",
]

_PLACES = {
    "midcli.analyser": ("Analyser", "analyse"),
    "midcli.explanation.analysis": ("Analysis",),
    "midcli.explanation.comparison": ("compare",),
    "midcli.library.predicting": ("predict",),
    "midcli.views.files": ("save",),
}


def __dir__() -> list[str]:
    return __all__


def __getattr__(name: str) -> Any:
    # numpy and the rest load at first use, so that `midcli --help` stays instant
    if name == "__version__":
        from importlib.metadata import version

        return version("midcli")
    if name in __all__:
        place = next((place for place, names in _PLACES.items() if name in names), "midcli.errors")
        return getattr(import_module(place), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
