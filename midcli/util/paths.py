"""Whether there is something at a path: no if one may not look or the name cannot be.

pathlib raises errors then, before Python 3.14.
"""

from os.path import exists, isdir, isfile

__all__ = ["exists", "isdir", "isfile"]
