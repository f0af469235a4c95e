"""A small site: says who answers, in which version."""

import os
import socket

from django.http import HttpRequest, JsonResponse
from django.urls import path


def index(request: HttpRequest) -> JsonResponse:
    """Name, version and host of this instance."""
    return JsonResponse({"name": "django", "version": os.environ.get("APP_VERSION", "1.0.0"), "hostname": socket.gethostname()})


urlpatterns = [path("", index)]
