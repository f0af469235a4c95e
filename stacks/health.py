"""Waiting, within a run, until a service that the run installed answers."""

import asyncio
import ssl
import time
from collections.abc import Awaitable

import httpx
import pulumi

SECONDS = 300.0
PAUSE_SECONDS = 0.5
SHOW_SECONDS = 5.0


def trusting(bundle: str) -> ssl.SSLContext:
    """A TLS context that trusts the authorities in a PEM text beside the usual ones. Raises ssl.SSLError where there is none in it."""
    context = ssl.create_default_context()
    if bundle:
        context.load_verify_locations(cadata=bundle)
    return context


def when_healthy(url: pulumi.Input[str], path: str, bundle: pulumi.Input[str]) -> pulumi.Output[str]:
    """The URL, once a GET of `path` below it is answered with a JSON object whose `status` is `healthy`.

    Whoever answers must have a certificate of a public authority, or of one in `bundle` (PEM text). In a preview nothing is asked. The run
    fails with TimeoutError after five minutes.
    """

    def wait(known: list[str]) -> Awaitable[str]:
        return _wait(known[0], path, known[1])

    return pulumi.Output.all(url, bundle).apply(wait)


async def _wait(url: str, path: str, bundle: str) -> str:
    if pulumi.runtime.is_dry_run():
        return url
    began = shown = time.monotonic()
    async with httpx.AsyncClient(verify=trusting(bundle), timeout=10) as client:
        while True:
            try:
                answer = await client.get(f"{url}{path}")
                problem = f"HTTP {answer.status_code}: {answer.text[:200]}"
                if answer.is_success and answer.json().get("status") == "healthy":
                    return url
            except httpx.HTTPError as error:
                problem = str(error) or type(error).__name__
            except (ValueError, AttributeError):  # no JSON, or another kind
                pass
            now = time.monotonic()
            if now - began > SECONDS:
                raise TimeoutError(
                    f"{url} is not healthy after {SECONDS:.0f} s ({problem}); see its pods and its Ingress, then run this again"
                )
            if now - shown > SHOW_SECONDS:
                shown = now
                pulumi.log.info(f"waiting for {url}{path} ({now - began:.0f} s): {problem}")
            await asyncio.sleep(PAUSE_SECONDS)
