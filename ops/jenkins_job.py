"""One job in Jenkins as a person uses it: started with parameters, and followed to its end.

https://www.jenkins.io/doc/book/using/remote-access-api/
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx

EVERY_SECONDS = 1.0
TIMEOUT_SECONDS = 30.0


class JenkinsError(Exception):
    """Jenkins cannot be used; the text says why and how to go on."""


@dataclass(frozen=True, kw_only=True)
class JenkinsAccess:
    """url: of Jenkins. user, token: of a person there. ca: PEM file of authorities; None for the usual ones."""

    url: str
    user: str
    token: str = field(repr=False)
    ca: str | None = None


class Job:
    """A job by its full name, as `acme/update/alice-shop`."""

    def __init__(self, access: JenkinsAccess, name: str) -> None:
        self.access, self.name = access, name
        self.path = "".join(f"/job/{part}" for part in name.split("/"))
        self._client = httpx.Client(
            base_url=access.url.rstrip("/"), auth=(access.user, access.token), verify=access.ca or True, timeout=TIMEOUT_SECONDS
        )

    @property
    def url(self) -> str:
        """Where people see it."""
        return f"{self.access.url.rstrip('/')}{self.path}/"

    def run(self, parameters: Mapping[str, str], seconds: float, tell: Callable[[str], None]) -> "Run":
        """Start a build, and wait for its end. `tell` hears what is waited for. Raises JenkinsError."""
        deadline = time.monotonic() + seconds
        item = self._start(parameters)
        number = self._number(item, deadline, tell)
        tell(f"{self.url}{number}/ runs")
        while True:
            found = self._get(f"{self.path}/{number}/api/json?tree=building,result").json()
            if not found["building"] and found["result"]:
                return Run(job=self, number=number, result=str(found["result"]))
            self._pause(deadline, f"{self.url}{number}/ has not ended")

    def artifact(self, number: int, name: str) -> Any:
        """A JSON artifact of a build; None where there is none."""
        with self._explained():
            answer = self._client.get(f"{self.path}/{number}/artifact/{name}")
            return answer.json() if answer.is_success else None

    def log(self, number: int) -> str:
        """What a build has printed."""
        return self._get(f"{self.path}/{number}/consoleText").text

    def _start(self, parameters: Mapping[str, str]) -> str:
        with self._explained():
            crumb = self._client.get("/crumbIssuer/api/json")  # wanted with a password, not with an API token
            headers = {crumb.json()["crumbRequestField"]: crumb.json()["crumb"]} if crumb.is_success else {}
            answer = self._client.post(f"{self.path}/buildWithParameters", data=dict(parameters), headers=headers)
            self._require(answer)
            return urlsplit(answer.headers["Location"]).path.rstrip("/")

    def _number(self, item: str, deadline: float, tell: Callable[[str], None]) -> int:
        said = ""
        while True:
            found = self._get(f"{item}/api/json").json()
            if number := (found.get("executable") or {}).get("number"):
                return int(number)
            if found.get("cancelled"):
                raise JenkinsError(f"The build of {self.name} was cancelled in Jenkins' queue. Next: run this again.")
            if (why := str(found.get("why") or "")) and why != said:
                said = why
                tell(f"waiting in Jenkins' queue: {why}")
            self._pause(deadline, f"the build of {self.name} waits in Jenkins' queue")

    def _pause(self, deadline: float, what: str) -> None:
        if time.monotonic() > deadline:
            raise JenkinsError(f"{what}: nobody waits for it any longer, and it goes on. Next: see {self.url}.")
        time.sleep(EVERY_SECONDS)

    def _get(self, path: str) -> httpx.Response:
        with self._explained():
            answer = self._client.get(path)
            self._require(answer)
            return answer

    def _require(self, answer: httpx.Response) -> None:
        if answer.is_success or answer.status_code in {201, 302, 303}:
            return
        hint = {
            401: "give a user and an API token that are valid, in SLIPWAY_JENKINS_USER and SLIPWAY_JENKINS_TOKEN",
            403: f"{self.access.user!r} needs the right to build it: ask who administers Jenkins",
            404: "see that the names are spelt so, and that the application is declared",
        }.get(answer.status_code, "see whether Jenkins is well, then run this again")
        raise JenkinsError(f"Jenkins at {self.access.url} answered {answer.status_code} for the job {self.name}. Next: {hint}.")

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (httpx.HTTPError, ValueError, KeyError) as error:
            raise JenkinsError(
                f"Jenkins at {self.access.url} does not answer as expected ({type(error).__name__}). "
                "Next: see whether it is well, and check SLIPWAY_JENKINS_URL."
            ) from None


@dataclass(frozen=True, kw_only=True)
class Run:
    """A build that has ended. result: in Jenkins' words."""

    job: Job
    number: int
    result: str

    @property
    def url(self) -> str:
        """Where people see it."""
        return f"{self.job.url}{self.number}/"
