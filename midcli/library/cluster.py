"""The same tasks on an existing Dask cluster, whose machines have midcli and see the same files."""

import logging
from collections.abc import Callable, Generator, Iterable
from functools import cache
from itertools import islice
from typing import Any

from midcli.errors import ClusterError, ExtraError, MidcliError
from midcli.library.tasks import USUAL, Hearing, Outcome, Task, crashed, load

_TASKS_PER_THREAD = 3  # enough that no thread waits for the next
CONNECT_TIMEOUT_S = 10


def run_cluster(
    address: str,
    model: str | None,
    sha256: str,
    tasks: Iterable[Task],
    hearing: Hearing = USUAL,
) -> Generator[Outcome, None, None]:
    """Outcomes of the tasks in order of completion, from the workers of the scheduler at `address`.

    A task whose worker dies moves to another one, as often as the scheduler allows; then its outcome is
    an error. Every worker must have the model of that hash: else ModelError is raised, as is ClusterError
    when the scheduler is out of reach. Leaving the iterator early cancels what is still to do.
    """
    try:
        import distributed
    except ImportError as error:
        raise ExtraError("a cluster", "cluster") from error

    for name in ("distributed", "distributed.client"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # what goes wrong is said by our errors
    try:
        client = distributed.Client(address, timeout=CONNECT_TIMEOUT_S)
    except (OSError, ValueError) as error:
        raise ClusterError(f"{address}: no Dask scheduler answers; check the address") from error
    with client:
        threads = sum(client.nthreads().values())
        if not threads:
            raise ClusterError(f"{address}: the cluster has no workers; start some")
        remaining = iter(tasks)
        waiting: dict[Any, Task] = {}

        def submit(count: int) -> list[Any]:
            new = {
                client.submit(_analyse, model, sha256, hearing, task, pure=False): task
                for task in islice(remaining, count)
            }
            waiting.update(new)
            return list(new)

        try:
            completed = distributed.as_completed(submit(_TASKS_PER_THREAD * threads))
            for future in completed:
                task = waiting.pop(future)
                outcome = _outcome(future, task, address)
                for new in submit(1):
                    completed.add(new)
                yield outcome
        finally:
            client.cancel(list(waiting), force=True)


def _outcome(future: Any, task: Task, address: str) -> Outcome:
    error = future.exception() if future.status == "error" else None
    if future.status == "finished":
        outcome: Outcome = future.result()
        return outcome
    if isinstance(error, MidcliError):
        raise error
    if error is None:
        raise ClusterError(f"{address}: the connection to the cluster was lost")
    return crashed(task, f"its worker failed ({type(error).__name__}: {error})")


def _analyse(model: str | None, sha256: str, hearing: Hearing, task: Task) -> Outcome:
    """Runs on the cluster."""
    return _started(model, sha256, hearing)(task)


@cache
def _started(model: str | None, sha256: str, hearing: Hearing) -> Callable[[Task], Outcome]:
    return load(model, sha256, 1, hearing)
