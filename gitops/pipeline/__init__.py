"""What the platform's pipeline project holds: the Jenkinsfiles of the two kinds of jobs, and their shared library.

They have no logic: one stage for each verb of `slipway release`.
"""

import hashlib
from importlib.resources import files

NAMES = (
    "README.md",
    "build.Jenkinsfile",
    "update.Jenkinsfile",
    *(
        f"vars/{name}.groovy"
        for name in ("detectFramework", "fetchSource", "report", "reportLost", "startUpdate", "tagVersion", "withRegistry")
    ),
)


def contents() -> dict[str, str]:
    """Path to text of the files."""
    return {name: files("gitops.pipeline").joinpath(name).read_text(encoding="utf-8") for name in NAMES}


def revision() -> str:
    """Name of the tag at these files: another content is another tag."""
    found = hashlib.sha256()
    for path, text in contents().items():
        found.update(f"{path}\0{len(text)}\0{text}".encode())
    return f"platform-{found.hexdigest()[:12]}"
