"""Splits of a corpus into training, validation and test parts; the same seed gives the same split."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from midcli.corpora.corpus import Corpus
from midcli.errors import DataError

MIDLEVEL_PROTOCOLS = ("midlevel", "midlevel-artists")
"""Protocols of all excerpts with qualities, which have no emotions."""
PROTOCOLS = ("random", "album", "fixed36", *MIDLEVEL_PROTOCOLS)
FIXED_TEST = ("fixed36",)
"""Protocols with one test part, whatever the seed."""

_TEST_SHARE = 0.2
_MIDLEVEL_TEST_SHARE = 0.08
_VALIDATION_SHARE = 0.1  # of what is not test


@dataclass(frozen=True)
class Split:
    """Excerpt ids of the three parts; no id is in two of them."""

    train: tuple[str, ...]
    validation: tuple[str, ...]
    test: tuple[str, ...]


def split(corpus: Corpus, protocol: str, seed: int, validate: bool) -> Split:
    """The split of a protocol: `random` (80:20), `album` (80:20, whole groups), `fixed36`, `midlevel` (92:8),
    `midlevel-artists` (92:8, whole groups).

    The test part of `midlevel` is of artists that occur once (Aljanki & Soleymani, ISMIR 2018), or where
    there are too few of them, least often; that of `midlevel-artists` is of any artists and albums, with
    all their excerpts. Training knows none of either. With `validate`, a tenth of the
    training part (whole groups under `album`) is held out of it for early stopping; `fixed36` has its
    own validation part. Raises DataError if the parts of `fixed36` are absent or do not fit the corpus.
    """
    rng = np.random.default_rng(seed)
    ids = np.array(corpus.ids)
    if protocol == "fixed36":
        held_out = _fixed_parts(corpus, validate)
        rest = tuple(name for name in corpus.ids if name not in held_out)
        if validate:
            return Split(rest, corpus.fixed_validation, corpus.fixed_test)
        return Split(_sorted([*rest, *corpus.fixed_validation]), (), corpus.fixed_test)
    groups = {excerpt.id: excerpt.group for excerpt in corpus.excerpts}
    if protocol == "album":
        test = _take_groups(ids, groups, _TEST_SHARE, rng)
        rest_ids = np.array([name for name in corpus.ids if name not in test])
        validation = _take_groups(rest_ids, groups, _VALIDATION_SHARE, rng) if validate else set()
    elif protocol in MIDLEVEL_PROTOCOLS:
        rarest_first = protocol == "midlevel"
        test = _take_groups(ids, groups, _MIDLEVEL_TEST_SHARE, rng, smallest_first=rarest_first)
        shuffled = rng.permutation([name for name in corpus.ids if name not in test])
        validation = set(shuffled[: round(_VALIDATION_SHARE * len(shuffled)) if validate else 0].tolist())
    else:
        shuffled = rng.permutation(ids)
        tests = round(_TEST_SHARE * len(ids))
        validations = round(_VALIDATION_SHARE * (len(ids) - tests)) if validate else 0
        test = set(shuffled[:tests].tolist())
        validation = set(shuffled[tests : tests + validations].tolist())
    train = [name for name in corpus.ids if name not in test and name not in validation]
    return Split(tuple(train), _sorted(validation), _sorted(test))


def group_folds(corpus: Corpus, folds: int, seed: int) -> list[tuple[str, ...]]:
    """Disjoint folds of ids that together are the corpus: no group in two folds, sizes about even."""
    return [
        _sorted([excerpt.id for excerpt in corpus.excerpts if excerpt.group in groups])
        for groups in folds_of_groups([corpus], folds, seed)
    ]


def folds_of_groups(corpora: Sequence[Corpus], folds: int, seed: int) -> list[frozenset[str]]:
    """The groups of each fold, over all corpora; every corpus is spread evenly.

    Raises DataError if the first corpus has fewer groups than there are to be folds.
    """
    rng = np.random.default_rng(seed)
    members: dict[str, Counter[int]] = {}
    for number, corpus in enumerate(corpora):
        for excerpt in corpus.excerpts:
            members.setdefault(excerpt.group, Counter())[number] += 1
    found = sum(0 in counts for counts in members.values())
    if found < folds:
        raise DataError(f"{folds} folds need at least as many groups; the corpus has {found}")
    shuffled = [str(group) for group in rng.permutation(sorted(members))]
    parts: list[set[str]] = [set() for _ in range(folds)]
    sizes = np.zeros((folds, len(corpora)), int)
    for group in sorted(shuffled, key=lambda group: members[group].total(), reverse=True):
        mostly_in = members[group].most_common(1)[0][0]
        part = int(sizes[:, mostly_in].argmin())
        parts[part].add(group)
        for number, count in members[group].items():
            sizes[part, number] += count
    return [frozenset(part) for part in parts]


def fixed_parts_absent(corpus: Corpus, validate: bool) -> str | None:
    """What keeps `fixed36` from being run, with a validation part or without; None if nothing does."""
    absent = [] if corpus.fixed_test else ["soundtracks/fixed-test-36.txt"]
    if validate and not corpus.fixed_validation:
        absent.append("soundtracks/fixed-validation-36.txt")
    if not absent:
        return None
    stopping = " with a recipe that stops by validation" if corpus.fixed_test else ""
    return (
        f"protocol fixed36 cannot be run{stopping} without {' and '.join(absent)}; each is a text file "
        "with the numbers (001 to 360) of that part of the 2025 split, one a line, and does not come with "
        "the corpus"
    )


def _take_groups(
    ids: "np.ndarray[tuple[int], np.dtype[np.str_]]",
    groups: dict[str, str],
    share: float,
    rng: np.random.Generator,
    smallest_first: bool = False,
) -> set[str]:
    """Whole groups, in random order (of those of one size), until that share of the ids is reached."""
    sizes = Counter(groups[name] for name in ids)
    order = [str(group) for group in rng.permutation(sorted(sizes))]
    if smallest_first:
        order.sort(key=sizes.__getitem__)
    taken: set[str] = set()
    for group in order:
        if len(taken) >= share * len(ids):
            break
        taken |= {str(name) for name in ids if groups[name] == group}
    return taken


def _fixed_parts(corpus: Corpus, validate: bool) -> set[str]:
    """Ids of the test and validation parts of `fixed36`."""
    if problem := fixed_parts_absent(corpus, validate):
        raise DataError(problem)
    named = [*corpus.fixed_test, *corpus.fixed_validation]
    if len(set(named)) != len(named) or not set(named) <= set(corpus.ids):
        raise DataError(
            "soundtracks/fixed-test-36.txt and fixed-validation-36.txt must name different excerpts of the "
            "corpus, each once"
        )
    return set(named)


def _sorted(ids: "set[str] | list[str]") -> tuple[str, ...]:
    return tuple(sorted(ids))
