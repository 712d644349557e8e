"""Lesson 06: what Python's websockets says to the echo at the address given."""

import sys

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

MIB = 1 << 20
DEADLINE = 20


def check(expected, came):
    if expected != came:
        sys.exit(f"expected {expected!r:.80}, came {came!r:.80}")


def main(address):
    with connect(address, max_size=None) as socket:
        for message in ["hello", "", "κόσμε 😀", "x" * MIB, b"", b"\x00\xff" * (MIB // 2)]:
            socket.send(message)
            check(message, socket.recv(timeout=DEADLINE))
        socket.send(["in ", "three ", "fragments"])
        check("in three fragments", socket.recv(timeout=DEADLINE))
        check(True, socket.ping("are you there?").wait(DEADLINE))
        socket.close(4001, "from python")
        check((4001, "from python"), (socket.close_code, socket.close_reason))

    with connect(address) as socket:
        socket.send(b"\xff", text=True)
        try:
            socket.recv(timeout=DEADLINE)
        except ConnectionClosed as closed:
            check(1007, closed.rcvd.code)
        else:
            sys.exit("expected a close with 1007, came a message")


main(sys.argv[1])
