"""What is left in GitLab: groups and projects. The rest lies in them."""

from collections.abc import Mapping
from typing import Any

import httpx

from ops.left import Resources, Section, named, provider, unknown
from ops.stack import plain

KINDS = {"gitlab:index/group:Group": "groups", "gitlab:index/project:Project": "projects"}
TIMEOUT_SECONDS = 15.0
TRIES = 3


def look(resources: Resources, stays: frozenset[str]) -> Section | None:
    """By their ids: what is marked for deletion has another path. https://docs.gitlab.com/api/projects/#delete-a-project"""
    known = provider(resources, "gitlab")
    if known is None:
        return None
    ours = [each for each in resources if each["type"] in KINDS and each.get("id")]
    section = Section(system="GitLab", looked_for=len(ours))
    url = str(plain(known["baseUrl"]))
    headers = {"PRIVATE-TOKEN": str(plain(known["token"]))}
    transport = httpx.HTTPTransport(retries=TRIES)
    try:
        with httpx.Client(base_url=url, headers=headers, timeout=TIMEOUT_SECONDS, transport=transport) as client:
            for each in ours:
                _place(section, each, client.get(f"{KINDS[each['type']]}/{each['id']}"), each["urn"] in stays)
    except httpx.HTTPError as error:
        section.problem = unknown(url, error)
    return section


def _place(section: Section, resource: Mapping[str, Any], answer: httpx.Response, stays: bool) -> None:
    if answer.status_code == 404:
        return
    answer.raise_for_status()
    found = answer.json()
    text = f"{KINDS[resource['type']].removesuffix('s')} {found.get('web_url') or named(resource).get('path')}"
    date = found.get("marked_for_deletion_on") or found.get("marked_for_deletion_at")
    if date:
        section.scheduled.append(f"{text}, which GitLab deletes on {date}")
    elif stays:
        section.kept.append(text)
    else:
        section.left.append(text)
