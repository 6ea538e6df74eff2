#!/bin/sh
# Checks that the installed service responds.
set -u
root=${CHANDLER_PARAM_directory:-}
if [ -z "$root" ]; then
  if [ "$(id -u)" -eq 0 ]; then root=/var/lib/chandler-demo; else root=${HOME:?}/.local/state/chandler-demo; fi
fi
exec "$root/${CHANDLER_INSTANCE_ID:?}/${CHANDLER_EXTENSION:?}/app/democtl" health
