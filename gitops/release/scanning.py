"""The verbs that ask Harbor: whether an image may be released, and under which version."""

import json
import os
from pathlib import Path

import click

from gitops.release.gate import THRESHOLDS
from gitops.release.options import ca_option, commit_option, options, output_option, show
from gitops.release.parameters import read
from gitops.release.reports import save, step

timeout_option = click.option("--timeout", type=click.IntRange(1, 86400), default=600, show_default=True, help="Seconds to wait at most.")


@click.command()
@click.option(
    "--fail-on",
    type=click.Choice(THRESHOLDS),
    envvar="SLIPWAY_SCAN_FAIL_ON",
    show_envvar=True,
    help="Refuse findings of this severity and worse.",
)
@options(commit_option, timeout_option, ca_option, output_option)
def scan(source: str, fail_on: str | None, timeout: int, ca_bundle: str | None, output: str) -> None:
    """Wait for Harbor's scan of sha-COMMIT, and refuse the image where it finds what is too bad.

    The whole report is left in SLIPWAY_REPORTS. What is allowed all the same is in SLIPWAY_SCAN_ALLOWED: see docs/scanning.md.
    """
    from gitops.release.gate import Gate
    from gitops.release.harbor import Harbor
    from gitops.release.scan import judged, present

    with step("scan") as report:
        known, gate = read(os.environ), Gate.of(os.environ, fail_on)
        harbor = Harbor.of(os.environ, ca_bundle)
        digest = present(harbor, known.repository, f"sha-{source}")
        verdict = judged(harbor, known.repository, digest, gate, workspace=known.app.workspace, seconds=timeout)
        if folder := os.environ.get("SLIPWAY_REPORTS"):
            save(Path(folder), "vulnerabilities.json", json.dumps(verdict.report, indent=1))
        report.summary, report.details = verdict.summary, verdict.details()
        verdict.require(f"{known.image}:sha-{source}")
        show(output, verdict.summary, verdict.details() | {"digest": digest})


@click.command()
@click.option("--git-tag", envvar="GIT_TAG", show_envvar=True, metavar="NAME", help="Git tag at the commit, of the form vX.Y.Z.")
@options(commit_option, ca_option, output_option)
def tag(source: str, git_tag: str | None, ca_bundle: str | None, output: str) -> None:
    """Give sha-COMMIT its version, once its scan has passed: that of a Git tag vX.Y.Z at the commit, else the next patch."""
    from gitops.release.gate import Gate
    from gitops.release.harbor import Harbor
    from gitops.release.scan import judged, present
    from gitops.release.versions import tag as run

    with step("tag") as report:
        known, gate = read(os.environ), Gate.of(os.environ)
        harbor = Harbor.of(os.environ, ca_bundle)
        digest = present(harbor, known.repository, f"sha-{source}")
        judged(harbor, known.repository, digest, gate, workspace=known.app.workspace).require(f"{known.image}:sha-{source}")
        version = run(harbor, known.repository, digest, git_tag or None)
        report.summary = version
        click.echo(f"{known.image}:{version} is {digest}", err=True)
        show(output, version, {"version": version, "digest": digest})
