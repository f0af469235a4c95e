"""What a Jenkins job is started with, from its environment: checked before anything else runs, every problem at once."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from gitops.release.facts import refuse, unfit
from naming import App, source_path

# https://git-scm.com/docs/git-check-ref-format, and narrower: no name that a shell or a URL would read otherwise.
BRANCH = re.compile(r"(?!.*(//|\.\.|/\.|\.lock(/|$)))[A-Za-z0-9_][A-Za-z0-9_./-]{0,198}[A-Za-z0-9_]|[A-Za-z0-9_]")


@dataclass(frozen=True, kw_only=True)
class Parameters:
    """app: the application. port: that it listens on. host: DNS name under which it answers. image: image name without tag.
    repository: the same without the registry's host. source: path of the project with its source code, in the platform's GitLab."""

    app: App
    port: int
    host: str
    image: str
    source: str

    @property
    def repository(self) -> str:
        return self.image.partition("/")[2]


def read(environment: Mapping[str, str]) -> Parameters:
    """The parameters of a build or update job.

    They must be those of the job's own application: WORKSPACE_ID, USER_ID and PROJECT_NAME fit JOB_NAME, and REPOSITORY_URL is the
    application's project in the platform's GitLab. Raises RefusedError with every problem.
    """
    app = App(
        workspace=_given(environment, "WORKSPACE_ID"), user=_given(environment, "USER_ID"), project=_given(environment, "PROJECT_NAME")
    )
    named = list(app.problems())
    domain, custom = _given(environment, "PLATFORM_DOMAIN"), _given(environment, "CUSTOM_DOMAIN")
    refuse([*named, *([] if named else _of_its_job(app, environment)), *_forms(environment, domain, custom)])
    return Parameters(
        app=app,
        port=int(environment["APP_PORT"]),
        host=custom or f"{source_path(app)}.{domain}",
        image=f"{environment['SLIPWAY_REGISTRY']}/{environment.get('SLIPWAY_REGISTRY_PREFIX', '')}{app}",
        source=environment["REPOSITORY_URL"].removeprefix(f"{environment['SLIPWAY_GITLAB_URL']}/").removesuffix(".git"),
    )


def _given(environment: Mapping[str, str], name: str) -> str:
    return environment.get(name, "")


def _of_its_job(app: App, environment: Mapping[str, str]) -> Iterator[str]:
    job = _given(environment, "JOB_NAME")
    folder, _, name = job.rpartition("/")
    workspace, _, kind = folder.rpartition("/")
    prefix = _given(environment, "SLIPWAY_JENKINS_PREFIX")
    if kind not in {"build", "update"} or (workspace, name) != (f"{prefix}{app.workspace}", source_path(app)):
        yield f"the job is {job[:200]!r}; expected that of {app}: {prefix}{app.workspace}/build/{source_path(app)}, or .../update/..."
    url, gitlab = _given(environment, "REPOSITORY_URL"), _given(environment, "SLIPWAY_GITLAB_URL")
    if not url.startswith(f"{gitlab}/") or not url.endswith(f"/{app.workspace}/{source_path(app)}.git") or urlsplit(url).username:
        shown = re.sub("//[^/@]*@", "//***@", url[:200])
        yield f"REPOSITORY_URL is {shown!r}; expected {gitlab}/.../{app.workspace}/{source_path(app)}.git"
    if kind == "build":
        branch = _given(environment, "BRANCH")
        if not BRANCH.fullmatch(branch):
            yield f"BRANCH is {branch[:80]!r}; expected a branch name of letters, digits, `_`, `.`, `-` and `/`, at most 200 characters"


def _forms(environment: Mapping[str, str], domain: str, custom: str) -> Iterator[str]:
    port = _given(environment, "APP_PORT")
    if not re.fullmatch(r"[1-9][0-9]{0,4}", port) or int(port) > 65535:
        yield f"APP_PORT is {port[:80]!r}; expected a number, 1 to 65535"
    yield from unfit({"PLATFORM_DOMAIN": ("host", domain), "CUSTOM_DOMAIN": ("host", custom or None)})
    if not _given(environment, "SLIPWAY_REGISTRY"):
        yield "SLIPWAY_REGISTRY is not set; expected the registry's host, from the agent's pod template"
