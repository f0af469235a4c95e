"""A Helm release as a Pulumi resource.

https://www.pulumi.com/registry/packages/kubernetes/api-docs/helm/v3/release/
"""

from dataclasses import dataclass, replace
from typing import Any, Final

from sandbox.providers import differ
from sandbox.providers.kubernetes import naming
from sandbox.providers.kubernetes.api import Api
from sandbox.providers.kubernetes.awaiting import Waiter
from sandbox.providers.kubernetes.helm import arguments
from sandbox.providers.kubernetes.helm.chart import checksum, resource_names
from sandbox.providers.kubernetes.helm.cli import Helm, HelmError, manifests
from sandbox.providers.kubernetes.helm.progress import Progress
from sandbox.providers.kubernetes.objects import has_unknown, split_identity, without_nulls
from sandbox.providers.kubernetes.transport import Transport, UnreachableError
from sandbox.providers.plugin import Context, Diff, Failure, PartialError, Properties, Resource, State

_NAME_LENGTH: Final = 53  # https://helm.sh/docs/chart_best_practices/conventions/
_ATTEMPTS: Final = 3
_PASSING: Final = ("failed calling webhook", "etcdserver:", "connection refused", "no matches for kind", "TLS handshake timeout")
"""Failures that pass: a webhook's pod or the API server is starting, or a definition was created a moment ago."""


