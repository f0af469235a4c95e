"""The tenants and their applications."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Annotated

from pydantic import Field

from naming import LABEL, USER_LIMIT, App, collisions
from stacks.model.forms import Host, Model

ID = r"^[a-z0-9]+(-[a-z0-9]+)*$"
"""Ids name Harbor projects and robots too, which take no two hyphens in a row."""
ID_FORM = "lower-case letters and digits with single hyphens between"
RESERVED = frozenset({"default", "library", "mirror", "platform"})


class Application(Model):
    """An application of a tenant: a project in GitLab, released under its name."""

    project: str = Field(pattern=LABEL, description="project name, a lower-case DNS label", examples=["shop"])
    port: Annotated[int, Field(ge=1, le=65535)] = Field(default=8080, description="port that it listens on, 1 to 65535", examples=["8000"])
    hosts: tuple[Host, ...] = Field(
        default=(), description="lower-case DNS names under which it answers", examples=["[0] shop.example.com"]
    )


class Tenant(Model):
    """A user of a workspace, with a namespace for the user's applications."""

    workspace: str = Field(pattern=ID, max_length=63, description=f"workspace id, {ID_FORM}, at most 63", examples=["acme"])
    user: str = Field(pattern=ID, max_length=USER_LIMIT, description=f"user id, {ID_FORM}, at most {USER_LIMIT}", examples=["alice"])
    applications: tuple[Application, ...] = Field(default=(), description="list of the user's applications", examples=["[0].project shop"])

    def apps(self) -> Iterator[App]:
        """The names of the user's applications."""
        for application in self.applications:
            yield App(workspace=self.workspace, user=self.user, project=application.project)


def conflicts(tenants: Iterable[Tenant]) -> Iterator[str]:
    """A sentence for each name or host that two of them have."""
    tenants = tuple(tenants)
    for user, count in Counter(tenant.user for tenant in tenants).items():
        if count > 1:
            yield f"{user} is there more than once, and would share a namespace"
    for workspace in sorted({tenant.workspace for tenant in tenants} & RESERVED):
        yield f"workspace {workspace!r} has a name that the platform, Argo CD or Harbor uses itself"
    for app, count in Counter(app for tenant in tenants for app in tenant.apps()).items():
        if count > 1:
            yield f"{app} is there more than once"
    yield from map(str, collisions(app for tenant in tenants for app in tenant.apps()))
    for host, count in Counter(host for tenant in tenants for each in tenant.applications for host in each.hosts).items():
        if count > 1:
            yield f"host {host} belongs to {count} applications"
