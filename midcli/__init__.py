"""Why music sounds the way it does: emotions explained by mid-level perceptual qualities."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from midcli.analyser import Analyser, Analysis, analyse

__all__ = ["Analyser", "Analysis", "__version__", "analyse"]


def __getattr__(name: str) -> Any:
    # numpy and the rest load at first use, so that `midcli --help` stays instant
    if name == "__version__":
        from importlib.metadata import version

        return version("midcli")
    if name in __all__:
        from midcli import analyser as pipeline

        return getattr(pipeline, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
