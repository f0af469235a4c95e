"""A server in Node, with or without a framework such as Express."""

import re

from gitops.frameworks import node
from gitops.frameworks.instructions import USER, command, copy, env, execute, start
from gitops.frameworks.plan import NAME as WORD
from gitops.frameworks.plan import Plan
from gitops.frameworks.tree import Tree

NAME = "node"
PROGRAMS = ("server.js", "index.js", "app.js", "main.js", "src/server.js", "src/index.js")
LOOKS_FOR = f"package.json with a script `start`, a `main`, or one of {', '.join(PROGRAMS)}"
PORT = 3000


def detect(tree: Tree, port: int | None) -> Plan | None:
    """The plan of a server in Node; None for others."""
    if not tree.has(node.FILE):
        return None
    words = _start(tree)
    build = "build" if node.script(tree, "build") else ""
    return node.plan(tree, NAME, port=port or PORT, words=words, more={"build": build}) if words else None


def render(plan: Plan) -> list[str]:
    """The lines of the Dockerfile."""
    built = [start("whole", "build"), execute([plan.package_manager or "npm", "run", "build"]), ""] if plan.more.get("build") else []
    needs_whole = bool(plan.test or built)
    return [
        *node.base(plan),
        *node.production(plan),
        *(node.whole(plan) if needs_whole else []),
        *node.tested(plan),
        *built,
        start("base"),
        env({"HOME": "/tmp", "NODE_ENV": "production", "PORT": str(plan.port)}),
        copy(["/app"], ".", "build") if built else copy(["."], "."),
        copy(["/app/node_modules"], "./node_modules", "dependencies"),
        USER,
        f"EXPOSE {plan.port}",
        command(plan.start),
    ]


def _start(tree: Tree) -> list[str]:
    """Node itself where that is all that is run: npm does not hand signals on."""
    said = node.script(tree, "start")
    if (plain := re.fullmatch(r"node\s+(\S+)", said.strip())) and WORD.fullmatch(plain[1]):
        return ["node", plain[1]]
    if said:
        return ["npm", "start"]
    main = tree.json(node.FILE).get("main")
    names = [*([main] if isinstance(main, str) and WORD.fullmatch(main) else []), *PROGRAMS]
    return next((["node", name] for name in names if tree.has(name)), [])
