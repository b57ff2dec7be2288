"""How the threads of torch wait."""

import os


def let_threads_sleep() -> None:
    """Before torch is imported here or in a worker process, which inherits it.

    Threads that spin while they wait take the cores from everybody else's, which makes training many times
    slower on a machine that does anything else.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
