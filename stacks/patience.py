"""Questions over HTTP that a moment's fault of the other side does not fail."""

import time

import httpx

PAUSES = (0.2, 0.6, 1.8)
"""Seconds between attempts, where the other side does not ask for longer."""
LONGEST_PAUSE = 10.0


class PatientTransport(httpx.HTTPTransport):
    """Asks again after 429, a server's fault or a connection that breaks; for requests that change nothing.

    A time-out is not asked again: it was waited for already. The last answer or error is the caller's.
    """

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request, as often as there are pauses and once more."""
        for pause in PAUSES:
            try:
                response = super().handle_request(request)
            except (httpx.NetworkError, httpx.RemoteProtocolError):
                time.sleep(pause)
                continue
            if response.status_code != 429 and response.status_code < 500:
                return response
            response.close()
            asked = response.headers.get("Retry-After", "")
            time.sleep(min(float(asked), LONGEST_PAUSE) if asked.isdigit() else pause)
        return super().handle_request(request)
