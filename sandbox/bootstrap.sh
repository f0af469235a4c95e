#!/bin/bash
# Makes .venv with exactly what uv.lock names. Needs Python 3.11 or newer; on Debian and Ubuntu `python3 -m venv` is a package of its own.
set -euo pipefail
cd "$(dirname "$0")/.."

if ! python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2> /dev/null; then
  echo "slipway: needs python3 at version 3.11 or newer, found: $(python3 --version 2>&1 || true). Next: install it and run this again." >&2
  exit 2
fi
if ! python3 -c 'import ensurepip' 2> /dev/null; then
  install="apt-get update -qq && apt-get install -y -qq -o DPkg::Lock::Timeout=300 --no-install-recommends python3-venv"
  if [ "$(id -u)" != 0 ] || ! command -v apt-get > /dev/null; then
    echo "slipway: python3 has no venv module. Next: run \`$install\` as root, then run this again." >&2
    exit 2
  fi
  echo "  installing python3-venv" >&2
  DEBIAN_FRONTEND=noninteractive bash -c "$install" > /dev/null
fi

.venv/bin/python -m pip --version > /dev/null 2>&1 || python3 -m venv .venv
version=$(sed -n '/^name = "uv"$/{n;s/version = "\(.*\)"/\1/p}' uv.lock)
if ! .venv/bin/uv --version 2> /dev/null | grep -q "^uv $version"; then
  .venv/bin/python -m pip install --quiet --disable-pip-version-check "uv==$version"
fi
echo "  installing the Python packages of uv.lock into .venv" >&2
# Compiled now: where PYTHONDONTWRITEBYTECODE is set, as in many containers, every run would compile the Pulumi SDKs anew, for seconds.
UV_PROJECT_ENVIRONMENT=.venv .venv/bin/uv sync --quiet --frozen --compile-bytecode --python .venv/bin/python
