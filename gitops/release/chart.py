"""The application chart: what a release copies into an application's folder, and what Helm says of it with the application's values."""

import hashlib
import os
import tempfile
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import yaml

from gitops.release.errors import RefusedError
from gitops.release.process import ProgramFailedError, run
from gitops.release.repository import Entry, Snapshot
from naming import App, namespace, release_name

CHART, VALUES = "Chart.yaml", "values.yaml"
DIGEST_KEY = "slipway/chart-digest"
HELM_SECONDS = 30.0


@cache
def chart_files() -> Mapping[str, str]:
    """The chart's files by their path in it, without Chart.yaml and values.yaml, which each application has of its own."""
    root = files("gitops").joinpath("chart")
    return {name: file.read_text(encoding="utf-8") for name, file in sorted(_walk(root)) if name not in {CHART, VALUES}}


def first_values() -> str:
    """What the values.yaml of a new application begins with."""
    return files("gitops").joinpath("chart", VALUES).read_text(encoding="utf-8")


@cache
def version() -> str:
    """The chart's version."""
    return str(_metadata()["version"])


def chart_yaml(app: App) -> str:
    """An application's Chart.yaml: the chart under the application's name, with what tells an untouched copy from a changed one."""
    content = _metadata() | {"name": app.project, "annotations": {DIGEST_KEY: digest(local_blobs())}}
    return yaml.safe_dump(content, sort_keys=False)


def local_blobs() -> dict[str, str]:
    """Git's ids of the chart's files: an application whose folder has them has this very chart."""
    return {name: blob(text.encode()) for name, text in chart_files().items()}


def folder_blobs(folder: Mapping[str, Entry]) -> dict[str, str]:
    """Git's ids of the chart's files in an application's folder."""
    return {name: entry.blob for name, entry in folder.items() if name not in {CHART, VALUES}}


def digest(blobs: Mapping[str, str]) -> str:
    """One digest of a chart's files by Git's ids."""
    return hashlib.sha256("".join(f"{name} {blob}\n" for name, blob in sorted(blobs.items())).encode()).hexdigest()


def copied_files(snapshot: Snapshot, folder: Mapping[str, Entry]) -> dict[str, str]:
    """The chart's files as they are in an application's folder; only what differs from ours is read."""
    ours, local = local_blobs(), chart_files()
    found: dict[str, str] = {}
    for name, entry in folder.items():
        if name == VALUES:
            continue
        if ours.get(name) == entry.blob:
            found[name] = local[name]
        elif file := snapshot.read(entry.path):
            found[name] = file.text
    return found


def render(app: App, chart: Mapping[str, str], values: str) -> str:
    """What Helm makes of a chart (with its Chart.yaml) and these values.

    Raises RefusedError with Helm's message, and UnreachableError where Helm is not there.
    """
    return _render(app, tuple(sorted({**chart, VALUES: values}.items())))


@lru_cache(maxsize=4)  # the same again, where the branch moved and nothing of this application did
def _render(app: App, files: tuple[tuple[str, str], ...]) -> str:
    with tempfile.TemporaryDirectory(prefix="slipway-") as folder:
        root = Path(folder, "chart")
        for name, text in files:
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        # A home of its own: neither plugins nor a cluster of whoever runs this.
        environment = {"PATH": os.environ.get("PATH", ""), "HOME": folder, "HELM_NO_PLUGINS": "1"}
        command = ["helm", "template", release_name(app), str(root), "--namespace", namespace(app.user)]
        try:
            return run(command, folder=Path(folder), environment=environment, seconds=HELM_SECONDS)
        except ProgramFailedError as error:
            said = str(error).replace(str(root), app.path).removeprefix("Error: ")
            raise RefusedError(f"Helm refuses {app.path}; nothing was written:\n{said}") from None


def _metadata() -> dict[str, Any]:
    return dict(yaml.safe_load(files("gitops").joinpath("chart", CHART).read_text(encoding="utf-8")))


def _walk(folder: Traversable, prefix: str = "") -> Iterator[tuple[str, Traversable]]:
    for each in folder.iterdir():
        if each.is_dir():
            yield from _walk(each, f"{prefix}{each.name}/")
        else:
            yield f"{prefix}{each.name}", each


def blob(content: bytes) -> str:
    """Git's id of a content: https://git-scm.com/book/en/v2/Git-Internals-Git-Objects"""
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()
