"""A resource whose id is its path in Harbor's API, such as `/projects/1`."""

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from sandbox.providers.api import RefusedError
from sandbox.providers.declared import Declared
from sandbox.providers.differ import without
from sandbox.providers.harbor.client import Client
from sandbox.providers.plugin import UNKNOWN, Context, Diff, Failure, PartialError, Properties, State


class Rest(Declared):
    """Creates with POST on a collection, changes with PUT of the whole object, and reads back all that Harbor tells.

    As with the official provider, defaults become inputs, so that leaving one out is the same as stating it.
    """

    collection: ClassVar[str]
    form: ClassVar[str]
    """What an id looks like: a regular expression."""
    computed: ClassVar[frozenset[str]] = frozenset()
    """Outputs that are UNKNOWN in the preview of a creation, unless given."""
    lasting: ClassVar[frozenset[str]] = frozenset()
    """Inputs that keep their value when they are left out later."""
    told_once: ClassVar[frozenset[str]] = frozenset()
    """Outputs that Harbor tells when it creates the object, and never again."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def check(self, context: Context, old: Properties | None, new: Properties) -> tuple[Properties, list[Failure]]:
        """Complete the inputs by the defaults."""
        given, failures = super().check(context, old, new)
        return {**self.defaults, **given}, failures

    def diff(self, context: Context, old: State, new: Properties) -> Diff:
        """Compare the inputs."""
        found = super().diff(context, old, new)
        return without(found, [name for name in self.lasting if found.changes.get(name) == "delete"])

    def create(self, context: Context, inputs: Properties) -> State:
        """Create the object. One that has the name already is an error that says how to import it."""
        if context.preview:
            return State("", self.outputs(inputs, **{name: inputs.get(name, UNKNOWN) for name in self.computed}))
        before = self.alike(context, inputs)
        made = self.post(context, inputs, before)
        identity = str(made["location"])
        told = {name: made[name] for name in self.told_once if made.get(name) and name not in inputs}
        try:
            told |= self.complete(context, identity, inputs, made)
            return State(identity, self.outputs(inputs, **self._shown(context, identity, inputs), **told))
        except RuntimeError as error:  # an interrupt, too
            state = State(identity, self.outputs(inputs, **told), self.without_rest(inputs))
            raise PartialError(f"{identity} was made, but {error}", state) from None

    def read(self, context: Context, state: State) -> State | None:
        """Look the object up. Inputs take the value they have now, so that the next run corrects those that were changed elsewhere."""
        if not re.fullmatch(self.form, state.id):
            raise ValueError(f"the id is {state.id!r}: expected one like {self.form.replace(chr(92) + 'd+', '1')}")
        found = self.fetch(context, state.id)
        if found is None:
            return None
        shown = self.shown(context, found, state.inputs or {})
        given = self.defaults if state.inputs is None else state.inputs
        hidden = self.lasting if state.inputs is not None else frozenset()
        new = {
            name for name in self.covered & shown.keys() - given.keys() - hidden if shown[name] not in (None, "", 0, False, [])
        }  # Not asked for: the next run takes it away.
        now = {name: shown.get(name, value) for name, value in given.items()} | {name: shown[name] for name in new}
        return State(state.id, self.outputs(now, **shown, **self._kept(state.outputs, now)), now)

    def update(self, context: Context, old: State, inputs: Properties) -> State:
        """Send the whole object."""
        kept = self._kept(old.outputs, inputs)
        if context.preview:
            return State(old.id, {**old.outputs, **self.outputs(inputs), **kept})
        self.change(context, old, inputs)
        return State(old.id, self.outputs(inputs, **self._shown(context, old.id, inputs), **kept))

    def delete(self, context: Context, state: State) -> None:
        """Delete the object."""
        self.client.remove(state.id, context=context)

    def fetch(self, context: Context, identity: str) -> Any:
        """Return the object as Harbor describes it, or None where it is gone. Raises RefusedError."""
        return self.client.member(identity, context)

    def listing(self, context: Context, inputs: Properties) -> Mapping[str, Any]:
        """Return the objects, by their ids, among which a new one would appear."""
        raise NotImplementedError

    def alike(self, context: Context, inputs: Properties) -> Mapping[str, Any]:
        """Return the objects, by their ids, that could be taken for the one that the inputs describe: those of its name."""
        return {identity: each for identity, each in self.listing(context, inputs).items() if each.get("name") == inputs["name"]}

    def path(self, inputs: Properties) -> str:
        """Return the path of the collection that a new object goes to."""
        return self.collection

    def body(self, inputs: Properties) -> Properties:
        """Return the inputs as Harbor's attributes."""
        raise NotImplementedError

    def complete(self, context: Context, identity: str, inputs: Properties, made: Properties) -> Properties:
        """Do what a creation leaves undone, and return what only this tells. Raises RefusedError."""
        return {}

    def without_rest(self, inputs: Properties) -> Properties:
        """Return the inputs without those of `complete`: where it failed, the next run sees a change and does it."""
        return inputs

    def change(self, context: Context, old: State, inputs: Properties) -> None:
        """Make the object what the inputs say. Raises RefusedError."""
        self.client.call("put", old.id, self.body(inputs), context=context)

    def shown(self, context: Context, found: Any, inputs: Properties) -> Properties:
        """Return Harbor's description as inputs and outputs, in the spelling of the `inputs` where several mean the same."""
        raise NotImplementedError

    def post(self, context: Context, inputs: Properties, before: Mapping[str, Any]) -> Any:
        """Make the object, and return Harbor's answer with `location`, its id. `before` is what was alike. Raises RefusedError."""

        def made() -> Any:
            new = {identity: each for identity, each in self.alike(context, inputs).items() if identity not in before}
            return next(({**each, "location": identity} for identity, each in new.items()), None)

        try:
            return self.client.call("post", self.path(inputs), self.body(inputs), made=made, context=context)
        except RefusedError as error:
            if error.status != 409:
                raise
            if (found := made()) is not None:  # what an earlier request of this creation made late
                return found
            there = next(iter(before), "ID")
            name = context.urn.rpartition("::")[2]
            raise RefusedError(
                f"{error}; next: import it (`pulumi import {token(type(self).__name__)} {name} {there}`), or choose another name",
                error.status,
            ) from None

    def _shown(self, context: Context, identity: str, inputs: Properties) -> Properties:
        if (found := self.fetch(context, identity)) is None:
            raise RefusedError(f"{identity} is gone again: somebody deleted it; next: run this again", 404)
        return self.shown(context, found, inputs)

    def _kept(self, outputs: Properties, inputs: Properties) -> Properties:
        return {name: outputs[name] for name in self.told_once if name in outputs and name not in inputs}


def token(name: str) -> str:
    """Return the token of a type or a function."""
    return f"harbor:index/{name[0].lower()}{name[1:]}:{name}"
