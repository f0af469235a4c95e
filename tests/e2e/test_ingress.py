"""The ingress in a running cluster: no request is lost, and no Ingress harms another."""

import threading

import httpx
import pytest

from sandbox.tenants import PROJECT, USER
from tests.e2e.support import Platform, eventually

NAMESPACE = f"user-{USER}"


class Load:
    """Requests to an application, one after the other on kept connections, until the block ends."""

    def __init__(self, platform: Platform, application: str) -> None:
        self._url = f"http://{platform.node}/"
        self._headers = {"Host": f"{application}.{platform.name}.test"}
        self._end = threading.Event()
        self._threads = [threading.Thread(target=self._ask) for _ in range(2)]
        self.answers: list[str] = []

    def __enter__(self) -> "Load":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        for thread in self._threads:
            thread.join()

    def _ask(self) -> None:
        with httpx.Client(headers=self._headers, timeout=10, trust_env=False) as client:
            while not self._end.is_set():
                try:
                    self.answers.append(str(client.get(self._url).status_code))
                except httpx.HTTPError as error:
                    self.answers.append(repr(error))


def test_a_rollout_loses_no_request(platform: Platform) -> None:
    deployment = f"deployment/{USER}-{PROJECT}"
    with Load(platform, PROJECT) as load:
        platform.kubectl("-n", NAMESPACE, "rollout", "restart", deployment)
        platform.kubectl("-n", NAMESPACE, "rollout", "status", deployment, "--timeout=120s")
    assert set(load.answers) == {"200"}


def test_an_unknown_host_is_not_found(platform: Platform) -> None:
    assert platform.get("nobody").status_code == 404


@pytest.mark.parametrize("rule", ["hostile.test/a{}=web:80", "{host}/taken=web:80"])
def test_a_strange_ingress_harms_nobody(platform: Platform, rule: str) -> None:
    host = f"{PROJECT}.{platform.name}.test"
    platform.kubectl("-n", "default", "create", "ingress", "strange", "--class=nginx", f"--rule={rule.replace('{host}', host)}")
    try:
        # It was read once it has an address.
        eventually(lambda: platform.object("ingress", "strange", "default")["status"]["loadBalancer"]["ingress"], 30, "an address")
        assert platform.get(PROJECT).status_code == 200
    finally:
        platform.kubectl("-n", "default", "delete", "ingress", "strange")
