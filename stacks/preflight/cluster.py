"""Whether an existing cluster is there, and lets the kubeconfig's user in."""

import ssl
import tempfile
from base64 import b64decode
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import yaml

from stacks.model.cluster import Kubeconfig
from stacks.patience import PatientTransport

TIMEOUT_SECONDS = 10.0
COMMANDS = ("exec", "auth-provider")
"""How a user is known where a program tells: only clients that run it can ask."""


def problems(kubeconfig: Kubeconfig) -> Iterator[str]:
    """A line for each thing that keeps the cluster from being used."""
    file = Path(kubeconfig.path).expanduser()
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
        contexts = {context["name"]: context["context"] for context in content["contexts"]}
    except OSError as error:
        yield f"kubeconfig {kubeconfig.path} cannot be read ({error.strerror}); set slipway:cluster.kubeconfig.path"
        return
    except (yaml.YAMLError, UnicodeDecodeError, TypeError, KeyError):
        yield f"kubeconfig {kubeconfig.path} is not one (no list of contexts); set slipway:cluster.kubeconfig.path"
        return
    if kubeconfig.context not in contexts:
        there = ", ".join(contexts) or "none"
        yield f"kubeconfig {kubeconfig.path} has no context {kubeconfig.context!r}, only: {there}; set slipway:cluster.kubeconfig.context"
        return
    context = contexts[kubeconfig.context]
    cluster, user = _named(content, "cluster", context), _named(content, "user", context)
    if cluster is None or user is None:
        missing = "cluster" if cluster is None else "user"
        yield f"kubeconfig {kubeconfig.path}: the {missing} of the context {kubeconfig.context!r} is not in it; mend the file"
    elif not any(user.get(command) for command in COMMANDS):
        yield from _answers(kubeconfig, file.parent, cluster, user)


def _answers(kubeconfig: Kubeconfig, folder: Path, cluster: Mapping[str, Any], user: Mapping[str, Any]) -> Iterator[str]:
    server = str(cluster.get("server"))
    whose = f"the cluster of the context {kubeconfig.context!r} at {server}"
    headers = {"Authorization": f"Bearer {user['token']}"} if user.get("token") else {}
    try:
        transport = PatientTransport(verify=_tls(folder, cluster, user))
        with httpx.Client(base_url=server, transport=transport, headers=headers, timeout=TIMEOUT_SECONDS) as client:
            answer = client.get("/api/v1/namespaces", params={"limit": 1})
    except (httpx.HTTPError, ssl.SSLError, OSError, ValueError) as error:
        yield f"{whose} cannot be reached ({error}); start it, or set slipway:cluster.kubeconfig.context"
        return
    if answer.status_code in {401, 403}:
        means = "does not know the kubeconfig's user" if answer.status_code == 401 else "does not let the kubeconfig's user list namespaces"
        yield f"{whose} {means} (HTTP {answer.status_code}); the platform needs cluster-admin: renew the credential, or use another context"
    elif answer.is_error:
        yield f"{whose} answers HTTP {answer.status_code}; expected 200; see whether it is a Kubernetes API server, and well"


def _named(content: Mapping[str, Any], kind: str, context: Mapping[str, Any]) -> Mapping[str, Any] | None:
    return next((each[kind] or {} for each in content.get(f"{kind}s") or [] if each["name"] == context.get(kind)), None)


def _tls(folder: Path, cluster: Mapping[str, Any], user: Mapping[str, Any]) -> ssl.SSLContext:
    """TLS as the kubeconfig asks for it. Files named in it lie beside it; the client's key is on disk for a moment, mode 0600."""
    context = ssl.create_default_context()
    if authority := _pem(folder, cluster, "certificate-authority"):
        context = ssl.create_default_context(cadata=authority)
    if cluster.get("insecure-skip-tls-verify"):
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    certificate, key = _pem(folder, user, "client-certificate"), _pem(folder, user, "client-key")
    if certificate and key:
        with tempfile.NamedTemporaryFile("w", suffix=".pem") as both:
            both.write(f"{certificate}\n{key}")
            both.flush()
            context.load_cert_chain(both.name)
    return context


def _pem(folder: Path, holder: Mapping[str, Any], name: str) -> str:
    if data := holder.get(f"{name}-data"):
        return b64decode(data).decode()
    return (folder / str(holder[name])).read_text() if holder.get(name) else ""
