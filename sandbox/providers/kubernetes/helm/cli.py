"""Runs helm with what it must not find in its arguments in private files, which are removed afterwards."""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Any, Final

import yaml

from sandbox.providers.kubernetes.helm import arguments
from sandbox.providers.kubernetes.settings import Settings
from sandbox.providers.plugin import Properties

_PREFIX: Final = "slipway-helm-"


class HelmError(RuntimeError):
    """Helm failed; the message is its own."""


@dataclass(frozen=True)
class Helm:
    """Helm on one cluster and namespace. `tick` is called every two seconds while it runs."""

    settings: Settings
    namespace: str
    cancelled: Event
    tick: Callable[[], None] = lambda: None

    def run(self, *command: str) -> str:
        """Run a command and return what it prints. Raises HelmError, and FileNotFoundError where there is no helm on PATH."""
        with self._private() as directory:
            return self._run(directory, list(command))

    def json(self, *command: str) -> Any:
        """Run a command that prints JSON; None where the release does not exist. Raises HelmError."""
        try:
            return json.loads(self.run(*command, "--output", "json"))
        except HelmError as error:
            if "release: not found" in str(error):
                return None
            raise

    def deploy(self, verb: str, inputs: Properties, timeout: float) -> None:
        """Run `install` or `upgrade`, and wait for it. Raises HelmError."""
        with self._private() as directory:
            files = list(_value_files(directory, inputs))
            if arguments.has_credentials(inputs):
                _write(directory / "repositories.yaml", json.dumps(arguments.repositories(inputs)))
                self._run(directory, ["repo", "update", arguments.REPOSITORY])
            if inputs.get("lint"):
                self._run(directory, ["lint", str(inputs["chart"]), *(part for file in files for part in ("--values", str(file)))])
            self._run(directory, arguments.deploy(verb, inputs, files, timeout))

    @contextmanager
    def _private(self) -> Iterator[Path]:
        _sweep()
        with tempfile.TemporaryDirectory(prefix=f"{_PREFIX}{os.getpid()}-") as name:  # readable by its owner alone
            if self.settings.kubeconfig is not None:
                _write(Path(name) / "kubeconfig", json.dumps(self.settings.kubeconfig))
            yield Path(name)

    def _run(self, directory: Path, command: list[str]) -> str:
        helm = shutil.which("helm")
        if helm is None:
            raise FileNotFoundError("helm is not on PATH; install helm 3, or run `make up`, which builds it")
        command = [*_dies_with_us(), helm, *command, "--namespace", self.namespace, "--kubeconfig", str(directory / "kubeconfig")]
        environment = dict(os.environ)
        if (directory / "repositories.yaml").exists():
            environment |= {"HELM_REPOSITORY_CONFIG": str(directory / "repositories.yaml"), "HELM_REPOSITORY_CACHE": str(directory)}
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
        )
        output, errors = self._finish(process)
        if process.returncode:
            raise HelmError(_message(errors) or f"helm {command[-5]} ended with exit code {process.returncode}")
        return output

    def _finish(self, process: "subprocess.Popen[str]") -> tuple[str, str]:
        while True:
            try:
                return process.communicate(timeout=2)
            except subprocess.TimeoutExpired:
                # Helm marks the release as failed when it is asked to end, so that the next run can go on from there.
                process.terminate() if self.cancelled.is_set() else self.tick()
            except BaseException:
                process.terminate()
                raise


def _sweep() -> None:
    """Remove the files of runs that were killed before they could."""
    for left in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*-*"):
        owner = left.name.removeprefix(_PREFIX).partition("-")[0]
        if not _alive(owner):
            shutil.rmtree(left, ignore_errors=True)  # of other users, it cannot


def _alive(process: str) -> bool:
    try:
        os.kill(int(process), 0)
    except (ProcessLookupError, ValueError):
        return False
    except PermissionError:  # somebody else's
        return True
    return True


def _dies_with_us() -> list[str]:
    """Return the prefix that ends helm with this process: an orphaned one would go on changing the release under the next run."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "TERM", "--"] if setpriv else []


def _value_files(directory: Path, inputs: Properties) -> Iterator[Path]:
    """Write the values, files first: what is given in the program goes before them."""
    for number, asset in enumerate(inputs.get("valueYamlFiles") or []):
        if "path" in asset:
            yield Path(asset["path"])
        elif "text" in asset:
            yield _write(directory / f"values-{number}.yaml", asset["text"])
        else:
            raise ValueError(f"valueYamlFiles[{number}] is neither a file nor a text; give a FileAsset or a StringAsset")
    if inputs.get("values"):
        yield _write(directory / "values.yaml", json.dumps(inputs["values"]))


def _write(path: Path, text: str) -> Path:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
    return path


def _message(errors: str) -> str:
    """Return helm's error without its warnings and progress."""
    lines = [line for line in errors.strip().splitlines() if not line.startswith(("WARNING:", "level=", "coalesce.go"))]
    start = next((number for number, line in enumerate(lines) if line.startswith("Error:")), 0)
    return "\n".join(lines[start:]).removeprefix("Error: ")


def manifests(text: str) -> list[Properties]:
    """Return the objects in helm's YAML."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return [found for found in yaml.load_all(text, Loader=loader) if isinstance(found, dict) and found.get("kind")]
