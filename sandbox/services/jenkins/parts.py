"""Joins the controller with the other parts: the JVM, and what runs builds. Imported late, as the controller's tests need neither."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sandbox.services.jenkins.controller import Jenkins, Options

LOG = logging.getLogger(__name__)


@contextmanager
def opened(options: Options, command: Sequence[str] | None) -> Iterator[Jenkins]:
    """Give the controller with its configuration applied, and end the JVM afterwards; raises CascError if the configuration is wrong.

    `command` starts the JVM (None: its own default). Agents that an earlier controller left are deleted.
    """
    from sandbox.services.jenkins.jvm import Jvm
    from sandbox.services.jenkins.running import run
    from sandbox.services.jenkins.running.cluster import ClusterError, Kubernetes
    from sandbox.services.jenkins.running.pods import Pods

    engine = Jvm(command) if command else Jvm()
    pods = Pods(Kubernetes(), lambda: jenkins.cloud(), lambda: jenkins.url)
    jenkins = Jenkins(options, engine, lambda record, controller, engine: run(record, controller, engine, pods))
    try:
        jenkins.open()
        try:
            pods.sweep()
        except ClusterError as error:
            LOG.warning("agents of an earlier controller cannot be deleted: %s", error)
        yield jenkins
    finally:
        engine.close()
