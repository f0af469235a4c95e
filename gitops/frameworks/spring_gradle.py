"""Spring Boot with Gradle: https://docs.spring.io/spring-boot/gradle-plugin/"""

import re

from gitops.frameworks import java
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
    fetch = "gradle --no-daemon --quiet dependencies"
    package = ("gradle --no-daemon --quiet bootJar", "cp build/libs/*.jar /app.jar")
    return java.render(plan, "gradle", options="GRADLE_OPTS", files="*.gradle*", fetch=fetch, package=package)
