"""A small web application: says who answers, in which version."""

import os
import socket

from flask import Flask
from flask.typing import ResponseReturnValue

VERSION = "1.0.0"

app = Flask(__name__)


@app.get("/")
def index() -> ResponseReturnValue:
    """Name, version and host of this instance; a release may set the version by APP_VERSION."""
    return {"name": "flask", "version": os.environ.get("APP_VERSION") or VERSION, "hostname": socket.gethostname()}


@app.get("/healthz")
def healthz() -> ResponseReturnValue:
    """Answers as soon as requests are served."""
    return "ok\n"
