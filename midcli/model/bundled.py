"""The models that come with midcli, by name."""

from pathlib import Path

from midcli.errors import ModelError
from midcli.util.files import exists

DEFAULT_MODEL = "music"


def models_folder() -> Path:
    """The folder of bundled models: in the package when installed, at the top of a checkout."""
    package = Path(__file__).parents[1]
    installed = package / "_models"
    return installed if installed.is_dir() else package.parent / "models"


def bundled_models() -> dict[str, Path]:
    """Names and files of the models that come with midcli."""
    return {path.stem: path for path in sorted(models_folder().glob("*.onnx"))}


def find_model(name_or_file: str | Path | None) -> Path:
    """The file of a bundled model's name, or the given file. Raises ModelError if there is neither."""
    bundled = bundled_models()
    wanted = str(name_or_file or DEFAULT_MODEL)
    if wanted in bundled:
        return bundled[wanted]
    path = Path(wanted)
    if exists(path):
        return path
    if path.suffix == ".onnx" or len(path.parts) > 1:
        raise ModelError(f"{wanted}: no such file")
    raise ModelError(
        f"{wanted}: no such model; bundled: {', '.join(bundled) or 'none'}, or name an .onnx file"
    )
