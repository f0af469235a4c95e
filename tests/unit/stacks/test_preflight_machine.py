"""What the Docker engine, the cluster and the disk must hold."""

import os
import socket
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from stacks.preflight import hosts
from tests.unit.stacks.conftest import NETWORK, World

NODE_NAME = "slipway-1-dev"


def test_a_stopped_engine(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere = tmp_path / "no-docker.sock"
    monkeypatch.setenv("DOCKER_HOST", f"unix://{nowhere}")
    assert world.problems() == (
        f"no Docker engine answers at unix://{nowhere} ([Errno 2] No such file or directory); "
        "start it (sudo systemctl start docker), or set DOCKER_HOST",
    )


def test_an_engine_that_went_and_left_its_socket(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    left = tmp_path / "left.sock"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(left))
    monkeypatch.setenv("DOCKER_HOST", f"unix://{left}")
    [problem] = world.problems()
    assert problem.startswith(f"no Docker engine answers at unix://{left} ([Errno 111] Connection refused); start it")


def test_a_socket_of_others(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may use any
    [problem] = world.problems()
    assert problem.startswith("Docker's socket /")
    assert problem.endswith("may not be used by this user; join its group (sudo usermod -aG docker $USER), or set DOCKER_HOST")


def test_a_network_that_is_not_there(world: World) -> None:
    world.engine.answers.clear()
    assert world.problems() == (
        "Docker network 'slipway-1' does not exist; docker network create slipway-1, or set slipway:cluster.node.network",
    )


def test_an_address_elsewhere(world: World) -> None:
    world.config["cluster"]["node"]["address"] = "10.1.2.3"
    assert world.problems() == (
        "address 10.1.2.3 is not on the Docker network 'slipway-1' (10.89.7.0/24); set slipway:cluster.node.address to a free one there",
    )


def test_an_address_that_is_taken_by_another_and_not_by_our_own_node(world: World) -> None:
    def on_network(name: str) -> dict[str, Any]:
        return NETWORK | {"Containers": {"1": {"Name": name, "IPv4Address": "10.89.7.10/24"}}}

    world.engine.answers["/networks/slipway-1"] = on_network("web")
    assert world.problems() == ("address 10.89.7.10 is taken by the container web; set slipway:cluster.node.address to a free one",)
    world.engine.answers["/networks/slipway-1"] = on_network(NODE_NAME)
    assert world.problems() == ()


def test_a_container_of_the_nodes_name(world: World) -> None:
    world.engine.answers[f"/containers/{NODE_NAME}/json"] = {"Config": {"Labels": {"slipway.dev/stack": "dev"}}}
    assert world.problems() == ()
    world.engine.answers[f"/containers/{NODE_NAME}/json"] = {"Config": {"Labels": None}}
    assert world.problems() == (
        f"Docker container {NODE_NAME} is there and not of the stack dev; "
        f"remove it (docker rm -f {NODE_NAME}), or name the stack otherwise",
    )


def test_charts_that_are_not_there(world: World, tmp_path: Path) -> None:
    (tmp_path / "argo-cd" / "Chart.yaml").unlink()
    assert world.problems() == (f"chart directory {tmp_path} has no argo-cd/Chart.yaml; set slipway:charts.source, or put the chart there",)


def test_hosts_that_do_not_resolve_are_a_warning_only(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    warnings: list[str] = []
    monkeypatch.setattr("pulumi.log.warn", warnings.append)
    monkeypatch.setattr(hosts, "HOSTS", {"argocd": "why"})
    world.config["domain"] = "dev.invalid"
    assert world.problems() == ()
    assert [warning.partition(":")[0] for warning in warnings] == ["argocd.dev.invalid does not resolve on this machine"]


def test_all_that_is_wrong_is_said_at_once(world: World, tmp_path: Path) -> None:
    world.config["gitlab"]["group"] = "nobody"
    world.config["cluster"] = {"kubeconfig": {"path": str(tmp_path / "none"), "context": "dev"}}
    (tmp_path / "argo-cd" / "Chart.yaml").unlink()
    assert [problem.split()[0] for problem in world.problems()] == ["chart", "GitLab", "kubeconfig"]


@pytest.fixture
def api_server(tmp_path: Path) -> Iterator[dict[str, Any]]:
    """A Kubernetes API server with TLS by an authority of its own; it knows the token `good`. The cluster's part of a kubeconfig."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status = {"Bearer good": 200, "Bearer weak": 403}.get(self.headers.get("Authorization", ""), 401)
            self.send_response(status)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, format: str, *args: Any) -> None:
            """Quiet."""

    certificate = _certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield {"server": f"https://127.0.0.1:{server.server_port}", "certificate-authority": certificate.name}
        server.shutdown()


def kubeconfig(world: World, folder: Path, cluster: dict[str, Any], user: dict[str, Any], context: str = "dev") -> Path:
    """Make the world use this cluster by a kubeconfig with the context `dev`."""
    file = folder / "kubeconfig"
    content = {
        "contexts": [{"name": "dev", "context": {"cluster": "c", "user": "u"}}],
        "clusters": [{"name": "c", "cluster": cluster}],
        "users": [{"name": "u", "user": user}],
    }
    file.write_text(yaml.safe_dump(content))
    world.config["cluster"] = {"kubeconfig": {"path": str(file), "context": context}}
    return file


def test_a_good_cluster_passes(world: World, tmp_path: Path, api_server: dict[str, Any]) -> None:
    kubeconfig(world, tmp_path, api_server, {"token": "good"})
    assert world.problems() == ()


def test_a_user_whom_a_program_knows_is_not_asked_about(world: World, tmp_path: Path) -> None:
    kubeconfig(world, tmp_path, {"server": "https://127.0.0.1:1"}, {"exec": {"command": "aws"}})
    assert world.problems() == ()


@pytest.mark.parametrize(
    ("token", "expected"),
    [
        ("old", "does not know the kubeconfig's user (HTTP 401)"),
        ("weak", "does not let the kubeconfig's user list namespaces (HTTP 403)"),
    ],
)
def test_a_cluster_that_does_not_let_the_user_in(
    world: World, tmp_path: Path, api_server: dict[str, Any], token: str, expected: str
) -> None:
    kubeconfig(world, tmp_path, api_server, {"token": token})
    assert world.problems() == (
        f"the cluster of the context 'dev' at {api_server['server']} {expected}; "
        "the platform needs cluster-admin: renew the credential, or use another context",
    )


def test_a_cluster_that_does_not_answer(world: World, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        server = f"https://127.0.0.1:{unused.getsockname()[1]}"
    kubeconfig(world, tmp_path, {"server": server}, {"token": "good"})
    [problem] = world.problems()
    assert problem.startswith(f"the cluster of the context 'dev' at {server} cannot be reached (")
    assert problem.endswith("start it, or set slipway:cluster.kubeconfig.context")


def test_a_cluster_of_an_authority_that_nobody_trusts(world: World, tmp_path: Path, api_server: dict[str, Any]) -> None:
    kubeconfig(world, tmp_path, {"server": api_server["server"]}, {"token": "good"})
    [problem] = world.problems()
    assert "certificate verify failed" in problem


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("{not yaml", "is not one (no list of contexts); set slipway:cluster.kubeconfig.path"),
        ("just text", "is not one (no list of contexts); set slipway:cluster.kubeconfig.path"),
        (None, "cannot be read (No such file or directory); set slipway:cluster.kubeconfig.path"),
    ],
)
def test_a_kubeconfig_that_is_none(world: World, tmp_path: Path, content: str | None, expected: str) -> None:
    file = tmp_path / "config"
    if content:
        file.write_text(content)
    world.config["cluster"] = {"kubeconfig": {"path": str(file), "context": "dev"}}
    assert world.problems() == (f"kubeconfig {file} {expected}",)


def test_a_context_that_does_not_exist(world: World, tmp_path: Path) -> None:
    file = kubeconfig(world, tmp_path, {}, {}, context="prod")
    assert world.problems() == (f"kubeconfig {file} has no context 'prod', only: dev; set slipway:cluster.kubeconfig.context",)


def _certificate(folder: Path) -> Path:
    """A certificate for 127.0.0.1, signed by itself, and its key in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "kubernetes")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(days=1))
    alternative = x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))])
    made = builder.add_extension(alternative, critical=False).sign(key, hashes.SHA256())
    file = folder / "server.pem"
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + made.public_bytes(Encoding.PEM)
    file.write_bytes(pem)
    return file
