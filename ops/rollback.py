"""`slipway rollback`: an earlier version again, by the update job. No person holds the token that writes the GitOps repository."""

import json
from typing import Any

import click

from gitops.release.errors import ConflictError, RefusedError, ReleaseError, UnhealthyError, UnreachableError
from gitops.release.facts import refuse, unfit
from gitops.release.options import app_argument, ca_option, options, output_option, require, secret
from naming import App, source_path
from ops.jenkins_job import JenkinsAccess, JenkinsError, Job, Run

LINES = 15
REPORT = "reports/update.json"
ERRORS: dict[int, type[ReleaseError]] = {
    int(each.exit_code): each for each in (RefusedError, UnreachableError, ConflictError, UnhealthyError)
}


@click.command()
@app_argument
@click.option("--to", metavar="TAG", help="The version to bring back.")
@click.option("--steps", type=click.IntRange(1, 999), help="How many different versions to go back.")
@click.option("--accept-risk", metavar="REASON", help="Bring it back although its scan is refused now; the reason goes into the history.")
@click.option("--jenkins-url", envvar="SLIPWAY_JENKINS_URL", show_envvar=True, metavar="URL", help="Jenkins.")
@click.option("--prefix", envvar="SLIPWAY_JENKINS_PREFIX", show_envvar=True, default="", help="What the folders' names begin with.")
@click.option("--timeout", type=click.IntRange(1, 86400), default=900, show_default=True, help="Seconds to wait at most.")
@options(ca_option, output_option)
def rollback(
    app: App, to: str | None, steps: int | None, accept_risk: str | None, jenkins_url: str | None, prefix: str, timeout: int,
    ca_bundle: str | None, output: str,
) -> None:  # fmt: skip
    """Bring an earlier version back, and wait until it runs: by an account in Jenkins, SLIPWAY_JENKINS_USER and SLIPWAY_JENKINS_TOKEN."""
    if (to is None) == (steps is None):
        raise click.UsageError("Give either --to TAG or --steps N.")
    require(jenkins_url=jenkins_url)
    refuse(unfit({"--to": ("tag", to), "--accept-risk": ("risk", accept_risk)}))
    user = secret("SLIPWAY_JENKINS_USER", "The user in Jenkins")
    token = secret("SLIPWAY_JENKINS_TOKEN", "The user's API token in Jenkins")
    job = Job(
        JenkinsAccess(url=str(jenkins_url), user=user, token=token, ca=ca_bundle), f"{prefix}{app.workspace}/update/{source_path(app)}"
    )
    wanted = {"TAG": to, "STEPS": str(steps) if steps else None, "ACCEPT_RISK": accept_risk}
    try:
        run = job.run({"ACTION": "rollback", **{name: value or "" for name, value in wanted.items()}}, timeout, _tell)
        report = job.artifact(run.number, REPORT) or {}
        if run.result != "SUCCESS":
            raise _failure(run, report, "" if report else job.log(run.number))
    except JenkinsError as error:
        raise UnreachableError(str(error)) from None
    except KeyboardInterrupt:
        click.echo(f"\nNobody waits for it any longer; it goes on at {job.url}", err=True)
        raise
    outcome = report.get("details", {}).get("outcome", {})
    data: dict[str, Any] = {**outcome, "build": run.url}
    click.echo(json.dumps(data, indent=2) if output == "json" else f"{app}: {report.get('summary', 'done')} ({run.url})")


def _tell(text: str) -> None:
    click.echo(f"  {text}", err=True)


def _failure(run: Run, report: dict[str, Any], log: str) -> ReleaseError:
    """Why the job failed, in its own words and with its own exit code."""
    said = str(report.get("summary") or "\n".join(log.splitlines()[-LINES:]) or run.result)
    kind = ERRORS.get(report.get("details", {}).get("exit_code"), UnhealthyError)
    return kind(f"{said}\nIt was asked of {run.url}")
