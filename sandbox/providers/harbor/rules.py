"""Immutable tags, and what they share with other rules of a project: its id, and selectors of tags and repositories."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from sandbox.providers.harbor.rest import Rest
from sandbox.providers.plugin import Context, Failure, Properties, State

TAGS: Final = {"tagMatching": "matches", "tagExcluding": "excludes"}
REPOSITORIES: Final = {"repoMatching": "repoMatches", "repoExcluding": "repoExcludes"}


class OfProject(Rest):
    """What belongs to a project, which is named by its id."""

    owner: ClassVar[str]
    """The input that names the project."""

    def check(self, context: Context, old: Properties | None, new: Properties) -> tuple[Properties, list[Failure]]:
        """Complete the inputs. A bare number is refused: the official provider takes it, and then replaces the object in every run."""
        given, failures = super().check(context, old, new)
        project = given.get(self.owner)
        if isinstance(project, str) and not project.startswith("/projects/"):
            failures.append(Failure(self.owner, f"is {project!r}: expected the project's id, such as /projects/1"))
        return given, failures


class ImmutableTagRule(OfProject):
    """A rule by which tags are never moved nor deleted."""

    form: ClassVar = r"/projects/\d+/immutabletagrules/\d+"
    owner: ClassVar = "projectId"
    in_place: ClassVar = frozenset({"disabled", *TAGS, *REPOSITORIES})
    covered: ClassVar = in_place | {"projectId"}
    defaults: ClassVar = {"disabled": False}

    def path(self, inputs: Properties) -> str:
        """Return the path of the project's rules."""
        return f"{inputs['projectId']}/immutabletagrules"

    def listing(self, context: Context, inputs: Properties) -> Mapping[str, Any]:
        """Return the project's rules."""
        collection = self.path(inputs)
        return {f"{collection}/{each['id']}": each for each in self.client.listed(collection, context)}

    def alike(self, context: Context, inputs: Properties) -> Mapping[str, Any]:
        """Return those of the same tags and repositories: a rule has no name."""
        wanted = read_selectors(self.body(inputs))
        return {identity: each for identity, each in self.listing(context, inputs).items() if read_selectors(each) == wanted}

    def fetch(self, context: Context, identity: str) -> Any:
        """Return the rule; Harbor only lists them."""
        collection, _, number = identity.rpartition("/")
        rules = self.client.member(collection, context, pages=True) or []
        return next(({**each, "projectId": collection.rpartition("/")[0]} for each in rules if str(each["id"]) == number), None)

    def body(self, inputs: Properties) -> Properties:
        """Return the inputs as Harbor's attributes."""
        return {
            **{"disabled": inputs["disabled"], "action": "immutable", "template": "immutable_template"},
            **selectors(inputs),
        }

    def complete(self, context: Context, identity: str, inputs: Properties, made: Properties) -> Properties:
        """Disable the rule, which is enabled when it is created."""
        if inputs["disabled"]:
            self._put(context, identity, inputs)
        return {}

    def without_rest(self, inputs: Properties) -> Properties:
        """Return the inputs of an enabled rule."""
        return {**inputs, "disabled": False}

    def change(self, context: Context, old: State, inputs: Properties) -> None:
        """Send the whole rule."""
        self._put(context, old.id, inputs)

    def shown(self, context: Context, found: Any, inputs: Properties) -> Properties:
        """Return Harbor's description as inputs and outputs."""
        given = {name: "" for name in (*TAGS, *REPOSITORIES) if name in inputs}
        return {**given, **read_selectors(found), "disabled": bool(found.get("disabled")), "projectId": found["projectId"]}

    def _put(self, context: Context, identity: str, inputs: Properties) -> None:
        body = {**self.body(inputs), "id": int(identity.rpartition("/")[2])}
        self.client.call("put", identity, body, context=context)


def selectors(inputs: Properties) -> Properties:
    """Return the tags and repositories as Harbor's selectors; what is excluded comes before what is matched."""

    def selector(kinds: Mapping[str, str]) -> Properties:
        chosen = [{"decoration": word, "pattern": inputs[name]} for name, word in kinds.items() if inputs.get(name)]
        return {"kind": "doublestar", **(chosen[-1] if chosen else {"decoration": "", "pattern": ""})}

    return {"tag_selectors": [selector(TAGS)], "scope_selectors": {"repository": [selector(REPOSITORIES)]}}


def read_selectors(found: Any) -> Properties:
    """Return the inputs that Harbor's selectors stand for."""
    pairs = ((TAGS, found.get("tag_selectors")), (REPOSITORIES, (found.get("scope_selectors") or {}).get("repository")))
    return {
        name: selectors[0]["pattern"]
        for kinds, selectors in pairs
        for name, word in kinds.items()
        if selectors and selectors[0].get("decoration") == word
    }
