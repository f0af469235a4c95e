"""What a checkout is taken for, whatever is in it."""

import contextlib
import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitops.frameworks import Plan, bases, detect, ignore, render, tree
from gitops.release.errors import RefusedError

FLASK = {"requirements.txt": "flask==3.1.3\n", "app.py": "from flask import Flask\napp = Flask(__name__)\n"}


def checkout(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    for name, content in files.items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def refusal(folder: Path, **options: str) -> str:
    with pytest.raises(RefusedError) as caught:
        detect(folder, **options)  # type: ignore[arg-type]
    return caught.value.message


@pytest.mark.parametrize(
    ("files", "framework"),
    [
        ({**FLASK, "Dockerfile": "FROM scratch\n"}, "dockerfile"),
        ({**FLASK, "package.json": '{"scripts": {"start": "node x.js"}}'}, "flask"),
        ({"requirements.txt": "Django>=5\nflask\n", "manage.py": "", "shop/wsgi.py": ""}, "django"),
        ({"pyproject.toml": '[project]\ndependencies = ["FastAPI[standard]"]\n', "src/api/main.py": "app = FastAPI()\n"}, "fastapi"),
        ({"requirements.txt": "flask\n", "shop/__init__.py": "def create_app():\n    return None\n"}, "flask"),
        ({"requirements.txt": "flask\n", "main.py": "print(1)\n"}, "python"),
        ({"package.json": '{"dependencies": {"next": "15", "express": "5"}}'}, "nextjs"),
        ({"package.json": '{"devDependencies": {"vite": "7"}, "scripts": {"build": "vite build"}}', "index.html": ""}, "spa"),
        ({"package.json": '{"dependencies": {"vite": "7", "express": "5"}, "scripts": {"build": "b", "start": "node s.js"}}'}, "node"),
        ({"package.json": '{"main": "lib/x.js"}', "lib/x.js": ""}, "node"),
        ({"go.mod": "module x\n\ngo 1.23\n", "cmd/serve/main.go": "package main\n"}, "go"),
        ({"public/index.html": "x", "README.md": "x"}, "static"),
    ],
)
def test_the_first_that_takes_it_wins(tmp_path: Path, files: dict[str, str], framework: str) -> None:
    plan = detect(checkout(tmp_path, files))
    assert plan.framework == framework
    assert Plan.from_json(plan.to_json()) == plan
    if framework != "dockerfile":
        assert render(plan).startswith("# Made by")


def test_the_command_follows_the_source(tmp_path: Path) -> None:
    factory = {"requirements.txt": "flask\n", "shop/__init__.py": "def create_app():\n    return None\n"}
    assert detect(checkout(tmp_path, factory)).start[-1] == "shop:create_app()"


def test_what_no_framework_knows_is_told_with_all_that_was_looked_for(tmp_path: Path) -> None:
    said = refusal(checkout(tmp_path, {"Cargo.toml": "", "services/shop/index.html": "x", "services/api/go.mod": "module x"}))
    for part in ("a Dockerfile", "manage.py", "Flask", "package.json", "pom.xml", "go.mod", "index.html", "--path", "services/shop"):
        assert part in said
    assert "services/api" not in said, "nothing was found there"
    assert detect(tmp_path, path="services/shop").path == "services/shop"


@pytest.mark.parametrize("path", ["..", "a/../..", "/etc", "nowhere", "link"])
def test_a_path_stays_in_the_checkout(tmp_path: Path, path: str) -> None:
    checkout(tmp_path / "source", FLASK)
    (tmp_path / "source" / "link").symlink_to(tmp_path)
    assert "--path is" in refusal(tmp_path / "source", path=path)


@pytest.mark.parametrize("name", ["Dockerfile", ".dockerignore", "requirements.txt", "package.json", "pom.xml", "go.mod", "index.html"])
def test_a_link_is_refused_where_it_would_be_read(tmp_path: Path, name: str) -> None:
    (tmp_path / name).symlink_to("/proc/self/environ")
    assert f"{name} is a symbolic link; expected a plain file" in refusal(tmp_path)


def test_a_link_elsewhere_does_no_harm(tmp_path: Path) -> None:
    checkout(tmp_path, FLASK)
    (tmp_path / "up").symlink_to("/")
    (tmp_path / "notes").symlink_to("/etc/passwd")
    assert detect(tmp_path).framework == "flask"


def test_a_checkout_that_is_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checkout(tmp_path, FLASK)
    with (tmp_path / "dump.sql").open("wb") as file:
        file.truncate(2**30)  # takes no room
    assert "1024 MiB" in refusal(tmp_path)
    (tmp_path / "dump.sql").unlink()
    monkeypatch.setattr(tree, "FILES", 1)
    assert "in 2 files; expected" in refusal(tmp_path)


def test_byte_order_marks_and_line_ends_mean_nothing(tmp_path: Path) -> None:
    files = {name: b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode() for name, text in FLASK.items()}
    assert detect(checkout(tmp_path, files)).framework == "flask"


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("package.json", "{", "package.json is not valid JSON"),
        ("package.json", "[" * 100_000, "package.json is not valid JSON"),
        ("package.json", "[]", "package.json holds no object"),
        ("pyproject.toml", "[", "pyproject.toml is not valid TOML"),
        ("pom.xml", "<a", "pom.xml is not valid XML"),
        ("pom.xml", '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>', "pom.xml declares a document type"),
        ("requirements.txt", b"\xff\xfe", "requirements.txt is not in UTF-8"),
        ("requirements.txt", b"x" * (2**20 + 1), "requirements.txt has more than"),
    ],
)
def test_files_that_cannot_be_read_are_named(tmp_path: Path, name: str, content: str | bytes, said: str) -> None:
    assert said in refusal(checkout(tmp_path, {name: content}))


