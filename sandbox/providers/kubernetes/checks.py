"""What is refused before anything is sent."""

from sandbox.providers.kubernetes.objects import TIMEOUT_SECONDS, WAIT_FOR, annotation, has_unknown, metadata
from sandbox.providers.kubernetes.ready.expressions import parse
from sandbox.providers.plugin import Failure, Properties


def failures(kind: str, inputs: Properties) -> list[Failure]:
    """Return what is wrong with the inputs of a kind as its type token names it."""
    found = []
    if kind.endswith("List") and "items" in inputs:
        found.append(Failure("kind", f"{kind} cannot be created; create its items as resources of their own"))
    if metadata(inputs).get("generateName") and not metadata(inputs).get("name"):
        found.append(Failure("metadata.generateName", "does not work with server-side apply; leave the name out and it is made up"))
    seconds = annotation(inputs, TIMEOUT_SECONDS)
    if seconds and not seconds.isdigit():
        found.append(Failure(f'metadata.annotations["{TIMEOUT_SECONDS}"]', f"is {seconds!r}; expected whole seconds"))
    return found + _expressions(inputs)


def _expressions(inputs: Properties) -> list[Failure]:
    text = annotation(inputs, WAIT_FOR)
    if not text or has_unknown(text):
        return []
    try:
        parse(text)
    except ValueError as error:
        return [Failure(f'metadata.annotations["{WAIT_FOR}"]', str(error))]
    return []
