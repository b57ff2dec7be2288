"""What a bug report needs: versions of midcli, its model and the libraries it runs on."""

import platform
from importlib.metadata import PackageNotFoundError, version

from midcli.errors import MidcliError

LIBRARIES = ("numpy", "onnxruntime", "soundfile", "soxr", "av", "platformdirs", "typer", "rich")
OPTIONAL_LIBRARIES = ("torch", "onnx", "librosa", "matplotlib", "pyarrow", "distributed", "pooch")

_MISSING = "not installed"


def version_lines() -> list[str]:
    """`name version` a line; what is installed of the extras after what always is."""
    lines = [f"midcli {version('midcli')}", _model(), f"Python {platform.python_version()}"]
    lines.append(platform.platform())
    lines += [f"{name} {_version(name)}" for name in LIBRARIES]
    lines += [f"libsndfile {_libsndfile()}"]
    installed = {name: _version(name) for name in OPTIONAL_LIBRARIES}
    return lines + [f"{name} {found}" for name, found in installed.items() if found != _MISSING]


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return _MISSING


def _model() -> str:
    """The bundled model, loaded: that it loads is worth reporting too."""
    from midcli.audio.spectrogram import FRONTEND
    from midcli.model.bundled import find_model
    from midcli.model.file import Model

    try:
        model = Model(find_model(None), FRONTEND)
    except MidcliError as error:
        return f"model: {error}"
    return f"model {model.name} {model.version} (sha256 {model.sha256})"


def _libsndfile() -> str:
    try:
        import soundfile
    except (ImportError, OSError) as error:
        return f"cannot be loaded: {error}"
    return str(soundfile.__libsndfile_version__)
