"""What an application is, and how its image is built. docs/frameworks.md says how to add a framework."""

from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from types import ModuleType

from gitops.frameworks import (
    django,
    fastapi,
    flask,
    go,
    nextjs,
    node_server,
    own,
    plain_python,
    spa,
    spring_gradle,
    spring_maven,
    static,
)
from gitops.frameworks.plan import OWN, Plan
from gitops.frameworks.tree import Tree, require_small
from gitops.release.errors import RefusedError

__all__ = ["ORDER", "OWN", "Plan", "detect", "ignore", "render"]

ORDER: Sequence[ModuleType] = (
    own,  # who brings a Dockerfile has decided
    django,  # before Flask and FastAPI: its projects use their packages too, and have a manage.py
    fastapi,
    flask,
    plain_python,  # after the frameworks, which have such files as well
    nextjs,  # before the other two of Node: it has a server and a build of its own
    spa,  # before the server: its `npm start` is for development only
    node_server,
    spring_maven,
    spring_gradle,
    go,
    static,  # last: an index.html is in many a repository
)
"""The frameworks, the first that takes a repository wins."""

IGNORED = (
    ".git",
    ".gitignore",
    ".gitlab-ci.yml",
    ".dockerignore",
    "Jenkinsfile",
    "**/.env",
    "**/.env.*",
    "**/*.pem",
    "**/*.key",
    "**/__pycache__",
    "**/.venv",
    "**/venv",
    "**/.pytest_cache",
    "**/node_modules",
    "**/.next",
    "**/target",
    "**/.gradle",
)
"""What has no place in an image: history, secrets, and what is made anew."""
SHOWN = 8
"""Sub-folders that a refusal names."""


def detect(source: Path, *, path: str = ".", port: int | None = None) -> Plan:
    """The plan of the application in a checkout. `path`: its folder there. `port`: that it listens on; else the framework's usual one.

    Raises RefusedError where no framework takes it, with what was looked for, and where the checkout is not fit to be read.
    """
    require_small(source)
    tree = Tree(source, path)
    tree.has(".dockerignore")  # a link is refused before anything is built
    if found := _taken(tree, port):
        return found
    looked = "".join(f"\n  {framework.NAME}: {framework.LOOKS_FOR}" for framework in ORDER)
    raise RefusedError(f"No framework was found in {tree.path!r}; looked for, in this order:{looked}\n{_next(tree)}")


def render(plan: Plan) -> str:
    """The Dockerfile of a plan. Raises RefusedError where there is none to make."""
    module = next((each for each in ORDER if plan.framework == each.NAME and each is not own), None)
    if module is None:
        raise RefusedError(
            f"A Dockerfile for {plan.framework!r} is not made here; expected one of {', '.join(each.NAME for each in ORDER[1:])}"
        )
    return "\n".join([f"# Made by `slipway release dockerfile` for {plan.framework}.", *module.render(plan)]) + "\n"


def ignore(plan: Plan, existing: str) -> str:
    """The dockerignore of a plan: the repository's own lines come last, and so have the last word."""
    return "\n".join(IGNORED if plan.framework != OWN else IGNORED[:1]) + "\n" + (f"{existing.rstrip()}\n" if existing.strip() else "")


def _taken(tree: Tree, port: int | None = None) -> Plan | None:
    """The plan of the first framework that takes it."""
    return next((plan for framework in ORDER if (plan := framework.detect(tree, port))), None)


def _next(tree: Tree) -> str:
    folders = list(islice((folder for folder in tree.folders() if _is_taken(tree.below(folder))), SHOWN))
    further = f" In these folders something was found: {', '.join(folders)}; choose one by --path." if folders else ""
    return f"Next: add the file that is missing, or a Dockerfile; for an application in a sub-folder give --path.{further}"


def _is_taken(tree: Tree) -> bool:
    """Whether something is found there; what cannot be read there is not what the refusal is about."""
    try:
        return _taken(tree) is not None
    except RefusedError:
        return False
