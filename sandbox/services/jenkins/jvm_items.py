"""What Job DSL declared, from the JVM's JSON."""

from collections.abc import Mapping
from typing import Any

from sandbox.services.jenkins.model import Credential, Definition, Item, Library, Parameter, Scm


def item(found: Mapping[str, Any]) -> Item:
    """An item of its JSON."""
    plain = {"path", "kind", "description", "concurrent", "environment", "builds_to_keep", "gitlab_connection", "gitlab_trigger"}
    return Item(
        **{name: value for name, value in found.items() if name in plain},
        credentials=tuple(Credential(**each) for each in found.get("credentials", ())),
        libraries=tuple(_library(each) for each in found.get("libraries", ())),
        parameters=tuple(Parameter(**{**each, "choices": tuple(each["choices"])}) for each in found.get("parameters", ())),
        definition=_definition(found.get("definition")),
    )


def _library(found: Mapping[str, Any]) -> Library:
    return Library(name=found["name"], scm=Scm(**found["scm"]), implicit=found["implicit"])


def _definition(found: Mapping[str, Any] | None) -> Definition | None:
    if found is None:
        return None
    return Definition(scm=Scm(**found["scm"]) if found["scm"] else None, path=found["path"], text=found["text"])
