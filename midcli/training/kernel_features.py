"""Features of music whose inner products are a recipe's kernel, for fits that end in no network."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from midcli.study.recipes import RadialRecipe
from midcli.training.radial import Described, choose_landmarks, embed, weighted_kernel

Array = npt.NDArray[np.float64]


class KernelFeatures:
    """Landmarks, scales and features by the pieces that are learned from; other pieces are mapped alike."""

    def __init__(self, recipe: RadialRecipe, learned: Sequence[Described], rng: np.random.Generator) -> None:
        self._blocks = choose_landmarks(recipe, learned, rng)
        kernels = [
            weighted_kernel(block, embed(block, learned, number), weight)
            for number, (block, weight) in enumerate(zip(self._blocks, recipe.block_weights, strict=True))
        ]
        self._whitenings = [kernel.whitening for kernel in kernels]
        self.learned = np.concatenate([kernel.features for kernel in kernels], axis=1)
        """(pieces that are learned from, features)"""

    def of(self, described: Sequence[Described]) -> Array:
        """(pieces, features)"""
        parts = [
            embed(block, described, number) @ whitening
            for number, (block, whitening) in enumerate(zip(self._blocks, self._whitenings, strict=True))
        ]
        return np.concatenate(parts, axis=1)
