"""What is checked over the network and on disk before anything is created, in previews too: quick, and all at once."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pulumi

from stacks.model import Settings
from stacks.preflight import authorities, charts, cluster, docker, gitlab, harbor, hosts, jenkins
from stacks.problems import Problems

Check = Callable[[], Iterator[str]]


def check(settings: Settings, *, stack: str) -> None:
    """Check that what the settings name is there, and that what `stack` is going to make is not there as somebody else's.

    Warns of what may come right by itself. Raises Problems with one line for each thing that would fail.
    """
    checks: list[Check] = [lambda: charts.problems(settings.charts), lambda: gitlab.problems(settings.gitlab, stack)]
    if existing := settings.cluster.kubeconfig:
        checks.append(lambda: cluster.problems(existing))
    if node := settings.cluster.node:
        checks.append(lambda: docker.problems(node, stack))
    if external := settings.harbor.external:
        checks.append(lambda: harbor.problems(external, settings.ca_bundle))
    if settings.jenkins.enabled and (other := settings.jenkins.external):
        checks.append(lambda: jenkins.problems(other, settings.ca_bundle))
    if bundle := settings.ca_bundle:
        checks.append(lambda: authorities.problems(bundle))
    with ThreadPoolExecutor() as threads:
        unresolved = threads.submit(hosts.unresolved, settings)
        found = list(threads.map(lambda check: list(check()), checks))
        for warning in unresolved.result():
            pulumi.log.warn(warning)
    problems = [problem for each in found for problem in each]
    if problems:
        raise Problems("The environment is not ready:", problems)
