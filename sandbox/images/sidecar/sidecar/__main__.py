"""`python3 -m sidecar`: keeps a folder in step with labelled ConfigMaps and Secrets until it is told to stop."""

import logging
import os
import signal
import sys
import threading
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from .files import Folder, contents
from .kube import Api, Object, follow, listed
from .notice import tell
from .options import Options, parse

log = logging.getLogger(__name__)

# Changes come in bursts: one request for each.
DEBOUNCE_SECONDS = 0.3


class Sidecar:
    """Writes the files of all lists together, and tells the program beside it."""

    def __init__(self, api: Api, options: Options) -> None:
        self._api, self._options = api, options
        self._folder = Folder(options.folder)
        self._found: dict[str, list[Object]] = {}
        self._changed, self.stopped = threading.Event(), threading.Event()

    def once(self) -> None:
        """Write the files and leave; tells nobody, as the program comes after."""
        self._folder.apply(contents(item for path in self._options.lists for item in listed(self._api, path)["items"]))

    def run(self) -> None:
        """Work until `stop`."""
        for path in self._options.lists:
            threading.Thread(target=follow, args=(self._api, path, partial(self._take, path)), daemon=True).start()
        told = True
        while not self.stopped.is_set():
            self._changed.wait()
            self.stopped.wait(DEBOUNCE_SECONDS)
            self._changed.clear()
            if self.ready() and not self.stopped.is_set():
                told = not self._folder.apply(self._contents()) and told
                if not told and self._options.url:
                    options = self._options
                    told = tell(options.url, options.method, options.attempts, self.stopped, self._changed.is_set)

    def ready(self) -> bool:
        """Whether every list was seen: before, a file might be missing and seem to be gone."""
        return len(self._found) == len(self._options.lists)

    def stop(self) -> None:
        """End `run`."""
        self.stopped.set()
        self._changed.set()

    def _take(self, path: str, items: list[Object]) -> None:
        self._found = {**self._found, path: items}
        self._changed.set()

    def _contents(self) -> dict[str, bytes]:
        found = self._found
        return contents(item for path in self._options.lists for item in found[path])


def _serve_health(sidecar: Sidecar, port: int) -> None:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/healthz" and sidecar.ready() else 503)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Probes are not worth a line each."""

    threading.Thread(target=ThreadingHTTPServer(("", port), Handler).serve_forever, daemon=True).start()


def _crash(failure: threading.ExceptHookArgs) -> None:
    # A list that is no longer followed would leave old files: let the kubelet start everything afresh.
    log.critical("%s in a thread", failure.exc_type.__name__, exc_info=failure.exc_value)
    os._exit(1)


def main() -> int:
    """Run until SIGTERM, or once; returns the exit code."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
    threading.excepthook = _crash
    try:
        options = parse(os.environ)
    except ValueError as error:
        log.critical("%s", error)
        return 2
    sidecar = Sidecar(Api(), options)
    signal.signal(signal.SIGTERM, lambda *_: sidecar.stop())
    if options.once:
        sidecar.once()
    else:
        _serve_health(sidecar, options.port)
        sidecar.run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
