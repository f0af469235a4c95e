"""What a job is started with: only the parameters of the job's own application are taken."""

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitops.release.errors import RefusedError
from gitops.release.parameters import read

BUILD = {
    "JOB_NAME": "acme/build/alice-shop",
    "REPOSITORY_URL": "http://gitlab.dev.test/platform/dev/acme/alice-shop.git",
    "BRANCH": "main",
    "WORKSPACE_ID": "acme",
    "USER_ID": "alice",
    "PROJECT_NAME": "shop",
    "APP_PORT": "8000",
    "PLATFORM_DOMAIN": "dev.test",
    "CUSTOM_DOMAIN": "",
    "SLIPWAY_REGISTRY": "harbor.dev.test",
    "SLIPWAY_GITLAB_URL": "http://gitlab.dev.test",
}


def problems(**changes: str) -> str:
    with pytest.raises(RefusedError) as caught:
        read({**BUILD, **changes})
    return caught.value.message


def test_good_parameters_are_read() -> None:
    found = read(BUILD)
    assert str(found.app) == "acme/alice/shop"
    assert (found.port, found.host, found.image) == (8000, "alice-shop.dev.test", "harbor.dev.test/acme/alice/shop")


def test_a_prefix_is_part_of_image_and_folder() -> None:
    prefixed = {**BUILD, "JOB_NAME": "dev-acme/build/alice-shop", "SLIPWAY_JENKINS_PREFIX": "dev-", "SLIPWAY_REGISTRY_PREFIX": "dev-"}
    assert read(prefixed).image == "harbor.dev.test/dev-acme/alice/shop"


def test_a_domain_of_ones_own_is_the_host() -> None:
    assert read({**BUILD, "CUSTOM_DOMAIN": "shop.example.com"}).host == "shop.example.com"


def test_the_update_job_needs_no_branch() -> None:
    known = {name: value for name, value in BUILD.items() if name != "BRANCH"}
    found = read({**known, "JOB_NAME": "acme/update/alice-shop"})
    assert (found.port, found.source, found.repository) == (8000, "platform/dev/acme/alice-shop", "acme/alice/shop")


def test_all_problems_are_told_at_once() -> None:
    told = problems(APP_PORT="0", PLATFORM_DOMAIN="Dev", CUSTOM_DOMAIN="-", BRANCH="$(id)", REPOSITORY_URL="file:///etc")
    for name in (
        "APP_PORT is '0'",
        "PLATFORM_DOMAIN is 'Dev'",
        "CUSTOM_DOMAIN is '-'",
        "BRANCH is '$(id)'",
        "REPOSITORY_URL is 'file:///etc'",
    ):
        assert name in told


@pytest.mark.parametrize(
    "changed",
    [
        {"PROJECT_NAME": "other"},
        {"WORKSPACE_ID": "umbrella"},
        {"USER_ID": "bob"},
        {"JOB_NAME": "acme/alice-shop"},
        {"JOB_NAME": "umbrella/build/alice-shop"},
        {"JOB_NAME": "acme/other/alice-shop"},
        {"JOB_NAME": ""},
    ],
)
def test_a_job_works_for_its_own_application_only(changed: dict[str, str]) -> None:
    assert "expected that of" in problems(**changed)


@pytest.mark.parametrize(
    "url",
    [
        "http://gitlab.dev.test/platform/dev/acme/bob-blog.git",
        "http://elsewhere.test/acme/alice-shop.git",
        "http://gitlab.dev.test.evil.test/acme/alice-shop.git",
        "http://user:secret@gitlab.dev.test/acme/alice-shop.git",
        "",
    ],
)
def test_only_the_applications_own_repository_is_built(url: str) -> None:
    told = problems(REPOSITORY_URL=url)
    assert "REPOSITORY_URL is" in told
    assert "secret" not in told


@given(st.text(max_size=60))
def test_a_branch_that_is_taken_has_nothing_that_a_shell_reads(branch: str) -> None:
    try:
        read({**BUILD, "BRANCH": branch})
    except RefusedError:
        return
    assert not set(branch) & set(" \t\n$`'\"\\;&|<>(){}[]*?~^:!#%@")
    assert not branch.startswith("-")


@given(st.dictionaries(st.sampled_from(sorted(BUILD)), st.text(max_size=80)))
def test_odd_values_are_refused_and_never_a_fault(changes: dict[str, Any]) -> None:
    with contextlib.suppress(RefusedError):
        read({**BUILD, **changes})
