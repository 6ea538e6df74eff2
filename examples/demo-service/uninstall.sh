#!/bin/sh
# Stops the demo service and deletes its files. Succeeds if it is not installed.
set -u

root=${CHANDLER_PARAM_directory:-}
if [ -z "$root" ]; then
  if [ "$(id -u)" -eq 0 ]; then root=/var/lib/chandler-demo; else root=${HOME:?}/.local/state/chandler-demo; fi
fi
home=$root/${CHANDLER_INSTANCE_ID:?}/${CHANDLER_EXTENSION:?}

say() { echo "[$(date +'%Y-%m-%d %H:%M:%S')][$$] $*"; }

job_stop() {
  for app in "$home/app" "$home/previous/app"; do
    if [ -x "$app/democtl" ]; then "$app/democtl" stop || return 1; fi
  done
  rm -rf "$home" || return 1
  # Only if they are empty: other instances on this machine may have theirs there.
  rmdir "$root/$CHANDLER_INSTANCE_ID" 2> /dev/null
  if [ -z "${CHANDLER_PARAM_directory:-}" ]; then rmdir "$root" 2> /dev/null; fi
  say "job_stop: $CHANDLER_EXTENSION is gone"
}

if ! job_stop; then
  say "job stop failed; the remaining files are in $home" >&2
  exit 1
fi
