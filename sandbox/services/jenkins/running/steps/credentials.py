"""Credentials as variables: https://plugins.jenkins.io/credentials-binding."""

from collections.abc import Callable, Mapping
from typing import Any, Final
from uuid import uuid4

from sandbox.services.jenkins.model import Credential, StepError
from sandbox.services.jenkins.running import exec
from sandbox.services.jenkins.running.places import Place
from sandbox.services.jenkins.running.session import Scene
from sandbox.services.jenkins.running.shell import quoted
from sandbox.services.jenkins.running.steps.registry import Arguments, step

TEXTS: Final = ("string", "gitLabApiTokenImpl")
ANY: Final = ("credentials", "environment", "auto", "any")
Bound = tuple[dict[str, str], dict[str, str]]
"""Variables without and with a secret."""


@step("credentials.open")
def open_credentials(scene: Scene, arguments: Arguments) -> dict[str, Any]:
    """Bind credentials to variables until `credentials.close`."""
    handle, files = uuid4().hex, list[tuple[Place, str]]()
    scene.session.credentials[handle] = files
    public: dict[str, str] = {}
    secret: dict[str, str] = {}
    try:
        for binding in arguments.get("bindings") or []:
            found = scene.session.credential(str(binding.get("credentialsId") or ""))
            plain, hidden = _binder(str(binding.get("kind") or ""), found)(scene, found, binding, files)
            public |= plain
            secret |= hidden
    except BaseException:
        close_credentials(scene, {"credentials": handle})
        raise
    scene.session.log.masks.add(*secret.values())
    if secret:
        scene.say(f"Masking supported pattern matches of {' or '.join('$' + name for name in secret)}")
    return {"env": {**public, **secret}, "credentials": handle}


@step("credentials.close")
def close_credentials(scene: Scene, arguments: Arguments) -> None:
    """Delete the files of credentials."""
    for place, path in scene.session.credentials.pop(str(arguments.get("credentials") or ""), []):
        try:
            exec.output(place, f"{{ rm -rf {quoted(path)}; exit $?; }}\n", "the file of a credential", lambda: None)
        except StepError as error:
            scene.say(f"Could not delete the file of a credential: {error}")  # it goes with its pod


def _binder(kind: str, found: Credential) -> Callable[[Scene, Credential, Mapping[str, Any], list[tuple[Place, str]]], Bound]:
    if kind in ANY:
        return {"usernamePassword": _both, "file": _file}.get(found.kind, _text)
    binders = {"usernamePassword": _pair, "usernameColonPassword": _colon, "string": _text, "file": _file}
    if kind not in binders:
        raise StepError(f"binding {kind!r} of withCredentials: expected one of {', '.join(sorted(binders))}")
    fits = found.kind in TEXTS if kind == "string" else found.kind == "file" if kind == "file" else found.kind == "usernamePassword"
    if not fits:
        raise StepError(
            f"CredentialNotFoundException: Credentials '{found.id}' is of type '{found.kind}' where a '{kind}' was expected: "
            "use the binding that fits"
        )
    return binders[kind]


def _pair(scene: Scene, found: Credential, binding: Mapping[str, Any], files: list[tuple[Place, str]]) -> Bound:
    return {str(binding["usernameVariable"]): found.username}, {str(binding["passwordVariable"]): found.secret}


def _colon(scene: Scene, found: Credential, binding: Mapping[str, Any], files: list[tuple[Place, str]]) -> Bound:
    return {}, {str(binding["variable"]): f"{found.username}:{found.secret}"}


def _both(scene: Scene, found: Credential, binding: Mapping[str, Any], files: list[tuple[Place, str]]) -> Bound:
    """As `environment { NAME = credentials('id') }` does."""
    name = str(binding["variable"])
    return {f"{name}_USR": found.username}, {name: f"{found.username}:{found.secret}", f"{name}_PSW": found.secret}


def _text(scene: Scene, found: Credential, binding: Mapping[str, Any], files: list[tuple[Place, str]]) -> Bound:
    return {}, {str(binding["variable"]): found.secret}


def _file(scene: Scene, found: Credential, binding: Mapping[str, Any], files: list[tuple[Place, str]]) -> Bound:
    folder = f"{scene.node().workspace}@tmp/secretFiles/{uuid4().hex}"
    place, data = scene.files(), found.secret.encode()
    files.append((place, folder))
    path = f"{folder}/{found.id}"
    # Readable for all in the pod: the container that the step is in may have another user.
    program = f"mkdir -p {quoted(folder)} && head -c {len(data)} >{quoted(path)} && chmod 444 {quoted(path)}"
    exec.feed(place, program, data, "the file of a credential", scene.stopped)
    return {}, {str(binding["variable"]): path}
