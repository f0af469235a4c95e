"""A release: the values of one version, committed into an application's folder."""

from dataclasses import dataclass
from typing import Any

from gitops.release import chart, values
from gitops.release.errors import RefusedError
from gitops.release.facts import Facts, moment
from gitops.release.repository import Change, Entry, GitOps, Snapshot
from gitops.release.tenancy import require_free_names, require_tenant
from naming import App, namespace

NEWEST_BUILD = ("release", "newestBuild")
IMAGE = (("image", "repository"), ("image", "tag"), ("image", "digest"))


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came of it. result: published, unchanged, superseded or rolled back. commit: that was made. before: the version that was there.
    by: what superseded it. risk: the reason for which a refused scan was accepted. source: the commit of the application that it is of."""

    result: str
    version: str
    commit: str | None = None
    before: str | None = None
    by: str | None = None
    risk: str | None = None
    source: str | None = None


def publish(gitops: GitOps, app: App, facts: Facts) -> Outcome:
    """Commit a version; a new application gets the chart, an existing one keeps all but what a release writes.

    The same version again makes no commit, nor does one of an earlier build than the one that is there. Raises RefusedError, ConflictError,
    UnreachableError; then nothing is written.
    """
    facts.check()
    decision = _Decision(app, facts)
    landed = gitops.change(decision)
    if landed is None:
        return Outcome(
            result="superseded" if decision.by else "unchanged",
            version=facts.tag,
            before=decision.before,
            by=decision.by,
            source=facts.source,
        )
    _withdraw_if_taken(gitops, app, decision, landed.parent)
    return Outcome(result="published", version=facts.tag, commit=landed.commit, before=decision.before, source=facts.source)


class _Decision:
    """Decides on each state of the branch anew what a release has to change, and remembers what it saw last."""

    def __init__(self, app: App, facts: Facts) -> None:
        self.app, self.facts = app, facts
        self.before: str | None = None
        self.by: str | None = None
        self.is_new = False

    def __call__(self, snapshot: Snapshot) -> Change | None:
        self.before = self.by = None
        require_tenant(snapshot, self.app)
        folder = snapshot.folder(self.app.path)
        self.is_new = not folder
        actions = self._actions_of_existing(snapshot, folder) if folder else self._actions_of_new(snapshot)
        return change(self.app, f"Release {self.app.project} {self.facts.tag}", self.facts, actions) if actions else None

    def _actions_of_new(self, snapshot: Snapshot) -> list[dict[str, Any]]:
        missing = [option for option, value in (("--host", self.facts.host), ("--port", self.facts.port)) if value is None]
        if missing:
            raise RefusedError(f"{self.app} is new and needs {' and '.join(missing)}; nothing was written.")
        require_free_names(snapshot, self.app)
        files = {chart.CHART: chart.chart_yaml(self.app), **chart.chart_files()}
        text = values.edit(chart.first_values(), f"{self.app.path}/{chart.VALUES}", self._fields())
        chart.render(self.app, files, text)
        files[chart.VALUES] = text
        return [{"action": "create", "file_path": f"{self.app.path}/{name}", "content": content} for name, content in files.items()]

    def _actions_of_existing(self, snapshot: Snapshot, folder: dict[str, Entry]) -> list[dict[str, Any]]:
        path, text, last_commit = read_values(snapshot, self.app, folder)
        present = values.load(text, path)
        self.before = str(values.get(present, ("image", "tag")) or "") or None
        newest, ours = moment(values.get(present, NEWEST_BUILD)), moment(self.facts.built_at)
        if newest and ours and ours < newest:
            self.by = f"{self.before} (build of {values.get(present, NEWEST_BUILD)})"
            return []
        fields = self._fields()
        if values.unlike(present, fields).keys() <= {NEWEST_BUILD}:
            return []
        edited = values.edit(text, path, fields)
        chart.render(self.app, chart.copied_files(snapshot, folder), edited)
        return [update(path, edited, last_commit)]

    def _fields(self) -> dict[values.Path, values.Scalar | None]:
        facts = self.facts
        required: dict[values.Path, values.Scalar | None] = {
            ("image", "repository"): facts.image,
            ("image", "tag"): facts.tag,
            ("image", "digest"): facts.digest,
            ("appName",): self.app.project,
            ("namespace",): namespace(self.app.user),
        }
        told = {("host",): facts.host, ("port",): facts.port, ("framework",): facts.framework, NEWEST_BUILD: facts.built_at}
        return required | {path: value for path, value in told.items() if value is not None}


def read_values(snapshot: Snapshot, app: App, folder: dict[str, Entry]) -> tuple[str, str, str]:
    """Path, text and last commit of an application's values.yaml. Raises RefusedError where the folder is no chart, or has links in it."""
    if links := sorted(entry.path for entry in folder.values() if not entry.is_plain):
        raise RefusedError(f"{links[0]} is no plain file, but a link or submodule. Next: replace it by a file; nothing was written.")
    if not {chart.CHART, chart.VALUES} <= folder.keys():
        raise RefusedError(
            f"{app.path} is no Helm chart with a values.yaml; a release changes nothing else.\n"
            "Next: release Kustomize folders and plain YAML by a commit of your own; nothing was written."
        )
    path = f"{app.path}/{chart.VALUES}"
    file = snapshot.read(path)
    if file is None:
        raise RefusedError(f"{path} is listed and cannot be read. Next: look at it in the GitOps repository; nothing was written.")
    return path, file.text, file.last_commit


def update(path: str, text: str, last_commit: str) -> dict[str, Any]:
    """The change of a file that must still be as `last_commit` left it."""
    return {"action": "update", "file_path": path, "content": text, "last_commit_id": last_commit}


def change(app: App, subject: str, facts: Facts, actions: list[dict[str, Any]], **further: str) -> Change:
    """The commit of a release, with what the history reads of it."""
    trailers = {
        "Release-App": str(app),
        "Release-Image": facts.image,
        "Release-Version": facts.tag,
        "Release-Digest": facts.digest,
        "Release-Source": facts.source,
        "Release-Build": facts.build,
    }
    return Change(subject, trailers | further, actions, facts.author)


def _withdraw_if_taken(gitops: GitOps, app: App, decision: _Decision, parent: str) -> None:
    """Undo the creation of an application whose name another one took between our look and our commit, which GitLab cannot make depend
    on that."""
    if not decision.is_new:
        return
    try:
        require_free_names(Snapshot(gitops.project, parent), app)
    except RefusedError as refusal:
        gitops.change(lambda snapshot: _removal(snapshot, app))
        raise RefusedError(f"{refusal.message} It was taken in the same moment; the folder was removed again.") from None


def _removal(snapshot: Snapshot, app: App) -> Change | None:
    actions = [{"action": "delete", "file_path": entry.path} for entry in snapshot.folder(app.path).values()]
    return Change(f"Withdraw {app.project}: its name is taken", {"Release-App": str(app)}, actions) if actions else None
