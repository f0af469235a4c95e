"""Takes secrets out of messages about a configuration."""

import json
import re
from collections.abc import Iterator
from typing import Any

from sandbox.services.jenkins.configuration import Configuration

SECRET_NAME = re.compile(r"pass|token|secret|hook|key", re.IGNORECASE)
STARS = "****"


def redacted(text: str, configuration: Configuration) -> str:
    """Return `text` without the secrets that `configuration` holds: credentials, and what scripts are told under names as `password`."""
    for secret in sorted(set(_secrets(configuration)), key=len, reverse=True):
        text = text.replace(secret, STARS)
    return text


def _secrets(configuration: Configuration) -> Iterator[str]:
    yield from (each.secret for each in configuration.credentials if each.secret)
    for _, environment in configuration.scripts:
        for name, value in environment.items():
            try:
                yield from _leaves(json.loads(value), name)
            except ValueError:
                yield from _leaves(value, name)


def _leaves(value: Any, name: str) -> Iterator[str]:
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _leaves(each, key)
    elif isinstance(value, list):
        for each in value:
            yield from _leaves(each, name)
    elif isinstance(value, str) and value and SECRET_NAME.search(name):
        yield value
