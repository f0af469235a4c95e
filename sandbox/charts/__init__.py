"""Small charts under the real charts' names, which honour the values that the product sets."""

import shutil
from pathlib import Path

_FOLDER = Path(__file__).parent


def generate(manifests: Path, destination: Path) -> Path:
    """Write the charts into `destination`, Argo CD's with the manifests of the version built. Returns `destination`.

    The manifests are the folder of that name in Argo CD's Go module: too large for Git, and already pinned by its go.sum.
    """
    part = destination.with_name(f"{destination.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    shutil.copytree(_FOLDER, part, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    files = part / "argo-cd" / "files"
    files.mkdir()
    shutil.copyfile(manifests / "install.yaml", files / "install.yaml")
    shutil.rmtree(destination, ignore_errors=True)
    part.rename(destination)
    return destination
