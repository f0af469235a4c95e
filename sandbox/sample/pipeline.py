"""The sample application's source code, pushed to its repository: the platform's own pipeline builds and releases it."""

import time

import click
from gitlab.v4.objects import Project, ProjectCommit

from gitops.starter import NAMES
from naming import source_path
from sandbox.cache import ROOT, digest
from sandbox.jenkins import Jenkins
from sandbox.outside import Outside
from sandbox.progress import step
from sandbox.sample import source
from sandbox.sample.release import SAMPLE
from sandbox.stack import Stack

SOURCE = ROOT / "examples" / "flask"
MARK = "Sample: "
"""What the last line of our commits begins with; the content's digest follows."""
DOING = dict(zip(source.STATUSES, ("building the sample's image", "running its tests", "scanning it", "releasing it"), strict=True))
SECONDS = 900.0
JOB = f"{SAMPLE.workspace}/build/{source_path(SAMPLE)}"


def ensure(stack: Stack, world: Outside) -> None:
    """Push the sample where its repository has not this version of it, and wait until the pipeline has it deployed.

    A repository into which somebody else has pushed is left as it is. Raises SandboxError with the reason that the pipeline gives.
    """
    project = source.repository(stack, world, SAMPLE)
    head = project.commits.get("main")
    mark = f"{MARK}{digest([SOURCE])}"
    if not _is_ours(project, head):
        click.echo(f"  {project.web_url} is left as it is: somebody has pushed to it", err=True)
    elif not str(head.message).rstrip().endswith(mark):
        with step(f"pushing {SOURCE.relative_to(ROOT)} to {project.web_url}"):
            # What the repository began with stays: Pulumi knows it, and `pulumi refresh` finds it as it was.
            head = source.replace(project, source.files(SOURCE), f"The sample application\n\n{mark}", but=NAMES)
        _follow(head)
    elif not _is_deployed(head):
        old = frozenset(status.id for status in source.statuses(head).values() if status.status in source.BAD)
        _start(Jenkins(stack, world.addresses.node(stack.place)))
        _follow(head, old)


def _is_ours(project: Project, head: ProjectCommit) -> bool:
    return MARK in str(head.message) or {entry["path"] for entry in project.repository_tree(get_all=True)} == set(NAMES)


def _is_deployed(head: ProjectCommit) -> bool:
    found = source.statuses(head).get("slipway/deploy")
    return found is not None and found.status in source.GOOD


def _follow(head: ProjectCommit, old: frozenset[int] = frozenset()) -> None:
    deadline = time.monotonic() + SECONDS
    for name, doing in DOING.items():
        with step(doing):
            source.until_passed(head, name, deadline, old)


def _start(jenkins: Jenkins) -> None:
    """Start the build job, where neither it nor the update job is at work: what a killed run had begun goes on by itself."""
    if not any(jenkins.is_busy(job) for job in (JOB, JOB.replace("/build/", "/update/"))):
        jenkins.start(JOB)
