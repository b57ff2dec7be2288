"""The process of a stranger's network (midcli.model.confined): loads it, runs it, answers on stdout."""

import os
import signal
import sys
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import IO, NoReturn

import numpy as np

from midcli.model.confined import MEMORY_EXIT_CODE, Message, receive, send
from midcli.model.limits import MAX_DESCRIPTION_BYTES, MAX_MEMORY_BYTES, check_content
from midcli.model.network import Network, NetworkError

_MAX_MESSAGE_BYTES = 1 << 40  # the parent is trusted
_THREAD_BYTES = 16 << 20  # of address space, for its stack
_STDOUT = 1


def main(threads: int) -> NoReturn:
    """Answers until the parent is gone, whatever it is busy with then."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent
    answers = os.fdopen(os.dup(_STDOUT), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), _STDOUT)  # libraries write there
    from midcli.model.engine import Engine

    requests: SimpleQueue[Message] = SimpleQueue()
    limit_resources(threads or os.cpu_count() or 1)
    Thread(target=_read, args=(sys.stdin.buffer, requests), daemon=True).start()
    try:
        requests.get()
        send(answers, {}, [])
        _, (content,) = requests.get()
        try:
            check_content(bytes(content))
            engine = Engine(bytes(content), threads)
            _describe(engine, answers)
        except NetworkError as error:
            send(answers, {"problem": str(error)}, [])
            os._exit(0)
        del content
        while True:
            _run(engine, requests.get(), answers)
    except MemoryError:
        os._exit(MEMORY_EXIT_CODE)


def _read(stream: IO[bytes], requests: "SimpleQueue[Message]") -> None:
    try:
        while True:
            requests.put(receive(stream, _MAX_MESSAGE_BYTES))
    except EOFError:
        os._exit(0)
    except MemoryError:
        os._exit(MEMORY_EXIT_CODE)


def _describe(network: Network, answers: IO[bytes]) -> None:
    signature = network.signature
    size = sum(len(key) + len(value) for key, value in signature.properties.items())
    if size > MAX_DESCRIPTION_BYTES:
        raise NetworkError(f"its description is larger than {MAX_DESCRIPTION_BYTES >> 20} MB")
    send(answers, signature._asdict(), [])


def _run(network: Network, request: Message, answers: IO[bytes]) -> None:
    header, (blob,) = request
    spectrogram = np.frombuffer(blob, np.float32).reshape(header["shape"])
    try:
        outputs = [np.ascontiguousarray(output, np.float32) for output in network.run(spectrogram)]
    except NetworkError as error:
        send(answers, {"problem": str(error)}, [])
        return
    shapes = [output.shape for output in outputs]
    send(answers, {"shapes": shapes}, [output.tobytes() for output in outputs])


def limit_resources(threads: int) -> None:
    """So much memory from now on, and no dump of it; elsewhere than on Linux the arena alone is limited."""
    if sys.platform != "linux":
        return
    import resource

    pages = int(Path("/proc/self/statm").read_text().split()[0])
    wanted = pages * resource.getpagesize() + MAX_MEMORY_BYTES + threads * _THREAD_BYTES
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    if most != resource.RLIM_INFINITY:
        wanted = min(wanted, most)
    resource.setrlimit(resource.RLIMIT_AS, (wanted, wanted))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
