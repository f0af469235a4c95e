"""What is checked over the network and on disk before anything is created, in previews too: quick, and all at once."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import httpx
import yaml

from components.chart import is_directory
from components.versions import CHARTS
from stacks.model import Charts, Gitlab, Kubeconfig, Node, Settings
from stacks.patience import PatientTransport
from stacks.problems import Problems

TIMEOUT_SECONDS = 10.0


def check(settings: Settings) -> None:
    """Check that what the settings name is there.

    Raises Problems with one line for each that is not.
    """
    problems = [*_charts(settings.charts), *_gitlab(settings.gitlab)]
    if settings.cluster.kubeconfig is not None:
        problems += _kubeconfig(settings.cluster.kubeconfig)
    if settings.cluster.node is not None:
        problems += _node(settings.cluster.node)
    if problems:
        raise Problems("The environment is not ready:", problems)


def _charts(charts: Charts) -> Iterator[str]:
    for pin in CHARTS:
        source = charts.source_of(pin.name)
        if is_directory(source) and not Path(source, pin.name, "Chart.yaml").is_file():
            yield f"chart directory {source} has no {pin.name}/Chart.yaml; set slipway:charts.source, or put the chart there"


def _kubeconfig(kubeconfig: Kubeconfig) -> Iterator[str]:
    try:
        content = yaml.safe_load(Path(kubeconfig.path).expanduser().read_text(encoding="utf-8"))
        contexts = [context["name"] for context in content["contexts"]]
    except OSError as error:
        yield f"kubeconfig {kubeconfig.path} cannot be read ({error.strerror}); set slipway:cluster.kubeconfig.path"
    except (yaml.YAMLError, UnicodeDecodeError, TypeError, KeyError):
        yield f"kubeconfig {kubeconfig.path} is not one (no list of contexts); set slipway:cluster.kubeconfig.path"
    else:
        if kubeconfig.context not in contexts:
            there = ", ".join(contexts) or "none"
            yield (
                f"kubeconfig {kubeconfig.path} has no context {kubeconfig.context!r}, only: {there}; set slipway:cluster.kubeconfig.context"
            )


def _node(node: Node) -> Iterator[str]:
    bundle = node.certificate_authorities
    if bundle is not None and not Path(bundle).is_file():
        yield f"certificate bundle {bundle} is not a file; set slipway:cluster.node.certificateAuthorities"


def _gitlab(gitlab: Gitlab) -> Iterator[str]:
    headers = {"PRIVATE-TOKEN": gitlab.token.get_secret_value()}
    transport = PatientTransport()
    try:
        with httpx.Client(base_url=f"{gitlab.url}/api/v4", headers=headers, timeout=TIMEOUT_SECONDS, transport=transport) as client:
            yield from _gitlab_answers(gitlab, client)
    except httpx.HTTPError as error:
        yield f"GitLab {gitlab.url} cannot be reached ({error}); check slipway:gitlab.url and the network"


def _gitlab_answers(gitlab: Gitlab, client: httpx.Client) -> Iterator[str]:
    user = client.get("/user")
    if user.status_code in {401, 403}:
        yield (
            f"GitLab {gitlab.url} refuses the token (HTTP {user.status_code}); it needs the scope api and must not have "
            "expired: pulumi config set --secret --path gitlab.token"
        )
        return
    if user.is_error:
        yield f"GitLab {gitlab.url} answers HTTP {user.status_code} to /api/v4/user; expected 200; try again later"
        return
    token = client.get("/personal_access_tokens/self")  # 404 where GitLab is too old to tell
    if token.is_success and "api" not in token.json().get("scopes", []):
        yield (
            f"the token for GitLab {gitlab.url} has the scopes {', '.join(token.json()['scopes']) or 'none'}, expected api; "
            "make another in GitLab, then: pulumi config set --secret --path gitlab.token"
        )
    group = client.get(f"/groups/{quote(gitlab.group, safe='')}", params={"with_projects": "false"})
    if group.status_code == 404:
        yield (f"GitLab group {gitlab.group!r} does not exist or the token cannot see it; make it in GitLab, or set slipway:gitlab.group")
    elif group.is_error:
        yield f"GitLab {gitlab.url} answers HTTP {group.status_code} for group {gitlab.group!r}; expected 200; try again later"
