"""The parameters of a request, from its query and its body, in the types that GitLab's own parameter check would let through.

Text, numbers and flags all become text, which the handlers read as what they need; null counts as not given, except where it clears a
value. A list or an object is taken only where one is meant. So no handler ever meets a type that it does not expect.
"""

import json
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any
from urllib.parse import parse_qsl

from sandbox.services.gitlab.errors import ApiError, bad_request

LISTS = frozenset({
    "actions", "allowed_to_create", "allowed_to_merge", "allowed_to_push", "allowed_to_unprotect", "approved_by_ids", "assignee_ids",
    "custom_headers", "add_labels", "labels", "remove_labels", "reviewer_ids", "scopes", "tag_list", "topics", "url_variables", "iids",
    "skip_groups", "environments", "not", "refs",
})  # fmt: skip
OBJECTS = frozenset({"container_expiration_policy_attributes", "default_branch_protection_defaults", "filter", "position", "not"})
CLEARABLE = frozenset({
    "description", "expires_at", "token", "push_events_branch_filter", "custom_webhook_template", "default_branch",
    "ci_config_path", "issues_template", "merge_requests_template", "merge_commit_template", "squash_commit_template",
    "suggestion_commit_message", "auto_devops_enabled", "mentions_disabled", "unprotect_access_level",
    "prevent_forking_outside_group", "allow_merge_on_skipped_pipeline", "auto_stop_at", "external_url",
})  # fmt: skip


def parse_params(query: str, content_type: str, body: bytes) -> dict[str, Any]:
    """Return the parameters of a request, those of the body over those of the query.

    A body is JSON, or a form of either kind, whose files are passed over; lists are written `name[]=value` in queries and forms.
    Raises ApiError 400 for what cannot be read or has the wrong type, 415 for other bodies.
    """
    params = _fields(parse_qsl(query, keep_blank_values=True))
    if body:
        params |= _body(content_type, body)
    return {name: _typed(name, value) for name, value in params.items() if value is not None or name in CLEARABLE}


def check_text(value: Any) -> None:
    """Refuse text that neither the database nor git can hold, in `value` or anywhere in it, with ApiError 400."""
    if isinstance(value, str):
        if "\0" in value or any("\ud800" <= char <= "\udfff" for char in value):
            raise ApiError(400, {"error": "400 Bad Request - the request holds text that is no UTF-8, or a null byte"})
    elif isinstance(value, dict):
        for pair in value.items():
            check_text(list(pair))
    elif isinstance(value, list):
        for each in value:
            check_text(each)


def _typed(name: str, value: Any) -> Any:
    check_text([name, value])
    fits = (isinstance(value, list) and name in LISTS) or (isinstance(value, dict) and name in OBJECTS)
    if isinstance(value, list | dict) and not fits:
        raise ApiError(400, {"error": f"{name} is invalid"})
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else value


def _body(content_type: str, body: bytes) -> dict[str, Any]:
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "application/x-www-form-urlencoded":
        return _fields(parse_qsl(body.decode(errors="replace"), keep_blank_values=True))
    if kind == "multipart/form-data":
        return _fields(_parts(content_type, body))
    if kind != "application/json":
        raise ApiError(415, {"error": "The provided content-type is not supported."})
    try:
        given = json.loads(body)
    except (ValueError, RecursionError):
        raise ApiError(400, {"error": "The request body is not valid JSON"}) from None
    if not isinstance(given, dict):
        raise bad_request("400 Bad request - expected a JSON object")
    return given


def _parts(content_type: str, body: bytes) -> list[tuple[str, str]]:
    message = BytesParser(policy=HTTP).parsebytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body)
    if not message.is_multipart():
        raise ApiError(400, {"error": "The request body is not valid multipart/form-data"})
    texts = [part for part in message.iter_parts() if part.get_filename() is None]
    named = [(part.get_param("name", header="content-disposition"), part.get_payload(decode=True)) for part in texts]
    return [(str(name), content.decode(errors="replace")) for name, content in named if name and isinstance(content, bytes)]


def _fields(pairs: list[tuple[str, str]]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for name, value in pairs:
        if name.endswith("[]"):
            before = fields.get(name[:-2])
            fields[name[:-2]] = [*before, value] if isinstance(before, list) else [value]
        else:
            fields[name] = value
    return fields
