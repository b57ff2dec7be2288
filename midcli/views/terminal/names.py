"""Names of files that do not fit: cut in the middle, so that beginnings and ends tell them apart."""

from collections.abc import Sequence

from rich.cells import cell_len, set_cell_size

_HEAD_SHARES = (0.5, 0.3, 0.7, 0.1, 0.9)


def cut_name(name: str, room: int, head_share: float = _HEAD_SHARES[0]) -> str:
    """The name in that many columns of a terminal, with an ellipsis where something is left out."""
    if cell_len(name) <= room:
        return name
    head = max(0, int((room - 1) * head_share))
    tail = max(0, room - 1 - head)
    start = set_cell_size(name, head) if head else ""
    kept = len(name)
    while kept and cell_len(name[-kept:]) > tail:
        kept -= 1
    return f"{start.rstrip()}…{name[-kept:] if kept else ''}"


def cut_names(names: Sequence[str], room: int) -> list[str]:
    """Names cut so that no two that differ look alike; as they are where no cut does that."""
    for share in _HEAD_SHARES:
        cut = [cut_name(name, room, share) for name in names]
        if len(set(cut)) == len(set(names)):
            return cut
    numbered: dict[str, int] = {}
    for name in names:
        numbered.setdefault(name, len(numbered) + 1)
    return [f"{numbered[name]} {cut_name(name, room - len(str(numbered[name])) - 1)}" for name in names]
