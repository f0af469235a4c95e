"""A web server for files: what static sites and single-page applications have in common."""

from collections.abc import Iterator, Sequence

from gitops.frameworks import bases
from gitops.frameworks.instructions import USER, command, copy, run, start
from gitops.frameworks.plan import Plan

PORT = 8080
START = ("nginx", "-g", "daemon off;")
FILES = "/usr/share/nginx/html"


def configuration(port: int, *further: str) -> Iterator[str]:
    """The stage that writes the server's configuration, with further lines of nginx's."""
    lines = ["server {", f"    listen {port};", f"    root {FILES};", *(f"    {line}" for line in further), "}"]
    yield start(bases.image("nginx"), "configuration")
    yield run("printf '%s\\n' " + " ".join(f"'{line}'" for line in lines) + " > /tmp/default.conf")
    yield ""


def serve(plan: Plan, sources: Sequence[str], stage: str | None = None) -> list[str]:
    """The last stage: the files, served."""
    return [
        start(bases.image("nginx")),
        copy(["/tmp/default.conf"], "/etc/nginx/conf.d/default.conf", "configuration"),
        copy(sources, f"{FILES}/", stage),
        USER,
        f"EXPOSE {plan.port}",
        command(plan.start),
    ]
