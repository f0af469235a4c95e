"""Starts the stand-in, or with the verb `init` writes what its registry starts from.

`python -m sandbox.services.harbor --data DIR --url https://harbor.dev.test --registry-url http://127.0.0.1:5000 --admin-password-file FILE`
"""

import argparse
import os
import sys
from pathlib import Path

import uvicorn

from sandbox.services.harbor import registry_config
from sandbox.services.harbor.app import Options, create_app
from sandbox.services.harbor.keys import Signer, open_signer
from sandbox.services.harbor.scan import advisories

PASSWORD = "HARBOR_ADMIN_PASSWORD"  # noqa: S105 (the name of a variable)


def main() -> None:
    """Read the arguments and do what they say; exits with 2 and a sentence if an argument does not fit."""
    arguments = sys.argv[1:]
    if arguments[:1] == ["init"]:
        init(arguments[1:])
    else:
        serve(arguments)


def init(arguments: list[str]) -> None:
    """Write the registry's configuration and the certificate of its tokens."""
    parser = _parser("harbor init", "Writes config.yml, and the certificate by which the registry judges tokens, into a directory.")
    parser.add_argument("--registry-config", type=Path, required=True, help="directory to write into; made if missing")
    parser.add_argument("--storage", default="/storage", help="directory of the registry's data (default: /storage)")
    options = parser.parse_args(arguments)
    address = registry_config.listen_address(options.registry_url)
    registry_config.write(options.registry_config, _signer(parser, options), options.url, address, options.storage)


def serve(arguments: list[str]) -> None:
    """Serve until stopped."""
    parser = _parser("harbor", "A stand-in for Harbor: REST API v2.0 and token service in front of a real registry. See also: init --help")
    parser.add_argument("--admin-password-file", type=Path, help=f"file with the administrator's password (default: ${PASSWORD})")
    parser.add_argument("--advisories", type=Path, default=advisories.DEFAULT, help="the scanner's advisories (default: its own, made up)")
    parser.add_argument("--host", default="0.0.0.0", help="address to listen on (default: all)")
    parser.add_argument("--port", type=int, default=8080, help="port to listen on (default: 8080)")
    options = parser.parse_args(arguments)
    try:
        advisories.read(options.advisories)
    except (OSError, ValueError) as error:
        parser.error(f"--advisories {options.advisories}: {error}")
    password, signer = _password(parser, options.admin_password_file), _signer(parser, options)
    app = create_app(Options(options.data, options.url, options.registry_url, password, options.advisories), signer)
    uvicorn.run(app, host=options.host, port=options.port, access_log=False, log_level="warning", timeout_graceful_shutdown=5)


def _parser(name: str, description: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=name, description=description)
    parser.add_argument("--data", type=Path, required=True, help="directory of core's data; made if missing")
    parser.add_argument("--url", required=True, help="address under which everybody reaches it, e.g. https://harbor.dev.test")
    parser.add_argument("--registry-url", default="http://127.0.0.1:5000", help="the registry behind it (default: http://127.0.0.1:5000)")
    parser.add_argument("--token-key", type=Path, help="RSA key that signs tokens (default: one made at the first start)")
    parser.add_argument("--token-cert", type=Path, help="certificate of that key")
    return parser


def _signer(parser: argparse.ArgumentParser, options: argparse.Namespace) -> Signer:
    if (options.token_key is None) != (options.token_cert is None):
        parser.error("--token-key and --token-cert go together: give both or none")
    try:
        options.data.mkdir(parents=True, exist_ok=True)
        return open_signer(options.data, options.token_key, options.token_cert)
    except (OSError, ValueError) as error:
        parser.error(f"the key of the tokens: {error}")


def _password(parser: argparse.ArgumentParser, file: Path | None) -> str:
    try:
        password = file.read_text().strip() if file else os.environ.get(PASSWORD, "")
    except OSError as error:
        parser.error(f"--admin-password-file {file}: {error.strerror}; write the password into that file first")
    if not password:
        parser.error(f"no password of the administrator: give --admin-password-file, or set {PASSWORD}")
    return password


if __name__ == "__main__":
    main()
