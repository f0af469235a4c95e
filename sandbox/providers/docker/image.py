"""An image that is on the daemon, pulled where it was not."""

from typing import Any, ClassVar

from sandbox.providers.declared import Declared
from sandbox.providers.docker.client import Client, explain
from sandbox.providers.plugin import UNKNOWN, Context, Properties, State

_ID_LENGTH = len("sha256:") + 64


class RemoteImage(Declared):
    """An image by its name. Its id is the image's id and name in one, as with the official provider."""

    covered: ClassVar = frozenset({"name", "keepLocally", "forceRemove", "platform", "pullTriggers", "triggers"})
    in_place: ClassVar = frozenset({"keepLocally", "forceRemove"})

    def __init__(self, client: Client) -> None:
        self._client = client

    def create(self, context: Context, inputs: Properties) -> State:
        """Pull the image where it is absent."""
        if context.preview:
            return State("", self.outputs(inputs, imageId=UNKNOWN, repoDigest=UNKNOWN))
        return self._state(inputs, self._client.pull(context, inputs["name"], inputs.get("platform")))

    def read(self, context: Context, state: State) -> State | None:
        """Look the name up again: it may be gone, or name another image now."""
        from docker.errors import ImageNotFound

        inputs = state.inputs or {"name": state.id[_ID_LENGTH:]}
        try:
            found = self._state(inputs, self._client.api.inspect_image(inputs["name"]))
        except ImageNotFound:
            return None
        return State(found.id, found.outputs, inputs)

    def update(self, context: Context, old: State, inputs: Properties) -> State:
        """Keep the new options for the day of its deletion."""
        return State(old.id, {**old.outputs, **self.outputs(inputs)})

    def delete(self, context: Context, state: State) -> None:
        """Remove the image unless it is to be kept. One that a container uses is an error."""
        from docker.errors import APIError, ImageNotFound

        if state.outputs.get("keepLocally"):
            return
        try:
            self._client.api.remove_image(state.outputs["name"], force=bool(state.outputs.get("forceRemove")))
        except ImageNotFound:
            return
        except APIError as error:
            raise RuntimeError(f"cannot remove image {state.outputs['name']}: {explain(error)}") from None

    def _state(self, inputs: Properties, image: Any) -> State:
        digests = image.get("RepoDigests") or [""]
        outputs = self.outputs(inputs, imageId=image["Id"], repoDigest=digests[0])
        return State(image["Id"] + inputs["name"], outputs)
