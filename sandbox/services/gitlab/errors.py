"""GitLab's error answers."""

from typing import Any


class ApiError(Exception):
    """An answer other than success.

    Arguments: `status`, the HTTP status; `body`, the JSON body as GitLab words it; `headers`, extra response headers.
    """

    def __init__(self, status: int, body: dict[str, Any], headers: dict[str, str] | None = None) -> None:
        super().__init__(f"{status} {body}")
        self.status = status
        self.body = body
        self.headers = headers or {}


def bad_request(message: Any) -> ApiError:
    """400 with `message`: text, a list, or a mapping of attribute to texts."""
    return ApiError(400, {"message": message})


def missing(*names: str) -> ApiError:
    """400: the parameters `names` are required."""
    return ApiError(400, {"error": ", ".join(f"{name} is missing" for name in names)})


def unauthorized() -> ApiError:
    """401: no token, or one that is not known."""
    return ApiError(401, {"message": "401 Unauthorized"})


def forbidden(reason: str = "") -> ApiError:
    """403: the caller is known but may not do this."""
    return ApiError(403, {"message": f"403 Forbidden{' - ' + reason if reason else ''}"})


def insufficient_scope(scopes: str) -> ApiError:
    """403: the token lacks all of the scopes that would do; `scopes` are separated by blanks."""
    description = "The request requires higher privileges than provided by the access token."
    return ApiError(403, {"error": "insufficient_scope", "error_description": description, "scope": scopes})


def not_found(what: str) -> ApiError:
    """404: `what`, for instance "Project", does not exist or may not be seen."""
    return ApiError(404, {"message": f"404 {what} Not Found"})


def conflict(message: str) -> ApiError:
    """409 with `message`."""
    return ApiError(409, {"message": message})
