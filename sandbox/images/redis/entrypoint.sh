#!/bin/sh
# As in the official image: options alone are options of redis-server.
case "$1" in
-*) set -- redis-server "$@" ;;
esac
exec "$@"
