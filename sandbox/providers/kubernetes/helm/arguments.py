"""The helm CLI's arguments for a release. Nothing secret is in them: values, kubeconfig and credentials go through files.

https://helm.sh/docs/helm/helm_install/
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from sandbox.providers.plugin import Properties

DEFAULT_TIMEOUT: Final = 300

_FLAGS: Final = {
    "atomic": "--atomic",
    "dependencyUpdate": "--dependency-update",
    "devel": "--devel",
    "disableOpenapiValidation": "--disable-openapi-validation",
    "forceUpdate": "--force",
    "renderSubchartNotes": "--render-subchart-notes",
    "skipCrds": "--skip-crds",
    "takeOwnership": "--take-ownership",
    "verify": "--verify",
}
_INSTALL_FLAGS: Final = {"createNamespace": "--create-namespace", "disableWebhooks": "--no-hooks", "replace": "--replace"}
_UPGRADE_FLAGS: Final = {
    "cleanupOnFail": "--cleanup-on-fail",
    "disableCRDHooks": "--no-hooks",
    "resetValues": "--reset-values",
    "reuseValues": "--reuse-values",
}
_OPTIONS: Final = {"description": "--description", "keyring": "--keyring", "postrender": "--post-renderer", "version": "--version"}
_REPOSITORY_FILES: Final = {"caFile": "--ca-file", "certFile": "--cert-file", "keyFile": "--key-file"}

COVERED: Final = frozenset(
    {*_FLAGS, *_INSTALL_FLAGS, *_UPGRADE_FLAGS, *_OPTIONS}
    | {
        "chart",
        "name",
        "namespace",
        "repositoryOpts",
        "values",
        "valueYamlFiles",
        "timeout",
        "skipAwait",
        "waitForJobs",
        "maxHistory",
        "lint",
    }
    # Accepted without an effect, as by the official provider.
    | {"allowNullValues", "compat", "resourceNames", "checksum"}
)


def deploy(verb: str, inputs: Properties, value_files: Sequence[Path], timeout: float = 0) -> list[str]:
    """Return the arguments of `install` or `upgrade`; a `timeout` in seconds precedes the one in the inputs."""
    own = _INSTALL_FLAGS if verb == "install" else _UPGRADE_FLAGS
    arguments = [verb, inputs["name"], *chart(inputs), "--output", "json"]
    arguments += [flag for name, flag in {**_FLAGS, **own}.items() if inputs.get(name)]
    for file in value_files:
        arguments += ["--values", str(file)]
    for name, flag in _OPTIONS.items():
        if inputs.get(name):
            arguments += [flag, str(inputs[name])]
    if verb == "upgrade" and inputs.get("maxHistory") is not None:
        arguments += ["--history-max", str(inputs["maxHistory"])]
    if not inputs.get("skipAwait"):
        arguments.append("--wait")
        arguments += ["--wait-for-jobs"] if inputs.get("waitForJobs") else []
    return [*arguments, "--timeout", seconds(inputs, timeout)]


def uninstall(inputs: Properties, timeout: float = 0) -> list[str]:
    """Return the arguments of `uninstall`; it waits unless `skipAwait` is set."""
    waits = bool(inputs.get("atomic")) or not inputs.get("skipAwait")
    return ["uninstall", inputs["name"], "--ignore-not-found", *(["--wait"] if waits else []), "--timeout", seconds(inputs, timeout)]


def chart(inputs: Properties) -> list[str]:
    """Return how helm finds the chart: a path, an `oci://` address, a name in the repository of the options, or `repository/name`."""
    options = inputs.get("repositoryOpts") or {}
    if has_credentials(inputs):
        # A repository with credentials is read from a file of its own, because helm takes them on the command line only otherwise.
        return [f"{REPOSITORY}/{inputs['chart']}"]
    repository = ["--repo", str(options["repo"])] if options.get("repo") else []
    return [str(inputs["chart"]), *repository, *repository_files(inputs)]


def repository_files(inputs: Properties) -> list[str]:
    """Return the certificates with which to talk to the repository."""
    options = inputs.get("repositoryOpts") or {}
    return [part for name, flag in _REPOSITORY_FILES.items() if options.get(name) for part in (flag, str(options[name]))]


REPOSITORY: Final = "pulumi"
"""The name of the only repository in the file that is written for one run."""


def has_credentials(inputs: Properties) -> bool:
    """Whether the chart's repository is behind a user name and password."""
    options = inputs.get("repositoryOpts") or {}
    return bool(options.get("repo") and (options.get("username") or options.get("password")))


def repositories(inputs: Properties) -> Properties:
    """Return the content of helm's `repositories.yaml` for a repository with credentials."""
    options = inputs["repositoryOpts"]
    entry: dict[str, Any] = {"name": REPOSITORY, "url": options["repo"]}
    entry |= {name: options[name] for name in ("username", "password", *_REPOSITORY_FILES) if options.get(name)}
    return {"apiVersion": "v1", "repositories": [entry]}


def seconds(inputs: Properties, timeout: float = 0) -> str:
    """Return the time limit as helm writes it."""
    return f"{int(timeout or inputs.get('timeout') or DEFAULT_TIMEOUT)}s"
