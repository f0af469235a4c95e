#!/bin/sh
# Serves the one bucket `state`. The account is in files, so that it stands in no argument.
set -eu
ROOT_ACCESS_KEY=slipway
ROOT_SECRET_KEY=$(cat /run/secret-key)
export ROOT_ACCESS_KEY ROOT_SECRET_KEY
mkdir -p /data/buckets/state /data/attributes
# Attributes beside the files: not every file system under Docker's volumes has extended ones.
exec versitygw --port :7070 --quiet posix --sidecar /data/attributes /data/buckets
