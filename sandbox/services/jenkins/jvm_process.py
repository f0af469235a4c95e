"""The JVM as a process: lines of JSON to and from it, and what becomes of those that wait when it ends."""

import json
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from itertools import count
from queue import SimpleQueue
from typing import Any

Message = Mapping[str, Any]


class JvmGoneError(Exception):
    """The JVM ended while somebody waited for it."""


class JvmRefusedError(Exception):
    """The JVM answered that it could not do what was asked."""


class JvmProcess:
    """One JVM, from its start to its end.

    Arguments: `command`, what starts it; `called`, gets each message that is no answer, in the thread that reads: it must not block.
    Raises JvmGoneError if the command cannot be started.
    """

    def __init__(self, command: Sequence[str], called: Callable[["JvmProcess", Message], None]) -> None:
        self._called = called
        self._ids = count(1)
        self._lock = threading.Lock()
        # Of its own: who writes may have to wait for a JVM that waits for its reader here.
        self._writing = threading.Lock()
        self._waiting: dict[int, SimpleQueue[Message]] = {}
        self._gone = ""
        try:
            self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        except OSError as error:
            raise JvmGoneError(
                f"the JVM cannot be started: {error.strerror} ({command[0]}); it needs Java 17 and Groovy's classes"
            ) from None
        self._reader = threading.Thread(target=self._read, name="jvm", daemon=True)
        self._reader.start()

    @property
    def alive(self) -> bool:
        """Whether it can still be asked."""
        return not self._gone and self._process.poll() is None

    def send(self, message: Message) -> None:
        """Send a message that has no answer; one to a JVM that has ended is lost."""
        try:
            self._write(message)
        except (OSError, ValueError):
            return  # it has ended, and its pipe is broken or closed

    def ask(self, message: Message) -> Any:
        """Send a request and return its answer. Raises JvmRefusedError, or JvmGoneError if the JVM ends before."""
        answer: SimpleQueue[Message] = SimpleQueue()
        with self._lock:
            if self._gone:
                raise JvmGoneError(self._gone)
            id = next(self._ids)
            self._waiting[id] = answer
        # A pipe that breaks here is the JVM's end, which the reader sees as well and answers for.
        self.send({**message, "id": id})
        found = answer.get()
        if "gone" in found:
            raise JvmGoneError(found["gone"])
        if "error" in found:
            raise JvmRefusedError(found["error"])
        return found["value"]

    def close(self) -> None:
        """End it and wait until it is gone."""
        self._process.kill()
        self._process.wait()
        self._reader.join()

    def _write(self, message: Message) -> None:
        line = json.dumps(message).encode() + b"\n"
        pipe = self._process.stdin
        assert pipe is not None
        with self._writing:
            pipe.write(line)
            pipe.flush()

    def _read(self) -> None:
        pipe = self._process.stdout
        assert pipe is not None
        try:
            for line in pipe:
                self._take(json.loads(line))
        except ValueError:
            # What is no JSON is no JVM of ours: nothing that comes after it can be trusted.
            self._process.kill()
        status = self._process.wait()
        pipe.close()
        self._end(f"the JVM that runs pipelines has ended (exit status {status}); the next build starts another one")

    def _take(self, message: Message) -> None:
        if "id" not in message:
            self._called(self, message)
            return
        with self._lock:
            waiting = self._waiting.pop(message["id"], None)
        if waiting:
            waiting.put(message)

    def _end(self, sentence: str) -> None:
        with self._lock:
            self._gone = sentence
            waiting = list(self._waiting.values())
            self._waiting.clear()
        for each in waiting:
            each.put({"gone": sentence})
