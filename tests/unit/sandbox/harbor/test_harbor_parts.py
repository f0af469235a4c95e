"""Versions, patterns and the command line, alone."""

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from sandbox.services.harbor.__main__ import main
from sandbox.services.harbor.keys import open_signer
from sandbox.services.harbor.scan import advisories
from sandbox.services.harbor.scan.versions import older
from sandbox.services.harbor.selectors import fits, selects

DEB = ["1~rc1", "1", "1-0.1", "1-1", "1-1+deb12u1", "1-2", "1.0-1", "1.0a-1", "1.0+b-1", "1.9", "1.10", "2:0.1", "10:0"]
PYTHON = ["junk", "1.0.dev1", "1.0a1", "1.0rc1", "1.0", "1.0.post1", "1.10", "2.0"]
NPM = ["junk", "1.0.0-1", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-beta", "1.0.0", "1.0.2", "1.0.10", "2.0.0"]


@pytest.mark.parametrize(("ecosystem", "versions"), [("deb", DEB), ("python", PYTHON), ("npm", NPM)])
def test_versions_are_in_order(ecosystem: str, versions: list[str]) -> None:
    for at, first in enumerate(versions):
        for later, second in enumerate(versions):
            assert older(ecosystem, first, second) == (at < later), (first, second)


@given(st.sampled_from(["deb", "python", "npm"]), st.text(), st.text())
def test_any_two_versions_can_be_compared(ecosystem: str, first: str, second: str) -> None:
    assert not (older(ecosystem, first, second) and older(ecosystem, second, first))


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("**", "a/b", True), ("*", "a/b", False), ("*", "a", True), ("v*", "v1.2", True), ("v*", "av1", False), ("a/**", "a/b/c", True),
        ("a/**/d", "a/d", True), ("a/**/d", "a/b/c/d", True), ("{v*,release-*}", "release-1", True), ("{v*,release-*}", "x", False),
        ("v?", "v1", True), ("v?", "v12", False), ("v[0-9]", "v7", True), ("v[^0-9]", "v7", False), ("a.b", "axb", False),
        ("[", "x", False), ("", "", True), ("latest", "latest", True),
    ],
)  # fmt: skip
def test_patterns(pattern: str, text: str, expected: bool) -> None:
    assert fits(pattern, text) is expected


@given(st.text(), st.text())
def test_no_pattern_is_too_odd(pattern: str, text: str) -> None:
    assert fits(pattern, text) in (True, False)
    kept = selects({"decoration": "matches", "pattern": pattern}, text)
    assert selects({"decoration": "repoExcludes", "pattern": pattern}, text) is not kept


def test_the_advisories_say_that_they_are_made_up() -> None:
    for each in advisories.read(advisories.DEFAULT):
        assert "STAND-IN" in each.id
        assert "STAND-IN" in each.title


@pytest.mark.parametrize(
    "text", ["[[advisory]]\nid = 'x'\n", "nonsense", "[[advisory]]\nid='x'\npackage='p'\necosystem='go'\nseverity='Low'\ntitle=''\n"]
)
def test_advisories_that_do_not_fit_are_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "advisories.toml"
    file.write_text(text)
    with pytest.raises(ValueError, match="expected"):
        advisories.read(file)


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> None:
    monkeypatch.setattr("sys.argv", ["harbor", *arguments])
    monkeypatch.delenv("HARBOR_ADMIN_PASSWORD", raising=False)
    main()


def test_arguments_that_do_not_fit_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    common = ("--data", str(tmp_path), "--url", "http://harbor.test")
    for arguments, message in (
        (common, "HARBOR_ADMIN_PASSWORD"),
        ((*common, "--admin-password-file", "/nowhere"), "/nowhere"),
        ((*common, "--token-key", "/nowhere"), "--token-cert"),
        ((*common, "--advisories", "/nowhere"), "--advisories /nowhere"),
        (("init", *common), "--registry-config"),
    ):
        with pytest.raises(SystemExit) as ended:
            run(monkeypatch, *arguments)
        assert ended.value.code == 2
        assert message in capsys.readouterr().err


def test_the_registry_gets_what_it_starts_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    arguments = ("init", "--data", str(tmp_path / "data"), "--url", "https://harbor.test/", "--registry-url", "http://127.0.0.1:5001")
    run(monkeypatch, *arguments, "--registry-config", str(tmp_path / "etc"), "--storage", "/images")
    files = {file.name: file.read_text() for file in (tmp_path / "etc").iterdir()}
    assert set(files) == {"config.yml", "root.crt", "http-secret"}
    config = yaml.safe_load(files["config.yml"])
    assert config["auth"]["token"]["realm"] == "https://harbor.test/service/token"
    assert (config["http"]["addr"], config["storage"]["filesystem"]["rootdirectory"]) == ("127.0.0.1:5001", "/images")
    run(monkeypatch, *arguments, "--registry-config", str(tmp_path / "etc"), "--storage", "/images")
    assert {file.name: file.read_text() for file in (tmp_path / "etc").iterdir()} == files


def test_a_key_of_another_certificate_is_refused(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        open_signer(tmp_path / name)
    with pytest.raises(ValueError, match="is not that of the key"):
        open_signer(tmp_path, tmp_path / "one/token.key", tmp_path / "two/token.crt")
