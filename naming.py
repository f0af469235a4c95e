"""The names that the platform derives from a tenant's application (docs/glossary.md), as pure functions."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations

LABEL = r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$"
"""A lower-case DNS label: https://www.rfc-editor.org/rfc/rfc1123#section-2"""
LABEL_FORM = "a lower-case DNS label: letters a to z, digits and hyphens, at most 63, first and last no hyphen"

# Helm stores a release in labels of 63 characters and keeps ten for its own suffixes:
# https://helm.sh/docs/chart_template_guide/getting_started/
HELM_RELEASE_LIMIT = 53
# A namespace is a DNS label too, and `user-` is part of it.
USER_LIMIT = 58


ARGOCD_PROJECT_PREFIX = "workspace-"


class InvalidNameError(ValueError):
    """Names that cannot be an application's. `problems` has a sentence for each."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(self.problems))


@dataclass(frozen=True, kw_only=True)
class App:
    """One application of a tenant: where it lives in the GitOps repository."""

    workspace: str
    user: str
    project: str

    @classmethod
    def parse(cls, text: str) -> "App":
        """The application that `<workspaceId>/<userId>/<projectName>` names.

        Raises InvalidNameError with every problem at once.
        """
        parts = text.split("/")
        if len(parts) != 3:
            raise InvalidNameError([f"{_shown(text)} is no application; expected <workspaceId>/<userId>/<projectName>"])
        app = cls(workspace=parts[0], user=parts[1], project=parts[2])
        if problems := tuple(app.problems()):
            raise InvalidNameError(problems)
        return app

    @property
    def path(self) -> str:
        """Folder in the GitOps repository."""
        return f"apps/{self}"

    def __str__(self) -> str:
        return f"{self.workspace}/{self.user}/{self.project}"

    def problems(self) -> Iterator[str]:
        """What keeps the three names from being an application's; nothing where they are good."""
        for kind, name in (("workspace id", self.workspace), ("user id", self.user), ("project name", self.project)):
            if not re.fullmatch(LABEL, name) or name.endswith("\n"):
                yield f"{kind} {_shown(name)} is not {LABEL_FORM}"
        if len(self.user) > USER_LIMIT:
            yield f"user id {_shown(self.user)} has {len(self.user)} characters; expected at most {USER_LIMIT}"


@dataclass(frozen=True, kw_only=True)
class Collision:
    """Two applications that would overwrite each other because a derived name is the same."""

    kind: str
    name: str
    first: App
    second: App

    def __str__(self) -> str:
        return f"{self.kind} {self.name!r} would belong to both {self.first.path} and {self.second.path}; rename one of them"


def application_name(app: App) -> str:
    """Name of the Argo CD Application."""
    return f"{app.workspace}-{app.user}-{app.project}"


def argocd_project(workspace: str) -> str:
    """Name of the AppProject of a workspace's Applications."""
    return f"{ARGOCD_PROJECT_PREFIX}{workspace}"


def source_path(app: App) -> str:
    """Path of an application's GitLab project in its workspace's group. It clashes with no other's, since Application names do not."""
    return f"{app.user}-{app.project}"


def release_name(app: App) -> str:
    """Name of the Helm release: at most 53 characters, no trailing hyphen."""
    return f"{app.user}-{app.project}"[:HELM_RELEASE_LIMIT].rstrip("-")


def namespace(user: str) -> str:
    """Namespace in which all applications of a user run."""
    return f"user-{user}"


def collisions(apps: Iterable[App]) -> Iterator[Collision]:
    """Every pair of different applications that share an Application name, or a Helm release in one namespace."""
    applications: dict[str, list[App]] = {}
    releases: dict[tuple[str, str], list[App]] = {}
    for app in dict.fromkeys(apps):
        applications.setdefault(application_name(app), []).append(app)
        releases.setdefault((app.user, release_name(app)), []).append(app)
    for name, same in applications.items():
        for first, second in combinations(same, 2):
            yield Collision(kind="Application", name=name, first=first, second=second)
    for (_, name), same in releases.items():
        for first, second in combinations(same, 2):
            yield Collision(kind="Helm release", name=name, first=first, second=second)


def namesakes(app: App) -> Iterator[App]:
    """Every other application whose Application would have this one's name: `a-b`/`c`/`x` and `a`/`b-c`/`x`."""
    name = application_name(app)
    hyphens = [place for place, character in enumerate(name) if character == "-"]
    for first, second in combinations(hyphens, 2):
        other = App(workspace=name[:first], user=name[first + 1 : second], project=name[second + 1 :])
        if other != app and not any(other.problems()):
            yield other


def _shown(name: str) -> str:
    """A name as an error may show it: escaped, and cut where it is long."""
    return repr(name) if len(name) <= 80 else f"{name[:60]!r}... ({len(name)} characters)"