@pytest.mark.parametrize("word", ["$(id)", "`id`", "{{ x }}", "a%0ab", "x\nRUN id", 'x"]\nRUN id #', "-rf", "'; id; '"])
def test_hostile_words_are_words_or_nothing(tmp_path: Path, word: str) -> None:
    """Whatever a package, a script or a folder is called: no line of the Dockerfile begins with it, and no shell reads it."""
    package = {"name": word, "main": word, "scripts": {"start": f"node {word}", "test": word, "build": word}, "dependencies": {word: word}}
    folder = checkout(tmp_path, {"package.json": json.dumps(package), "server.js": ""})
    (folder / word.replace("/", "_")).mkdir(exist_ok=True)
    text = render(detect(folder))
    assert "id" not in [line.removeprefix("RUN ").strip() for line in text.splitlines()]
    assert word not in text
    known = {"FROM", "ENV", "WORKDIR", "COPY", "RUN", "USER", "EXPOSE", "CMD", "#", "&&", "if", ""}
    assert {line.strip().split(" ")[0] for line in text.splitlines()} <= known


@pytest.mark.parametrize(
    ("language", "wanted", "served"),
    [
        ("python", "", "3.13"),
        ("python", ">=3.11", "3.13"),
        ("python", "<3.13", "3.11"),
        ("python", "~=3.11.2", "3.11"),
        ("python", "3.11", "3.11"),
        ("python", ">=3.11,<4", "3.13"),
        ("node", ">=18", "22"),
        ("node", "^22.1.0", "22"),
        ("node", "22.x", "22"),
        ("node", ">=18 <23", "22"),
        ("node", "24", "24"),
        ("node", "18 || 24", "24"),
        ("node", "20 - 22", "22"),
        ("node", "*", "22"),
        ("node", "lts/*", "22"),
        ("node", ">22", "24"),
        ("java", "17", "17"),
        ("go", ">=1.21", "1.24"),
    ],
)
def test_versions_are_chosen_among_those_that_are_served(language: str, wanted: str, served: str) -> None:
    if (language, wanted) == ("node", ">22"):
        served = bases.choose("node", ">22", "x")  # 22.20 is above 22.0
        assert served in {"22", "24"}
    assert bases.choose(language, wanted, "x") == served
    assert bases.image(language, served)


@pytest.mark.parametrize(
    ("language", "wanted"), [("python", "2.7"), ("python", ">=4"), ("node", "^8"), ("node", "<18"), ("go", ">=1.99"), ("node", "$(id)")]
)
def test_a_version_that_is_not_served_is_refused_with_those_that_are(language: str, wanted: str) -> None:
    with pytest.raises(RefusedError, match=r"(?s)served are .*Dockerfile of your own") as caught:
        bases.choose(language, wanted, "a-file")
    assert f"a-file asks for {language}" in caught.value.message


@given(st.text(max_size=30))
def test_any_range_is_chosen_from_or_refused(wanted: str) -> None:
    for language in ("python", "node"):
        with contextlib.suppress(RefusedError):
            assert bases.image(language, bases.choose(language, wanted, "x"))


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["framework", "port", "path", "start", "test", "tests", "more", "x"]), inner, max_size=6)
        ),
    )
)
def test_a_plan_that_is_none_is_refused(known: object) -> None:
    try:
        plan = Plan.from_json(json.dumps(known))
    except RefusedError:
        return
    assert Plan.from_json(plan.to_json()) == plan


@pytest.mark.parametrize("path", ["../x", "/etc", "a/../../b", "x\ny", "$(id)", "-x"])
def test_a_plan_with_a_path_that_leads_out_is_refused(path: str) -> None:
    with pytest.raises(RefusedError, match="This is no plan"):
        Plan.from_json(json.dumps({"framework": "static", "port": 80, "path": path}))


def test_the_repositorys_own_dockerignore_has_the_last_word(tmp_path: Path) -> None:
    plan = detect(checkout(tmp_path, FLASK))
    lines = ignore(plan, "!**/.env\ndata\n").splitlines()
    assert lines[-2:] == ["!**/.env", "data"]
    assert ".git" in lines
    assert "**/.env" in lines
