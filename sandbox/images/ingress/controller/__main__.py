"""`python3 -m controller [flags]`: mirrors the cluster's objects into nginx until it is told to stop."""

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from .endpoints import endpoints, lines
from .kube import ERRORS, RETRY_SECONDS, Api, Mirror
from .nginx import Nginx
from .options import Options, parse
from .render import render
from .routes import Object
from .selection import addresses, current, served

log = logging.getLogger(__name__)

PREFIX = Path("/tmp/nginx")
# Changes come in bursts: one reload for each.
DEBOUNCE_SECONDS = 0.2
# How soon a dead nginx is seen.
TICK_SECONDS = 2.0

INGRESSES = "/apis/networking.k8s.io/v1/ingresses"
CLASSES = "/apis/networking.k8s.io/v1/ingressclasses"
SERVICES = "/api/v1/services"
SLICES = "/apis/discovery.k8s.io/v1/endpointslices"
SECRETS = "/api/v1/secrets"


class Controller:
    """Keeps nginx and the Ingresses' status in step with the cluster."""

    def __init__(self, api: Api, nginx: Nginx, options: Options) -> None:
        self._api, self._nginx, self._options = api, nginx, options
        self._changed = threading.Event()
        self._routed: tuple[list[Object], list[Object]] | None = None
        self._mirrors = {path: Mirror(api, path, self._changed) for path in (INGRESSES, CLASSES, SERVICES, SLICES)}
        self._mirrors[SECRETS] = Mirror(api, SECRETS, self._changed, "type=kubernetes.io/tls")

    def run(self) -> None:
        """Works until nginx ends."""
        for mirror in self._mirrors.values():
            threading.Thread(target=mirror.run, daemon=True).start()
        for mirror in self._mirrors.values():
            mirror.filled.wait()
        while not self._nginx.ended():
            if self._changed.wait(TICK_SECONDS):
                time.sleep(DEBOUNCE_SECONDS)
                self._changed.clear()
                self._update()

    def _update(self) -> None:
        objects = {path: mirror.objects() for path, mirror in self._mirrors.items()}
        ingresses = served(objects[INGRESSES], objects[CLASSES], self._options)
        routed = (ingresses, objects[SECRETS])
        if routed != self._routed:
            self._nginx.apply(render(ingresses, self._nginx.usable(objects[SECRETS])))
            self._routed = routed
        try:
            self._nginx.tell(lines(endpoints(objects[SERVICES], objects[SLICES])))
            self._report(ingresses, objects[SERVICES])
        except ERRORS as error:
            log.warning("%s; trying again", error)
            threading.Timer(RETRY_SECONDS, self._changed.set).start()

    def _report(self, ingresses: list[Object], services: list[Object]) -> None:
        wanted = addresses(os.environ["NODE_ADDRESS"], services, self._options.publish_service)
        for ingress in ingresses:
            if current(ingress) != wanted:
                meta = ingress["metadata"]
                path = f"/apis/networking.k8s.io/v1/namespaces/{meta['namespace']}/ingresses/{meta['name']}/status"
                self._api.patch(path, {"status": {"loadBalancer": {"ingress": wanted}}})


def _serve_health(port: int, healthy: Callable[[], bool]) -> None:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/healthz" and healthy() else 503)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Probes are not worth a line each."""

    threading.Thread(target=ThreadingHTTPServer(("", port), Handler).serve_forever, daemon=True).start()


def _crash(failure: threading.ExceptHookArgs) -> None:
    # A mirror that no longer follows would leave nginx with old pods: let the kubelet start everything afresh.
    log.critical("%s in a thread", failure.exc_type.__name__, exc_info=failure.exc_value)
    os._exit(1)


def main() -> int:
    """Runs the controller until SIGTERM (0) or the end of nginx (1); returns the exit code."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
    threading.excepthook = _crash
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    options = parse(sys.argv[1:])
    nginx = Nginx(PREFIX)
    _serve_health(options.healthz_port, nginx.ready)
    try:
        Controller(Api(), nginx, options).run()
    finally:
        nginx.stop()
    return 1


if __name__ == "__main__":
    sys.exit(main())
