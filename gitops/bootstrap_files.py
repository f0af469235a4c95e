"""The files of the GitOps repository's `bootstrap/` folder, filled in."""

from importlib.resources import files
from string import Template
from typing import Any

import yaml

FOLDER = "bootstrap"
ROOT_APPLICATION = "argocd-app-of-apps.yaml"
NAMES = (ROOT_APPLICATION, "applicationset-user-projects.yaml", "namespace.yaml", "registry-secret.yaml")


def render(name: str, repository: str) -> str:
    """Text of one bootstrap file. `repository` is the HTTP clone URL of the GitOps repository."""
    template = files("gitops").joinpath(FOLDER, name).read_text(encoding="utf-8")
    return Template(template).substitute(repository=repository)


def root_application(repository: str) -> dict[str, Any]:
    """The root Application as an object, parsed from the file that documents it in Git."""
    manifest: dict[str, Any] = yaml.safe_load(render(ROOT_APPLICATION, repository))
    return manifest
