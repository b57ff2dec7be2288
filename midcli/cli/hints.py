"""What helps against an error: the library states a fact, and this table adds the option."""

from midcli.errors import ExtraError, MidcliError

HINTS = {
    "ChangedError": "--overwrite fetches them again",
    "DurationError": "raise --max-hours or cut the file",
    "FolderError": "`midcli predict` takes folders",
    "NoLibraryError": "a library is a folder of music, or what `midcli predict --output library.jsonl` wrote",
    "OtherRunError": "keep it and name another --results folder, or add --replace to run it anew",
    "SlowError": "raise --time-limit if the file is sound",
    "TooLargeError": "--max-gb allows more",
    "UndeliveredError": "an archive that a browser downloads can be named with --url",
    "WorkerError": "try fewer --jobs",
}
"""By the name of the class, so that nothing has to be imported for it."""
LIMITS_HINT = "limits are raised with --max-hours and --time-limit"
"""For records, which do not say which limit it was."""


def with_hint(error: Exception) -> str:
    """What went wrong, what helps against it, if anything does, and the source of a setting in brackets."""
    notes = "".join(f" ({note})" for note in getattr(error, "__notes__", ()))
    if isinstance(error, ExtraError):
        from midcli.cli.extras import install_command

        return f"{error}{notes}: {install_command(error.extras)}"
    hint = HINTS.get(type(error).__name__) if isinstance(error, MidcliError) else None
    return f"{error}; {hint}{notes}" if hint else f"{error}{notes}"
