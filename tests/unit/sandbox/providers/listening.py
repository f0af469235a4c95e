"""Where servers of tests listen."""

import socket


def listener() -> socket.socket:
    """A socket at a free port of the loopback address.

    It names its protocol, unlike those of `socket.create_server`: asyncio sends at once (TCP_NODELAY) on no others, and each answer of two
    packets would take 40 ms more.
    """
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    made.bind(("127.0.0.1", 0))
    made.listen()  # already: who comes before the server waits for it
    return made
