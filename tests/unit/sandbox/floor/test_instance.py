"""Names and addresses of a sandbox, and its block in /etc/hosts."""

from ipaddress import IPv4Network
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sandbox import hosts
from sandbox.errors import SandboxError
from sandbox.instance import SERVICES, Addresses, Sandbox, check_name, checkout

BEFORE = "127.0.0.1 localhost\n::1 ip6-localhost\n"


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A hosts file of our own."""
    path = tmp_path / "hosts"
    path.write_text(BEFORE)
    monkeypatch.setattr(hosts, "FILE", path)
    return path


@pytest.mark.parametrize("name", ["", "Dev", "-a", "a-", "a.b", "a" * 21, "1a", "ä", "a b", "../x", "a\nb"])
def test_a_name_that_cannot_be_part_of_a_host_name_is_refused(name: str) -> None:
    with pytest.raises(SandboxError, match="lower-case letter"):
        Sandbox(name)


@pytest.mark.parametrize("name", ["gitlab", "dns", "registry", f"e2e-{checkout()}"])
def test_a_name_that_containers_of_the_sandbox_have_is_refused(name: str) -> None:
    with pytest.raises(SandboxError, match="own containers have it"):
        check_name(name, "stack")


@given(st.from_regex(r"[a-z]([a-z0-9-]{0,18}[a-z0-9])?", fullmatch=True))
def test_every_container_of_a_sandbox_has_a_valid_host_name(name: str) -> None:
    assume(name not in SERVICES)
    longest = Sandbox(name).container(name)
    assert len(longest) <= 63


def test_services_and_nodes_have_addresses_of_their_own() -> None:
    addresses = Addresses(IPv4Network("10.89.7.0/24"))
    used = [addresses.dns, addresses.registry, addresses.gitlab, *map(addresses.node, range(20))]
    assert len(set(used)) == len(used)
    assert all(address in addresses.subnet for address in used)


def test_the_block_is_written_replaced_and_removed_without_a_trace(file: Path) -> None:
    sandbox = Sandbox("dev")
    hosts.write(sandbox, {"gitlab.dev.test": "10.89.0.4"}, alive=lambda _: True)
    hosts.write(sandbox, {"gitlab.dev.test": "10.89.1.4", "sample.dev.test": "10.89.1.10"}, alive=lambda _: True)
    assert file.read_text().count("gitlab.dev.test") == 1
    assert "10.89.1.10 sample.dev.test\n" in file.read_text()
    assert file.read_text().startswith(BEFORE)
    hosts.remove(sandbox)
    assert file.read_text() == BEFORE


def test_a_name_of_another_checkouts_sandbox_is_refused_while_that_runs(file: Path) -> None:
    block = "# slipway dev-000000 begin\n10.89.0.4 gitlab.dev.test\n10.89.0.10 sample.dev.test\n# slipway dev-000000 end\n"
    file.write_text(BEFORE + block)
    before = file.read_text()
    with pytest.raises(SandboxError, match=r"(?s)sample\.dev\.test belongs to the sandbox dev-000000.*make up NAME="):
        hosts.write(Sandbox("dev"), {"sample.dev.test": "10.89.1.10"}, alive=lambda _: True)
    assert file.read_text() == before


def test_the_block_of_a_sandbox_that_is_gone_is_replaced(file: Path) -> None:
    file.write_text(f"{BEFORE}# slipway dev-000000 begin\n10.89.0.4 gitlab.dev.test\n# slipway dev-000000 end\n")
    hosts.write(Sandbox("dev"), {"gitlab.dev.test": "10.89.1.4"}, alive=lambda _: False)
    assert "dev-000000" not in file.read_text()
    assert "10.89.1.4 gitlab.dev.test\n" in file.read_text()
