"""An image that the daemon builds and pushes to a registry."""

import os
import re
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any, ClassVar

from sandbox.providers.declared import Declared
from sandbox.providers.differ import compare, without
from sandbox.providers.docker.build_context import find
from sandbox.providers.docker.client import Client, explain, split
from sandbox.providers.docker.following import Shown, follow
from sandbox.providers.plugin import UNKNOWN, Context, Diff, Failure, Properties, State

_BUILDERS = ("BuilderV1", "BuilderBuildKit")
_PROXIES = ("http_proxy", "https_proxy", "no_proxy")
_LAST_LINES = 15
_STEP_LENGTH = 100
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_THERE = ("Pushed", "Layer already exists", "Mounted from")


class Image(Declared):
    """An image by its name, which is its id. Its files are compared with every run, by the digest that `check` puts beside the inputs.

    Every build is one of the daemon's first builder, whatever `builderVersion` says: BuildKit is asked for in another protocol.
    """

    covered: ClassVar = frozenset({"imageName", "build", "registry", "skipPush", "buildOnPreview"})
    nested: ClassVar = {
        "build": frozenset(
            {"context", "dockerfile", "args", "target", "platform", "network", "addHosts", "cacheFrom", "builderVersion", "contextDigest"}
        ),
        "registry": frozenset({"server", "username", "password"}),
    }

    def __init__(self, client: Client) -> None:
        self._client = client

    def check(self, context: Context, old: Properties | None, new: Properties) -> tuple[Properties, list[Failure]]:
        """Refuse what is not covered or cannot be built; put the digest of the build's files beside its inputs."""
        inputs, failures = super().check(context, old, new)
        build = inputs.get("build") or {}
        if build is UNKNOWN or failures:
            return inputs, failures
        version = build.get("builderVersion", _BUILDERS[0])
        if version is not UNKNOWN and version not in _BUILDERS:
            failures.append(Failure("build.builderVersion", f"is {version!r}: expected one of {', '.join(_BUILDERS)}"))
        try:
            unknown = UNKNOWN in (build.get("context"), build.get("dockerfile"))
            inputs["build"] = {**build, "contextDigest": UNKNOWN if unknown else find(build).digest()}
        except ValueError as error:
            failures.append(Failure("build.context", str(error)))
        return inputs, failures

    def diff(self, context: Context, old: State, new: Properties) -> Diff:
        """Compare the inputs. Another login at the same registry builds nothing."""
        return without(compare(old.inputs or {}, new), ("registry.username", "registry.password", "buildOnPreview"))

    def create(self, context: Context, inputs: Properties) -> State:
        """Build and push it. A preview builds only where `buildOnPreview` says so, and never pushes."""
        if not context.preview:
            return self._made(context, inputs)
        if inputs.get("buildOnPreview") and not _has_unknown(inputs):
            self._build(context, inputs)
        return State("", _outputs(inputs, UNKNOWN, UNKNOWN))

    def update(self, context: Context, old: State, inputs: Properties) -> State:
        """Build and push it again: what did not change is taken from the daemon's cache."""
        made = self.create(context, inputs)
        return State(old.id, {**old.outputs, **made.outputs})

    def _made(self, context: Context, inputs: Properties) -> State:
        identity = self._build(context, inputs)
        platform = "{Os}/{Architecture}".format_map(self._client.api.inspect_image(identity))
        pushed = identity if inputs.get("skipPush") else self._push(context, inputs)
        return State(inputs["imageName"], _outputs(inputs, pushed, platform))

    def _build(self, context: Context, inputs: Properties) -> str:
        """Return the id of the built image. Raises RuntimeError, with the last lines of a build that failed."""
        build, name = inputs.get("build") or {}, inputs["imageName"]
        last: deque[str] = deque(maxlen=_LAST_LINES)
        identity = ""
        files = find(build)
        with files.archive() as archive:
            options = {"fileobj": archive, "custom_context": True, "dockerfile": files.dockerfile, "tag": name, **_options(build)}

            def ask() -> Iterable[Properties]:
                # The library would give up on a step that is silent for two minutes.
                lines: Iterable[Properties] = self._client.api.build(**options, timeout=None, rm=True, forcerm=True, decode=True)
                return lines

            shown = Shown(context.log, f"building {name}")
            for entry in self._followed(context, ask, shown, inputs, last):
                identity = entry.get("aux", {}).get("ID", identity)
                for line in _lines(entry.get("stream", ""), inputs):
                    last.append(line)
                    if line.startswith("Step "):
                        shown.begin(f"building {name}: {line[:_STEP_LENGTH]}")
        return identity

    def _push(self, context: Context, inputs: Properties) -> str:
        """Return the name of the pushed image, with its digest. Raises RuntimeError with the registry's answer."""
        name, registry = inputs["imageName"], inputs.get("registry") or {}
        login = {"username": registry["username"], "password": registry.get("password", "")} if registry.get("username") else None
        repository, tag = split(name)
        layers: dict[str, bool] = {}
        digest = ""

        def ask() -> Iterable[Properties]:
            lines: Iterable[Properties] = self._client.api.push(repository, tag, stream=True, decode=True, auth_config=login)
            return lines

        shown = Shown(context.log, f"pushing {name}")
        for entry in self._followed(context, ask, shown, inputs, ()):
            digest = entry.get("aux", {}).get("Digest", digest)
            if entry.get("id") and entry["id"] != tag:
                layers[entry["id"]] = str(entry.get("status", "")).startswith(_THERE)
                shown.what = f"pushing {name}: {sum(layers.values())} of {len(layers)} layers"
        return f"{repository}@{digest}"

    def _followed(
        self, context: Context, ask: Callable[[], Iterable[Properties]], shown: Shown, inputs: Properties, last: Iterable[str]
    ) -> Iterable[Properties]:
        """Yield what the daemon says. Raises RuntimeError where it fails, without what is secret in the inputs."""
        from docker.errors import APIError

        what = shown.what
        context.log.status(what)
        try:
            for entry in follow(context, ask, what):
                shown.tick()
                if "error" in entry:
                    raise RuntimeError(_failed(what, str(entry["error"]), last, inputs))
                yield entry
        except APIError as error:
            raise RuntimeError(_failed(what, explain(error), last, inputs)) from None


