"""What operations of a plugin are called with in tests."""

from sandbox.providers.plugin import Context, Log


def context(name: str = "it", *, preview: bool = False, timeout: float = 0.0, log: Log | None = None) -> Context:
    """Return a context for the resource of this name."""
    urn = f"urn:pulumi:dev::test::pkg:index/type:Type::{name}"
    return Context(urn=urn, timeout=timeout, preview=preview, ignore_changes=(), log=log or Log())
