"""The sandbox's chart, rendered by the real helm with what the product sets."""

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from components import harbor
from sandbox import charts
from sandbox.cache import cache
from sandbox.images.catalog import IMAGES

CHART = Path(charts.__file__).parent / "harbor"
VALUES = harbor.values(
    host="harbor.dev.test",
    ingress_class="nginx",
    sizes={"registry": "7Gi", "database": "1Gi", "trivy": "1Gi"},
    storage_class="fast",
    database_password="x",
)


def render(tmp_path: Path, values: dict[str, Any]) -> subprocess.CompletedProcess[str]:
    programs = sorted((cache() / "tools").glob("helm-*/helm"))
    if not programs:
        pytest.skip("the cache has no helm yet: `make up` builds it")
    file = tmp_path / "values.yaml"
    file.write_text(yaml.safe_dump(values))
    command = [str(programs[-1]), "template", "harbor", str(CHART), "--namespace", "harbor", "--values", str(file)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def objects(tmp_path: Path, values: dict[str, Any]) -> dict[tuple[str, str], Any]:
    result = render(tmp_path, values)
    assert result.returncode == 0, result.stderr
    return {(each["kind"], each["metadata"]["name"]): each for each in yaml.safe_load_all(result.stdout) if each}


def test_what_the_product_sets_is_honoured(tmp_path: Path) -> None:
    found = objects(tmp_path, VALUES)
    assert {("Service", "harbor-core"), ("Deployment", "harbor-core"), ("Ingress", "harbor-ingress")} <= set(found)
    ingress = found["Ingress", "harbor-ingress"]["spec"]
    assert ingress["ingressClassName"] == "nginx"
    assert ingress["tls"] == [{"secretName": harbor.TLS, "hosts": ["harbor.dev.test"]}]
    assert {path["path"] for path in ingress["rules"][0]["http"]["paths"]} == {"/api/", "/service/", "/v2/", "/c/", "/"}
    claim = found["PersistentVolumeClaim", "harbor-registry"]
    assert (claim["spec"]["resources"]["requests"]["storage"], claim["spec"]["storageClassName"]) == ("7Gi", "fast")
    assert "helm.sh/resource-policy" not in claim["metadata"].get("annotations", {})


def test_the_pod_runs_core_and_registry_from_the_sandboxs_image(tmp_path: Path) -> None:
    spec = objects(tmp_path, VALUES)["Deployment", "harbor-core"]["spec"]
    assert spec["strategy"]["type"] == "Recreate"
    pod = spec["template"]["spec"]
    published = next(image.published for image in IMAGES if image.name == "harbor")
    assert {each["image"] for each in pod["containers"] + pod["initContainers"]} == {published}
    assert {each["name"] for each in pod["containers"]} == {"core", "registry"}
    assert pod["securityContext"]["runAsUser"] == 10000
    arguments = " ".join(argument for each in pod["containers"] for argument in each.get("args", []))
    assert "--url=https://harbor.dev.test" in arguments
    secrets = {each["secret"]["secretName"] for each in pod["volumes"] if "secret" in each}
    assert secrets == {harbor.ADMIN, harbor.TOKEN}


def test_the_volumes_stay_if_the_policy_says_so(tmp_path: Path) -> None:
    values = {**VALUES, "persistence": VALUES["persistence"] | {"resourcePolicy": "keep"}}
    claims = [each for (kind, _), each in objects(tmp_path, values).items() if kind == "PersistentVolumeClaim"]
    assert [each["metadata"]["annotations"] for each in claims] == [{"helm.sh/resource-policy": "keep"}] * 2


def test_what_the_chart_cannot_do_is_refused(tmp_path: Path) -> None:
    result = render(tmp_path, VALUES | {"existingSecretAdminPassword": ""})
    assert "existingSecretAdminPassword is empty" in result.stderr
