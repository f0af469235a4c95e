#!/bin/sh
# Writes plugins.txt, the lock: what plugins.list names and all that these need, each at one version. It needs Docker and Jenkins' update centre.
# https://github.com/jenkinsci/plugin-installation-manager-tool#cli-options
set -eu
cd "$(dirname "$0")"
base=$(sed -n 's/^JENKINS_CONTROLLER = "\(.*\)"$/\1/p' ../../versions.py)
{
    echo "# Made by lock.sh from plugins.list; do not edit."
    docker run --rm --interactive --entrypoint sh "$base" -c \
        'cat > /tmp/plugins.list && jenkins-plugin-cli --plugin-file /tmp/plugins.list --latest false --no-download --list --output txt' \
        < plugins.list | grep -E '^[a-z0-9_-]+:[A-Za-z0-9._-]+$' | sort
} > plugins.txt.part
mv plugins.txt.part plugins.txt
