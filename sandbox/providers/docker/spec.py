"""Translates the inputs of a container into the body of the daemon's API.

The body: https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Container/operation/ContainerCreate
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from sandbox.providers.plugin import Properties

_MEBIBYTE: Final = 1 << 20
_NANOSECONDS: Final = {"ns": 1, "us": 10**3, "ms": 10**6, "s": 10**9, "m": 60 * 10**9, "h": 3600 * 10**9}

_CONFIG: Final = {
    "image": "Image",
    "hostname": "Hostname",
    "domainname": "Domainname",
    "user": "User",
    "envs": "Env",
    "command": "Cmd",
    "entrypoints": "Entrypoint",
    "workingDir": "WorkingDir",
    "tty": "Tty",
    "stdinOpen": "OpenStdin",
    "stopSignal": "StopSignal",
    "stopTimeout": "StopTimeout",
}
_HOST_CONFIG: Final = {
    "privileged": "Privileged",
    "securityOpts": "SecurityOpt",
    "deviceCgroupRules": "DeviceCgroupRules",
    "cgroupnsMode": "CgroupnsMode",
    "cgroupParent": "CgroupParent",
    "tmpfs": "Tmpfs",
    "dns": "Dns",
    "dnsOpts": "DnsOptions",
    "dnsSearches": "DnsSearch",
    "groupAdds": "GroupAdd",
    "init": "Init",
    "ipcMode": "IpcMode",
    "pidMode": "PidMode",
    "usernsMode": "UsernsMode",
    "networkMode": "NetworkMode",
    "publishAllPorts": "PublishAllPorts",
    "readOnly": "ReadonlyRootfs",
    "rm": "AutoRemove",
    "runtime": "Runtime",
    "storageOpts": "StorageOpt",
    "sysctls": "Sysctls",
    "cpuShares": "CpuShares",
    "cpuSet": "CpusetCpus",
}
_MEBIBYTES: Final = {
    "memory": "Memory",
    "memorySwap": "MemorySwap",
    "memoryReservation": "MemoryReservation",
    "shmSize": "ShmSize",
}

_CONNECTION: Final = {
    "aliases": "aliases",
    "ipv4Address": "ipv4_address",
    "ipv6Address": "ipv6_address",
    "macAddress": "mac_address",
}

PLAIN: Final = frozenset(_CONFIG) | frozenset(_HOST_CONFIG) | frozenset(_MEBIBYTES)
"""The inputs that have one field of the API each; the others are named in NESTED or in `container.py`."""

NESTED: Final = {
    "capabilities": frozenset({"adds", "drops"}),
    "devices": frozenset({"hostPath", "containerPath", "permissions"}),
    "healthcheck": frozenset({"tests", "interval", "timeout", "startPeriod", "retries"}),
    "hosts": frozenset({"host", "ip"}),
    "labels": frozenset({"label", "value"}),
    "mounts": frozenset({"target", "type", "source", "readOnly", "bindOptions", "volumeOptions", "tmpfsOptions"}),
    "networksAdvanced": frozenset({"name", "aliases", "ipv4Address", "ipv6Address", "macAddress"}),
    "ports": frozenset({"internal", "external", "ip", "protocol"}),
    "ulimits": frozenset({"name", "soft", "hard"}),
    "uploads": frozenset({"file", "content", "contentBase64", "source", "sourceHash", "executable", "permissions"}),
    "volumes": frozenset({"containerPath", "hostPath", "volumeName", "fromContainer", "readOnly", "selinuxRelabel"}),
}


def body(inputs: Properties) -> Properties:
    """Return the request that creates the container, attached to the first of its networks (the API takes no more at a time)."""
    networks = inputs.get("networksAdvanced") or []
    volumes = inputs.get("volumes") or []
    request = {
        **_renamed(inputs, _CONFIG),
        "Labels": labels(inputs.get("labels")),
        "ExposedPorts": {_port(port): {} for port in inputs.get("ports") or []},
        "Volumes": {volume["containerPath"]: {} for volume in volumes if not _source(volume) and not volume.get("fromContainer")},
        "Healthcheck": _healthcheck(inputs["healthcheck"]) if inputs.get("healthcheck") else None,
        "HostConfig": _host_config(inputs, volumes, networks),
        "NetworkingConfig": {"EndpointsConfig": {network["name"]: _endpoint(network) for network in networks[:1]}},
    }
    return _present(request)


def connection(network: Properties) -> Properties:
    """Return the library's arguments for attaching the container to one more of `networksAdvanced`."""
    return {snake: network[name] for name, snake in _CONNECTION.items() if network.get(name)}


def labels(listed: Iterable[Properties] | None) -> dict[str, str]:
    """Return the SDK's list of labels as the API's mapping."""
    return {item["label"]: item.get("value") or "" for item in listed or []}


def listed_labels(mapping: Mapping[str, str] | None) -> list[Properties]:
    """Return the API's mapping of labels as the SDK's list."""
    return [{"label": name, "value": value} for name, value in sorted((mapping or {}).items())]


