"""The connection to Harbor: one request at a time, with errors that say what was asked."""

import re
from itertools import count
from threading import Lock
from typing import TYPE_CHECKING, Any, ClassVar, Final

from sandbox.providers.api import ANSWER_SECONDS, Api, RefusedError, Verb, path
from sandbox.providers.plugin import Context, Properties

if TYPE_CHECKING:
    from httpx import Client as Connection
    from httpx import Response

_PAGE: Final = 100  # Harbor's own limit
_ROOTS: Final = {1: "/api", 2: "/api/v2.0"}
_UNWELL: Final = (429, 502, 503, 504)
"""Answers of a Harbor that restarts, or of the proxy in front of it; its 500 is a refusal that stays."""
_NEXT: Final = {
    401: "; next: see the provider's `username` and `password`",
    403: "; next: use an account that may do this, such as an administrator; a robot's permissions limit it",
}


class _UntrustedError(RefusedError):
    """Harbor's certificate is of no authority that this machine trusts."""


class Client(Api):
    """A connection that is made when it is first used: importing the library takes longer than most operations."""

    service: ClassVar = "Harbor"

    def __init__(self) -> None:
        self._config: Properties = {}
        self._connected: Connection | None = None
        self._lock = Lock()

    def configure(self, config: Properties) -> None:
        """Take the provider's configuration. Authorities are those of the system and of SSL_CERT_FILE, as the file is then."""
        with self._lock:
            self._config, self._connected = config, None

    @property
    def robot_prefix(self) -> str:
        """What robots' names begin with, as configured; empty where Harbor is to be asked."""
        return str(self._config.get("robotPrefix") or "")

    def listed(self, collection: str, context: Context | None = None, **query: Any) -> list[Any]:
        """Return all pages of a list; an empty one where the path does not exist. Raises RefusedError."""
        found: list[Any] = []
        for page in count(1):
            part = self.find(collection, context=context, page=page, page_size=_PAGE, **query) or []
            found += part
            if len(part) < _PAGE:
                break
        return found

    def member(self, identity: str, context: Context, *, pages: bool = False) -> Any:
        """Return what is at the path, a list of `pages` or one object, or None where it is gone.

        To one who is no administrator Harbor answers 403 for a project that does not exist, and for all in it: then the list of
        projects decides. Raises RefusedError.
        """
        try:
            return self.listed(identity, context) if pages else self.find(identity, context)
        except RefusedError as error:
            project = re.match(r"/projects/(\d+)", identity)
            if error.status != 403 or project is None or any(str(each["project_id"]) == project[1] for each in self.listed("/projects")):
                raise
        context.log.warning(f"Harbor answers 403 for {identity} and lists no such project: it is taken for deleted")
        return None

    def project(self, name: str, context: Context | None = None) -> Any:
        """Return the project of this name, or None where there is none. Raises RefusedError."""
        found = self.listed("/projects", context, name=name)  # those whose names contain it
        return next((each for each in found if each["name"] == name), None)

    def _send(self, verb: Verb, path: str, data: Properties | None, query: Properties) -> Any:
        try:
            return self._ask(verb, path, data, query)
        except _UntrustedError:
            with self._lock:
                self._connected = None  # the authority may have come since: its file is read again
            return self._ask(verb, path, data, query)

    def _ask(self, verb: Verb, path: str, data: Properties | None, query: Properties) -> Any:
        from httpx import TimeoutException, TransportError

        asked, url = f"{verb.upper()} {path}", self._config.get("url")
        try:
            connection = self._connection()
            response = connection.request(verb, path, params=query, json=data)
            if response.status_code == 403 and self._config.get("sessionId") and verb != "get":
                response = connection.request(verb, path, params=query, json=data, headers=_against_forgery(response))
        except TimeoutException:
            raise RefusedError(f"Harbor at {url} did not answer {asked} within {ANSWER_SECONDS:.0f} s", 0, 0.0) from None
        except TransportError as error:
            if "CERTIFICATE_VERIFY_FAILED" in str(error):
                raise _UntrustedError(
                    f"Harbor at {url} shows a certificate that is not trusted ({error}); next: have SSL_CERT_FILE name a PEM file "
                    "with its authority, or set the provider's `insecure`",
                    0,
                ) from None
            raise RefusedError(f"Harbor at {url} cut or refused the connection on {asked} ({type(error).__name__})", 0, 0.0) from None
        return _read(response, asked)

    def _connection(self) -> "Connection":
        with self._lock:
            if self._connected is None:
                import ssl
                from http.cookiejar import DefaultCookiePolicy

                from httpx import Client as Connection

                config = self._config
                root = str(config["url"]).strip("/") + _ROOTS[int(config.get("apiVersion") or 2)]
                verify: ssl.SSLContext | bool = False if config.get("insecure") else ssl.create_default_context()
                self._connected = Connection(base_url=root, verify=verify, timeout=ANSWER_SECONDS)
                # With Harbor's session cookie, a password would no longer do: it asks for tokens against forgery then.
                self._connected.cookies.jar.set_policy(DefaultCookiePolicy(allowed_domains=()))
                self._log_in(self._connected)
            return self._connected

    def _log_in(self, connection: "Connection") -> None:
        from httpx import BasicAuth

        if session := self._config.get("sessionId"):
            connection.headers["Cookie"] = f"sid={session}"
        elif token := self._config.get("bearerToken"):
            connection.headers["Authorization"] = f"Bearer {token}"
        else:
            connection.auth = BasicAuth(str(self._config.get("username") or ""), str(self._config.get("password") or ""))


def _against_forgery(response: "Response") -> dict[str, str]:
    """Return the headers with which a refused request of a browser's session is let in."""
    cookies = [each for each in response.headers.get_list("Set-Cookie") if each.startswith("_gorilla_csrf=")]
    sent = [response.request.headers["Cookie"], *(each.partition(";")[0] for each in cookies)]
    return {"Cookie": "; ".join(sent), "X-Harbor-Csrf-Token": response.headers.get("X-Harbor-Csrf-Token", "")}


def _read(response: "Response", asked: str) -> Any:
    """Return the answer; of a creation, with `location`: the path of what was made, relative to the API's root."""
    if not response.is_success:
        status, after = response.status_code, response.headers.get("Retry-After", "")
        raise RefusedError(
            f"Harbor answered {asked} with {status}: {_reason(response)}{_NEXT.get(status, '')}",
            status,
            None if status not in _UNWELL else float(after) if after.isdigit() else 0.0,
        )
    try:
        answer = response.json() if response.content else None
    except ValueError:
        raise RefusedError(
            f"{response.url.host} answers {asked}, but not as Harbor's API does; next: see the provider's `url`", 0
        ) from None
    if response.status_code != 201:
        return answer
    return {**(answer or {}), "location": re.sub(r"^.*/api(/v2\.0)?(?=/)", "", response.headers["Location"])}


def _reason(response: "Response") -> str:
    try:
        answer = response.json()
    except ValueError:
        answer = None
    errors = answer.get("errors") if isinstance(answer, dict) else None
    said = "; ".join(str(each.get("message")) for each in errors or [] if each.get("message"))
    return said or response.reason_phrase or "no reason given"


def repository(name: str) -> str:
    """Return the path of a repository, `<project>/<name>`. Harbor decodes the name twice, so its slashes are encoded twice."""
    project, _, rest = name.partition("/")
    return path("/projects/{project}/repositories/{rest}", project=project, rest=path("{rest}", rest=rest))
