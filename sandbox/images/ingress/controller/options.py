"""The command line: the flags of ingress-nginx that its chart passes and that matter here.

https://kubernetes.github.io/ingress-nginx/user-guide/cli-arguments/
"""

import argparse
import logging
from collections.abc import Sequence
from dataclasses import dataclass

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Options:
    """What the flags say; `publish_service` is `namespace/name` or empty."""

    controller_class: str
    ingress_class: str
    watch_ingress_without_class: bool
    publish_service: str
    healthz_port: int


def parse(arguments: Sequence[str]) -> Options:
    """Options from the command line; a flag that is not known is logged and ignored."""
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--controller-class", default="k8s.io/ingress-nginx")
    parser.add_argument("--ingress-class", default="nginx")
    parser.add_argument("--watch-ingress-without-class", type=_switch, nargs="?", const=True, default=False)
    parser.add_argument("--publish-service", default="")
    # Nothing to switch: without a Service to publish, the node's internal address is all there is.
    parser.add_argument("--report-node-internal-ip-address", type=_switch, nargs="?", const=True)
    parser.add_argument("--healthz-port", type=int, default=10254)
    known, unknown = parser.parse_known_args(arguments)
    if unknown:
        log.warning("flags that this controller does not know are ignored: %s", " ".join(unknown))
    return Options(
        controller_class=known.controller_class,
        ingress_class=known.ingress_class,
        watch_ingress_without_class=known.watch_ingress_without_class,
        publish_service=known.publish_service,
        healthz_port=known.healthz_port,
    )


def _switch(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise argparse.ArgumentTypeError(f"{text!r} is neither true nor false")
    return text.lower() == "true"
