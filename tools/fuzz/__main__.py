"""`python -m tools.fuzz --cases 20000 --seed 1`: broken files of every kind through all that reads files.

Every case runs in a worker process, so that a crash or a hang is known by its case. Exits with 1 if a case
ended in anything but a result or one of our errors. `--case N --keep FILE` runs one case again and keeps its
file.
"""

import argparse
import sys
import tempfile
import time
from collections import Counter
from functools import partial
from pathlib import Path

from midcli.util.processes import run_processes
from tools.fuzz.cases import MEMORY_MB, Case, Verdict, mutated, start, written_by
from tools.fuzz.seeds import write_seeds

LIMIT_S = 60.0
_SLOWEST = 10


def died(case: Case, reason: str) -> Verdict:
    return Verdict(case, "?", "died", reason, 0.0, 0.0)


def hung(case: Case) -> Verdict:
    return Verdict(case, "?", "hung", f"longer than {LIMIT_S:g} s", LIMIT_S, 0.0)


def run(cases: list[Case], jobs: int = 1) -> list[Verdict]:
    """Verdicts of the cases; what failed is told on stderr at once."""
    verdicts = []
    with tempfile.TemporaryDirectory() as folder:
        seeds = Path(folder, "seeds")
        seeds.mkdir()
        write_seeds(seeds)
        begin = partial(start, seeds, Path(folder, "work"))
        for verdict in run_processes(begin, cases, died, jobs, LIMIT_S, hung):
            verdicts.append(verdict)
            if verdict.failed:
                print(describe(verdict), file=sys.stderr, flush=True)
            if len(verdicts) % 1000 == 0:
                print(f"{len(verdicts)} of {len(cases)}", file=sys.stderr, flush=True)
    return verdicts


def describe(verdict: Verdict) -> str:
    return (
        f"case {verdict.case.number} (seed {verdict.case.seed}) {verdict.file}: {verdict.ended}, "
        f"{verdict.seconds:.1f} s, {verdict.memory_mb:.0f} MB: {verdict.detail}"
    )


def keep(case: Case, path: Path) -> None:
    """Write the mutated file of a case."""
    with tempfile.TemporaryDirectory() as folder:
        write_seeds(Path(folder))
        files = {kind.name: sorted(kind.iterdir()) for kind in Path(folder).iterdir() if kind.is_dir()}
        contents = {file: file.read_bytes() for kind in files.values() for file in kind}
        path.write_bytes(mutated(case, files, contents)[2])


def _kept(case: Case, path: Path) -> None:
    if case.writers:
        path.write_bytes(written_by(case).content)
    else:
        keep(case, path)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.fuzz", description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--writers", action="store_true", help="what real writers do, instead of mutations")
    parser.add_argument("--case", type=int, help="run this one only")
    parser.add_argument("--keep", type=Path, help="keep the file of --case here")
    options = parser.parse_args()
    numbers = range(options.cases) if options.case is None else [options.case]
    cases = [Case(options.seed, number, options.writers) for number in numbers]
    if options.keep:
        _kept(cases[0], options.keep)
    began = time.monotonic()
    verdicts = run(cases)
    print(f"{len(verdicts)} cases, seed {options.seed}, {time.monotonic() - began:.0f} s")
    table = Counter((verdict.file.split("/")[0], verdict.ended) for verdict in verdicts)
    for (target, ended), count in sorted(table.items()):
        print(f"{count:7} {target} {ended}")
    most_mb = max(verdict.memory_mb for verdict in verdicts)
    print(f"most memory {most_mb:.0f} MB (limit {MEMORY_MB} MB); slowest:")
    for verdict in sorted(verdicts, key=lambda verdict: -verdict.seconds)[:_SLOWEST]:
        print(f"  {describe(verdict):.160}")
    return 1 if any(verdict.failed for verdict in verdicts) else 0


if __name__ == "__main__":
    sys.exit(main())
