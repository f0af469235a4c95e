"""Whether a Jenkins that runs already is there, and its user may do what the platform needs."""

from collections.abc import Iterator

import httpx

from stacks.model.jenkins import ExternalJenkins
from stacks.patience import PatientTransport
from stacks.preflight.authorities import context

TIMEOUT_SECONDS = 10.0
PLUGINS = ("configuration-as-code", "gitlab-plugin", "job-dsl", "workflow-aggregator")
"""Those without which the jobs cannot be, or cannot be told."""


def problems(jenkins: ExternalJenkins, bundle: str | None) -> Iterator[str]:
    """A line for each thing that keeps the platform from using it. `bundle` is the path of a PEM file, None for the usual authorities."""
    trust = context(bundle)
    if trust is None:
        return
    login = httpx.BasicAuth(jenkins.username, jenkins.password.get_secret_value())
    try:
        transport = PatientTransport(verify=trust)
        with httpx.Client(base_url=jenkins.url, timeout=TIMEOUT_SECONDS, transport=transport, auth=login) as client:
            yield from _answers(jenkins, client.get("/pluginManager/api/json?tree=plugins[shortName,active]"))
    except httpx.HTTPError as error:
        yield f"Jenkins {jenkins.url} cannot be reached ({error}); check slipway:jenkins.external.url, the network, and slipway:caBundle"
    except (ValueError, TypeError, KeyError, AttributeError):  # JSON of another kind, or none
        yield f"{jenkins.url} answers, but not as Jenkins' API does; set slipway:jenkins.external.url to Jenkins' own address"


def _answers(jenkins: ExternalJenkins, plugins: httpx.Response) -> Iterator[str]:
    if "X-Jenkins" not in plugins.headers:
        yield f"{jenkins.url} answers, but it is no Jenkins; set slipway:jenkins.external.url to Jenkins' own address"
    elif plugins.status_code == 401:
        yield (
            f"Jenkins {jenkins.url} refuses {jenkins.username!r} (HTTP 401); expected its API token or password: "
            "pulumi config set --secret --path jenkins.external.password"
        )
    elif plugins.status_code == 403:
        yield f"{jenkins.username!r} does not administer Jenkins {jenkins.url}; set slipway:jenkins.external.username to who does"
    elif plugins.is_error:
        yield f"Jenkins {jenkins.url} answers HTTP {plugins.status_code} to /pluginManager/api/json; expected 200; try again later"
    else:
        active = {plugin["shortName"] for plugin in plugins.json()["plugins"] if plugin["active"]}
        if missing := [plugin for plugin in PLUGINS if plugin not in active]:
            yield f"Jenkins {jenkins.url} lacks the plugins {', '.join(missing)}; install them"
