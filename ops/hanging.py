"""What a teardown waits for, told while it waits; and, where that was asked for, freed."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from kubernetes.client.exceptions import ApiException
from urllib3.exceptions import HTTPError

from ops.cluster import Cluster

EVERY_SECONDS = 5.0
PATIENCE_SECONDS = 90.0
"""How long an object may wait for its finalizer before that is told: Argo CD takes a while to delete many workloads."""


@contextmanager
def watched(cluster: Cluster, tell: Callable[[str], None], *, force: bool, patience: float = PATIENCE_SECONDS) -> Iterator[None]:
    """While the block runs, name each object that waits too long for a finalizer; with `force` take that finalizer away."""
    over = threading.Event()
    thread = threading.Thread(target=_watch, args=(cluster, tell, force, patience, over), daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(timeout=2 * EVERY_SECONDS)


def _watch(cluster: Cluster, tell: Callable[[str], None], force: bool, patience: float, over: threading.Event) -> None:
    since: dict[str, float] = {}
    told: set[str] = set()
    while not over.wait(EVERY_SECONDS):
        try:
            for found in cluster.hanging():
                metadata = found["metadata"]
                began = since.setdefault(str(metadata["uid"]), time.monotonic())
                if time.monotonic() - began < patience:
                    continue
                name = f"{found['kind']} {metadata['namespace']}/{metadata['name']}"
                if force:
                    cluster.free(found)
                    tell(f"{name}: its finalizer is taken away (--force); what Argo CD would have deleted with it may stay")
                elif name not in told:
                    told.add(name)
                    waits_for = ", ".join(metadata["finalizers"])
                    tell(f"{name} waits for its finalizer {waits_for}: Argo CD does not see to it. --force frees it")
        except (ApiException, HTTPError, OSError):
            return  # the cluster goes, or is gone
