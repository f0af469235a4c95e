"""Files that are served as they are."""

from gitops.frameworks import web
from gitops.frameworks.plan import Plan
from gitops.frameworks.tree import Tree

NAME = "static"
FOLDERS = (".", "public", "static", "site", "html")
LOOKS_FOR = "index.html, at the top or in public/, static/, site/ or html/"


def detect(tree: Tree, port: int | None) -> Plan | None:
    """The plan of a static site; None for others."""
    folder = next((each for each in FOLDERS if tree.has(f"{each}/index.html" if each != "." else "index.html")), None)
    if folder is None:
        return None
    return Plan(framework=NAME, language="html", port=port or web.PORT, path=tree.path, start=web.START, more={"folder": folder})


def render(plan: Plan) -> list[str]:
    """The lines of the Dockerfile."""
    return [*web.configuration(plan.port), *web.serve(plan, [plan.more["folder"]])]
