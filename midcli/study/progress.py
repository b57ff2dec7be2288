"""How far a training is. Imports no torch: the process that shows progress does not train."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Progress:
    """After an epoch."""

    epoch: int
    epochs: int
    """The most there will be."""
    loss: float
    """Mean over the epoch's batches."""
    validation_r: float | None
    """Mean Pearson's r over the emotions (qualities for a2mid) of the validation part, as last measured."""
    seconds_left: float
