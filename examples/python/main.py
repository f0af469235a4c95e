"""A small server of the standard library: says who answers, in which version."""

import json
import os
import signal
import socket
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def answer() -> bytes:
    """Name, version and host of this instance."""
    told = {"name": "python", "version": os.environ.get("APP_VERSION", "1.0.0"), "hostname": socket.gethostname()}
    return json.dumps(told).encode()


class Handler(BaseHTTPRequestHandler):
    """Answers every path alike."""

    def do_GET(self) -> None:
        """Answer."""
        body = answer()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    ThreadingHTTPServer(("", int(os.environ.get("PORT", "8000"))), Handler).serve_forever()
