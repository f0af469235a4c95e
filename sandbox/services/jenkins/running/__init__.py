"""Builds as they run: from the Jenkinsfile to the last pod's end."""

import re
import shutil
from collections.abc import Mapping
from pathlib import Path

from sandbox.services.jenkins.model import (
    ABORTED,
    BuildRecord,
    Controller,
    Engine,
    Library,
    StepError,
    Steps,
)
from sandbox.services.jenkins.running import git
from sandbox.services.jenkins.running.calls import BuildSteps
from sandbox.services.jenkins.running.pods import Pods
from sandbox.services.jenkins.running.ports import ClusterError
from sandbox.services.jenkins.running.session import Session, open_session
from sandbox.services.jenkins.running.steps import nodes

__all__ = ["run"]

ANNOTATION = re.compile(r"@Library\s*\(\s*(?:value\s*=\s*)?(\[[^\]]*\]|'[^']*'|\"[^\"]*\")")
STEP = re.compile(r"\blibrary\s*\(?\s*(?:identifier\s*:\s*)?('[^']*'|\"[^\"]*\")")
QUOTED = re.compile(r"['\"]([^'\"]+)['\"]")


def run(record: BuildRecord, controller: Controller, engine: Engine, pods: Pods) -> str:
    """Run a build to its end and return its result. Whatever happens, none of its pods is left.

    The lines before (`Started by ...`) and after (`Finished: ...`) are the queue's.
    """
    session = open_session(record, controller, pods)
    try:
        return _run(session, engine)
    finally:
        _close(session)


def _run(session: Session, engine: Engine) -> str:
    record, controller = session.record, session.controller
    try:
        script = _script(session)
        wanted = libraries(script, {each.name: each for each in controller.libraries(record.job)})
        folders = {name: _library(session, name, each) for name, each in wanted.items()}
    except StepError as error:
        session.log.line(f"ERROR: {error}")
        return error.result
    implicit = [name for name, each in wanted.items() if each.implicit]
    steps: Steps = BuildSteps(session)
    if record.stopping:  # before the engine knew the build, so it was told nothing
        session.log.line("Aborted")
        return ABORTED
    return engine.run(
        f"{record.job}#{record.number}", script, libraries=folders, implicit=implicit, parameters=record.parameters,
        environment=record.environment, steps=steps,
    )  # fmt: skip


def _script(session: Session) -> str:
    definition = session.record.item.definition
    if definition is None:
        raise StepError(f"job {session.record.job} has no definition of a pipeline: declare it with cpsScm or cps")
    if definition.scm is None:
        return definition.text
    folder, scm, stopped = session.folder / "script", definition.scm, session.stopped("script")
    found = git.fetch(scm.url, scm.revision, session.login(scm.credential), folder, stopped, whole=False)
    script = git.read(folder, found.commit, definition.path, stopped)
    session.log.line(f"Obtained {definition.path} from git {scm.url}")
    return script


def libraries(script: str, known: Mapping[str, Library]) -> dict[str, Library]:
    """Return the libraries that a build needs: the implicit ones, and those that its Jenkinsfile names, in the version that it names.

    Raises StepError for one that is not configured.
    """
    texts = [match[1] for pattern in (ANNOTATION, STEP) for match in pattern.finditer(_code(script))]
    named = dict.fromkeys(name for text in texts for name in QUOTED.findall(text))
    wanted = {name: each for name, each in known.items() if each.implicit}
    for identifier in named:
        name, _, version = identifier.partition("@")
        if name not in known:
            raise StepError(f"Could not find any definition of libraries [{name}]; configured: {', '.join(sorted(known)) or 'none'}")
        wanted[name] = _at(known[name], version) if version else known[name]
    return wanted


def _code(script: str) -> str:
    """Return a script without lines that are comments."""
    return "\n".join(line for line in script.splitlines() if not line.lstrip().startswith(("//", "*", "/*")))


def _at(library: Library, version: str) -> Library:
    scm = type(library.scm)(url=library.scm.url, revision=version, credential=library.scm.credential)
    return Library(name=library.name, scm=scm, implicit=library.implicit)


def _library(session: Session, name: str, library: Library) -> Path:
    scm, folder = library.scm, session.folder / f"library-{name}"
    session.log.line(f"Loading library {name}@{scm.revision}")
    git.fetch(scm.url, scm.revision, session.login(scm.credential), folder, session.stopped(f"library {name}"), whole=True)
    return folder


def _close(session: Session) -> None:
    """Leave nothing: pods of nodes that are still open, those that nobody knows of, temporary files."""
    with session.lock:
        session.closed = True
    for handle in list(session.nodes):
        try:
            nodes.close(session, handle)
        except StepError as error:
            session.log.line(f"ERROR: {error}")
    try:
        session.pods.remove(session.record.job, session.record.number)
    except ClusterError as error:
        session.log.line(f"Could not look for pods that are left: {error}")
    shutil.rmtree(session.folder, ignore_errors=True)
