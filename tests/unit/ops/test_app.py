"""`slipway app create` on files that people wrote."""

from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from ops.cli import main

CONFIG = """\
# The platform of the shop.
config:
  slipway:domain: dev.example.com  # ours
  slipway:tenants:
    - workspace: acme  # the first
      user: alice
      applications:
        - project: shop
          hosts: [shop.example.com]
"""


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "Pulumi.dev.yaml"
    file.write_text(CONFIG)
    monkeypatch.setenv("PULUMI_OPTION_CONFIG_FILE", str(file))
    monkeypatch.setenv("PULUMI_STACK", "dev")
    return file


def create(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["app", "create", *arguments])


def test_an_application_of_a_known_user_is_added_and_the_rest_stays_as_it_was(config: Path) -> None:
    done = create("acme/alice/api", "--port", "9000", "--host", "api.example.com")
    assert done.exit_code == 0, done.output
    assert "`slipway up` makes it" in done.output
    text = config.read_text()
    assert all(line in text for line in CONFIG.splitlines())
    (tenant,) = yaml.safe_load(text)["config"]["slipway:tenants"]
    assert tenant["applications"][1] == {"project": "api", "port": 9000, "hosts": ["api.example.com"]}


def test_a_new_user_comes_with_the_application(config: Path) -> None:
    assert create("umbrella/bob/lab").exit_code == 0
    tenants = yaml.safe_load(config.read_text())["config"]["slipway:tenants"]
    assert tenants[1] == {"workspace": "umbrella", "user": "bob", "applications": [{"project": "lab", "port": 8080}]}


def test_where_tenants_are_files_a_new_user_is_a_file(config: Path, tmp_path: Path) -> None:
    folder = tmp_path / "tenants"
    folder.mkdir()
    config.write_text(f"{CONFIG}  slipway:tenantsFolder: {folder}\n")
    before = config.read_text()
    assert create("umbrella/bob/lab").exit_code == 0
    assert create("umbrella/bob/blog").exit_code == 0
    assert config.read_text() == before
    assert [each["project"] for each in yaml.safe_load((folder / "bob.yaml").read_text())["applications"]] == ["lab", "blog"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("acme/alice/shop",), "acme/alice/shop is there more than once"),
        (("umbrella/alice/lab",), "the user 'alice' belongs to the workspace 'acme', not to 'umbrella'"),
        (("acme/alice/lab", "--host", "shop.example.com"), "host shop.example.com belongs to 2 applications"),
        (("acme/alice/lab", "--host", "Shop"), "applications.1.hosts.0 is 'Shop'"),
        (("platform/eve/lab",), "workspace 'platform' has a name that the platform"),
        (("acme/a--b/lab",), "user is 'a--b'"),
        (("acme/../lab",), "user id '..' is not a lower-case DNS label"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_written(config: Path, arguments: tuple[str, ...], told: str) -> None:
    refused = create(*arguments)
    assert refused.exit_code == 1
    assert told in refused.output
    assert config.read_text() == CONFIG


def test_without_a_configuration_it_says_where_it_looked(config: Path) -> None:
    config.unlink()
    assert f"{config} does not exist" in create("acme/alice/lab").output
