"""Starts the stand-in: `python3 -m sandbox.services.jenkins --home /var/jenkins_home --port 8080 [--jvm COMMAND]`.

Environment: CASC_JENKINS_CONFIG (folder, or files and folders separated by commas), SECRETS, CASC_RELOAD_TOKEN (or the chart's
`-Dcasc.reload.token=` in JAVA_OPTS), CASC_MERGE_STRATEGY.
"""

import argparse
import logging
import os
import re
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path

import uvicorn

from sandbox.services.jenkins import parts
from sandbox.services.jenkins.app import create_app
from sandbox.services.jenkins.casc import sources
from sandbox.services.jenkins.casc_values import CascError
from sandbox.services.jenkins.controller import Jenkins, Options

TOKEN = re.compile(r"-Dcasc\.reload\.token=(\S+)")


def main() -> None:
    """Read the arguments and serve until stopped; exits with 1 and the reason if the configuration is wrong."""
    parser = argparse.ArgumentParser(prog="jenkins", description="A stand-in for Jenkins: hooks, configuration as code, pipelines.")
    parser.add_argument("--home", type=Path, default=_home(), help="directory of all data; made if missing (default: JENKINS_HOME)")
    parser.add_argument("--host", default="0.0.0.0", help="address to listen on (default: all)")
    parser.add_argument("--httpPort", "--port", dest="port", type=int, default=8080, help="port to listen on (default: 8080)")
    parser.add_argument("--jvm", type=shlex.split, help="command that starts the JVM with Groovy (default: the image's own)")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)  # it logs addresses
    try:
        found = sources()
        options = Options(arguments.home, found, reload_token(os.environ), address=f"http://localhost:{arguments.port}")
        with parts.opened(options, arguments.jvm) as jenkins:
            serve(jenkins, arguments.host, arguments.port)
    except CascError as error:
        sys.exit(f"jenkins: the configuration cannot be applied: {error}")


def serve(jenkins: Jenkins, host: str, port: int) -> None:
    """Serve until stopped. The query may hold a token, so requests are not logged."""
    uvicorn.run(create_app(jenkins), host=host, port=port, access_log=False, log_level="warning", timeout_graceful_shutdown=5)


def _home() -> Path:
    return Path(os.environ.get("JENKINS_HOME", "/var/jenkins_home"))


def reload_token(environment: Mapping[str, str]) -> str:
    """Return the token that allows a reload: of its own variable, else the system property that the chart sets; empty for none."""
    found = TOKEN.search(environment.get("JAVA_OPTS", ""))
    return environment.get("CASC_RELOAD_TOKEN") or (found.group(1) if found else "")


if __name__ == "__main__":
    main()
