"""Whether a Harbor that runs already is there, and its user may do what the platform needs."""

from collections.abc import Iterator

import httpx

from stacks.model.harbor import ExternalHarbor
from stacks.patience import PatientTransport
from stacks.preflight.authorities import context

TIMEOUT_SECONDS = 10.0


def problems(harbor: ExternalHarbor, bundle: str | None) -> Iterator[str]:
    """A line for each thing that keeps the platform from using it. `bundle` is the path of a PEM file, None for the usual authorities."""
    trust = context(bundle)
    if trust is None:
        return
    login = httpx.BasicAuth(harbor.username, harbor.password.get_secret_value())
    try:
        with httpx.Client(base_url=f"{harbor.url}/api/v2.0", timeout=TIMEOUT_SECONDS, transport=PatientTransport(verify=trust)) as client:
            health = client.get("/health")
            user = client.get("/users/current", auth=login)
            yield from _answers(harbor, health, user)
    except httpx.HTTPError as error:
        yield f"Harbor {harbor.url} cannot be reached ({error}); check slipway:harbor.external.url, the network, and slipway:caBundle"
    except (ValueError, TypeError, KeyError, AttributeError):  # JSON of another kind, or none
        yield f"{harbor.url} answers, but not as Harbor's API does; set slipway:harbor.external.url to Harbor's own address, without a path"


def _answers(harbor: ExternalHarbor, health: httpx.Response, user: httpx.Response) -> Iterator[str]:
    if health.json()["status"] != "healthy":
        sick = ", ".join(each["name"] for each in health.json().get("components") or [] if each.get("status") != "healthy")
        yield f"Harbor {harbor.url} is not healthy ({sick}); expected every component healthy; try again when it is"
    if user.status_code in {401, 403}:
        yield (
            f"Harbor {harbor.url} refuses {harbor.username!r} (HTTP {user.status_code}); expected its password: "
            "pulumi config set --secret --path harbor.external.password"
        )
    elif user.is_error:
        yield f"Harbor {harbor.url} answers HTTP {user.status_code} to /users/current; expected 200; try again later"
    elif not user.json()["sysadmin_flag"]:
        yield (
            f"{harbor.username!r} is no administrator of Harbor {harbor.url}, and robots and projects are made by one; "
            "set slipway:harbor.external.username to one"
        )
