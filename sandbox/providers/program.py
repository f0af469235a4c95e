"""Runs one Pulumi program: `python -m sandbox.providers.program ENGINE-ADDRESS`, with the engine's RunRequest on stdin."""

import asyncio
import logging
import os
import runpy
import signal
import sys
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

SHOWN: Final = 32
"""The exit code of a program whose error was shown already: the engine then adds nothing. The official host uses the same."""


def main(engine_address: str) -> int:
    """Run the program that stdin describes. Returns the exit code."""
    # Imported here, so that the language host has SHOWN without them.
    import pulumi
    from grpc import RpcError, StatusCode
    from pulumi.runtime.proto.language_pb2 import RunRequest

    request = RunRequest.FromString(sys.stdin.buffer.read())
    pulumi.runtime.set_all_config(dict(request.config), list(request.configSecretKeys))
    pulumi.runtime.configure(
        pulumi.runtime.Settings(
            project=request.project,
            stack=request.stack,
            monitor=request.monitor_address,
            engine=engine_address,
            parallel=request.parallel,
            dry_run=request.dryRun,
            organization=request.organization or "organization",
            root_directory=request.info.root_directory,
        )
    )
    path = Path(request.info.program_directory, request.info.entry_point or ".")
    program = path / "__main__.py" if path.is_dir() else path
    if not program.is_file():
        pulumi.log.error(f"there is no program: {program} is missing; `main` in Pulumi.yaml names another file")
        return SHOWN
    sys.argv = [str(program), *request.args]
    sys.path.insert(0, str(program.parent))
    try:
        _run(program, max(request.parallel, 1))
    except pulumi.RunError as error:
        pulumi.log.error(str(error))
    except RpcError as error:
        # The engine went away, after an interrupt for instance: it says why.
        if error.code() != StatusCode.UNAVAILABLE:
            pulumi.log.error(_traceback(error, program))
    except Exception as error:
        pulumi.log.error(_traceback(error, program))
    else:
        return 0
    return SHOWN


def _run(program: Path, parallel: int) -> None:
    from pulumi.runtime import run_in_stack

    # What is still pending after a failure is dropped on purpose: asyncio would report each.
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    with ThreadPoolExecutor(parallel * 4) as executor:
        loop.set_default_executor(executor)
        loop.run_until_complete(run_in_stack(lambda: _none(runpy.run_path(str(program), run_name="__main__"))))


def _none(_: object) -> None:
    """Hide the program's globals, which the SDK would take for a result."""


def _traceback(error: BaseException, program: Path) -> str:
    """Return the error with its frames from the program's own folder on: those above are this host's."""
    frames = traceback.extract_tb(error.__traceback__)
    own = next((index for index, frame in enumerate(frames) if _is_own(Path(frame.filename), program)), 0)
    limit = 0 if isinstance(error, SyntaxError) else own - len(frames)
    return f"Program failed with an unhandled exception:\n{''.join(traceback.format_exception(error, limit=limit))}"


def _is_own(file: Path, program: Path) -> bool:
    # The virtual environment and this host may lie in the program's folder.
    return program.parent in file.parents and "site-packages" not in file.parts and file != Path(__file__)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # the engine interrupts what is left over: no traceback of that
    code = main(sys.argv[1])
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # threads of an unfinished program would keep the process
