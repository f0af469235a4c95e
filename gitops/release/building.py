"""The verbs that make an image: test and build run tenants' code and hold no credential, fetch, built and push run none of it."""

import os
from datetime import UTC, datetime
from pathlib import Path

import click

from gitops.frameworks import Plan
from gitops.release.build import Build
from gitops.release.errors import RefusedError
from gitops.release.options import ca_option, commit_option, options, output_option, registry_login, secret, show
from gitops.release.parameters import read
from gitops.release.reports import Step, step

SOURCE, IMAGE = Path("source"), Path("image")
"""Folders of a job's workspace: the checkout, and what is made of it."""
PLAN = IMAGE / "plan.json"
ARCHIVE = IMAGE / "image.tar"

checkout_option = click.option(
    "--checkout", type=click.Path(path_type=Path, file_okay=False), default=SOURCE, show_default=True, help="The source code."
)
plan_option = click.option(
    "--plan", type=click.Path(path_type=Path), default=PLAN, show_default=True, help="The plan; Dockerfile and dockerignore lie beside it."
)


@click.command()
@click.option("--to", type=click.Path(path_type=Path), default=SOURCE, show_default=True, help="Folder that is made anew.")
@options(ca_option, output_option)
def fetch(to: Path, ca_bundle: str | None, output: str) -> None:
    """Check out the head of BRANCH of REPOSITORY_URL, by the account in SLIPWAY_SOURCE_USER and SLIPWAY_SOURCE_PASSWORD.

    Submodules and LFS files are not fetched.
    """
    from gitops.release.fetch import Remote
    from gitops.release.fetch import fetch as run
    from gitops.release.versions import newest, number

    with step("fetch") as report:
        read(os.environ)
        remote = Remote(
            url=os.environ["REPOSITORY_URL"],
            username=secret("SLIPWAY_SOURCE_USER", "The account that reads the source code"),
            password=secret("SLIPWAY_SOURCE_PASSWORD", "The password of who reads the source code"),
            ca=ca_bundle,
        )
        began = datetime.now(UTC).isoformat(timespec="milliseconds")
        found = run(remote, os.environ["BRANCH"], to)
        odd = sum(number(name) is None for name in found.tags)
        notes = [*found.notes, *([f"{odd} Git tags at it are no version vX.Y.Z, and mean nothing"] if odd else [])]
        report.summary = "; ".join([f"commit {found.commit[:12]}", *notes])
        click.echo(f"{os.environ['BRANCH']} of {remote.url}: {report.summary}", err=output == "json")
        if output == "json":
            show(output, "", {"commit": found.commit, "git_tag": newest(found.tags) or "", "began": began})


@click.command()
@commit_option
@options(ca_option)
def built(source: str, ca_bundle: str | None) -> None:
    """Print the digest of this commit's image where the registry has it: the steps that would make it then have nothing to do."""
    from gitops.release.harbor import Harbor

    with step("built") as report:
        found = Harbor.of(os.environ, ca_bundle).digest(read(os.environ).repository, f"sha-{source}")
        report.summary = f"{found} is there" if found else "not built yet"
        if found:
            click.echo(found)


@click.command()
@checkout_option
@plan_option
def test(checkout: Path, plan: Path) -> None:
    """Run the application's own tests: the stage `test` of its Dockerfile. Tenants' code runs: this belongs where no credential is."""
    with step("test") as report:
        known = read_plan(plan)
        if not _is_built(report):
            if not known.has_tests:
                report.skip("no tests")
            else:
                _build(checkout, plan, known).stage("test")
                report.summary = f"passed: {' '.join(known.test)}" if known.test else "passed: the Dockerfile's stage `test`"
        click.echo(report.summary)


@click.command()
@checkout_option
@plan_option
@click.option("--archive", type=click.Path(path_type=Path), default=ARCHIVE, show_default=True, help="OCI archive to write.")
def build(checkout: Path, plan: Path, archive: Path) -> None:
    """Build the image into an OCI archive. Tenants' code runs: this belongs where no credential is."""
    with step("build") as report:
        known = read_plan(plan)
        if not _is_built(report):
            _build(checkout, plan, known).image(archive)
            report.summary = f"{known.framework} image of {archive.stat().st_size / 2**20:.0f} MiB"
        click.echo(report.summary)


@click.command()
@click.option("--archive", type=click.Path(path_type=Path), default=ARCHIVE, show_default=True, help="OCI archive that the build left.")
@commit_option
@output_option
def push(archive: Path, source: str, output: str) -> None:
    """Push an image as sha-COMMIT, by the account in SLIPWAY_REGISTRY_USER and SLIPWAY_REGISTRY_PASSWORD."""
    from gitops.release.push import push as run

    with step("push") as report:
        image, tag, digest = read(os.environ).image, f"sha-{source}", os.environ.get("BUILT")
        if not _is_built(report):
            username, password = registry_login()
            digest = run(archive, image, tag, username=username, password=password)
            report.summary = f"{image}:{tag} is pushed"
        show(output, report.summary, {"image": image, "tag": tag, "digest": digest})


def _is_built(report: Step) -> bool:
    """Whether the registry has this commit's image already, as `built` found; then there is nothing to do."""
    if digest := os.environ.get("BUILT"):
        report.skip(f"the registry has this commit's image already, {digest[:19]}")
    return bool(digest)


def read_plan(file: Path) -> Plan:
    """The plan in a file. Raises RefusedError where it is none."""
    try:
        return Plan.from_json(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        raise RefusedError(f"{str(file)!r} is no plan; expected what `slipway release detect --plan {file}` writes") from None


def _build(checkout: Path, plan: Path, known: Plan) -> Build:
    labels = {
        "org.opencontainers.image.revision": os.environ.get("SOURCE"),
        "org.opencontainers.image.source": os.environ.get("REPOSITORY_URL"),
    }
    return Build(
        context=checkout / known.path,
        dockerfile=plan.parent / "Dockerfile",
        ignore=plan.parent / "dockerignore",
        mirror=os.environ.get("SLIPWAY_MIRROR"),
        layers=known.has_tests,
        labels=tuple(f"{name}={value}" for name, value in labels.items() if value),
    )
