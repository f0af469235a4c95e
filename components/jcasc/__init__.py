"""Jenkins' configuration as code, as pure functions: a leaf that the components share.

What keys there are: https://github.com/jenkinsci/configuration-as-code-plugin and https://jenkinsci.github.io/job-dsl-plugin.
The texts of `platform` and `workspace_jobs` hold secrets, and belong into Kubernetes Secrets.
"""

import json
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

import yaml

CONNECTION = "slipway"
"""Name of the connection to GitLab by which builds report."""
KEEP = 50
"""How many builds of a job are kept."""
BUILD, UPDATE = "slipway-build", "slipway-update"
"""Labels of the two kinds of agents."""
PIPELINE_LOGIN = "pipeline"
"""Id of the credential that reads the pipeline project; it lies in both folders of a workspace."""


def mark(stack: str) -> str:
    """How the descriptions of a stack's folders begin: by it they are told from those of others in one Jenkins."""
    return f"slipway {stack}: "


def login(id: str, description: str, username: str, password: str) -> dict[str, str]:
    """A credential of a folder. Job DSL knows no other kind there: plain-credentials has no symbol for it."""
    return {"id": id, "description": description, "username": username, "password": password}


def application(
    *, name: str, title: str, repository: str, branch: str, workspace: str, user: str, project: str, port: int, domain: str, host: str,
    hook: str,
) -> dict[str, str]:  # fmt: skip
    """What the two jobs of an application know. `hook`: the secret token of its webhook; `host`: empty for one below the domain."""
    return {
        **{"name": name, "title": title, "repository": repository, "branch": branch, "workspace": workspace, "user": user},
        **{"project": project, "port": str(port), "domain": domain, "host": host, "hook": hook},
    }


def workspace_jobs(
    *,
    folder: str,
    description: str,
    pipeline: str,
    revision: str,
    build: Sequence[Mapping[str, str]],
    update: Sequence[Mapping[str, str]],
    applications: Sequence[Mapping[str, str]],
) -> list[dict[str, Any]]:
    """JCasC's `jobs` for one workspace; secret.

    `pipeline`, `revision`: clone URL of the pipeline project, and the commit, tag or branch of it that is run. `build`, `update`:
    credentials (see `login`) of the folders of the two kinds of jobs.
    """
    known = {
        "folder": folder,
        "description": description,
        "connection": CONNECTION,
        "keep": KEEP,
        "pipeline": {"repository": pipeline, "revision": revision},
        "build": list(build),
        "update": list(update),
        "applications": list(applications),
    }
    return _script("workspace.groovy", "SLIPWAY_WORKSPACE", known)


def workspaces(stack: str, folders: Sequence[str]) -> list[dict[str, Any]]:
    """JCasC's `jobs` that removes the folders of a stack which are not among these."""
    return _script("workspaces.groovy", "SLIPWAY_WORKSPACES", {"mark": mark(stack), "folders": sorted(folders)})


def text(configuration: Mapping[str, Any] | Sequence[Any]) -> str:
    """A configuration as YAML, with texts of several lines as people write them."""
    return yaml.dump(configuration, Dumper=_Dumper, sort_keys=False, width=1000)


class _Dumper(yaml.SafeDumper):
    pass


def _lines(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if "\n" in value else None)


_Dumper.add_representer(str, _lines)


def _script(file: str, variable: str, known: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A Job DSL script with what it is told. JCasC replaces what looks like `${...}` in both: the values have no dollar sign left."""
    told = json.dumps(known, sort_keys=True).replace("$", "\\u0024")
    script = files("components.jcasc").joinpath(file).read_text(encoding="utf-8")
    return [{"providedEnv": {variable: told}}, {"script": script}]


def platform(*, gitlab_url: str, gitlab_token: str) -> dict[str, Any]:
    """What the controller knows beside what the chart writes (secret): the connection to GitLab. Its token's scope keeps it from builds."""
    return {
        "credentials": {
            "system": {
                "domainCredentials": [
                    {
                        "credentials": [
                            {
                                "gitLabApiTokenImpl": {
                                    "scope": "SYSTEM",
                                    "id": CONNECTION,
                                    "apiToken": gitlab_token.replace("${", "^${"),
                                    "description": "Reports builds to GitLab.",
                                }
                            }
                        ]
                    }
                ]
            }
        },
        "unclassified": {
            "gitLabConnectionConfig": {
                "useAuthenticatedEndpoint": True,
                "connections": [
                    {
                        "name": CONNECTION,
                        "url": gitlab_url,
                        "apiTokenId": CONNECTION,
                        "clientBuilderId": "autodetect",
                        "connectionTimeout": 10,
                        "readTimeout": 10,
                        "ignoreCertificateErrors": False,
                    }
                ],
            }
        },
    }


SECURITY_REALM = """\
local:
  allowsSignup: false
  enableCaptcha: false
  users:
    - id: "${chart-admin-username}"
      name: "Administrator"
      password: "${chart-admin-password}"
"""
"""Users are the chart's administrator alone: https://github.com/jenkinsci/configuration-as-code-plugin/tree/master/demos"""

AUTHORIZATION = """\
globalMatrix:
  entries:
    - user:
        name: "${chart-admin-username}"
        permissions: ["Overall/Administer"]
    - group:
        name: "authenticated"
        permissions: ["Overall/Read", "Job/Read", "View/Read"]
"""
"""Nobody without a login sees anything; GitLab's hooks bring the token of their job instead."""
