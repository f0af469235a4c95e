"""The plugin while Harbor is unwell, and certificates: faults are borne with, and a creation whose answer was lost is found again."""

from dataclasses import replace
from pathlib import Path
from threading import Event, Timer

import httpx
import pytest

from sandbox.providers import api
from sandbox.providers.api import RefusedError
from sandbox.providers.harbor import Harbor
from sandbox.providers.plugin import Log, State
from sandbox.providers.tls.certificates import SelfSignedCert
from sandbox.providers.tls.keys import PrivateKey
from tests.unit.sandbox.providers.contexts import context
from tests.unit.sandbox.providers.harbor.cases import TYPES, logs_in, wanted
from tests.unit.sandbox.providers.harbor.server import PASSWORD, Kind, Served, configured, serving

Faults = dict[str, list[int | str]]


@pytest.fixture
def faults(monkeypatch: pytest.MonkeyPatch) -> Faults:
    """What the next requests of a method meet, in their order.

    A number is a status without the deed; `cut` a connection that breaks before it, `lost` one that breaks after it.
    """
    send, due = httpx.HTTPTransport.handle_request, Faults()

    def faulty(self: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
        waiting = due.get(request.method, [])
        fault = waiting.pop(0) if waiting else None
        if fault == "cut":
            raise httpx.ConnectError(f"with the header {request.headers['Authorization']}")
        if isinstance(fault, int):
            return httpx.Response(fault)
        answer = send(self, request)
        if fault == "lost":
            answer.read()
            raise httpx.RemoteProtocolError("incomplete")
        return answer

    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", faulty)
    monkeypatch.setattr(api, "_LONGEST_PAUSE_SECONDS", 0.01)
    return due


@pytest.mark.parametrize("met", [[503, 502, "cut"], ["lost", 503]], ids=str)
@pytest.mark.parametrize("name", sorted(TYPES.keys() - {"ConfigSystem"}))
def test_a_creation_that_met_a_fault_is_made_once(harbor: Harbor, served: Served, faults: Faults, name: str, met: list[int | str]) -> None:
    projects, kind = Kind(harbor, "Project"), Kind(harbor, name)
    project = projects.create(name="faulty")
    faults["POST"] = list(met)
    state = kind.create(**wanted(served, name, project))
    assert len(faults["POST"]) < len(met)
    assert kind.read(state) is not None
    if name == "RetentionPolicy":
        kind.resource.delete(context(), state)
    else:
        kind.delete(state)
    projects.delete(project)


def test_the_secret_of_a_robot_that_nobody_was_told_is_made_anew(harbor: Harbor, faults: Faults, served: Served) -> None:
    robots = Kind(harbor, "RobotAccount")
    faults["POST"] = ["lost"]
    state = robots.create(**{name: value for name, value in TYPES["RobotAccount"][0].items() if name != "secret"})
    assert logs_in(served.url, state, state.outputs["secret"])
    faults["DELETE"] = ["lost", 503]
    robots.delete(state)


def test_one_that_was_there_before_is_not_taken_over(harbor: Harbor, faults: Faults) -> None:
    projects = Kind(harbor, "Project")
    state = projects.create(name="before")
    faults["POST"] = [503]
    with pytest.raises(RefusedError, match=f"409.*import it .* {state.id}"):
        projects.create(name="before")
    projects.delete(state)


class Lines(Log):
    """A log that is kept."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def status(self, message: str) -> None:
        self.lines.append(message)


@pytest.mark.parametrize("fault", [502, 503, "cut"])
def test_a_restart_is_waited_for_and_told(harbor: Harbor, faults: Faults, fault: int | str) -> None:
    log, configuration = Lines(), Kind(harbor, "ConfigSystem").resource
    faults["GET"] = [fault, fault]
    assert configuration.read(context(log=log), State("configuration/system", {}))
    assert len(log.lines) == 2
    assert log.lines[0].startswith("waiting for Harbor: Harbor ")


def test_who_gives_up_says_what_failed_and_what_to_do(harbor: Harbor, faults: Faults, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "_PATIENCE_SECONDS", 0.2)
    faults["GET"] = ["cut"] * 1000
    with pytest.raises(RefusedError, match=r"GET /configurations .*\d times in \d+ s\); next: see whether Harbor is well") as given_up:
        Kind(harbor, "ConfigSystem").read(State("configuration/system", {}))
    assert PASSWORD not in str(given_up.value)
    assert "Basic" not in str(given_up.value)


def test_an_interrupt_ends_the_wait(faults: Faults) -> None:
    cancelled = Event()
    Timer(0.1, cancelled.set).start()
    nobody = Kind(configured("http://127.0.0.1:9"), "Project").resource
    with pytest.raises(RuntimeError, match="interrupted while waiting for Harbor"):
        nobody.read(replace(context(), cancelled=cancelled), State("/projects/1", {}))


def test_a_certificate_is_checked_against_the_file_as_it_is_now(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = PrivateKey().create(context(), {"algorithm": "ECDSA", "ecdsaCurve": "P256"}).outputs["privateKeyPem"]
    wanted = {"allowedUses": ["server_auth"], "ipAddresses": ["127.0.0.1"], "subject": {"commonName": "harbor"}, "validityPeriodHours": 1}
    certificate = SelfSignedCert().create(context(), {"privateKeyPem": key, **wanted}).outputs["certPem"]
    pair, trusted = tmp_path / "pair.pem", tmp_path / "trusted.pem"
    pair.write_text(key + certificate)
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    system = State("configuration/system", {})
    with serving(tmp_path / "data", certificate=pair) as harbor:
        assert Kind(configured(harbor.url, insecure=True), "ConfigSystem").read(system)
        checking = Kind(configured(harbor.url, insecure=False), "ConfigSystem")
        with pytest.raises(RefusedError, match=r"certificate that is not trusted.*next: have SSL_CERT_FILE name"):
            checking.read(system)
        trusted.write_text(certificate)
        assert checking.read(system)
