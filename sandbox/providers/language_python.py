"""The language host: tells the engine how to run a Python program, and runs it.

Each run is a process of its own, as with the official host: `pulumi up` runs the program twice, and what a module registers when
it is imported has to be registered both times.
"""
# ruff: noqa: N802 -- the methods have the protocol's names

import subprocess
import sys
from importlib.metadata import version
from typing import Any

import grpc
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import language_pb2, plugin_pb2
from pulumi.runtime.proto.language_pb2_grpc import LanguageRuntimeServicer, add_LanguageRuntimeServicer_to_server

from sandbox.providers.program import SHOWN

Rpc = grpc.ServicerContext


class LanguageHost(LanguageRuntimeServicer):
    """Runs programs with the interpreter that it runs in, whose packages are taken as they are."""

    def __init__(self, engine_address: str) -> None:
        self._engine_address = engine_address

    def Handshake(self, request: language_pb2.LanguageHandshakeRequest, context: Rpc) -> language_pb2.LanguageHandshakeResponse:
        self._engine_address = request.engine_address
        return language_pb2.LanguageHandshakeResponse()

    def GetPluginInfo(self, request: Empty, context: Rpc) -> plugin_pb2.PluginInfo:
        return plugin_pb2.PluginInfo(version=version("pulumi"))

    def GetRequiredPlugins(self, request: Any, context: Rpc) -> language_pb2.GetRequiredPluginsResponse:
        return language_pb2.GetRequiredPluginsResponse()  # nothing is to be downloaded: the plugins are on PATH or installed

    def GetRequiredPackages(self, request: Any, context: Rpc) -> language_pb2.GetRequiredPackagesResponse:
        return language_pb2.GetRequiredPackagesResponse()

    def GetProgramDependencies(self, request: Any, context: Rpc) -> language_pb2.GetProgramDependenciesResponse:
        return language_pb2.GetProgramDependenciesResponse()

    def InstallDependencies(self, request: Any, context: Rpc) -> Any:
        return iter(())

    def About(self, request: Any, context: Rpc) -> language_pb2.AboutResponse:
        return language_pb2.AboutResponse(executable=sys.executable, version=".".join(map(str, sys.version_info[:3])))

    def Cancel(self, request: Empty, context: Rpc) -> Empty:
        return Empty()  # the engine stops answering the program, which ends it

    def Run(self, request: language_pb2.RunRequest, context: Rpc) -> language_pb2.RunResponse:
        # The request holds decrypted configuration: it goes through a pipe, not through arguments or the environment.
        command = [sys.executable, "-u", "-P", "-m", "sandbox.providers.program", self._engine_address]
        code = subprocess.run(command, input=request.SerializeToString(), cwd=request.pwd or None, check=False).returncode
        if code == SHOWN:
            return language_pb2.RunResponse(bail=True)
        return language_pb2.RunResponse(error=f"the program exited with {code}" if code else "")


def add_host(server: grpc.Server, engine_address: str) -> None:
    """Make the server a language host."""
    add_LanguageRuntimeServicer_to_server(LanguageHost(engine_address), server)
