"""The request by which a program is told that its files changed."""

import logging
import threading
from collections.abc import Callable
from http.client import HTTPException
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

log = logging.getLogger(__name__)

TIMEOUT_SECONDS = 60.0
FIRST_SECONDS, LONGEST_SECONDS = 0.5, 10.0
# How often an answer that says "failed" is believed to be a passing one.
REFUSALS = 5


def tell(url: str, method: str, attempts: int, stopped: threading.Event, superseded: Callable[[], bool] = lambda: False) -> bool:
    """Ask until the program answers; a burst of changes is told once.

    Args:
        url: never shown in full: its query may be a secret.
        method: GET or POST.
        attempts: refused connections before the log says so.
        stopped: ends it.
        superseded: whether there are newer files, which are to be written first.

    Returns whether the program took it. It is not asked again after `REFUSALS` failures: it is the files that must change.
    """
    shown, refused, failed, pause = url.partition("?")[0], 0, 0, FIRST_SECONDS
    while not stopped.is_set():
        try:
            _ask(url, method)
        except HTTPError as error:
            failed += 1
            log.warning("%s %s answered %d", method, shown, error.code)
            if failed >= REFUSALS:
                log.error("%s %s: not asked again until the next change", method, shown)
                return False
        except (OSError, HTTPException) as error:
            refused += 1
            if refused == attempts:
                log.error("%s %s: no answer after %d attempts (%s); still trying", method, shown, refused, type(error).__name__)
        else:
            log.info("%s %s: done", method, shown)
            return True
        if stopped.wait(pause) or superseded():
            return False
        pause = min(pause * 2, LONGEST_SECONDS)
    return False


def _ask(url: str, method: str) -> None:
    # Straight to the container beside this one, whatever proxies the environment names.
    with build_opener(ProxyHandler({})).open(Request(url, method=method), timeout=TIMEOUT_SECONDS) as response:
        response.read()
