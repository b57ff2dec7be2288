"""Messages of other processes."""

import pickle
import subprocess
import sys
import threading

from midcli.util.mailbox import Address, mailbox

SENDER = """
import pickle, sys
connection = pickle.loads(bytes.fromhex(sys.argv[1])).connect()
for number in range(3):
    connection.send((sys.argv[2], number))
"""


def send(address: Address, name: str) -> None:
    subprocess.run([sys.executable, "-c", SENDER, pickle.dumps(address).hex(), name], check=True, timeout=60)


def test_messages_of_several_processes_arrive_in_their_order_and_one_at_a_time() -> None:
    heard: list[tuple[str, int]] = []
    with mailbox(heard.append) as address:
        senders = [threading.Thread(target=send, args=(address, name)) for name in "ab"]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()
    for name in "ab":
        assert [number for who, number in heard if who == name] == [0, 1, 2]


def test_nobody_else_is_heard() -> None:
    heard: list[object] = []
    with mailbox(heard.append) as address:
        stranger = Address(address.place, b"guessed")
        done = subprocess.run(
            [sys.executable, "-c", SENDER, pickle.dumps(stranger).hex(), "c"],
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
        )
        assert "AuthenticationError" in done.stderr
        send(address, "a")
    assert len(heard) == 3


def test_a_mailbox_that_nobody_writes_to_is_closed_at_once() -> None:
    before = threading.active_count()
    with mailbox(print):
        pass
    assert threading.active_count() == before