def nanoseconds(duration: str) -> int:
    """Return a duration in Go's notation, such as `1m30s` or `500ms`. Raises ValueError on another text."""
    parts = re.findall(r"(\d+(?:\.\d+)?)(ns|us|ms|s|m|h)", duration)
    if "".join(number + unit for number, unit in parts) != duration:
        raise ValueError(f"{duration!r} is no duration: expected one such as 500ms, 10s or 1m30s")
    return int(sum(float(number) * _NANOSECONDS[unit] for number, unit in parts))


def _endpoint(network: Properties) -> Properties:
    """Return how the container is attached to one of `networksAdvanced`."""
    addresses = {"IPv4Address": network.get("ipv4Address"), "IPv6Address": network.get("ipv6Address")}
    return _present({"Aliases": network.get("aliases"), "IPAMConfig": _present(addresses), "MacAddress": network.get("macAddress")})


def _host_config(inputs: Properties, volumes: list[Properties], networks: list[Properties]) -> Properties:
    capabilities = inputs.get("capabilities") or {}
    return _present(
        {
            **_renamed(inputs, _HOST_CONFIG),
            **{api: _bytes(inputs[name]) for name, api in _MEBIBYTES.items() if inputs.get(name) is not None},
            **({"NetworkMode": networks[0]["name"]} if networks else {}),
            "CapAdd": capabilities.get("adds"),
            "CapDrop": capabilities.get("drops"),
            "Devices": [_device(device) for device in inputs.get("devices") or []],
            "ExtraHosts": [f"{entry['host']}:{entry['ip']}" for entry in inputs.get("hosts") or []],
            "Binds": [_bind(volume) for volume in volumes if _source(volume)],
            "VolumesFrom": [volume["fromContainer"] for volume in volumes if volume.get("fromContainer")],
            "Mounts": [_mount(mount) for mount in inputs.get("mounts") or []],
            "PortBindings": _port_bindings(inputs.get("ports") or []),
            "RestartPolicy": {
                "Name": inputs.get("restart") or "no",
                "MaximumRetryCount": inputs.get("maxRetryCount") or 0,
            },
            "Ulimits": [{"Name": limit["name"], "Soft": limit["soft"], "Hard": limit["hard"]} for limit in inputs.get("ulimits") or []],
            "LogConfig": _log_config(inputs),
        }
    )


def _renamed(inputs: Properties, names: Mapping[str, str]) -> Properties:
    return {api: inputs[name] for name, api in names.items() if inputs.get(name) is not None}


def _present(request: Properties) -> Properties:
    return {name: value for name, value in request.items() if value not in (None, [], {})}


def _bytes(mebibytes: int) -> int:
    return mebibytes * _MEBIBYTE if mebibytes > 0 else mebibytes  # -1 is "no limit"


def _source(volume: Properties) -> str | None:
    return volume.get("hostPath") or volume.get("volumeName")


def _bind(volume: Properties) -> str:
    options = [option for option in ("ro" if volume.get("readOnly") else "", volume.get("selinuxRelabel")) if option]
    return ":".join([str(_source(volume)), volume["containerPath"], *([",".join(options)] if options else [])])


def _device(device: Properties) -> Properties:
    return {
        "PathOnHost": device["hostPath"],
        "PathInContainer": device.get("containerPath") or device["hostPath"],
        "CgroupPermissions": device.get("permissions") or "rwm",
    }


def _mount(mount: Properties) -> Properties:
    volume, tmpfs = mount.get("volumeOptions") or {}, mount.get("tmpfsOptions") or {}
    driver = _present({"Name": volume.get("driverName"), "Options": volume.get("driverOptions")})
    return _present(
        {
            "Target": mount["target"],
            "Type": mount["type"],
            "Source": mount.get("source"),
            "ReadOnly": mount.get("readOnly"),
            "BindOptions": _present({"Propagation": (mount.get("bindOptions") or {}).get("propagation")}),
            "VolumeOptions": _present({"NoCopy": volume.get("noCopy"), "Labels": labels(volume.get("labels")), "DriverConfig": driver}),
            "TmpfsOptions": _present({"SizeBytes": tmpfs.get("sizeBytes"), "Mode": tmpfs.get("mode")}),
        }
    )


def _port(port: Properties) -> str:
    return f"{port['internal']}/{port.get('protocol') or 'tcp'}"


def _port_bindings(ports: list[Properties]) -> dict[str, list[Properties]]:
    bindings: dict[str, list[Properties]] = {}
    for port in ports:
        host = {"HostIp": port.get("ip") or "0.0.0.0", "HostPort": str(port.get("external") or "")}
        bindings.setdefault(_port(port), []).append(host)
    return bindings


def _healthcheck(check: Properties) -> Properties:
    times = {"interval": "Interval", "timeout": "Timeout", "startPeriod": "StartPeriod"}
    durations = {api: nanoseconds(check[name]) for name, api in times.items() if check.get(name)}
    return _present({"Test": check.get("tests"), "Retries": check.get("retries"), **durations})


def _log_config(inputs: Properties) -> Any:
    driver, options = inputs.get("logDriver"), inputs.get("logOpts")
    return {"Type": driver or "json-file", "Config": options or {}} if driver or options else None
