"""What the sandbox's commands show without a traceback."""

from collections.abc import Iterator
from contextlib import contextmanager
from errno import ENOSPC

import click


class SandboxError(click.ClickException):
    """Something the user can mend: the message states the value, what was expected and the next step."""


@contextmanager
def plainly() -> Iterator[None]:
    """Turn an error of the Docker engine, of GitLab or of the network into a SandboxError with its text and what to do."""
    from docker.errors import DockerException
    from gitlab.exceptions import GitlabError
    from requests import RequestException

    try:
        yield
    except (DockerException, GitlabError, RequestException, OSError) as error:
        if (isinstance(error, OSError) and error.errno == ENOSPC) or "no space left on device" in str(error).lower():
            raise SandboxError(
                f"The disk is full: {error}\nNext: make room (`df -h` tells where), then run this again: what was made is kept."
            ) from error
        raise SandboxError(f"{type(error).__name__}: {error}\nNext: mend that and run this again: what was made is kept.") from error
