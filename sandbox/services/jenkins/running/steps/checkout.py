"""The steps `checkout` and `git`: Git runs in the agent's own container, the credential only in its environment."""

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.services.jenkins.model import StepError
from sandbox.services.jenkins.running import exec, git
from sandbox.services.jenkins.running.session import Scene
from sandbox.services.jenkins.running.shell import quoted
from sandbox.services.jenkins.running.steps.registry import Arguments, flag, step

KINDS = ("scmgit", "gitscm", "git")


@dataclass
class Wish:
    """What to check out, and how. `depth`: 0 for all commits."""

    url: str
    revision: str
    credential: str = ""
    folder: str = ""
    depth: int = 0
    tags: bool = True
    clean: bool = False
    wipe: bool = False
    local: str | None = None
    refspec: str = field(default="+refs/heads/*:refs/remotes/origin/*")


@step("checkout")
def checkout(scene: Scene, arguments: Arguments) -> dict[str, str]:
    """Check out what `scm` describes, the job's own one too; return GIT_COMMIT, GIT_BRANCH and GIT_URL."""
    scm = arguments.get("scm") or arguments
    if arguments.get("implicit") and (scene.session.record.item.definition is None or scene.session.record.item.definition.scm is None):
        return {}  # a pipeline that is written in the job: there is nothing to check out before its stages
    if isinstance(scm, str) or str(scm.get("kind") or scm.get("$class") or "").lower() == "scm":
        return _get(scene, _own(scene))
    return _get(scene, read(scm))


@step("git")
def git_step(scene: Scene, arguments: Arguments) -> dict[str, str]:
    """Check out a branch."""
    branch = str(arguments.get("branch") or "master")
    return _get(scene, Wish(str(arguments["url"]), branch, str(arguments.get("credentialsId") or ""), local=branch))


def read(scm: Mapping[str, Any]) -> Wish:
    """Return what `scmGit(...)` or `[$class: 'GitSCM', ...]` says. Raises StepError for what is not known."""
    kind = str(scm.get("kind") or scm.get("$class") or "scmGit")
    if _word(kind) not in KINDS:
        raise StepError(f"checkout of {kind}: expected scmGit(...) or [$class: 'GitSCM', ...]")
    remotes = scm.get("userRemoteConfigs") or []
    branches = scm.get("branches") or [{"name": "**"}]
    if len(remotes) != 1 or len(branches) != 1:
        raise StepError("checkout: expected one entry in userRemoteConfigs, and one in branches")
    name = str(branches[0]["name"] if isinstance(branches[0], Mapping) else branches[0])
    wish = Wish(str(remotes[0]["url"]), name, str(remotes[0].get("credentialsId") or ""))
    for extension in scm.get("extensions") or []:
        _extend(wish, extension)
    return wish


def _own(scene: Scene) -> Wish:
    definition = scene.session.record.item.definition
    if definition is None or definition.scm is None:
        raise StepError("'checkout scm' is only available when the Jenkinsfile comes from source control: give the step a repository")
    return Wish(definition.scm.url, definition.scm.revision, definition.scm.credential)


def _word(kind: str) -> str:
    return kind.rpartition(".")[2].lower()


def _extend(wish: Wish, given: Mapping[str, Any]) -> None:
    kind = str(given.get("kind") or given.get("$class") or "")
    match _word(kind):
        case "cloneoption":
            wish.depth = int(given.get("depth") or 1) if flag(given, "shallow") else 0
            wish.tags = not flag(given, "noTags")
        case "relativetargetdirectory":
            wish.folder = str(given["relativeTargetDir"])
        case "cleanbeforecheckout" | "cleancheckout":
            wish.clean = True
        case "wipeworkspace":
            wish.wipe = True
        case "localbranch":
            wish.local = str(given.get("localBranch") or "")
        case "prunestalebranch" | "checkoutoption" | "userexclusion" | "pathrestriction":
            pass
        case "submoduleoption" | "submodule" if flag(given, "disableSubmodules"):
            pass
        case _:
            raise StepError(f"extension {kind} of checkout is not known here: leave it out")


def _get(scene: Scene, wish: Wish) -> dict[str, str]:
    login = scene.session.login(wish.credential)
    variables = git.environment(wish.url, login)
    scene.say(f"using credential {wish.credential}" if login else "No credentials specified")
    scene.say(f"Cloning repository {wish.url}")
    folder = posixpath.normpath(posixpath.join(scene.directory(), wish.folder))
    wipe = f"rm -rf {quoted(folder)}\n" if wish.wipe else ""
    listing = ""
    if git.candidates(wish.revision):
        refs = [pattern for ref in git.candidates(wish.revision) for pattern in (ref, f"{ref}^{{}}")]
        listing = f"git ls-remote -- {quoted(wish.url)} {' '.join(map(quoted, refs))}\n"
    begin = f"{wipe}mkdir -p {quoted(folder)} && cd {quoted(folder)} && git init --quiet || exit 1\n{listing}"
    found = git.choose(wish.revision, _run(scene, begin, variables))
    commit, _, subject = _run(scene, _program(wish, found, folder), variables).strip().rpartition("\n")[2].partition(" ")
    scene.say(f'Checking out Revision {commit} ({found.branch})\nCommit message: "{subject}"')
    with scene.session.lock:
        scene.session.checkouts.append((wish.url, commit, found.branch))
    return {"GIT_COMMIT": commit, "GIT_BRANCH": found.branch, "GIT_URL": wish.url}


def _program(wish: Wish, found: git.Found, folder: str) -> str:
    """Return the script that fetches and checks out; its last line of output is the commit and its subject."""
    url, depth = quoted(wish.url), f"--depth={wish.depth}" if wish.depth else ""
    tags = "--tags" if wish.tags else "--no-tags"
    refs = quoted(found.ref or found.commit)
    branch = found.branch.removeprefix("origin/") if wish.local in ("", "**") else wish.local
    local = f"-B {quoted(branch)}" if branch else "--detach"
    return f"""set -e
cd {quoted(folder)}
git config remote.origin.url {url}
git config remote.origin.fetch {quoted(wish.refspec)}
git fetch --quiet --force {tags} {depth} -- {url} {quoted(wish.refspec)}
git fetch --quiet --force --no-tags {depth} -- {url} {refs}
{"git clean -ffdx --quiet" if wish.clean else ":"}
git checkout --quiet --force {local} 'FETCH_HEAD^{{commit}}'
git log -1 --format='%H %s'
"""


def _run(scene: Scene, program: str, variables: Mapping[str, str]) -> str:
    """Run a script with Git in the agent's container and return its output. Raises StepError with Git's last line."""
    kept, messages = exec.Collected("the output of git"), exec.Collected("the messages of git")
    code = exec.script(
        scene.files(), f"#!/bin/sh\n{program}", dict(variables), scene.node().workspace, scene.temporary(), out=kept.take,
        err=messages.take, stopped=scene.stopped,
    )  # fmt: skip
    if code:
        raise StepError(f"git failed: {git.last_line(messages.data.decode(errors='replace'))}")
    return kept.data.decode(errors="replace")
