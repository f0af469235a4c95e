"""`slipway jenkins`: hands the jobs to a Jenkins that is not the platform's, and sees that they are there."""

import json
from typing import Any

import click
import httpx
import yaml

from ops import stack as stacks
from stacks.health import trusting

TIMEOUT_SECONDS = 60.0
JOBS, WORKSPACE = "jenkinsJobs", "SLIPWAY_WORKSPACE"
APPLY = "/configuration-as-code/apply"
"""https://github.com/jenkinsci/configuration-as-code-plugin: takes YAML, wants Overall/Administer, and changes only what is in it."""


@click.group()
def jenkins() -> None:
    """The jobs in a Jenkins that ran before the platform (`jenkins.external`)."""


@jenkins.command()
@click.option("--stack", help="The stack; by default PULUMI_STACK, or the selected one.")
def apply(stack: str | None) -> None:
    """Tell Jenkins of the stack's folders, credentials and jobs, and verify that they are there. May be run again at any time."""
    outputs = _outputs(stack)
    click.echo(f"Telling {outputs['jenkinsUrl']} of the jobs ...", err=True)
    with _client(outputs) as client:
        _post(client, str(outputs[JOBS]))
        _verify(client, outputs)


@jenkins.command()
@click.option("--stack", help="The stack; by default PULUMI_STACK, or the selected one.")
def verify(stack: str | None) -> None:
    """See whether every job of the stack is in Jenkins. Ends with 1 where one is not."""
    outputs = _outputs(stack)
    with _client(outputs) as client:
        _verify(client, outputs)


def _outputs(stack: str | None) -> dict[str, Any]:
    selected = stacks.select(stacks.chosen(stack))
    outputs = {name: output.value for name, output in selected.outputs().items()}
    if JOBS not in outputs:
        raise click.ClickException(
            "the stack's Jenkins is the platform's own, and is told by `pulumi up`; expected slipway:jenkins.external"
        )
    return outputs


def _client(outputs: dict[str, Any]) -> httpx.Client:
    login = httpx.BasicAuth(outputs["jenkinsUsername"], outputs["jenkinsPassword"])
    return httpx.Client(base_url=outputs["jenkinsUrl"], auth=login, timeout=TIMEOUT_SECONDS, verify=trusting(outputs.get("caBundle", "")))


def _post(client: httpx.Client, text: str) -> None:
    """Apply JCasC text. Raises ClickException with Jenkins' answer, in which the text is not repeated."""
    try:
        crumb = client.get("/crumbIssuer/api/json")  # needed with a password, not with an API token
        headers = {crumb.json()["crumbRequestField"]: crumb.json()["crumb"]} if crumb.is_success else {}
        answer = client.post(APPLY, content=text.encode(), headers=headers | {"Content-Type": "application/yaml"})
    except (httpx.HTTPError, ValueError, KeyError) as error:
        raise click.ClickException(
            f"Jenkins {client.base_url} cannot be reached ({type(error).__name__}); check slipway:jenkins.external.url"
        ) from None
    if answer.status_code in {401, 403}:
        raise click.ClickException(
            f"Jenkins {client.base_url} refuses the user (HTTP {answer.status_code}); expected one who administers it"
        )
    if answer.status_code == 404:
        raise click.ClickException(f"Jenkins {client.base_url} has no {APPLY}; install its plugins configuration-as-code and job-dsl")
    if answer.is_error:
        raise click.ClickException(
            f"Jenkins did not take the jobs (HTTP {answer.status_code}); its own log says why. Nothing else was changed"
        )


def _verify(client: httpx.Client, outputs: dict[str, Any]) -> None:
    """Raise ClickException with every job that is not there."""
    missing = [job for job in _declared(str(outputs[JOBS])) if not _there(client, job)]
    if missing:
        raise click.ClickException("not in Jenkins: " + ", ".join(missing) + "; next: slipway jenkins apply")
    click.echo(f"Every job is in {outputs['jenkinsUrl']}.")


def _declared(text: str) -> list[str]:
    """The full names of the jobs in a JCasC text of ours."""
    entries = [entry["providedEnv"] for entry in yaml.safe_load(text)["jobs"] if "providedEnv" in entry]
    workspaces = [json.loads(each[WORKSPACE]) for each in entries if WORKSPACE in each]
    return [
        f"{known['folder']}/{kind}/{app['name']}" for known in workspaces for app in known["applications"] for kind in ("build", "update")
    ]


def _there(client: httpx.Client, job: str) -> bool:
    try:
        return client.get("".join(f"/job/{part}" for part in job.split("/")) + "/api/json?tree=name").is_success
    except httpx.HTTPError as error:
        raise click.ClickException(f"Jenkins {client.base_url} cannot be reached ({error}); check slipway:jenkins.external.url") from None
