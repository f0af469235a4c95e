"""What the environment asks for, in the names of k8s-sidecar: https://github.com/kiwigrid/k8s-sidecar."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
KINDS = {"configmap": ("configmaps",), "secret": ("secrets",), "both": ("configmaps", "secrets")}
METHODS = ("WATCH", "LIST")


@dataclass(frozen=True)
class Options:
    """lists: paths of the API's lists. folder: where the files go. once: leave after the first time.
    url, method: request after a change; none without a URL. attempts: how often a refused connection is tried before the log says so.
    port: of /healthz."""

    lists: tuple[str, ...]
    folder: Path
    once: bool
    url: str
    method: str
    attempts: int
    port: int


def parse(environment: Mapping[str, str]) -> Options:
    """Read the environment. Raises ValueError, naming the variable, for what is missing or not known here."""
    label, folder = _given(environment, "LABEL"), Path(_given(environment, "FOLDER"))
    value = environment.get("LABEL_VALUE", "")
    kinds = _choice(environment, "RESOURCE", "configmap", tuple(KINDS))
    if environment.get("UNIQUE_FILENAMES", "false").lower() != "false":
        raise ValueError("UNIQUE_FILENAMES is not false, the only value that the sandbox's sidecar knows")
    query = f"?labelSelector={label}" + (f"%3D{value}" if value else "")
    return Options(
        lists=tuple(f"/api/v1/{place}{kind}{query}" for kind in KINDS[kinds] for place in _places(environment.get("NAMESPACE", ""))),
        folder=folder,
        once=_choice(environment, "METHOD", "WATCH", METHODS) == "LIST",
        url=environment.get("REQ_URL", ""),
        method=_choice(environment, "REQ_METHOD", "GET", ("GET", "POST")),
        attempts=_number(environment, "REQ_RETRY_CONNECT", 10),
        port=_number(environment, "HEALTH_PORT", 8080),
    )


def _places(namespaces: str) -> list[str]:
    """Parts of paths: of the named namespaces, of all, or of the pod's own."""
    if namespaces == "ALL":
        return [""]
    named = [name.strip() for name in namespaces.split(",") if name.strip()] or [(ACCOUNT / "namespace").read_text().strip()]
    return [f"namespaces/{name}/" for name in named]


def _given(environment: Mapping[str, str], name: str) -> str:
    if not environment.get(name):
        raise ValueError(f"{name} is not set: expected one of k8s-sidecar's")
    return environment[name]


def _choice(environment: Mapping[str, str], name: str, default: str, known: tuple[str, ...]) -> str:
    value = environment.get(name) or default
    if value not in known:
        raise ValueError(f"{name} is {value!r}: expected one of {', '.join(known)}")
    return value


def _number(environment: Mapping[str, str], name: str, default: int) -> int:
    value = environment.get(name) or str(default)
    if not value.isdecimal():
        raise ValueError(f"{name} is {value!r}: expected a whole number")
    return int(value)
