"""Moments in a run of Pulumi on a stack, as its state file tells them: the engine writes it before and after each step."""

import json
import os
import signal
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sandbox.instance import Sandbox
from tests.e2e.support import NAME, eventually, start

LIMIT_SECONDS = 300.0


class State:
    """A stack's state file as it is now; empty where there is none."""

    def __init__(self, stack: str) -> None:
        folder = Sandbox(NAME).folder
        self.locked = any((folder / "state" / ".pulumi" / "locks").glob(f"*/*/{stack}/*.json"))
        self.kubeconfig = (folder / "stacks" / f"{stack}.kubeconfig").is_file()
        self._latest = _latest(folder / "state" / ".pulumi" / "stacks" / "slipway" / f"{stack}.json")

    def has(self, kind: str, name: str = "") -> bool:
        """Whether a resource whose type ends so is there, and is called so."""
        return any(_is(each, kind, name) for each in self._latest.get("resources") or [])

    def lost(self, kind: str) -> bool:
        """Whether resources are there, but none of this type."""
        return bool(self._latest.get("resources")) and not self.has(kind)

    def doing(self, what: str, kind: str, name: str = "") -> bool:
        """Whether an operation (`creating`, `deleting`) on such a resource is under way."""
        operations = self._latest.get("pending_operations") or []
        return any(each["type"] == what and _is(each["resource"], kind, name) for each in operations)


Moment = Callable[[State], bool]


def kill(stack: str, moment: Moment, *arguments: str) -> None:
    """Start `slipway` with the arguments and end it with all that it started, by SIGKILL, at the moment.

    Fails when the run ends first: then the moment was missed, and the test would prove nothing.
    """
    with tempfile.TemporaryFile("w+") as output, start(*arguments, output=output) as run:

        def reached() -> bool:
            if run.poll() is not None:
                output.seek(0)
                pytest.fail(f"`slipway {' '.join(arguments)}` ended with {run.returncode} before the moment came:\n{output.read()[-3000:]}")
            return moment(State(stack))

        try:
            eventually(reached, LIMIT_SECONDS, "the moment comes", every=0.01)
        finally:
            _kill(run)


def _kill(run: "subprocess.Popen[bytes]") -> None:
    if run.poll() is None:
        os.killpg(run.pid, signal.SIGKILL)


def _latest(file: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(file.read_text())["checkpoint"].get("latest") or {})
    except (OSError, json.JSONDecodeError):  # not there, or just being replaced
        return {}


def _is(resource: dict[str, Any], kind: str, name: str) -> bool:
    return str(resource["type"]).endswith(kind) and (not name or str(resource["urn"]).rpartition("::")[2] == name)
