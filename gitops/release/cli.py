"""`slipway release`: the versions of an application in the GitOps repository. Jenkins calls it; docs/release.md has the exit codes."""

from dataclasses import asdict
from itertools import islice
from typing import Any

import click

from gitops.release.building import build, built, fetch, push, test
from gitops.release.errors import RefusedError, UnhealthyError
from gitops.release.jobs import parameters, update
from gitops.release.options import (
    AppName,
    app_argument,
    argocd_option,
    author_option,
    ca_option,
    gitlab_options,
    options,
    output_option,
    show,
    timeout_option,
    wait_option,
)
from gitops.release.planning import detect, dockerfile
from gitops.release.reporting import report
from gitops.release.scanning import scan, tag
from gitops.release.session import argocd_client, gitops_repository, settle, told
from naming import App


@click.group()
def release() -> None:
    """Release, roll back and look at applications by commits in the GitOps repository."""


@release.command()
@app_argument
@click.option("--image", required=True, help="Image name without tag.")
@click.option("--tag", required=True, help="The image's tag: the version.")
@click.option("--digest", help="sha256:... of the image, which pins it.")
@click.option("--host", help="Name under which it is reached; needed for a new application.")
@click.option("--port", type=int, help="Port of the container; needed for a new application.")
@click.option("--framework", help="What the build took it for.")
@click.option("--source", metavar="COMMIT", help="Commit of the source code.")
@click.option("--build", metavar="URL", help="The build, for the history.")
@click.option("--built-at", metavar="TIME", help="When the build began (RFC 3339): an earlier build never replaces a later one.")
@options(author_option, wait_option, timeout_option, *gitlab_options, argocd_option, ca_option, output_option)
def publish(
    app: App,
    wait: bool,
    timeout: int,
    gitlab_url: str,
    gitops_project: str,
    argocd_url: str,
    ca_bundle: str | None,
    output: str,
    **facts: Any,
) -> None:
    """Release a version: only image and runtime fields of an existing application change."""
    from gitops.release.facts import Facts
    from gitops.release.publish import publish as run

    release_facts = Facts(**facts)
    release_facts.check()
    argocd = argocd_client(app, argocd_url, ca_bundle) if wait else None
    with gitops_repository(gitlab_url, gitops_project, ca_bundle) as gitops:
        outcome = run(gitops, app, release_facts)
        settle(gitops, outcome, argocd, timeout)
        show(output, told(app, outcome), asdict(outcome))


@release.command()
@app_argument
@click.option("--to", metavar="TAG", help="The version to bring back.")
@click.option("--steps", type=click.IntRange(1, 1000), help="How many different versions to go back.")
@click.option("--wait/--no-wait", default=True, show_default=True, help="Wait until Argo CD has it Synced and Healthy.")
@options(author_option, timeout_option, *gitlab_options, argocd_option, ca_option, output_option)
def rollback(
    app: App, to: str | None, steps: int | None, author: str | None, wait: bool, timeout: int,
    gitlab_url: str, gitops_project: str, argocd_url: str, ca_bundle: str | None, output: str,
) -> None:  # fmt: skip
    """Bring an earlier version back by a commit, and wait until it runs. The update job runs this: it holds the token that may write."""
    from gitops.release.facts import refuse, unfit
    from gitops.release.rollback import rollback as run

    if (to is None) == (steps is None):
        raise click.UsageError("Give either --to TAG or --steps N.")
    refuse(unfit({"--to": ("tag", to), "--author": ("author", author)}))
    argocd = argocd_client(app, argocd_url, ca_bundle) if wait else None
    with gitops_repository(gitlab_url, gitops_project, ca_bundle) as gitops:
        outcome = run(gitops, app, to=to, steps=steps, author=author)
        settle(gitops, outcome, argocd, timeout)
        show(output, told(app, outcome), asdict(outcome))


@release.command()
@app_argument
@click.option("--limit", type=click.IntRange(1, 10000), default=20, show_default=True, help="How many, newest first.")
@options(*gitlab_options, argocd_option, ca_option, output_option)
def history(app: App, limit: int, gitlab_url: str, gitops_project: str, argocd_url: str | None, ca_bundle: str | None, output: str) -> None:
    """The versions that were released: when, by whom, and which one is live (where Argo CD can be asked)."""
    from gitops.release.history import history as read
    from gitops.release.history import live_commit, mark_live, table
    from gitops.release.status import last_synced

    with gitops_repository(gitlab_url, gitops_project, ca_bundle) as gitops:
        versions = list(islice(read(gitops, app), limit))
        if argocd_url:
            revision = last_synced(argocd_client(app, argocd_url, ca_bundle))
            versions = mark_live(versions, live_commit(gitops, app, revision) if revision else None)
    show(output, table(versions), [asdict(each) for each in versions])


@release.command()
@app_argument
@options(wait_option, timeout_option, argocd_option, ca_option, output_option)
def status(app: App, wait: bool, timeout: int, argocd_url: str, ca_bundle: str | None, output: str) -> None:
    """What Argo CD says of an application; where it is not well, why. Ends with 6 then."""
    from gitops.release import status as states

    argocd = argocd_client(app, argocd_url, ca_bundle)
    current = states.wait(argocd, None, timeout) if wait else states.status(argocd)
    if current is None:
        raise UnhealthyError(states.report(argocd, None, 0))
    failing = None if current.is_well else states.first_failing(argocd)
    text = f"{current.application}: {current.sync}, {current.health}, at {current.revision[:12] or 'no commit'}\n"
    text += "".join(f"  image {image}\n" for image in current.images)
    data = asdict(current) | {"failing": asdict(failing) if failing else None}
    if current.is_well:
        show(output, text.rstrip(), data)
        return
    show(output, states.report(argocd, current, 0), data)
    raise click.exceptions.Exit(UnhealthyError.exit_code)


@release.command()
@click.argument("apps", type=AppName(), nargs=-1, metavar="[WORKSPACE/USER/PROJECT]...")
@click.option("--all", "every", is_flag=True, help="Every application in the repository.")
@click.option("--force", is_flag=True, help="Also replace copies of the chart that were changed by hand.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and write nothing.")
@options(*gitlab_options, ca_option, output_option)
def upgrade(
    apps: tuple[App, ...], every: bool, force: bool, dry_run: bool,
    gitlab_url: str, gitops_project: str, ca_bundle: str | None, output: str,
) -> None:  # fmt: skip
    """Bring the chart that applications have copied to this version of it; their values stay. Ends with 3 where one was refused."""
    from gitops.release.upgrade import every_app
    from gitops.release.upgrade import upgrade as run

    if bool(apps) == every:
        raise click.UsageError("Name applications, or give --all.")
    with gitops_repository(gitlab_url, gitops_project, ca_bundle) as gitops:
        chosen = list(every_app(gitops.snapshot())) if every else list(dict.fromkeys(apps))
        results = list(run(gitops, chosen, force=force, dry_run=dry_run))
    rows = [f"{each.app}: {each.result}" + (f" ({each.detail})" if each.detail else "") for each in results]
    show(output, "\n".join(rows), [asdict(each) for each in results])
    if any(each.result == "refused" for each in results):
        raise click.exceptions.Exit(RefusedError.exit_code)


for verb in (parameters, fetch, detect, dockerfile, built, test, build, push, scan, tag, update, report):
    release.add_command(verb)
