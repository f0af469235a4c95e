"""Objects get a name where the program gives none, and keep it."""

from hypothesis import given
from hypothesis import strategies as st

from sandbox.providers.kubernetes.naming import must_delete_first, named
from sandbox.providers.kubernetes.objects import AUTONAMED, identity, split_identity, type_of
from sandbox.providers.plugin import UNKNOWN

NAMES = st.from_regex(r"[a-z][a-z0-9-]{0,20}[a-z0-9]", fullmatch=True)


def urn(name: str) -> str:
    return f"urn:pulumi:dev::slipway::kubernetes:core/v1:ConfigMap::{name}"


@given(NAMES)
def test_a_name_is_made_up_from_the_resources_name(name: str) -> None:
    first, second = named(urn(name), None, {}), named(urn(name), None, {})
    prefix, _, suffix = first["metadata"]["name"].rpartition("-")
    assert prefix == name
    assert len(bytes.fromhex(suffix)) == 4
    assert first["metadata"]["name"] != second["metadata"]["name"]
    assert first["metadata"]["annotations"][AUTONAMED] == "true"


@given(NAMES)
def test_a_made_up_name_is_kept_by_later_runs(name: str) -> None:
    first = named(urn(name), None, {})
    assert named(urn(name), first, {"metadata": {"labels": {"a": "b"}}})["metadata"]["name"] == first["metadata"]["name"]


@given(NAMES)
def test_a_name_of_the_programs_own_is_left_alone(name: str) -> None:
    inputs = {"metadata": {"name": name}}
    assert named(urn("x"), named(urn("x"), None, {}), inputs) == inputs


def test_a_name_that_is_not_known_yet_is_left_alone() -> None:
    assert named(urn("x"), None, {"metadata": {"name": UNKNOWN}}) == {"metadata": {"name": UNKNOWN}}


def test_a_former_name_of_the_programs_own_is_not_kept() -> None:
    assert named(urn("x"), {"metadata": {"name": "fixed"}}, {})["metadata"]["name"].startswith("x-")


def test_only_a_fixed_name_makes_a_replacement_wait_for_the_deletion() -> None:
    fixed = {"metadata": {"name": "a", "namespace": "n"}}
    made_up = named(urn("x"), None, {})
    assert must_delete_first(fixed, fixed)
    assert not must_delete_first(made_up, made_up)
    assert not must_delete_first(fixed, {"metadata": {"name": "a", "namespace": "other"}})


@given(st.none() | NAMES, NAMES)
def test_an_id_holds_the_namespace_and_the_name(namespace: str | None, name: str) -> None:
    found = {"name": name, **({"namespace": namespace} if namespace else {})}
    assert split_identity(identity({"metadata": found})) == (namespace, name)


def test_type_tokens_name_kinds() -> None:
    assert type_of("kubernetes:apps/v1:Deployment") == ("apps/v1", "Deployment")
    assert type_of("kubernetes:core/v1:Secret") == ("v1", "Secret")
    assert type_of("kubernetes:argoproj.io/v1alpha1:Application") == ("argoproj.io/v1alpha1", "Application")
    assert type_of("kubernetes:yaml:ConfigFile") is None
