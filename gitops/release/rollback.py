"""An earlier version again: a commit of its image, by the same path as every release."""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from gitops.release import chart, values
from gitops.release.errors import RefusedError
from gitops.release.facts import Facts
from gitops.release.history import Version, history, unknown
from gitops.release.publish import IMAGE, Outcome, change, read_values, update
from gitops.release.repository import Change, GitOps, Snapshot
from gitops.release.tenancy import require_tenant
from naming import App

SHOWN = 8
"""How many versions an error names."""


Admission = Callable[[Version], str | None]
"""Whether a version may run again: raises RefusedError where it may not, and returns the reason for which its risk is accepted, if any."""


def rollback(
    gitops: GitOps, app: App, *, to: str | None, steps: int | None, author: str | None = None, admit: Admission | None = None
) -> Outcome:
    """Commit the image of an earlier version: the newest release of the tag `to`, or the one `steps` different versions before.

    Everything else in the values stays. Raises RefusedError where that version was never released or `admit` refuses it, and what `publish`
    raises.
    """
    before, version = "", ""
    risk: str | None = None
    source: str | None = None

    def decide(snapshot: Snapshot) -> Change | None:
        nonlocal before, version, risk, source
        require_tenant(snapshot, app)
        folder = snapshot.folder(app.path)
        if not folder:
            raise unknown(app)
        path, text, last_commit = read_values(snapshot, app, folder)
        before = str(values.get(values.load(text, path), ("image", "tag")) or "")
        chosen = _find(gitops, app, snapshot.commit, before, to, steps)
        version, source = chosen.version or "", chosen.source
        then = Snapshot(snapshot.project, chosen.commit).read(path)
        if then is None:
            raise RefusedError(f"{path} cannot be read at the commit {chosen.commit} of {chosen.version}; nothing was written.")
        earlier = values.load(then.text, path)
        fields: dict[values.Path, values.Scalar | None] = {name: values.get(earlier, name) for name in IMAGE}
        edited = values.edit(text, path, fields)
        if edited == text:
            return None
        chart.render(app, chart.copied_files(snapshot, folder), edited)
        risk = admit(chosen) if admit else None
        facts = Facts(
            image=chosen.image or "",
            tag=version,
            digest=chosen.digest,
            source=chosen.source,
            build=chosen.build,
            author=author,
        )
        actions = [update(path, edited, last_commit)]
        trailers = {"Release-Rollback-From": before} | ({"Release-Risk": risk} if risk else {})
        return change(app, f"Roll {app.project} back to {version}", facts, actions, **trailers)

    landed = gitops.change(decide)
    result, commit = ("rolled back", landed.commit) if landed else ("unchanged", None)
    return Outcome(result=result, version=version, commit=commit, before=before or None, risk=risk, source=source)


def _find(gitops: GitOps, app: App, revision: str, present: str, to: str | None, steps: int | None) -> Version:
    released = (each for each in history(gitops, app, revision=revision) if each.version)
    if to is not None:
        for each in released:
            if each.version == to:
                return each
        raise RefusedError(f"{app} was never released as {to!r}; {_known(gitops, app, revision)}.\nNothing was written.")
    wanted = steps or 1
    different = (each for each in _distinct(released) if each.version != present)
    if found := next(islice(different, wanted - 1, None), None):
        return found
    raise RefusedError(f"{app} has no version {wanted} steps back; {_known(gitops, app, revision)}.\nNothing was written.")


def _distinct(released: Iterable[Version]) -> Iterator[Version]:
    seen: set[str | None] = set()
    for each in released:
        if each.version not in seen:
            seen.add(each.version)
            yield each


def _known(gitops: GitOps, app: App, revision: str) -> str:
    newest = _distinct(each for each in history(gitops, app, revision=revision) if each.version)
    names = [str(each.version) for each in islice(newest, SHOWN)]
    return f"its newest versions are {', '.join(names)}" if names else "no release of it is in the history"
