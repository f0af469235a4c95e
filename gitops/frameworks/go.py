"""Go: one program, without anything below it."""

import re

from gitops.frameworks import bases
from gitops.frameworks.instructions import USER, command, copy, env, execute, start, trusting
from gitops.frameworks.plan import Plan
from gitops.frameworks.tree import Tree

NAME = "go"
FILE = "go.mod"
LOOKS_FOR = "go.mod, and main.go at the top or one program below cmd/"
PORT = 8080
CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"


def detect(tree: Tree, port: int | None) -> Plan | None:
    """The plan of a program in Go; None for others."""
    if not tree.has(FILE):
        return None
    programs = sorted({name.split("/")[1] for name in tree.files if re.fullmatch(r"cmd/[\w.-]+/[^/]+\.go", name)})
    if tree.has("main.go"):
        package = "."
    elif len(programs) == 1:
        package = f"./cmd/{programs[0]}"
    else:
        return None
    said = re.search(r"^go\s+([0-9]+\.[0-9]+)", tree.text(FILE), re.MULTILINE)
    return Plan(
        framework=NAME,
        language="go",
        version=bases.choose("go", f">={said[1]}" if said else "", FILE),
        package_manager="go",
        lock_file="go.sum" if tree.has("go.sum") else None,
        start=("/app",),
        test=("go", "test", "./...") if any(name.endswith("_test.go") for name in tree.files) else None,
        port=port or PORT,
        path=tree.path,
        more={"package": package},
    )


def render(plan: Plan) -> list[str]:
    """The lines of the Dockerfile."""
    tested = [start("source", "test"), execute(plan.test), ""] if plan.test else []
    return [
        start(bases.image("go", plan.version), "source"),
        env({"CGO_ENABLED": "0", "GOTOOLCHAIN": "local"}),
        "WORKDIR /src",
        copy([FILE, *([plan.lock_file] if plan.lock_file else [])], "./"),
        trusting(["SSL_CERT_FILE"], "go mod download"),
        copy(["."], "."),
        "",
        *tested,
        start("source", "build"),
        execute(["go", "build", "-trimpath", "-ldflags=-s -w", "-o", "/app", plan.more["package"]]),
        "",
        # Nothing is needed below a program that links nothing: there is nothing to keep up to date, and nothing to find in a scan.
        start("scratch"),
        copy([CERTIFICATES], CERTIFICATES, "source"),
        copy(["/app"], "/app", "build"),
        env({"PORT": str(plan.port)}),
        USER,
        f"EXPOSE {plan.port}",
        command(plan.start),
    ]
