"""Spring Boot with Gradle: https://docs.spring.io/spring-boot/gradle-plugin/"""

import re

from gitops.frameworks import bases, java
from gitops.frameworks.instructions import copy, env, execute, run, start
from gitops.frameworks.plan import Plan
from gitops.frameworks.tree import Tree

NAME = "spring-gradle"
FILES = ("build.gradle", "build.gradle.kts")
LOOKS_FOR = f"{' or '.join(FILES)} with the plugin org.springframework.boot"


def detect(tree: Tree, port: int | None) -> Plan | None:
    """The plan of a Spring Boot application; None for others."""
    file = next((name for name in FILES if tree.has(name)), None)
    if file is None or "org.springframework.boot" not in tree.text(file):
        return None
    said = re.search(r"JavaLanguageVersion\.of\((\d+)\)|sourceCompatibility\s*=\s*\D*(\d+)", tree.text(file))
    version = (said[1] or said[2]) if said else ""
    tests = any(name.startswith("src/test/") for name in tree.files)
    return java.plan(tree, NAME, version=version, where=file, manager="gradle", port=port, tests=tests)


def render(plan: Plan) -> list[str]:
    """The lines of the Dockerfile."""
    tested = [start("source", "test"), execute(plan.test), ""] if plan.test else []
    return [
        start(bases.image("gradle"), "source"),
        "WORKDIR /src",
        java.trust(),
        env({"GRADLE_OPTS": java.TRUST}),
        copy(["*.gradle*"], "./"),
        run("gradle --no-daemon --quiet dependencies"),
        copy(["."], "."),
        "",
        *tested,
        start("source", "package"),
        run("gradle --no-daemon --quiet bootJar", "cp build/libs/*.jar /app.jar"),
        "",
        *java.serve(plan, "/app.jar"),
    ]
