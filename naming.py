"""The names that the platform derives from a tenant's application (docs/glossary.md), as pure functions."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations

# Helm stores a release in labels of 63 characters and keeps ten for its own suffixes:
# https://helm.sh/docs/chart_template_guide/getting_started/
HELM_RELEASE_LIMIT = 53


@dataclass(frozen=True, kw_only=True)
class App:
    """One application of a tenant: where it lives in the GitOps repository."""

    workspace: str
    user: str
    project: str

    @property
    def path(self) -> str:
        """Folder in the GitOps repository."""
        return f"apps/{self.workspace}/{self.user}/{self.project}"


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


def release_name(app: App) -> str:
    """Name of the Helm release: at most 53 characters, no trailing hyphen."""
    return f"{app.user}-{app.project}"[:HELM_RELEASE_LIMIT].rstrip("-")


def namespace(user: str) -> str:
    """Namespace in which all applications of a user run."""
    return f"user-{user}"


def collisions(apps: Iterable[App]) -> Iterator[Collision]:
    """Every pair of different applications that share an Application name, or a Helm release in one namespace."""
    for first, second in combinations(dict.fromkeys(apps), 2):
        if application_name(first) == application_name(second):
            yield Collision(kind="Application", name=application_name(first), first=first, second=second)
        if first.user == second.user and release_name(first) == release_name(second):
            yield Collision(kind="Helm release", name=release_name(first), first=first, second=second)
