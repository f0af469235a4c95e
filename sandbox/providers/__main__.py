"""Starts a plugin as the engine does: `python -m sandbox.providers NAME [ENGINE-ADDRESS]`, or `language-python`."""

import os
import signal
import stat
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from importlib.util import find_spec, module_from_spec
from threading import Thread
from typing import Final

import grpc

from sandbox.providers import LANGUAGE, PLUGINS

_THREADS: Final = 256  # more than operations at a time, so that there is one for Cancel; idle threads are not started


def main(name: str, engine_address: str) -> None:
    """Serve the plugin until the engine goes. Prints the port, as the engine expects."""
    if name != LANGUAGE:
        _without_sdk()
    # Imported here, not above: each plugin is a process of its own, which pays for what it imports.
    from sandbox.providers.engine import MESSAGE_OPTIONS

    server = grpc.server(ThreadPoolExecutor(_THREADS), options=MESSAGE_OPTIONS)
    if name == LANGUAGE:
        from sandbox.providers.language_python import add_host

        add_host(server, engine_address)
    else:
        from pulumi.runtime.proto.provider_pb2_grpc import add_ResourceProviderServicer_to_server

        from sandbox.providers.server import Server

        plugin = import_module(f"sandbox.providers.{name}").plugin()
        add_ResourceProviderServicer_to_server(Server(plugin, engine_address), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)
    _end_with_engine()
    server.wait_for_termination()


def _without_sdk() -> None:
    """Let the protocol's modules be imported without the SDK around them: plugins start one after the other, each 0.4 s sooner."""
    for name in ("pulumi", "pulumi.runtime", "pulumi.runtime.proto"):
        spec = find_spec(name)
        if spec is None:
            raise ModuleNotFoundError(f"{name} is not installed")
        sys.modules[name] = module_from_spec(spec)  # a package that has a path, and is not run


def _end_with_engine() -> None:
    # The engine interrupts its plugins when it has finished, and again would be noise. Threads may still wait inside a client: no
    # orderly shutdown, the engine has what it wanted.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: _exit())
    if stat.S_ISFIFO(os.fstat(0).st_mode):  # the engine holds the other end: it closes when the engine is killed
        Thread(target=_await_end_of_input, daemon=True).start()


def _await_end_of_input() -> None:
    sys.stdin.buffer.read()
    if os.getpgrp() == os.getpid():  # as the engine starts it; a program that the language host runs belongs to the group
        os.killpg(0, signal.SIGTERM)
    _exit()


def _exit() -> None:
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1] not in (*PLUGINS, LANGUAGE):
        sys.exit(f"usage: python -m sandbox.providers NAME [ENGINE-ADDRESS], with NAME one of {', '.join((*PLUGINS, LANGUAGE))}")
    # The engine adds flags such as --logtostderr; its address comes last and is the only argument that is no flag.
    addresses = [argument for argument in sys.argv[2:] if ":" in argument and not argument.startswith("-")]
    main(sys.argv[1], addresses[-1] if addresses else "")
