"""A container's inputs become the request that the daemon expects."""

import io
import tarfile
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest

from sandbox.providers.docker.client import Client
from sandbox.providers.docker.container import Container
from sandbox.providers.docker.network import Network
from sandbox.providers.docker.spec import body, labels, listed_labels, nanoseconds
from sandbox.providers.docker.uploads import archive
from sandbox.providers.plugin import State
from tests.unit.sandbox.providers.contexts import context

NODE = {
    "image": "slipway/node:1.34.4",
    "name": "node",
    "hostname": "node",
    "command": ["/entry"],
    "envs": ["A=1"],
    "capabilities": {"adds": ["SYS_ADMIN"], "drops": ["MKNOD"]},
    "securityOpts": ["seccomp=unconfined"],
    "devices": [{"hostPath": "/dev/kmsg"}],
    "deviceCgroupRules": ["a *:* rwm"],
    "cgroupnsMode": "private",
    "tmpfs": {"/run": "exec"},
    "volumes": [
        {"volumeName": "etcd", "containerPath": "/var/lib/etcd"},
        {"hostPath": "/lib/modules", "containerPath": "/lib/modules", "readOnly": True},
        {"containerPath": "/var/lib/containerd"},
    ],
    "networksAdvanced": [{"name": "slipway-dev", "ipv4Address": "10.89.7.10", "aliases": ["n"]}, {"name": "other"}],
    "ports": [{"internal": 6443, "external": 16443, "ip": "127.0.0.1"}, {"internal": 53, "protocol": "udp"}],
    "hosts": [{"host": "gitlab.dev.test", "ip": "10.89.7.4"}],
    "labels": [{"label": "slipway", "value": "dev"}],
    "restart": "unless-stopped",
    "memory": 2048,
    "memorySwap": -1,
    "healthcheck": {"tests": ["CMD", "true"], "interval": "1m30s", "retries": 3},
    "ulimits": [{"name": "nofile", "soft": 1024, "hard": 2048}],
}


def test_a_node_becomes_one_request() -> None:
    request = body(NODE)
    host = request["HostConfig"]
    assert request["Cmd"] == ["/entry"]
    assert request["Labels"] == {"slipway": "dev"}
    assert request["Volumes"] == {"/var/lib/containerd": {}}
    assert request["Healthcheck"] == {"Test": ["CMD", "true"], "Interval": 90 * 10**9, "Retries": 3}
    assert request["ExposedPorts"] == {"6443/tcp": {}, "53/udp": {}}
    assert host["Binds"] == ["etcd:/var/lib/etcd", "/lib/modules:/lib/modules:ro"]
    assert host["PortBindings"]["6443/tcp"] == [{"HostIp": "127.0.0.1", "HostPort": "16443"}]
    assert host["PortBindings"]["53/udp"] == [{"HostIp": "0.0.0.0", "HostPort": ""}]
    assert host["Devices"] == [{"PathOnHost": "/dev/kmsg", "PathInContainer": "/dev/kmsg", "CgroupPermissions": "rwm"}]
    assert (host["CapAdd"], host["CapDrop"], host["Memory"], host["MemorySwap"]) == (["SYS_ADMIN"], ["MKNOD"], 2 << 30, -1)
    assert (host["ExtraHosts"], host["CgroupnsMode"], host["Tmpfs"]) == (["gitlab.dev.test:10.89.7.4"], "private", {"/run": "exec"})
    assert host["RestartPolicy"] == {"Name": "unless-stopped", "MaximumRetryCount": 0}


def test_the_first_network_is_the_main_one() -> None:
    request = body(NODE)
    endpoint = {"Aliases": ["n"], "IPAMConfig": {"IPv4Address": "10.89.7.10"}}
    assert request["NetworkingConfig"] == {"EndpointsConfig": {"slipway-dev": endpoint}}
    assert request["HostConfig"]["NetworkMode"] == "slipway-dev"


def test_what_is_absent_is_left_to_the_daemon() -> None:
    assert body({"image": "a"}) == {
        "Image": "a",
        "HostConfig": {"RestartPolicy": {"Name": "no", "MaximumRetryCount": 0}},
        "NetworkingConfig": {"EndpointsConfig": {}},
    }


@pytest.mark.parametrize(("text", "expected"), [("500ms", 5 * 10**8), ("1m30s", 90 * 10**9), ("1.5h", 5400 * 10**9)])
def test_durations_are_go_durations(text: str, expected: int) -> None:
    assert nanoseconds(text) == expected


@pytest.mark.parametrize("text", ["10", "s", "1 m", "1d"])
def test_other_durations_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=f"{text!r} is no duration"):
        nanoseconds(text)


def test_uploads_are_files_with_their_modes(tmp_path: Path) -> None:
    (tmp_path / "local").write_bytes(b"\xff")
    uploads: list[dict[str, Any]] = [
        {"file": "/etc/kubernetes/pki/ca.key", "content": "schlüssel", "permissions": "0600"},
        {"file": "/usr/bin/run", "contentBase64": b64encode(b"\x00").decode(), "executable": True},
        {"file": "/data", "source": str(tmp_path / "local")},
    ]
    with tarfile.open(fileobj=io.BytesIO(archive(uploads))) as tar:
        found = {entry.name: (entry.mode, tar.extractfile(entry).read()) for entry in tar}  # type: ignore[union-attr]
    assert found == {
        "etc/kubernetes/pki/ca.key": (0o600, "schlüssel".encode()),
        "usr/bin/run": (0o744, b"\x00"),
        "data": (0o644, b"\xff"),
    }


def test_an_upload_without_content_is_refused() -> None:
    with pytest.raises(ValueError, match="the upload of /etc/x has no content"):
        archive([{"file": "/etc/x"}])


def test_labels_survive_a_round_trip() -> None:
    listed = [{"label": "a", "value": "1"}, {"label": "b", "value": ""}]
    assert listed_labels(labels(listed)) == listed


def test_every_input_of_a_node_is_covered() -> None:
    assert not Container(Client()).check(context(), None, NODE)[1]


def test_what_is_not_covered_is_refused_by_its_path() -> None:
    inputs = {**NODE, "gpus": "all", "uploads": [{"file": "/a", "content": "", "owner": "root"}]}
    failures = Container(Client()).check(context(), None, inputs)[1]
    assert [failure.property for failure in failures] == ["gpus", "uploads.owner"]


def test_limits_change_in_place_and_the_rest_replaces() -> None:
    old = State("id", {}, NODE)
    container = Container(Client())
    assert not container.diff(context(), old, {**NODE, "restart": "always", "memory": 4096}).replaces
    diff = container.diff(context(), old, {**NODE, "envs": ["A=2"]})
    assert (set(diff.replaces), diff.delete_before_replace) == ({"envs[0]"}, True)


def test_a_made_up_name_is_kept_and_lets_the_new_one_come_first() -> None:
    network = Network(Client())
    inputs, _ = network.check(context("net"), None, {})
    again, _ = network.check(context("net"), inputs, {"driver": "macvlan"})
    assert inputs["name"].startswith("net-")
    assert again["name"] == inputs["name"]
    assert not network.diff(context("net"), State("id", {}, inputs), again).delete_before_replace
