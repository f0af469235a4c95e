"""The provider's configuration: which cluster, as whom, and how."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

from sandbox.providers.differ import compare
from sandbox.providers.plugin import UNKNOWN, Diff, Failure, Properties

FLAGS: Final = frozenset(
    {
        "deleteUnreachable",
        "enableServerSideApply",
        "enablePatchForce",
        "enableConfigMapMutable",
        "enableSecretMutable",
        "skipUpdateUnreachable",
        "upsertExistingObjects",
        "suppressDeprecationWarnings",
        "suppressHelmHookWarnings",
        "kubeClientSettings",
        "helmReleaseSettings",
    }
)
"""Settings that are not strings: the SDK sends them as JSON text."""
_ENVIRONMENT: Final = {
    "deleteUnreachable": "PULUMI_K8S_DELETE_UNREACHABLE",
    "enableConfigMapMutable": "PULUMI_K8S_ENABLE_CONFIGMAP_MUTABLE",
    "enablePatchForce": "PULUMI_K8S_ENABLE_PATCH_FORCE",
    "enableSecretMutable": "PULUMI_K8S_ENABLE_SECRET_MUTABLE",
    "skipUpdateUnreachable": "PULUMI_K8S_SKIP_UPDATE_UNREACHABLE",
    "upsertExistingObjects": "PULUMI_K8S_UPSERT_EXISTING_OBJECTS",
}
"""The SDK reads these too, but a destroy or refresh runs no program."""
_TRUE: Final = ("true", "True", "TRUE", "1")
_NOT_COVERED: Final = ("renderYamlToDirectory", "alwaysRender")


@dataclass(frozen=True)
class Settings:
    """The configuration, read. `kubeconfig` is None in a preview whose cluster does not exist yet."""

    kubeconfig: Properties | None = None
    context: str | None = None
    namespace: str = "default"
    delete_unreachable: bool = False
    skip_update_unreachable: bool = False
    force: bool = False
    upsert: bool = False
    mutable: frozenset[str] = field(default_factory=frozenset)
    """The kinds among Secret and ConfigMap whose data may change in place."""


def load(config: Properties) -> Settings:
    """Read the configuration.

    Raises ValueError, saying what is wrong with the kubeconfig, and OSError where its file cannot be read.
    """
    kubeconfig = None if config.get("kubeconfig") is UNKNOWN else _kubeconfig(config.get("kubeconfig"))
    mutable = {"enableSecretMutable": "Secret", "enableConfigMapMutable": "ConfigMap"}
    wanted = {name for name, variable in _ENVIRONMENT.items() if config.get(name, os.environ.get(variable) in _TRUE) is True}
    context: str | None = None
    if kubeconfig is not None:
        kubeconfig, context = _chosen(kubeconfig, config)
    return Settings(
        kubeconfig=kubeconfig,
        context=context,
        namespace=_known(config.get("namespace")) or _context(kubeconfig, context).get("namespace") or "default",
        delete_unreachable="deleteUnreachable" in wanted,
        skip_update_unreachable="skipUpdateUnreachable" in wanted,
        force="enablePatchForce" in wanted,
        upsert="upsertExistingObjects" in wanted,
        mutable=frozenset(kind for flag, kind in mutable.items() if flag in wanted),
    )


def failures(config: Properties) -> list[Failure]:
    """Return what is wrong with a configuration. A kubeconfig is validated only where its text is given."""
    found = [
        Failure(name, "is not covered by this stand-in; use the official provider for it")
        for name in _NOT_COVERED
        if config.get(name) not in (None, False, "")
    ]
    if config.get("enableServerSideApply") is False:
        found.append(Failure("enableServerSideApply", "cannot be false: this stand-in knows server-side apply only; remove the setting"))
    if isinstance(config.get("kubeconfig"), str):
        try:
            load(config)
        except (ValueError, OSError) as error:
            found.append(Failure("kubeconfig", str(error)))
    return found


def difference(old: Properties, new: Properties) -> Diff:
    """Compare two configurations: another cluster replaces the provider, and with it all resources; another way to it does not."""
    return compare(old, new, ("kubeconfig", "context", "cluster", "clusterIdentifier") if _moved(old, new) else ())


def _moved(old: Properties, new: Properties) -> bool:
    """Whether two configurations are of different clusters: by the identifier where both have one, else by the kubeconfig's entry of it."""
    if _known(old.get("clusterIdentifier")) and _known(new.get("clusterIdentifier")):
        return bool(old["clusterIdentifier"] != new["clusterIdentifier"])
    places = []
    for config in (old, new):
        try:
            settings = load(config)
        except (ValueError, OSError):
            return False
        if settings.kubeconfig is None:
            return False
        name = _context(settings.kubeconfig, settings.context).get("cluster")
        places.append([entry.get("cluster") for entry in settings.kubeconfig["clusters"] if entry.get("name") == name])
    return places[0] != places[1]


def _kubeconfig(value: Any) -> Properties:
    """Parse a kubeconfig given as text, as a mapping or as the path of a file; without one, the usual file."""
    if isinstance(value, Mapping):
        return dict(value)
    given = str(value or os.environ.get("KUBECONFIG") or "~/.kube/config").strip()
    is_path = "\n" not in given and not given.startswith("{")
    text = Path(given).expanduser().read_text() if is_path else given
    try:
        content = yaml.safe_load(text)
    except yaml.YAMLError:
        # The parser's own message quotes the text, which holds keys.
        raise ValueError("the kubeconfig is not valid YAML; give the contents of a kubeconfig file, or its path") from None
    if not isinstance(content, dict) or not content.get("clusters"):
        raise ValueError("the kubeconfig names no cluster; expected the contents of a kubeconfig file, or its path")
    return content


def _chosen(kubeconfig: Properties, config: Properties) -> tuple[Properties, str]:
    """Apply the settings `context` and `cluster`, and return the kubeconfig and the context's name."""
    name = _known(config.get("context")) or kubeconfig.get("current-context") or ""
    contexts = {entry.get("name"): entry for entry in kubeconfig.get("contexts") or []}
    if name not in contexts:
        raise ValueError(f"the kubeconfig has no context {name!r}; it has {', '.join(map(repr, sorted(contexts))) or 'none'}")
    if cluster := _known(config.get("cluster")):
        contexts[name] = {"name": name, "context": {**contexts[name]["context"], "cluster": cluster}}
    return {**kubeconfig, "contexts": list(contexts.values()), "current-context": name}, name


def _context(kubeconfig: Properties | None, name: str | None) -> Properties:
    for entry in (kubeconfig or {}).get("contexts") or []:
        if entry.get("name") == name:
            return dict(entry.get("context") or {})
    return {}


def _known(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