def _failed(what: str, reason: str, last: Iterable[str], inputs: Properties) -> str:
    lines = "".join(f"\n  {line}" for line in last)
    return f"{what} failed: {_masked(reason.strip(), inputs)}{lines}\nMend it and run again: what was built is kept."


def _lines(stream: str, inputs: Properties) -> list[str]:
    """Return the lines of a build that tell something, without colours."""
    plain = _masked(_COLOUR.sub("", stream), inputs)
    return [line for line in plain.splitlines() if line.strip() and not line.startswith((" --->", "Removing intermediate container"))]


def _options(build: Properties) -> Properties:
    """Return the inputs as the library's arguments, with this machine's proxies as its user's Docker client would give them."""
    proxies = {name: value for name, value in os.environ.items() if name.lower() in _PROXIES}
    return {
        "buildargs": {**proxies, **(build.get("args") or {})},
        "target": build.get("target"),
        "platform": build.get("platform"),
        "network_mode": build.get("network"),
        "extra_hosts": dict(entry.split(":", 1) for entry in build.get("addHosts") or []) or None,
        "cache_from": (build.get("cacheFrom") or {}).get("images"),
    }


def _outputs(inputs: Properties, digest: Any, platform: Any) -> Properties:
    """Return the outputs; there is no secret among them."""
    name, build = inputs["imageName"], inputs.get("build") or {}
    if build is UNKNOWN:
        build = dict.fromkeys(("context", "dockerfile", "platform"), UNKNOWN)
    folder = build.get("context") or "."
    return {
        "baseImageName": name,
        "imageName": name,
        "registryServer": _server(inputs.get("registry"), name),
        "repoDigest": digest,
        "platform": build.get("platform") or platform,
        "context": folder,
        "dockerfile": build.get("dockerfile") or (UNKNOWN if folder is UNKNOWN else os.path.join(folder, "Dockerfile")),  # noqa: PTH118
    }


def _server(registry: Any, name: Any) -> Any:
    given = registry.get("server") if isinstance(registry, dict) else registry
    if given or name is UNKNOWN:
        return given or UNKNOWN
    host, slash, _ = name.partition("/")
    return host if slash and (host == "localhost" or "." in host or ":" in host) else "docker.io"


def _masked(text: str, inputs: Properties) -> str:
    proxies = [value for name, value in os.environ.items() if name.lower() in _PROXIES and "@" in value]
    hidden = [proxy.rpartition("@")[0].rpartition("//")[2] for proxy in proxies] + [(inputs.get("registry") or {}).get("password")]
    for secret in hidden:
        text = text.replace(secret, "[secret]") if secret else text
    return text


def _has_unknown(value: Any) -> bool:
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return value is UNKNOWN or any(_has_unknown(child) for child in children)
