"""A type of resource, with the steps that the engine takes."""

from typing import Any

from sandbox.providers.plugin import Properties, Resource, State
from tests.unit.sandbox.providers.contexts import context


class Steps:
    """One type of resource."""

    def __init__(self, resource: Resource | None) -> None:
        assert resource is not None
        self._resource = resource

    def create(self, **inputs: Any) -> State:
        checked, failures = self._resource.check(context(), None, inputs)
        assert not failures
        state = self._resource.create(context(), checked)
        return State(state.id, state.outputs, checked)

    def read(self, state: State) -> State | None:
        return self._resource.read(context(), state)

    def update(self, state: State, **inputs: Any) -> State:
        given: Properties = {**(state.inputs or {}), **inputs}
        new, failures = self._resource.check(context(), state.inputs, given)
        assert not failures
        diff = self._resource.diff(context(), state, new)
        assert diff.changes
        assert not diff.replaces
        updated = self._resource.update(context(), state, new)
        return State(state.id, updated.outputs, new)

    def delete(self, state: State) -> None:
        self._resource.delete(context(), state)
        assert self.read(state) is None
        self._resource.delete(context(), state)  # gone already: no error
