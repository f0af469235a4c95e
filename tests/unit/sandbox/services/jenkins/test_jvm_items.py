"""Items from the JVM's JSON."""

from sandbox.services.jenkins.jvm_items import item
from sandbox.services.jenkins.model import Credential, Definition, Item, Library, Parameter, Scm


def test_a_folder() -> None:
    login = {"id": "source", "kind": "usernamePassword", "secret": "s", "username": "u", "description": "d", "scope": "GLOBAL"}
    library = {"name": "slipway", "implicit": True, "scm": {"url": "http://git/p.git", "revision": "v1", "credential": "pipeline"}}
    found = item({"path": "acme", "kind": "folder", "description": "x", "credentials": [login], "libraries": [library]})
    credential = Credential(id="source", kind="usernamePassword", secret="s", username="u", description="d")
    of = Library(name="slipway", scm=Scm(url="http://git/p.git", revision="v1", credential="pipeline"), implicit=True)
    assert found == Item(path="acme", kind="folder", description="x", credentials=(credential,), libraries=(of,))
    assert "secret" not in repr(found)


def test_a_job() -> None:
    choice = {"name": "A", "kind": "choice", "default": "x", "description": "", "choices": ["x", "y"]}
    found = item(
        {
            "path": "acme/a",
            "kind": "job",
            "description": "",
            "parameters": [choice],
            "concurrent": False,
            "environment": {"N": "v"},
            "builds_to_keep": 5,
            "gitlab_connection": "gitlab",
            "gitlab_trigger": {"triggerOnPush": True},
            "definition": {"text": "", "path": "Jenkinsfile", "scm": {"url": "u", "revision": "main", "credential": ""}},
        }
    )
    assert found.parameters == (Parameter(name="A", kind="choice", default="x", choices=("x", "y")),)
    assert (found.concurrent, found.builds_to_keep, found.environment) == (False, 5, {"N": "v"})
    assert found.definition == Definition(scm=Scm(url="u", revision="main"))
