import re
from string import ascii_lowercase, digits

import pytest
from hypothesis import given
from hypothesis import strategies as st

import naming
from naming import App, collisions

identifiers = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,40}[a-z0-9])?", fullmatch=True)
apps = st.builds(App, workspace=identifiers, user=identifiers, project=identifiers)


@given(apps)
def test_a_release_name_is_one_that_helm_takes(app: App) -> None:
    name = naming.release_name(app)
    assert 1 <= len(name) <= 53
    assert re.fullmatch(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?", name)
    assert f"{app.user}-{app.project}".startswith(name)


@given(apps)
def test_a_short_release_name_is_not_cut(app: App) -> None:
    full = f"{app.user}-{app.project}"
    if len(full) <= 53:
        assert naming.release_name(app) == full


def test_the_cut_leaves_no_trailing_hyphen() -> None:
    app = App(workspace="w", user="u", project="x" * 50 + "--" + "y")
    assert naming.release_name(app) == "u-" + "x" * 50


@pytest.mark.parametrize(
    ("first", "second", "kind"),
    [
        (("a-b", "c", "x"), ("a", "b-c", "x"), "Application"),
        (("one", "alice", "shop"), ("two", "alice", "shop"), "Helm release"),
        (("w", "u", "x" * 51 + "a"), ("w", "u", "x" * 51 + "b"), "Helm release"),
    ],
)
def test_apps_that_would_overwrite_each_other_are_found(first: tuple[str, str, str], second: tuple[str, str, str], kind: str) -> None:
    pair = [App(workspace=workspace, user=user, project=project) for workspace, user, project in (first, second)]
    (collision,) = collisions(pair)
    assert collision.kind == kind
    assert pair[0].path in str(collision)
    assert pair[1].path in str(collision)


@given(st.lists(apps, max_size=6))
def test_without_a_collision_all_names_differ(several: list[App]) -> None:
    distinct = set(several)
    if not list(collisions(several)):
        assert len({naming.application_name(app) for app in distinct}) == len(distinct)
        assert len({(naming.namespace(app.user), naming.release_name(app)) for app in distinct}) == len(distinct)


@given(st.text(ascii_lowercase + digits, min_size=1))
def test_the_namespace_says_whose_it_is(user: str) -> None:
    assert naming.namespace(user) == f"user-{user}"


@given(apps)
def test_a_good_name_is_parsed_back(app: App) -> None:
    assert App.parse(str(app)) == app


@pytest.mark.parametrize(
    "text",
    [
        "", "a", "a/b", "a/b/c/d", "/b/c", "a//c", "a/b/", "A/b/c", "a/b/C", "../b/c", "a/../c", "a/b/..", "./b/c", "a/b/.git",
        "a/b/c\n", "a/b/c ", "a/b/-c", "a/b/c-", "a/b/c_d", "a/b/c.d", "a/ü/c", "a/b/\u0441", "a/b/c\x00", "a/b/*", "a/b/{{x}}",
        "a/b/$(x)", "a\\b/c/d", "a/b/" + "x" * 64, "a/" + "x" * 59 + "/c", "x" * 300 + "/b/c",
    ],
)  # fmt: skip
def test_a_bad_name_is_refused(text: str) -> None:
    with pytest.raises(naming.InvalidNameError) as refused:
        App.parse(text)
    assert len(str(refused.value)) < 400


def test_every_bad_part_is_named() -> None:
    with pytest.raises(naming.InvalidNameError) as refused:
        App.parse("A/../c_d")
    assert [problem.split(" '")[0] for problem in refused.value.problems] == ["workspace id", "user id", "project name"]


@given(st.text())
def test_what_is_parsed_is_a_path_below_apps(text: str) -> None:
    try:
        app = App.parse(text)
    except naming.InvalidNameError:
        return
    assert re.fullmatch(r"apps(/[a-z0-9]([a-z0-9-]*[a-z0-9])?){3}", app.path)


@given(apps)
def test_namesakes_are_those_that_collide(app: App) -> None:
    for other in naming.namesakes(app):
        assert next(each.kind for each in collisions([app, other])) == "Application"


def test_a_namesake_is_found() -> None:
    assert App(workspace="a", user="b-c", project="x") in naming.namesakes(App(workspace="a-b", user="c", project="x"))
