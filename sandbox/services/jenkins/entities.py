"""Items as the JSON API shows them."""

from collections.abc import Callable
from typing import Any

from sandbox.services.database import Row
from sandbox.services.jenkins import build_entities
from sandbox.services.jenkins.call import Call
from sandbox.services.jenkins.model import ABORTED, FAILURE, NOT_BUILT, SUCCESS, UNSTABLE, Item, Parameter
from sandbox.services.jenkins.parameters import CLASSES, defaults, value_class
from sandbox.services.jenkins.record import job_path
from sandbox.services.jenkins.tree import Bean

COLORS = {SUCCESS: "blue", UNSTABLE: "yellow", FAILURE: "red", ABORTED: "aborted", NOT_BUILT: "notbuilt"}
MOST_BUILDS = 100
"""As many builds as `builds` shows; `allBuilds` shows all."""
PERMALINKS: dict[str, tuple[str | None, ...]] = {
    "lastBuild": (),
    "lastCompletedBuild": (SUCCESS, UNSTABLE, FAILURE, ABORTED, NOT_BUILT),
    "lastFailedBuild": (FAILURE,),
    "lastStableBuild": (SUCCESS,),
    "lastSuccessfulBuild": (SUCCESS, UNSTABLE),
    "lastUnstableBuild": (UNSTABLE,),
    "lastUnsuccessfulBuild": (UNSTABLE, FAILURE, ABORTED, NOT_BUILT),
}


def children(call: Call, folder: str) -> list[Item]:
    """Return the items right below a folder (empty: the root) that the caller may read."""
    return [item for path, item in call.jenkins.items.items() if path.rpartition("/")[0] == folder and call.sees(item)]


def item_url(call: Call, path: str) -> str:
    """Return the address of an item."""
    return f"{call.jenkins.url}/{job_path(path)}/"


def view(url: str) -> dict[str, Any]:
    """Return the one view that every list of items has."""
    return {"_class": "hudson.model.AllView", "name": "all", "url": url}


def root(call: Call) -> Bean:
    """Return the controller."""
    url = f"{call.jenkins.url}/"
    return Bean(
        "hudson.model.Hudson",
        ("url",),
        {
            "assignedLabels": lambda: [{"name": "built-in"}],
            "mode": lambda: "EXCLUSIVE",
            "nodeDescription": lambda: "the Jenkins controller's built-in node",
            "nodeName": lambda: "",
            "numExecutors": lambda: 0,
            "description": lambda: call.jenkins.configuration.system_message or None,
            "jobs": lambda: [item(call, each) for each in children(call, "")],
            "primaryView": lambda: view(url),
            "quietingDown": lambda: False,
            "slaveAgentPort": lambda: -1,
            "unlabeledLoad": lambda: {"_class": "jenkins.model.UnlabeledLoadStatistics"},
            "url": lambda: url,
            "useCrumbs": lambda: True,
            "useSecurity": lambda: True,
            "views": lambda: [view(url)],
        },
    )


def item(call: Call, found: Item) -> Bean:
    """Return a folder or a job."""
    url, name = item_url(call, found.path), found.path.rpartition("/")[2]
    common: dict[str, Callable[[], Any]] = {
        "actions": list,
        "description": lambda: found.description or None,
        "displayName": lambda: name,
        "displayNameOrNull": lambda: None,
        "fullDisplayName": lambda: found.path.replace("/", " » "),
        "fullName": lambda: found.path,
        "name": lambda: name,
        "url": lambda: url,
        "healthReport": list,
    }
    if found.kind == "folder":
        jobs = {"jobs": lambda: [item(call, each) for each in children(call, found.path)]}
        views = {"primaryView": lambda: view(url), "views": lambda: [view(url)]}
        return Bean("com.cloudbees.hudson.plugins.folder.Folder", ("name", "url"), common | jobs | views)
    return Bean("org.jenkinsci.plugins.workflow.job.WorkflowJob", ("name", "url", "color"), common | _job(call, found), ("allBuilds",))


def _job(call: Call, found: Item) -> dict[str, Callable[[], Any]]:
    store, path = call.jenkins.store, found.path

    def build(row: Row | None) -> Bean | None:
        return build_entities.build(call, row) if row else None

    def builds(limit: int = -1) -> list[Bean | None]:
        return [build(row) for row in store.builds(path, limit)]

    def permalink(results: tuple[str | None, ...]) -> Callable[[], Any]:
        return lambda: build(store.newest(path, *results))

    def queued() -> Bean | None:
        return next((build_entities.queued(call, row) for row in store.waiting() if row["job"] == path), None)

    return {
        "buildable": lambda: True,
        "builds": lambda: builds(MOST_BUILDS),
        "color": lambda: color(call, path),
        "concurrentBuild": lambda: found.concurrent,
        "disabled": lambda: False,
        "firstBuild": lambda: build(next(iter(store.builds(path)[-1:]), None)),
        "inQueue": lambda: queued() is not None,
        "keepDependencies": lambda: False,
        **{name: permalink(results) for name, results in PERMALINKS.items()},
        "nextBuildNumber": lambda: store.next_number(path),
        "property": lambda: _properties(found),
        "queueItem": queued,
        "resumeBlocked": lambda: False,
        "allBuilds": builds,
    }


def color(call: Call, path: str) -> str:
    """Return the colour of a job's ball: that of the newest build that ended, with `_anime` while one runs."""
    rows = call.jenkins.store.builds(path)
    ended = next((row["result"] for row in rows if row["result"]), None)
    return (COLORS[ended] if ended else "notbuilt") + ("_anime" if rows and rows[0]["result"] is None else "")


def _properties(found: Item) -> list[dict[str, Any]]:
    if not found.parameters:
        return []
    values = defaults(found)
    shown = [_parameter(each, values[each.name]) for each in found.parameters]
    return [{"_class": "hudson.model.ParametersDefinitionProperty", "parameterDefinitions": shown}]


def _parameter(parameter: Parameter, value: Any) -> dict[str, Any]:
    kind = f"{CLASSES.get(parameter.kind, 'String')}ParameterDefinition"
    shown = {
        "_class": f"hudson.model.{kind}",
        "defaultParameterValue": {"_class": value_class(value), "name": parameter.name, "value": value},
        "description": parameter.description,
        "name": parameter.name,
        "type": kind,
    }
    return shown | ({"choices": list(parameter.choices)} if parameter.kind == "choice" else {})
