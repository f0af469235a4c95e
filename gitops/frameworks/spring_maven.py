"""Spring Boot with Maven: https://docs.spring.io/spring-boot/maven-plugin/"""

from xml.etree.ElementTree import Element

from gitops.frameworks import java
from gitops.frameworks.plan import Plan
from gitops.frameworks.tree import Tree

NAME = "spring-maven"
FILE = "pom.xml"
LOOKS_FOR = "pom.xml that names org.springframework.boot"


def detect(tree: Tree, port: int | None) -> Plan | None:
    """The plan of a Spring Boot application; None for others."""
    project = tree.xml(FILE)
    if project is None or not any(_plain(each) == "groupId" and "org.springframework.boot" in (each.text or "") for each in project.iter()):
        return None
    said = {_plain(each): (each.text or "").strip() for each in project.iter()}
    version = said.get("java.version") or said.get("maven.compiler.release") or ""
    tests = any(name.startswith("src/test/") for name in tree.files)
    return java.plan(tree, NAME, version=version, where=FILE, manager="maven", port=port, tests=tests)


def render(plan: Plan) -> list[str]:
    """The lines of the Dockerfile."""
    fetch = "mvn --batch-mode --quiet dependency:go-offline"
    # The plugin of Spring Boot leaves the plain archive beside the one that runs, under another ending.
    package = ("mvn --batch-mode --quiet -DskipTests package", "cp target/*.jar /app.jar")
    return java.render(plan, "maven", options="MAVEN_OPTS", files=FILE, fetch=fetch, package=package)


def _plain(element: Element) -> str:
    return element.tag.rpartition("}")[2]
