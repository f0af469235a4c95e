"""What a new application's repository begins with: a page that can be released at once, and how to go on."""

from collections.abc import Sequence
from importlib.resources import files
from string import Template

from naming import App

NAMES = ("README.md", "index.html")


def render(app: App, *, port: int, hosts: Sequence[str]) -> dict[str, str]:
    """Path to text of the files. `hosts` are the DNS names under which the application answers."""
    known = {
        "workspace": app.workspace,
        "user": app.user,
        "project": app.project,
        "port": str(port),
        "hosts": f" and answers at {', '.join(f'`{host}`' for host in hosts)}" if hosts else "",
    }
    return {name: Template(files("gitops.starter").joinpath(name).read_text(encoding="utf-8")).substitute(known) for name in NAMES}
