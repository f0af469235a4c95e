"""Starts the stand-in: `python -m sandbox.services.gitlab --data DIR --url http://gitlab.dev.test --root-token-file FILE`."""

import argparse
from pathlib import Path

import uvicorn

from sandbox.services.gitlab.app import create_app
from sandbox.services.gitlab.weather import Protocol

TOKEN_LENGTH = 20


def main() -> None:
    """Read the arguments and serve until stopped; exits with 2 and a sentence if an argument does not fit."""
    parser = argparse.ArgumentParser(prog="gitlab", description="A stand-in for GitLab: REST API v4, Git over HTTP, webhooks.")
    parser.add_argument("--data", type=Path, required=True, help="directory of all data; made if missing")
    parser.add_argument("--url", required=True, help="address under which everybody reaches it, e.g. http://gitlab.dev.test")
    parser.add_argument("--root-token-file", type=Path, required=True, help="file with the administrator's access token")
    parser.add_argument("--group", help="top-level group to make at the first start")
    parser.add_argument("--host", default="0.0.0.0", help="address to listen on (default: all)")
    parser.add_argument("--port", type=int, default=80, help="port to listen on (default: 80)")
    parser.add_argument("--deletion-days", type=int, default=30, help="days until what was deleted is gone, 0: at once (default: 30)")
    options = parser.parse_args()
    try:
        token = options.root_token_file.read_text().strip()
    except OSError as error:
        parser.error(f"--root-token-file {options.root_token_file}: {error.strerror}; write the token into that file first")
    if len(token) < TOKEN_LENGTH:
        parser.error(f"--root-token-file {options.root_token_file}: {len(token)} characters, expected at least {TOKEN_LENGTH}")
    app = create_app(options.data, options.url, token, options.group, options.deletion_days)
    # The query may hold a private_token, so requests are not logged.
    uvicorn.run(
        app, host=options.host, port=options.port, http=Protocol, access_log=False, log_level="warning", timeout_graceful_shutdown=5
    )


if __name__ == "__main__":
    main()
