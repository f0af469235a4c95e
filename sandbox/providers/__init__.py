"""Stand-ins for Pulumi's plugins, for machines that cannot download the official ones."""

from typing import Final

PLUGINS: Final = ("kubernetes", "docker", "gitlab", "random", "tls")
LANGUAGE: Final = "language-python"
