"""From checked values of configuration as code to a Configuration."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sandbox.services.jenkins.casc_values import CascError
from sandbox.services.jenkins.configuration import (
    ADMINISTER,
    ANONYMOUS,
    AUTHENTICATED,
    PERMISSIONS,
    READING,
    Configuration,
    Connection,
    Grants,
    User,
    new_user,
)
from sandbox.services.jenkins.model import Cloud, Credential, Library, Scm

Values = Mapping[str, Any]
HASHED = "#jbcrypt:"
SECRET_FIELDS = {"usernamePassword": "password", "string": "secret", "file": "secretBytes", "gitLabApiTokenImpl": "apiToken"}
UNLIMITED = 2**31 - 1


def configuration(values: Values) -> Configuration:
    """Return what `values`, as casc_schema.read returns them, say; raises CascError where they do not fit together."""
    jenkins, unclassified = _at(values, "jenkins"), _at(values, "unclassified")
    connections = _at(unclassified, "gitLabConnectionConfig")
    return Configuration(
        url=(_at(unclassified, "location").get("url") or "").rstrip("/"),
        system_message=jenkins.get("systemMessage") or "",
        users=_users(jenkins),
        grants=_grants(jenkins),
        credentials=_credentials(values),
        cloud=_cloud(jenkins.get("clouds") or ()),
        connections={
            each["name"]: Connection(each["url"].rstrip("/"), each["apiTokenId"]) for each in connections.get("connections") or ()
        },
        authenticated_endpoint=connections.get("useAuthenticatedEndpoint") is not False,
        libraries=tuple(_library(each) for each in _at(unclassified, "globalLibraries").get("libraries") or ()),
        scripts=_scripts(values.get("jobs") or ()),
    )


def _at(values: Values, *names: str) -> Values:
    for name in names:
        values = values.get(name) or {}
    return values


def _symbol(values: Values, name: str, default: str) -> tuple[str, Values]:
    return values.get(name) or (default, {})


def _users(jenkins: Values) -> dict[str, User]:
    _, realm = _symbol(jenkins, "securityRealm", "local")
    found: dict[str, User] = {}
    for each in realm.get("users") or ():
        if (each.get("password") or "").startswith(HASHED):
            raise CascError(f"jenkins.securityRealm.local.users: the password of {each['id']!r} is a hash, expected the password itself")
        if not each["id"]:
            raise CascError("jenkins.securityRealm.local.users has a user without an id: is its variable known?")
        found[each["id"]] = new_user(each["id"], each.get("name") or "", each.get("password") or "")
    return found


def _grants(jenkins: Values) -> Grants:
    kind, strategy = _symbol(jenkins, "authorizationStrategy", "unsecured")
    if kind == "unsecured":
        return {("group", ANONYMOUS): frozenset({ADMINISTER})}
    if kind == "loggedInUsersCanDoAnything":
        reading = READING if strategy.get("allowAnonymousRead") is not False else frozenset()
        return {("group", AUTHENTICATED): frozenset({ADMINISTER}), ("group", ANONYMOUS): reading}
    found: dict[tuple[str, str], frozenset[str]] = {}
    for holder, each in strategy["entries"]:
        wrong = [permission for permission in each["permissions"] if permission not in PERMISSIONS]
        if wrong:
            raise CascError(
                f"jenkins.authorizationStrategy.globalMatrix: no permission {wrong[0]!r}, expected one of {', '.join(sorted(PERMISSIONS))}"
            )
        key = (holder, each["name"])
        found[key] = found.get(key, frozenset()) | frozenset(each["permissions"])
    return found  # fmt: skip


def _credentials(values: Values) -> tuple[Credential, ...]:
    domains = _at(values, "credentials", "system").get("domainCredentials") or ()
    found = [_credential(kind, each) for domain in domains for kind, each in domain["credentials"]]
    ids = [each.id for each in found]
    for id in ids:
        if ids.count(id) > 1:
            raise CascError(f"credentials.system: the id {id!r} is there {ids.count(id)} times, expected once")
    return tuple(found)


def _credential(kind: str, values: Values) -> Credential:
    id, scope, secret = values.get("id") or "", values.get("scope") or "GLOBAL", values[SECRET_FIELDS[kind]]
    if not id:
        raise CascError(f"credentials.system: a {kind} has no id; expected one, as pipelines refer to it")
    if scope not in ("GLOBAL", "SYSTEM"):
        raise CascError(f"credentials.system: the scope of {id!r} is {scope!r}, expected GLOBAL or SYSTEM")
    if kind == "file":
        secret = _content(id, secret)
    name = values.get("username") or values.get("fileName") or ""
    return Credential(id=id, kind=kind, secret=secret, username=name, description=values.get("description") or "", scope=scope)


def _content(id: str, text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode()
    except (binascii.Error, ValueError):
        raise CascError(f"credentials.system: secretBytes of {id!r} is not base64 of UTF-8 text") from None


def _cloud(clouds: Sequence[tuple[str, Values]]) -> Cloud | None:
    if len(clouds) > 1:
        raise CascError(f"jenkins.clouds has {len(clouds)} clouds, expected at most one: no other is known here")
    if not clouds:
        return None
    _, values = clouds[0]
    cap = values.get("containerCapStr") or values.get("containerCap") or 0
    try:
        limit = int(cap)
    except ValueError:
        raise CascError(f"jenkins.clouds.kubernetes.containerCapStr is {cap!r}, expected a number") from None
    limit = 0 if limit >= UNLIMITED else max(limit, 0)
    templates = tuple(_plain(each) for each in values.get("templates") or ())
    return Cloud(name=values["name"], namespace=values.get("namespace") or "default", limit=limit, templates=templates)


def _plain(value: Any) -> Any:
    """Return symbols as they stand in YAML: `never` where there are no attributes, else a mapping of one."""
    if isinstance(value, tuple):
        symbol, attributes = value
        return {symbol: _plain(attributes)} if attributes else symbol
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items() if each is not None}
    return [_plain(each) for each in value] if isinstance(value, list) else value


def _library(values: Values) -> Library:
    _, retriever = values["retriever"]
    _, git = retriever["scm"]
    scm = Scm(url=git["remote"], revision=values.get("defaultVersion") or "", credential=git.get("credentialsId") or "")
    return Library(name=values["name"], scm=scm, implicit=bool(values.get("implicit")))


def _scripts(jobs: Sequence[Values]) -> tuple[tuple[str, Mapping[str, str]], ...]:
    """Variables are seen by the scripts that follow them."""
    environment: dict[str, str] = {}
    found: list[tuple[str, Mapping[str, str]]] = []
    for each in jobs:
        if "providedEnv" in each:
            environment |= {name: value or "" for name, value in (each["providedEnv"] or {}).items()}
        else:
            found.append((each["script"] or "" if "script" in each else _file(each["file"] or ""), dict(environment)))
    return tuple(found)


def _file(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise CascError(f"jobs: the file {path!r} cannot be read: {type(error).__name__}") from None
