"""The verbs that Jenkins' jobs call: what they are about comes from the job's parameters, which are in the environment."""

import os
from dataclasses import asdict
from pathlib import Path

import click

from gitops.release.errors import RefusedError
from gitops.release.options import argocd_option, ca_option, gitlab_options, options, output_option, require, secret, show, timeout_option
from gitops.release.parameters import read
from gitops.release.session import argocd_client, gitops_repository, settle, told


@click.command()
@output_option
def parameters(output: str) -> None:
    """Check a job's parameters, and that they are those of the job's own application."""
    found = read(os.environ)
    show(output, f"{found.app}: port {found.port}, answers at {found.host}, image {found.image}", asdict(found))


@click.command()
@click.option("--archive", type=click.Path(path_type=Path), required=True, help="OCI archive that the build left.")
@click.option("--source", metavar="COMMIT", required=True, help="Commit of the source code: the tag is sha-COMMIT.")
@output_option
def push(archive: Path, source: str, output: str) -> None:
    """Push an image as sha-COMMIT, by the account in SLIPWAY_REGISTRY_USER and SLIPWAY_REGISTRY_PASSWORD."""
    from gitops.release.facts import refuse, unfit
    from gitops.release.push import push as run

    found = read(os.environ)
    refuse(unfit({"--source": ("source", source)}))
    username = secret("SLIPWAY_REGISTRY_USER", "The registry's account")
    password = secret("SLIPWAY_REGISTRY_PASSWORD", "The registry's password")
    tag = f"sha-{source}"
    digest = run(archive, found.image, tag, username=username, password=password)
    show(output, f"{found.image}:{tag} is pushed, {digest}", {"image": found.image, "tag": tag, "digest": digest})


@click.command()
@options(timeout_option, *gitlab_options, argocd_option, ca_option, output_option)
def update(timeout: int, gitlab_url: str, gitops_project: str, argocd_url: str, ca_bundle: str | None, output: str) -> None:
    """What the update job does: publish the version in TAG, or (ACTION=rollback) bring it back, and wait until it runs."""
    from gitops.release.facts import Facts, refuse, unfit
    from gitops.release.publish import publish
    from gitops.release.rollback import rollback

    found, given = (
        read(os.environ),
        {name: os.environ.get(name) or None for name in ("TAG", "DIGEST", "FRAMEWORK", "SOURCE", "BUILD", "BUILT_AT")},
    )
    action = os.environ.get("ACTION", "publish")
    if action not in {"publish", "rollback"}:
        raise RefusedError(f"ACTION is {action[:80]!r}; expected publish or rollback; nothing was written")
    require(tag=given["TAG"])
    refuse(unfit({"TAG": ("tag", given["TAG"])}))
    argocd = argocd_client(found.app, argocd_url, ca_bundle)
    with gitops_repository(gitlab_url, gitops_project, ca_bundle) as gitops:
        if action == "rollback":
            outcome = rollback(gitops, found.app, to=given["TAG"], steps=None, author=None)
        else:
            facts = {name.lower(): value for name, value in given.items()}
            outcome = publish(gitops, found.app, Facts(image=found.image, host=found.host, port=found.port, **facts))  # type: ignore[arg-type]
        settle(gitops, outcome, argocd, timeout)
        show(output, told(found.app, outcome), asdict(outcome))
