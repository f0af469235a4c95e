"""The nginx process: its files, its start, and graceful reloads."""

import contextlib
import logging
import signal
import socket
import ssl
import subprocess
import time
from collections.abc import Iterable
from pathlib import Path
from urllib.request import urlopen

from .render import CERTIFICATES, DEFAULT_CERTIFICATE, PODS_PORT
from .routes import Object, certificate_name, certificate_pem

log = logging.getLogger(__name__)

# Less than the pod's grace period.
GRACE_SECONDS = 25
TELL_SECONDS = 10
START_SECONDS = 10


class Nginx:
    """nginx with all its files under `prefix`, which is created."""

    def __init__(self, prefix: Path) -> None:
        self._prefix = prefix
        self._process: subprocess.Popen[bytes] | None = None
        self._told: str | None = None
        for name in (CERTIFICATES, "temporary"):
            (prefix / name).mkdir(parents=True, exist_ok=True)
        _self_signed(prefix / DEFAULT_CERTIFICATE)

    def usable(self, secrets: Iterable[Object]) -> list[Object]:
        """Writes the certificates of TLS Secrets; returns those that nginx can load.

        One that it cannot load would make it refuse the configuration of everybody.
        """
        return [secret for secret in secrets if self._store(secret)]

    def apply(self, config: str) -> None:
        """Makes nginx run with `config`. One that `nginx -t` refuses is logged, and the previous one stays."""
        current, candidate = self._prefix / "nginx.conf", self._prefix / "candidate.conf"
        if self._process is not None and current.read_text() == config:
            return
        candidate.write_text(config)
        test = subprocess.run(self._command(candidate, "-t", "-q"), stderr=subprocess.PIPE, text=True, check=False)
        if test.returncode:
            log.error("nginx refuses the new configuration and keeps the old one: %s", test.stderr.strip())
            return
        candidate.replace(current)
        if self._process is None:
            self._process = subprocess.Popen(self._command(current))
            _wait_for_port(PODS_PORT)
        else:
            self._process.send_signal(signal.SIGHUP)

    def tell(self, pods: str) -> None:
        """Tells the running nginx which pods there are, in the form of `endpoints.lines`. Raises OSError."""
        if pods != self._told:
            urlopen(f"http://127.0.0.1:{PODS_PORT}/", pods.encode(), timeout=TELL_SECONDS).close()
            self._told = pods

    def ready(self) -> bool:
        """Whether nginx runs and knows the pods."""
        return self.alive() and self._told is not None

    def alive(self) -> bool:
        """Whether nginx was started and still runs."""
        return self._process is not None and self._process.poll() is None

    def ended(self) -> bool:
        """Whether nginx was started and ended."""
        return self._process is not None and self._process.poll() is not None

    def stop(self) -> None:
        """Ends nginx once the requests that it holds are answered, or after `GRACE_SECONDS`."""
        if self._process is None or not self.alive():
            return
        self._process.send_signal(signal.SIGQUIT)
        try:
            self._process.wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.terminate()
            self._process.wait()

    def _command(self, config: Path, *options: str) -> list[str]:
        return ["nginx", "-p", str(self._prefix), "-c", str(config), "-e", "stderr", *options]

    def _store(self, secret: Object) -> bool:
        try:
            path = self._prefix / CERTIFICATES / certificate_name(secret)
            if not path.exists():
                path.touch(mode=0o600)
                path.write_bytes(certificate_pem(secret))
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(path)
        except (KeyError, ValueError, OSError):  # ssl.SSLError is an OSError
            name = f"{secret['metadata']['namespace']}/{secret['metadata']['name']}"
            log.warning("Secret %s: tls.crt and tls.key are not a certificate and its key; it is ignored", name)
            return False
        return True


def _wait_for_port(port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.05)
    log.warning("nginx does not listen on port %d within %d s", port, START_SECONDS)


def _self_signed(path: Path) -> None:
    """Writes a new key and a certificate for nobody: what hosts without a certificate of their own answer with."""
    new = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "3650"]
    names = ["-subj", "/CN=ingress.invalid", "-addext", "subjectAltName=DNS:ingress.invalid"]
    command = [*new, *names, "-keyout", "-", "-out", "-"]
    made = subprocess.run(command, capture_output=True, check=True, umask=0o077)
    path.touch(mode=0o600)
    path.write_bytes(made.stdout)
