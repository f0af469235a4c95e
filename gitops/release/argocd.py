"""Argo CD for releases, by its API: one token that may look at applications, their events and logs, and end a running sync."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

from gitops.release.errors import UnreachableError
from naming import App, application_name, argocd_project, namespace

LOG_LINES = 12


@dataclass(frozen=True, kw_only=True)
class ArgoCdAccess:
    """url: of Argo CD. token: of an account that may get applications and logs, and sync. ca: PEM file, None for the usual ones."""

    url: str
    token: str = field(repr=False)
    ca: str | None = None


class ArgoCd:
    """One application in Argo CD."""

    def __init__(self, access: ArgoCdAccess, app: App) -> None:
        self.access = access
        self.app = app
        self.name = application_name(app)
        self._path = f"/api/v1/applications/{self.name}"
        self._client = httpx.Client(
            base_url=access.url,
            headers={"Authorization": f"Bearer {access.token}"},
            params={"project": argocd_project(app.workspace)},
            verify=access.ca or True,
            timeout=30,
        )

    def application(self, *, refresh: bool = False) -> dict[str, Any] | None:
        """The Application, compared anew with Git where `refresh` is set; None where there is none, or not for us."""
        with self._explained():
            answer = self._client.get(self._path, params={"refresh": "normal"} if refresh else {})
            # Argo CD answers 403 for what is not there, so that names cannot be guessed.
            if answer.status_code == 404 or (answer.status_code == 403 and self._is_let_in()):
                return None
            answer.raise_for_status()
            return dict(answer.json())

    def objects(self) -> list[dict[str, Any]]:
        """Every object of the application, those that its own made included, with health and parents."""
        return list(self._get("/resource-tree").get("nodes") or [])

    def events(self, node: dict[str, Any]) -> list[dict[str, Any]]:
        """The events of an object, oldest first."""
        query = {"resourceNamespace": node.get("namespace", ""), "resourceName": node["name"], "resourceUID": node.get("uid", "")}
        found = list(self._get("/events", **query).get("items") or [])
        return sorted(found, key=lambda each: str(each.get("lastTimestamp") or each.get("eventTime") or ""))

    def log(self, pod: str, *, previous: bool) -> list[str]:
        """The last lines that a pod printed, or its last container before the present one did; none where it has not begun."""
        query = {"namespace": namespace(self.app.user), "tailLines": str(LOG_LINES), "follow": "false", "container": "app"}
        with self._explained():
            answer = self._client.get(f"{self._path}/pods/{pod}/logs", params={**query, "previous": str(previous).lower()})
        if not answer.is_success:
            return []
        results = [json.loads(line).get("result", {}) for line in answer.text.splitlines() if line.strip()]
        return [str(each["content"]) for each in results if each.get("content") and not each.get("last")]

    def terminate(self) -> None:
        """End the running sync, if there is one still."""
        with self._explained():
            answer = self._client.delete(f"{self._path}/operation")
            if answer.status_code not in {400, 404}:  # none is running any more
                answer.raise_for_status()

    def _get(self, below: str, **query: str) -> dict[str, Any]:
        with self._explained():
            answer = self._client.get(f"{self._path}{below}", params=query)
            answer.raise_for_status()
            return dict(answer.json())

    def _is_let_in(self) -> bool:
        answer = self._client.get("/api/v1/session/userinfo")
        return answer.is_success and bool(answer.json().get("loggedIn"))

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except httpx.HTTPStatusError as error:
            status = error.response.status_code
            hint = {
                401: "give a token that is valid in SLIPWAY_ARGOCD_TOKEN or SLIPWAY_ARGOCD_TOKEN_FILE",
                403: f"the token's account needs get, sync and logs on the project {argocd_project(self.app.workspace)}",
            }.get(status, "see whether Argo CD is well, then run this again")
            raise UnreachableError(f"Argo CD at {self.access.url} answered {status} for {self.name}. Next: {hint}.") from None
        except (httpx.HTTPError, ValueError) as error:
            raise UnreachableError(
                f"Argo CD at {self.access.url} does not answer ({type(error).__name__}). "
                "Next: see whether it is well and can be reached from here."
            ) from None
