"""Stand-ins for Pulumi's plugins, for machines that cannot download the official ones."""

from typing import Final

PLUGINS: Final = {
    **{name: f"pulumi-{name}" for name in ("kubernetes", "docker", "gitlab", "random", "tls")},
    "harbor": "pulumiverse-harbor",
}
"""The plugins, each with the Python package whose version it has."""
LANGUAGE: Final = "language-python"
