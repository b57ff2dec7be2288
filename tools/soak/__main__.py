"""`python -m tools.soak --minutes 10 --seed 1`: round after round of attacks on the program as users have it.

Every round is known by its kind, seed and number: `--round "two at once" --number 7` runs that one again.
Exits with 1 if a promise was broken. Linux only; the bundled model must be there.
"""

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tools.soak.rounds import ROUNDS


def attack(kind: str, seed: int, number: int) -> str | None:
    """What went wrong in a round, if anything did."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            ROUNDS[kind](random.Random(f"{kind}:{seed}:{number}"), Path(folder))
        except Exception as error:
            return f"{type(error).__name__}: {error}"
    return None


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.soak", description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--round", choices=ROUNDS, help="only this kind")
    parser.add_argument("--number", type=int, help="only this one")
    options = parser.parse_args()
    kinds = [options.round] if options.round else list(ROUNDS)
    ended, broken = time.monotonic() + 60 * options.minutes, 0
    counts: Counter[str] = Counter()
    number = options.number or 0
    while options.number is None or number == options.number:
        for kind in kinds:
            problem = attack(kind, options.seed, number)
            counts[kind] += 1
            if problem:
                broken += 1
                print(f"{kind}, seed {options.seed}, number {number}: {problem}", file=sys.stderr, flush=True)
        number += 1
        if time.monotonic() > ended:
            break
    listed = ", ".join(f"{count} {kind}" for kind, count in counts.items())
    print(f"seed {options.seed}: {listed}; {broken} broken")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
