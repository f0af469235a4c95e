"""The verbs that Jenkins' jobs call: what they are about comes from the job's parameters, which are in the environment."""

import os
import re
from dataclasses import asdict
from typing import Any

import click

from gitops.release.facts import Facts, refuse, unfit
from gitops.release.options import argocd_option, ca_option, gitlab_options, options, output_option, show, timeout_option
from gitops.release.parameters import read
from gitops.release.reports import step
from gitops.release.session import accepted, argocd_client, gitops_repository, settle, told

FACTS = ("TAG", "FRAMEWORK", "SOURCE", "BUILD", "BUILT_AT")
"""What the build tells of a version, and is written into the GitOps repository."""


@click.command()
@output_option
def parameters(output: str) -> None:
    """Check a job's parameters, and that they are those of the job's own application."""
    with step("parameters") as report:
        found = read(os.environ)
        report.summary = str(found.app)
    show(output, f"{found.app}: port {found.port}, answers at {found.host}, image {found.image}", asdict(found))


@click.command()
@options(timeout_option, *gitlab_options, argocd_option, ca_option, output_option)
def update(timeout: int, gitlab_url: str, gitops_project: str, argocd_url: str, ca_bundle: str | None, output: str) -> None:
    """What the update job does: publish the version in TAG, or (ACTION=rollback) bring one back, and wait until it runs.

    Neither does a version whose scan is refused; ACCEPT_RISK, a reason, brings one back all the same.
    """
    from gitops.release.admission import Admission
    from gitops.release.gate import Gate
    from gitops.release.harbor import Harbor
    from gitops.release.publish import publish
    from gitops.release.rollback import rollback

    with step("update") as report:
        found, wanted = read(os.environ), _wanted()
        harbor, argocd = Harbor.of(os.environ, ca_bundle), argocd_client(found.app, argocd_url, ca_bundle)
        admission = Admission(harbor=harbor, parameters=found, gate=Gate.of(os.environ), risk=wanted["ACCEPT_RISK"])
        with gitops_repository(gitlab_url, gitops_project, ca_bundle) as gitops:
            if os.environ.get("ACTION", "publish") == "rollback":
                steps = int(wanted["STEPS"]) if wanted["STEPS"] else None
                outcome = rollback(gitops, found.app, to=wanted["TAG"], steps=steps, admit=admission.of_earlier)
            else:
                facts: dict[str, Any] = {name.lower(): wanted[name] for name in FACTS}
                facts["digest"] = admission.of_new(str(wanted["TAG"]), wanted["DIGEST"])
                outcome = publish(gitops, found.app, Facts(image=found.image, host=found.host, port=found.port, **facts))
            report.details["outcome"] = asdict(outcome)
            settle(gitops, outcome, argocd, timeout)
        report.summary = (
            told(found.app, outcome)
            if outcome.result == "superseded"
            else f"{outcome.version} answers at http://{found.host}{accepted(outcome)}"
        )
        show(output, told(found.app, outcome), asdict(outcome))


def _wanted() -> dict[str, str | None]:
    """The job's parameters that say which version. Raises RefusedError with every problem."""
    wanted = {name: os.environ.get(name) or None for name in (*FACTS, "DIGEST", "STEPS", "ACCEPT_RISK")}
    action, steps = os.environ.get("ACTION", "publish"), wanted["STEPS"]
    problems = list(
        unfit({"TAG": ("tag", wanted["TAG"]), "DIGEST": ("digest", wanted["DIGEST"]), "ACCEPT_RISK": ("risk", wanted["ACCEPT_RISK"])})
    )
    if action not in {"publish", "rollback"}:
        problems.append(f"ACTION is {action[:80]!r}; expected publish or rollback")
    if steps and not re.fullmatch(r"[1-9][0-9]{0,2}", steps):
        problems.append(f"STEPS is {steps[:80]!r}; expected a number, 1 to 999")
    if bool(wanted["TAG"]) == bool(steps and action == "rollback"):
        problems.append("expected the version in TAG; a rollback may have STEPS instead")
    refuse(problems)
    return wanted
