"""Agents as pods: https://plugins.jenkins.io/kubernetes. They hold no agent program: the runner starts processes in their containers."""

import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import yaml

from sandbox.services.jenkins.model import Cloud, StepError
from sandbox.services.jenkins.running import templates
from sandbox.services.jenkins.running.line import TICK, Line
from sandbox.services.jenkins.running.manifests import BUILD_LABEL, IMAGE, Maker, Owner, digest
from sandbox.services.jenkins.running.places import Place
from sandbox.services.jenkins.running.ports import Cluster, ClusterError, Manifest
from sandbox.services.jenkins.running.starting import Start

GONE_SECONDS: Final = 60.0
NEXT: Final = "Waiting for next available executor"
Stopped = Callable[[], StepError | None]


@dataclass(frozen=True)
class Order:
    """What a build wants. `job`, `number`, `url`: of the build. `label`: of a template, or empty with `pod`, the arguments of a pod of
    its own (yaml, inheritFrom, containers ... as a template has them). `say` writes a line to the log."""

    job: str
    number: int
    url: str
    label: str
    pod: Mapping[str, Any] | None
    say: Callable[[str], None]
    stopped: Stopped


@dataclass(frozen=True)
class Agent:
    """A pod that is ready. `container`: its default one."""

    name: str
    namespace: str
    labels: str
    container: str
    containers: tuple[str, ...]
    places: Mapping[str, Place] = field(repr=False)


class Pods:
    """All agents of a controller.

    Arguments: `cluster`; `cloud`, which tells the present configuration; `url`, the address of the controller; `image` of the container
    `jnlp` where no template names one; `patience`: for how many seconds an image that cannot be pulled is tried; `tick`: how often a pod
    is looked at; `home`: where the workspaces are in every container.
    """

    def __init__(self, cluster: Cluster, cloud: Callable[[], Cloud | None], url: Callable[[], str], *, image: str = IMAGE,
                 patience: float = 60.0, tick: float = 1.0, home: str = templates.HOME) -> None:  # fmt: skip
        self._cluster, self._cloud, self._url = cluster, cloud, url
        self._patience, self._tick, self.home = patience, tick, home
        self._maker = Maker(image, home)
        self._line = Line()

    def open(self, order: Order) -> Agent:
        """Make a pod and wait until it is ready. Raises StepError, and there is no pod then."""
        cloud, template = self._template(order)
        self._line.enter(lambda: self._limit(cloud), lambda: _waiting(order, NEXT), order.stopped)
        pod: Manifest | None = None
        try:
            owner = Owner(order.job, order.number, order.url, order.label)
            pod = self._maker.pod(owner, template, cloud, self._url())
            return self._start(order, template, cloud, pod)
        except BaseException:
            try:
                if pod:
                    self._remove(cloud.namespace, pod["metadata"]["name"])
            except ClusterError as error:
                order.say(f"Could not delete pod {pod['metadata']['name'] if pod else ''}: {error}")
            finally:
                self._line.leave()
            raise

    def close(self, agent: Agent) -> None:
        """Delete a pod, wait until it is gone, and let the next one in. Raises StepError if it does not go."""
        try:
            self._remove(agent.namespace, agent.name)
        except ClusterError as error:
            raise StepError(f"could not delete pod {agent.name}: {error}; it is deleted when the controller starts again") from None
        finally:
            self._line.leave()

    def sweep(self, running: Collection[tuple[str, int]] = ()) -> list[str]:
        """Delete every agent of builds other than the `running` ones (job and number), and return the pods' names.

        Raises ClusterError.
        """
        cloud = self._cloud()
        owned = {digest(*build) for build in running}
        found = self._cluster.list(cloud.namespace, BUILD_LABEL) if cloud else []
        left = [pod["metadata"]["name"] for pod in found if pod["metadata"]["labels"][BUILD_LABEL] not in owned]
        for name in left:
            self._cluster.delete(cloud.namespace if cloud else "", name)
        return left

    def remove(self, job: str, number: int) -> None:
        """Delete what is left of a build, such as a pod whose creation was not answered. Raises ClusterError."""
        cloud = self._cloud()
        for pod in self._cluster.list(cloud.namespace, f"{BUILD_LABEL}={digest(job, number)}") if cloud else []:
            self._cluster.delete(pod["metadata"]["namespace"], pod["metadata"]["name"])

    def _limit(self, before: Cloud) -> int:
        return (self._cloud() or before).limit

    def _template(self, order: Order) -> tuple[Cloud, Mapping[str, Any]]:
        """Return the template of an order; where there is none for its label, that is waited for, as Jenkins does."""
        told = False
        while True:
            cloud = self._cloud()
            if cloud and order.pod is not None:
                return cloud, order.pod
            found = templates.by_label(cloud.templates, order.label) if cloud else None
            if cloud and found is not None:
                return cloud, found
            reason = order.stopped()
            if reason:
                raise reason
            if not told:
                told = True
                _waiting(order, f"'Jenkins' doesn't have label '{order.label}'" if order.label else NEXT)
            time.sleep(min(TICK, self._tick))

    def _start(self, order: Order, template: Mapping[str, Any], cloud: Cloud, pod: Manifest) -> Agent:
        name, namespace = pod["metadata"]["name"], cloud.namespace
        try:
            self._cluster.create(namespace, pod)
        except ClusterError as error:
            raise StepError(f"cannot create pod {namespace}/{name}: {error}") from None
        order.say(f"Created Pod: {cloud.name} {namespace}/{name}")
        seconds = float(template.get("slaveConnectTimeout") or 1000)
        Start(
            self._cluster, namespace, name, order.say, patience=self._patience, seconds=seconds, tick=self._tick, stopped=order.stopped
        ).wait()
        order.say(f"Agent {name} is provisioned from template {template.get('name') or name}")
        if str(template.get("showRawYaml", True)).lower() != "false":
            order.say(f"---\n{yaml.safe_dump(pod, sort_keys=False)}")
        names = tuple(each["name"] for each in pod["spec"]["containers"])
        default = str(template.get("defaultContainer") or templates.AGENT)
        if default not in names:
            raise StepError(f"default container {default} is not in the pod: expected one of {', '.join(names)}")
        places = {each: Place(self._cluster, namespace, name, each) for each in names}
        return Agent(name, namespace, order.label or str(template.get("label") or name), default, names, places)

    def _remove(self, namespace: str, name: str) -> None:
        """Delete a pod and wait until it is gone; in the end without waiting for its processes."""
        for seconds in (None, 0):
            self._cluster.delete(namespace, name, seconds)
            end = time.monotonic() + GONE_SECONDS
            while time.monotonic() < end:
                if self._cluster.get(namespace, name) is None:
                    return
                time.sleep(self._tick)
        raise ClusterError(0, f"it is still there after {2 * GONE_SECONDS:.0f} s")


def _waiting(order: Order, why: str) -> None:
    order.say(f"Still waiting to schedule task\n{why}")
