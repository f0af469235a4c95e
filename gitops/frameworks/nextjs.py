"""Next.js: https://nextjs.org/docs/app/getting-started/deploying"""

from gitops.frameworks import node
from gitops.frameworks.instructions import USER, command, copy, env, execute, start
from gitops.frameworks.plan import Plan
from gitops.frameworks.tree import Tree

NAME = "nextjs"
LOOKS_FOR = "package.json with next among its dependencies"
PORT = 3000


def detect(tree: Tree, port: int | None) -> Plan | None:
    """The plan of a Next.js application; None for others."""
    if "next" not in node.dependencies(tree):
        return None
    words = ["node", "node_modules/next/dist/bin/next", "start"]  # which reads PORT
    public = "public" if any(name.startswith("public/") for name in tree.files) else ""
    return node.plan(tree, NAME, port=port or PORT, words=words, more={"public": public})


def render(plan: Plan) -> list[str]:
    """The lines of the Dockerfile."""
    folders = [".next", *filter(None, [plan.more.get("public")])]
    return [
        *node.base(plan),
        *node.production(plan),
        *node.whole(plan),
        *node.tested(plan),
        start("whole", "build"),
        env({"NODE_ENV": "production"}),
        execute([plan.package_manager or "npm", "run", "build"]),
        "",
        start("base"),
        env({"HOME": "/tmp", "NODE_ENV": "production", "PORT": str(plan.port)}),
        copy(["/app/node_modules"], "./node_modules", "dependencies"),
        copy([node.FILE], "./"),
        *(copy([f"/app/{folder}"], f"./{folder}", "build") for folder in folders),
        USER,
        f"EXPOSE {plan.port}",
        command(plan.start),
    ]
