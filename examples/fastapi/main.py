"""A small service: says who answers, in which version."""

import os
import socket

from fastapi import FastAPI

app = FastAPI()


@app.get("/")
def index() -> dict[str, str]:
    """Name, version and host of this instance."""
    return {"name": "fastapi", "version": os.environ.get("APP_VERSION", "1.0.0"), "hostname": socket.gethostname()}