@dataclass(frozen=True)
class HelmRelease(Resource):
    """`kubernetes:helm.sh/v3:Release`."""

    transport: Transport

    def check(self, context: Context, old: Properties | None, new: Properties) -> tuple[Properties, list[Failure]]:
        """Give the release its name, namespace and time limit, and a local chart its checksum. See `Resource.check`."""
        given: Properties = {name: value for name, value in new.items() if value is not None and name not in ("resourceNames", "checksum")}
        failures = [Failure(name, "is not covered by this stand-in; leave it out") for name in sorted(given.keys() - arguments.COVERED)]
        if not given.get("name"):
            given["name"] = (old or {}).get("name") or naming.generated(context.urn)
        if isinstance(given["name"], str) and len(given["name"]) > _NAME_LENGTH:
            failures.append(Failure("name", f"{given['name']!r} has {len(given['name'])} characters; Helm allows {_NAME_LENGTH}"))
        given["namespace"] = given.get("namespace") or self.transport.settings.namespace
        if not given.get("skipAwait"):
            given.setdefault("timeout", arguments.DEFAULT_TIMEOUT)
        if isinstance(given.get("chart"), str) and not (given.get("repositoryOpts") or {}) and (found := checksum(given["chart"])):
            given["checksum"] = found
        return given, failures

    def diff(self, context: Context, old: State, new: Properties) -> Diff:
        """Compare the inputs, and find releases that a former run left unfinished. See `Resource.diff`."""
        found = differ.compare(old.inputs or {}, new, ("name", "namespace"))
        state = (old.outputs.get("status") or {}).get("status", "deployed")
        return found if found.changes or state == "deployed" else replace(found, changes={"status": "update"})

    def create(self, context: Context, inputs: Properties) -> State:
        """Install the chart. See `Resource.create`."""
        return self._deployed(context, inputs, fresh=True)

    def update(self, context: Context, old: State, inputs: Properties) -> State:
        """Upgrade the release. See `Resource.update`."""
        return replace(self._deployed(context, inputs, fresh=False), id=old.id)

    def read(self, context: Context, state: State) -> State | None:
        """Read what Helm recorded; what somebody else deployed shows as a change of `values` or `version`. See `Resource.read`."""
        namespace, name = split_identity(state.id)
        known = state.inputs or {}
        try:
            live = self._live(context, {"name": name, **known, "namespace": known.get("namespace") or namespace or self._namespace})
        except (HelmError, UnreachableError) as error:
            if "unreachable" not in str(error) or not self.transport.settings.delete_unreachable:
                raise
            context.log.warning(f"{state.id} leaves the state, because {error}")
            return None
        if live is None:
            return None
        if not known:
            imported = {key: live.outputs[key] for key in ("name", "namespace", "chart", "version", "values") if live.outputs.get(key)}
            return replace(live, inputs=imported)
        drifted = {name: live.outputs[name] for name in ("values", "version") if live.outputs[name] != state.outputs.get(name)}
        return replace(live, id=state.id, inputs={**known, **drifted})

    def delete(self, context: Context, state: State) -> None:
        """Uninstall the release, and wait until its objects are gone. See `Resource.delete`."""
        inputs = {**state.outputs, **(state.inputs or {})}
        try:
            self._helm(context, inputs).run(*arguments.uninstall(inputs, context.timeout))
        except HelmError as error:
            if "unreachable" not in str(error) or not self.transport.settings.delete_unreachable:
                raise HelmError(f"release {state.id} was not uninstalled: {error}") from None
            context.log.warning(f"{state.id} leaves the state without being uninstalled, because {error}")

    @property
    def _namespace(self) -> str:
        return self.transport.settings.namespace

    def _deployed(self, context: Context, inputs: Properties, *, fresh: bool) -> State:
        inputs = without_nulls(inputs)
        identity = "" if has_unknown(inputs) else f"{inputs['namespace']}/{inputs['name']}"
        if context.preview:
            return State(identity, inputs)
        Api(self.transport, context.log, context.cancelled).kind({"apiVersion": "v1", "kind": "Secret"})  # waits for the API server
        progress = self._progress(context, inputs)
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                self._deploy_once(context, inputs, progress, fresh=fresh and attempt == 1)
                break
            except HelmError as error:
                if attempt < _ATTEMPTS and any(word in str(error) for word in _PASSING) and not context.cancelled.is_set():
                    context.log.status(f"trying again: {error}")
                    context.cancelled.wait(5 * attempt)
                    continue
                if not progress.culprit:
                    progress.look()
                raise self._failed(context, inputs, error, progress) from None
        live = self._live(context, inputs)
        if live is None:
            raise HelmError(f"release {identity} is gone right after it was deployed; run `pulumi up` again")
        return live

    def _deploy_once(self, context: Context, inputs: Properties, progress: Progress, *, fresh: bool) -> None:
        """Install or upgrade, whatever a former run left behind.

        A killed run leaves a release pending, and Helm refuses to go on from there ("another operation is in progress"). A first
        install has nothing to keep, so it is uninstalled; an upgrade goes back to the last deployed revision and starts again from it.
        """
        helm = self._helm(context, inputs)
        status = str((helm.json("get", "metadata", inputs["name"]) or {}).get("status", "absent"))
        revisions = helm.json("history", inputs["name"]) if status not in ("absent", "deployed") else []
        deployed = [entry["revision"] for entry in revisions or [] if entry["status"] in ("deployed", "superseded")]
        if fresh and (status == "deployed" or deployed):
            raise HelmError("the release exists already; bring it into the state with `pulumi import`, or choose another name")
        if status != "absent" and status != "deployed" and not deployed:
            context.log.info(f"removing what a former run left of release {inputs['name']} ({status})")
            helm.run(*arguments.uninstall(inputs, context.timeout))
            status = "absent"
        elif status.startswith("pending-"):
            context.log.info(f"going back to revision {deployed[-1]} of release {inputs['name']}, which a former run left {status}")
            helm.run("rollback", inputs["name"], str(deployed[-1]))
        verb = "install" if status == "absent" else "upgrade"
        replace(helm, tick=progress.look).deploy(verb, inputs, context.timeout)

    def _live(self, context: Context, inputs: Properties) -> State | None:
        """Return the release as Helm recorded it, or None where there is none."""
        helm = self._helm(context, inputs)
        found = helm.json("get", "metadata", inputs["name"])
        if found is None:
            return None
        status = {name: found.get(name) for name in ("name", "namespace", "chart", "version", "appVersion", "revision", "status")}
        outputs: dict[str, Any] = {
            **inputs,
            "chart": inputs.get("chart") or found["chart"],
            "version": found["version"],
            "values": helm.json("get", "values", inputs["name"]) or {},
            "resourceNames": resource_names(manifests(helm.run("get", "manifest", inputs["name"]))),
            "status": status,
        }
        return State(f"{inputs['namespace']}/{inputs['name']}", outputs)

    def _failed(self, context: Context, inputs: Properties, error: HelmError, progress: Progress) -> Exception:
        """Return the error with the first object that was not ready, and with the state where Helm left the release unfinished."""
        place = f"{inputs['namespace']}/{inputs['name']}"
        message = f"release {place} of chart {inputs['chart']}: {error}" + (f". Not ready: {progress.culprit}" if progress.culprit else "")
        try:
            live = self._live(context, inputs)
        except HelmError:
            live = None
        if live is None or live.outputs["status"]["status"] == "deployed":  # as before: refused, or rolled back since it is atomic
            return HelmError(f"{message}{progress.printed()}")
        next_step = f"See `helm -n {inputs['namespace']} status {inputs['name']}`, then run `pulumi up` again"
        return PartialError(f"{message}. {next_step}{progress.printed()}", live)

    def _progress(self, context: Context, inputs: Properties) -> Progress:
        api = Api(self.transport, context.log, context.cancelled, patience=2.0)
        return Progress(api, inputs["name"], inputs["namespace"], lambda: self._objects(context, inputs), Waiter(context.log))

    def _objects(self, context: Context, inputs: Properties) -> list[Properties]:
        helm = self._helm(context, inputs)
        return [item for part in ("hooks", "manifest") for item in manifests(helm.run("get", part, inputs["name"]))]

    def _helm(self, context: Context, inputs: Properties) -> Helm:
        return Helm(self.transport.settings, str(inputs["namespace"]), context.cancelled)
