"""An environment without some packages, as far as the command line looks."""

from importlib.metadata import Distribution, PackageNotFoundError, distribution

import pytest


def without(monkeypatch: pytest.MonkeyPatch, *packages: str) -> None:
    def found(name: str) -> Distribution:
        if name in packages:
            raise PackageNotFoundError(name)
        return distribution(name)

    monkeypatch.setattr("importlib.metadata.distribution", found)
