"""Waiting, within a run, until a service that the run installed answers."""

import asyncio
import ssl
import time
from collections.abc import Awaitable, Callable, Collection

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


def when_listed(
    url: pulumi.Input[str], folder: str, jobs: Collection[str], *, username: str, password: pulumi.Input[str], bundle: pulumi.Input[str]
) -> pulumi.Output[str]:
    """Jenkins' URL, once its folder holds all these jobs: by then it has taken over what it was told. As `when_healthy` otherwise.

    https://www.jenkins.io/doc/book/using/remote-access-api/
    """
    path = "".join(f"/job/{part}" for part in folder.split("/")) + "/api/json?tree=jobs[name]"
    missing = f"has not taken over the jobs of {folder}"

    def wait(known: list[str]) -> Awaitable[str]:
        return _wait(known[0], path, known[2], lambda answer: _holds(answer, jobs), httpx.BasicAuth(username, known[1]), missing)

    return pulumi.Output.unsecret(pulumi.Output.all(url, password, bundle).apply(wait))  # the URL is none; what asks for it was


def _is_healthy(answer: httpx.Response) -> bool:
    return answer.json().get("status") == "healthy"  # type: ignore[no-any-return]


def _holds(answer: httpx.Response, jobs: Collection[str]) -> bool:
    return set(jobs) <= {job.get("name") for job in answer.json().get("jobs", [])}


async def _wait(
    url: str,
    path: str,
    bundle: str,
    fits: Callable[[httpx.Response], bool] = _is_healthy,
    login: httpx.Auth | None = None,
    otherwise: str = "is not healthy",
) -> str:
    if pulumi.runtime.is_dry_run():
        return url
    began = shown = time.monotonic()
    async with httpx.AsyncClient(verify=trusting(bundle), timeout=10, auth=login) as client:
        while True:
            try:
                answer = await client.get(f"{url}{path}")
                problem = f"HTTP {answer.status_code}: {answer.text[:200]}"
                if answer.is_success and fits(answer):
                    return url
            except httpx.HTTPError as error:
                problem = str(error) or type(error).__name__
            except (ValueError, AttributeError):  # no JSON, or another kind
                pass
            now = time.monotonic()
            if now - began > SECONDS:
                raise TimeoutError(
                    f"{url} {otherwise} after {SECONDS:.0f} s ({problem}); see its pods and its Ingress, then run this again"
                )
            if now - shown > SHOW_SECONDS:
                shown = now
                pulumi.log.info(f"waiting for {url}{path} ({now - began:.0f} s): {problem}")
            await asyncio.sleep(PAUSE_SECONDS)
