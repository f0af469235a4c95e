"""A resource whose inputs are attributes of one REST object."""

from collections.abc import Collection, Mapping
from functools import partial
from typing import Any, ClassVar

from sandbox.providers.api import RefusedError, camel, path, snake
from sandbox.providers.declared import Declared
from sandbox.providers.gitlab.client import Client
from sandbox.providers.plugin import UNKNOWN, Context, Properties, State

LEVELS: Mapping[str, int] = {
    **{"no one": 0, "minimal": 5, "guest": 10, "planner": 15, "reporter": 20},
    **{"developer": 30, "maintainer": 40, "owner": 50, "admin": 60},
}
"""https://docs.gitlab.com/api/access_requests/#valid-access-levels"""
_NAMES = {level: name for name, level in LEVELS.items()}


class Rest(Declared):
    """Creates with POST on a collection; reads, updates and deletes the member. Its id is `<parent>:<member>`, or the member's alone."""

    collection: ClassVar[str]
    """The collection's path, such as `/projects/{project}/hooks`."""
    parent: ClassVar[str | None] = None
    """The input that names the parent."""
    key: ClassVar[str] = "id"
    """The attribute that names the member in its path."""
    renamed: ClassVar[Mapping[str, str]] = {}
    """Attributes whose API name is not the input's in snake case."""
    options: ClassVar[frozenset[str]] = frozenset()
    """Inputs that are not sent: they tell the provider how to act."""
    create_only: ClassVar[frozenset[str]] = frozenset()
    """Inputs that say how to create the object; later they mean nothing."""
    computed: ClassVar[frozenset[str]] = frozenset()
    """Outputs beside the inputs; UNKNOWN in previews."""
    created_only: ClassVar[frozenset[str]] = frozenset()
    """Those of `computed` that GitLab tells once, such as a token."""
    told_apart_by: ClassVar[Mapping[str, str]]
    """The inputs, each with the attribute in a list, by which an object is found again whose creation GitLab did not answer."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def create(self, context: Context, inputs: Properties) -> State:
        """Create the object."""
        if context.preview:
            return State("", self.outputs(inputs, **{name: inputs.get(name, UNKNOWN) for name in self.computed}))
        before = self._alike(inputs).keys()
        try:
            created = self.client.call("post", self._collection(inputs), self.attributes(inputs), made=partial(self._made, inputs, before))
        except RefusedError as error:
            hint = "; import it (pulumi import TYPE NAME ID), or choose another name" if "already been taken" in str(error) else ""
            raise RefusedError(f"{error}{hint}", error.status) from None
        return self.state(inputs, created)

    def read(self, context: Context, state: State) -> State | None:
        """Look the object up. Inputs that were changed elsewhere take the value they have now, so that the next run corrects them."""
        inputs = state.inputs if state.inputs is not None else self.identity(state.id)
        found = self.client.find(self.member(state.id))
        if found is None or self.gone(found):
            return None
        given = inputs if state.inputs is not None else {**self._imported(found), **inputs}
        current = {name: self._current(name, value, found) for name, value in given.items()}
        kept = {name: state.outputs[name] for name in self.created_only if name in state.outputs}
        return State(state.id, {**self.state(current, found).outputs, **kept}, current)

    def update(self, context: Context, old: State, inputs: Properties) -> State:
        """Send what changed."""
        if context.preview:
            return State(old.id, {**old.outputs, **self.outputs(inputs)})
        before = self.attributes(old.inputs or {})
        settled = {self._attribute(name) for name in self.create_only}
        changed = {name: value for name, value in self.attributes(inputs).items() if before.get(name) != value and name not in settled}
        found = self.client.call("put", self.member(old.id), changed) if changed else self.client.call("get", self.member(old.id))
        kept = {name: old.outputs[name] for name in self.created_only if name in old.outputs}
        return State(old.id, {**self.state(inputs, found).outputs, **kept})

    def delete(self, context: Context, state: State) -> None:
        """Delete the object."""
        self.client.remove(self.member(state.id))

    def attributes(self, inputs: Properties) -> Properties:
        """Return the inputs as the API's attributes."""
        names = inputs.keys() - self.options - {self.parent}
        return {self._attribute(name): self._sent(name, inputs[name]) for name in sorted(names)}

    def state(self, inputs: Properties, found: Any) -> State:
        """Return the state of an object as GitLab describes it."""
        read = {camel(name): value for name, value in found.items() if value is not None}
        read |= {name: found[api] for name, api in self.renamed.items() if found.get(api) is not None}
        outputs = self.outputs(inputs, **{name: self._shown(name, read[name]) for name in self.computed if name in read})
        member = str(found[self.key])
        return State(f"{inputs[self.parent]}:{member}" if self.parent else member, outputs)

    def member(self, identity: str) -> str:
        """Return the path of the object with this id."""
        parent, _, member = identity.rpartition(":")
        return self._collection({self.parent: parent} if self.parent else {}) + path("/{member}", member=member)

    def identity(self, identity: str) -> Properties:
        """Return the inputs that an id tells: on import nothing else is known."""
        return {self.parent: identity.rpartition(":")[0]} if self.parent else {}

    def gone(self, found: Any) -> bool:
        """Tell whether an object that GitLab still shows counts as deleted."""
        return False

    def listing(self, inputs: Properties) -> str | None:
        """Return the path of the list that a new object would appear in, or None where there is none."""
        return self._collection(inputs)

    def _alike(self, inputs: Properties) -> Properties:
        """Return the objects, by number, that could be taken for the one that the inputs describe."""
        listing = self.listing(inputs)
        wanted = {api: inputs.get(name, self.defaults.get(name)) for name, api in self.told_apart_by.items()}
        found = self.client.find(listing, per_page=100) if listing else None
        return {str(each[self.key]): each for each in found or [] if all(each.get(name) == value for name, value in wanted.items())}

    def _made(self, inputs: Properties, before: Collection[str]) -> Any:
        """Return the object that a request without an answer did create, if any. One whose token nobody was told goes."""
        new = {number: each for number, each in self._alike(inputs).items() if number not in before}
        if not self.created_only:
            return next(iter(new.values()), None)
        for number in new:
            self.client.remove(self._collection(inputs) + path("/{number}", number=number))
        return None

    def _collection(self, inputs: Mapping[Any, Any]) -> str:
        return path(self.collection, **({self.parent: inputs[self.parent]} if self.parent else {}))

    def _attribute(self, name: str) -> str:
        return self.renamed.get(name, snake(name))

    def _sent(self, name: str, value: Any) -> Any:
        return LEVELS.get(value, value) if name.endswith("ccessLevel") else value

    def _shown(self, name: str, value: Any) -> Any:
        return _NAMES.get(value, value) if name.endswith("ccessLevel") else value

    def _current(self, name: str, value: Any, found: Any) -> Any:
        now = found.get(self._attribute(name))
        comparable = isinstance(now, (str, int, bool)) and name in self.in_place - self.create_only
        return self._shown(name, now) if comparable else value

    def _imported(self, found: Any) -> Properties:
        read = {name: found.get(self._attribute(name)) for name in self.covered - self.options}
        return {
            name: self._shown(name, value) for name, value in read.items() if value not in (None, "", False, []) and name != self.parent
        }
