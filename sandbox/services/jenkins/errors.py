"""Answers other than success."""


class HttpError(Exception):
    """Arguments: `status`, the HTTP status; `message`, a sentence without secrets; `headers`, extra response headers."""

    def __init__(self, status: int, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(f"{status}: {message}")
        self.status, self.message, self.headers = status, message, headers or {}


def not_found() -> HttpError:
    """404: there is no such thing, or the caller may not see it."""
    return HttpError(404, "Not Found")


def missing(name: str, permission: str) -> HttpError:
    """403: the caller `name` lacks a permission."""
    return HttpError(403, f"{name} is missing the {permission} permission", {"X-Required-Permission": permission})


def not_allowed(methods: str) -> HttpError:
    """405: the address takes other methods."""
    return HttpError(405, f"This URL requires {methods}", {"Allow": methods})
