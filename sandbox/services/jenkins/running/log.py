"""What a build writes: always through its masks."""

import codecs
import re
from collections.abc import Callable

from sandbox.services.jenkins.running.masks import Masks, Stream


class Log:
    """The console log of a build. `write` gets text without secrets."""

    def __init__(self, write: Callable[[str], None], masks: Masks) -> None:
        self._write, self.masks = write, masks

    def line(self, text: str) -> None:
        """Write a line, or several."""
        self.text(text + "\n")

    def text(self, text: str) -> None:
        """Write text as it is."""
        hidden = self.masks.hide(text)
        if hidden:
            self._write(hidden)

    def output(self, prefix: str = "") -> "Output":
        """Return a place for the output of a process; `prefix` is put before each line."""
        return Output(self._write, self.masks, prefix)


class Output:
    """Output of one process on its way to the log: bytes in pieces, cut anywhere."""

    def __init__(self, write: Callable[[str], None], masks: Masks, prefix: str) -> None:
        self._write, self._stream, self._prefix = write, Stream(masks), prefix
        self._fresh = True
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")

    def feed(self, data: bytes) -> None:
        """Write what is complete by now."""
        self._out(self._stream.feed(self._decoder.decode(data)))

    def end(self) -> None:
        """Write the rest, which ends with a new line then."""
        rest = self._stream.feed(self._decoder.decode(b"", final=True)) + self._stream.end()
        self._out(rest + "\n" if rest and not rest.endswith("\n") else rest)

    def _out(self, text: str) -> None:
        if text:
            marked = re.sub(r"(?<=\n)(?=.)", lambda _: self._prefix, text, flags=re.DOTALL) if self._prefix else text
            self._write((self._prefix if self._fresh else "") + marked)
            self._fresh = text.endswith("\n")
