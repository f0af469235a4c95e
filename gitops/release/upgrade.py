"""The chart that applications have copied, brought to ours in many of them by one commit; their values stay."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from gitops.release import chart
from gitops.release.errors import RefusedError
from gitops.release.publish import read_values
from gitops.release.repository import Change, Entry, GitOps, Snapshot
from naming import App, InvalidNameError

BATCH = 50
"""Applications in one commit."""


@dataclass(frozen=True, kw_only=True)
class Upgrade:
    """What came of one application. result: upgraded (in a dry run: to upgrade), current, changed by hand, not a chart, or refused.
    detail: why."""

    app: str
    result: str
    detail: str = ""
    commit: str | None = None


def upgrade(gitops: GitOps, apps: Sequence[App], *, force: bool, dry_run: bool) -> Iterator[Upgrade]:
    """Upgrade these applications. A copy of the chart that was changed by hand is left alone, unless `force` is set, and so is one that
    Helm refuses with our chart. `dry_run` writes nothing."""
    for start in range(0, len(apps), BATCH):
        batch = apps[start : start + BATCH]
        results: dict[App, Upgrade] = {}

        def decide(snapshot: Snapshot, batch: Sequence[App] = batch, results: dict[App, Upgrade] = results) -> Change | None:
            actions: list[dict[str, Any]] = []
            for app in batch:
                results[app], changes = _decide(snapshot, app, force=force)
                actions += changes
            names = [str(app) for app in batch if results[app].result == "upgraded"]
            subject = f"Upgrade the chart of {names[0] if len(names) == 1 else f'{len(names)} applications'} to {chart.version()}"
            return Change(subject, {"Chart-Upgrade": ", ".join(names)}, actions) if actions and not dry_run else None

        landed = gitops.change(decide)
        for result in results.values():
            made = landed.commit if landed and result.result == "upgraded" else None
            said = "to upgrade" if dry_run and result.result == "upgraded" else result.result
            yield Upgrade(app=result.app, result=said, detail=result.detail, commit=made)


def every_app(snapshot: Snapshot) -> Iterator[App]:
    """Every application in the repository whose names are valid."""
    for workspace in snapshot.names("apps"):
        for user in snapshot.names(f"apps/{workspace}"):
            for project in snapshot.names(f"apps/{workspace}/{user}"):
                try:
                    yield App.parse(f"{workspace}/{user}/{project}")
                except InvalidNameError:
                    continue


def _decide(snapshot: Snapshot, app: App, *, force: bool) -> tuple[Upgrade, list[dict[str, Any]]]:
    folder = snapshot.folder(app.path)
    try:
        _, text, _ = read_values(snapshot, app, folder)
    except RefusedError as error:
        return Upgrade(app=str(app), result="not a chart", detail=error.message.splitlines()[0]), []
    present = chart.folder_blobs(folder)
    if present == chart.local_blobs():
        return Upgrade(app=str(app), result="current"), []
    if not force and _recorded(snapshot, app) != chart.digest(present):
        detail = "its copy of the chart differs from the one that was released; --force replaces it"
        return Upgrade(app=str(app), result="changed by hand", detail=detail), []
    files = {chart.CHART: chart.chart_yaml(app), **chart.chart_files()}
    try:
        chart.render(app, files, text)
    except RefusedError as error:
        return Upgrade(app=str(app), result="refused", detail=error.message), []
    return Upgrade(app=str(app), result="upgraded"), list(_actions(app, folder, files))


def _actions(app: App, folder: dict[str, Entry], files: dict[str, str]) -> Iterator[dict[str, Any]]:
    for name, content in files.items():
        if name not in folder or folder[name].blob != chart.blob(content.encode()):
            yield {"action": "update" if name in folder else "create", "file_path": f"{app.path}/{name}", "content": content}
    for name in sorted(folder.keys() - files.keys() - {chart.VALUES}):
        yield {"action": "delete", "file_path": f"{app.path}/{name}"}


def _recorded(snapshot: Snapshot, app: App) -> str | None:
    file = snapshot.read(f"{app.path}/{chart.CHART}")
    try:
        content = yaml.safe_load(file.text) if file else None
    except yaml.YAMLError:
        return None
    annotations = content.get("annotations") if isinstance(content, dict) else None
    return annotations.get(chart.DIGEST_KEY) if isinstance(annotations, dict) else None
