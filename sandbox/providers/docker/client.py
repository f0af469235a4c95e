"""The connection to the Docker daemon."""

from threading import Lock
from typing import Any

from sandbox.providers.plugin import Context, Properties

_SECONDS = 120


class Client:
    """A connection that is made when it is first used: importing the library takes longer than most operations."""

    def __init__(self) -> None:
        self._host: str | None = None
        self._registries: list[Properties] = []
        self._connected: Any = None
        self._lock = Lock()

    def configure(self, host: str | None, registries: list[Properties]) -> None:
        """Take the daemon's address (None: from the environment) and the registries' credentials."""
        self._host, self._registries = host, registries

    @property
    def api(self) -> Any:
        """Return the daemon's API, a `docker.APIClient` (whose stubs lack several methods). Raises RuntimeError where no daemon answers."""
        with self._lock:
            if self._connected is None:
                self._connected = self._connect()
            return self._connected

    def _connect(self) -> Any:
        from docker import APIClient
        from docker.errors import DockerException
        from docker.utils import kwargs_from_env

        arguments: dict[str, Any] = {**kwargs_from_env(), **({"base_url": self._host} if self._host else {})}
        try:
            return APIClient(version="auto", timeout=_SECONDS, **arguments)
        except DockerException as error:
            where = arguments.get("base_url", "unix:///var/run/docker.sock")
            raise RuntimeError(
                f"no Docker daemon answers at {where}: start it, or set DOCKER_HOST or the provider's `host` ({error})"
            ) from None

    def pull(self, context: Context, name: str, platform: str | None = None) -> Properties:
        """Return the image of this name or id, pulled where it is absent. Raises RuntimeError where it cannot be had."""
        from docker.errors import APIError, ImageNotFound

        try:
            found: Properties = self.api.inspect_image(name)
            return found
        except ImageNotFound:
            context.log.status(f"pulling {name}")
        repository, tag = split(name)
        try:
            self.api.pull(repository, tag, auth_config=self._credentials(repository), platform=platform)
            pulled: Properties = self.api.inspect_image(name)
            return pulled
        except APIError as error:
            raise RuntimeError(f"image {name} is not there and cannot be pulled: {explain(error)}") from None

    def _credentials(self, repository: str) -> Properties | None:
        for registry in self._registries:
            address = str(registry.get("address", "")).removeprefix("https://").removeprefix("http://")
            if repository.startswith(address.rstrip("/") + "/"):
                return {"username": registry.get("username"), "password": registry.get("password")}
        return None


def explain(error: Any) -> str:
    """Return the daemon's own words on an error, without the URL that the library puts before them."""
    return str(error.explanation or error)


def split(name: str) -> tuple[str, str | None]:
    """Return repository and tag or digest; `latest` where the name has neither, as `docker pull` has it."""
    if "@" in name:
        repository, _, digest = name.partition("@")
        return repository, digest
    head, slash, last = name.rpartition("/")
    repository, _, tag = last.partition(":")
    return head + slash + repository, tag or "latest"
