"""Instructions of a Dockerfile, each from data: nothing that a repository says becomes more than a word of them.

https://docs.docker.com/reference/dockerfile/
"""

import json
from collections.abc import Mapping, Sequence

USER = "USER 1000"
"""A number: Kubernetes can check that it is not root."""
AUTHORITIES = "/run/secrets/authorities"
MOUNT = "--mount=type=secret,id=authorities"
"""The platform's authorities, while one step runs: where they are not given, as in a plain `docker build`, the step goes without."""


def start(image: str, stage: str | None = None) -> str:
    """Begin a stage."""
    return f"FROM {image}" + (f" AS {stage}" if stage else "")


def env(values: Mapping[str, str]) -> str:
    """Set variables."""
    return "ENV " + " ".join(f"{name}={json.dumps(value)}" for name, value in values.items())


def copy(sources: Sequence[str], target: str, stage: str | None = None) -> str:
    """Copy files or folders, in the form that takes every name."""
    return "COPY " + (f"--from={stage} " if stage else "") + json.dumps([*sources, target])


def run(*commands: str) -> str:
    """Run shell commands that are our own, each after the one before."""
    return "RUN " + " \\\n && ".join(commands)


def trusting(variables: Sequence[str], *commands: str) -> str:
    """Run shell commands that fetch: these variables name the platform's authorities, where it has some."""
    names = " ".join(f"{name}={AUTHORITIES}" for name in variables)
    return f"RUN {MOUNT} \\\n    if [ -s {AUTHORITIES} ]; then export {names}; fi \\\n && " + " \\\n && ".join(commands)


def execute(words: Sequence[str]) -> str:
    """Run a program without a shell."""
    return f"RUN {json.dumps(list(words))}"


def command(words: Sequence[str]) -> str:
    """What the image runs."""
    return f"CMD {json.dumps(list(words))}"


def listening(words: Sequence[str], option: str) -> list[str]:
    """A command with an option that takes the port from the environment, when it starts: `option` has `$PORT` in it."""
    return ["sh", "-c", f'exec "$0" "$@" {option}', *words]
