"""What is left in a Harbor that ran before the platform; one that the platform installed is part of its cluster."""

import ssl
from collections.abc import Mapping
from typing import Any

import httpx

from ops.left import Resources, Section, named, provider, unknown
from ops.stack import plain
from stacks.health import trusting

KINDS = {
    "harbor:index/project:Project": "project",
    "harbor:index/robotAccount:RobotAccount": "robot",
    "harbor:index/registry:Registry": "registry endpoint",
}
TIMEOUT_SECONDS = 15.0


def look(resources: Resources, stays: frozenset[str]) -> Section | None:
    """By their ids, which are paths below Harbor's API."""
    known = provider(resources, "harbor")
    ours = [each for each in resources if each["type"] in KINDS and each.get("id") and not each.get("deletedWith")]
    if known is None or not ours:
        return None
    section = Section(system="Harbor", looked_for=len(ours))
    url = str(plain(known["url"]))
    login = (str(plain(known["username"])), str(plain(known["password"])))
    try:
        with httpx.Client(base_url=f"{url}/api/v2.0", auth=login, timeout=TIMEOUT_SECONDS, verify=_trusted(resources)) as client:
            for each in ours:
                _place(section, each, client.get(_path(each["id"])), each["urn"] in stays)
    except (httpx.HTTPError, ssl.SSLError) as error:
        section.problem = unknown(url, error)
    return section


def _path(id: str) -> str:
    return f"/{str(id).strip('/')}"


def _place(section: Section, resource: Mapping[str, Any], answer: httpx.Response, stays: bool) -> None:
    if answer.status_code in {403, 404}:  # Harbor hides projects that are not there
        return
    answer.raise_for_status()
    text = f"{KINDS[resource['type']]} {named(resource).get('name')}"
    (section.kept if stays else section.left).append(text)


def _trusted(resources: Resources) -> ssl.SSLContext:
    stack = next((each for each in resources if each["type"] == "pulumi:pulumi:Stack"), {})
    return trusting(str(plain((stack.get("outputs") or {}).get("caBundle", ""))))
