"""Harbor's error answers: `{"errors": [{"code": ..., "message": ...}]}`."""

from typing import Any


class ApiError(Exception):
    """An answer other than success.

    Arguments: `status`, the HTTP status; `code`, Harbor's word for it; `message`, a sentence; `headers`, extra response headers.
    """

    def __init__(self, status: int, code: str, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.headers = headers or {}

    @property
    def body(self) -> dict[str, Any]:
        """The JSON body."""
        return {"errors": [{"code": self.code, "message": self.message}]}


def bad_request(message: str) -> ApiError:
    """400 with `message`."""
    return ApiError(400, "BAD_REQUEST", message)


def unauthorized(message: str = "unauthorized") -> ApiError:
    """401: nobody is logged in, or the credentials are wrong."""
    return ApiError(401, "UNAUTHORIZED", message)


def forbidden(message: str = "forbidden") -> ApiError:
    """403: the caller is known but may not do this."""
    return ApiError(403, "FORBIDDEN", message)


def denied(message: str) -> ApiError:
    """403 in the registry's word, as for a quota."""
    return ApiError(403, "DENIED", message)


def not_found(what: str) -> ApiError:
    """404: `what`, for instance "project demo", is not there."""
    return ApiError(404, "NOT_FOUND", f"{what} not found")


def not_allowed(message: str) -> ApiError:
    """405 with `message`."""
    return ApiError(405, "METHOD_NOT_ALLOWED", message)


def conflict(message: str) -> ApiError:
    """409 with `message`."""
    return ApiError(409, "CONFLICT", message)


def precondition(message: str) -> ApiError:
    """412 with `message`."""
    return ApiError(412, "PRECONDITION", message)


def violation(message: str) -> ApiError:
    """412: what the project's policy forbids."""
    return ApiError(412, "PROJECTPOLICYVIOLATION", message)


def unprocessable(message: str) -> ApiError:
    """422: a parameter outside what the API description allows."""
    return ApiError(422, "UNPROCESSABLE_ENTITY", message)


def unavailable(what: str) -> ApiError:
    """502: `what`, a registry, does not answer."""
    return ApiError(502, "UNKNOWN", f"{what} does not answer")
