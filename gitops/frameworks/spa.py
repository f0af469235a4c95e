"""Single-page applications: a build leaves files, which a web server serves."""

from gitops.frameworks import node, web
from gitops.frameworks.instructions import execute, start
from gitops.frameworks.plan import Plan
from gitops.frameworks.tree import Tree

NAME = "spa"
BUILDERS = {"vite": "dist", "react-scripts": "build", "@vue/cli-service": "dist", "parcel": "dist"}
"""Packages that build one, and the folder that they leave."""
SERVERS = frozenset({"express", "fastify", "koa", "@nestjs/core", "@hapi/hapi", "next", "nuxt", "@remix-run/serve", "@sveltejs/kit"})
"""Packages that answer requests: with one of these it is no page alone."""
LOOKS_FOR = f"package.json with a script `build`, one of {', '.join(BUILDERS)}, and no server such as express"


def detect(tree: Tree, port: int | None) -> Plan | None:
    """The plan of a single-page application; None for others."""
    wanted = node.dependencies(tree)
    builder = next((name for name in BUILDERS if name in wanted), None)
    if builder is None or not node.script(tree, "build") or wanted & SERVERS:
        return None
    return node.plan(tree, NAME, port=port or web.PORT, words=web.START, more={"output": BUILDERS[builder]})


def render(plan: Plan) -> list[str]:
    """The lines of the Dockerfile."""
    return [
        *node.base(plan),
        *node.whole(plan),
        *node.tested(plan),
        start("whole", "build"),
        execute([plan.package_manager or "npm", "run", "build"]),
        "",
        *web.configuration(plan.port, "error_page 404 =200 /index.html;"),  # the page itself knows the paths
        *web.serve(plan, [f"/app/{plan.more['output']}/"], "build"),
    ]
