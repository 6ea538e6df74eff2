#!/bin/sh
# Installs or updates the demo service. An update keeps the port; a failed update restores the previous version.
#
# 1 installation failed, 2 health check failed, 3 failed to record the process ID, 4 the user's part of the script failed
set -u
umask 077

# One directory per instance and extension, outside of the workspace, which is deleted. (Each script repeats these lines
# because the server sends each script separately.)
root=${CHANDLER_PARAM_directory:-}
if [ -z "$root" ]; then
  if [ "$(id -u)" -eq 0 ]; then root=/var/lib/chandler-demo; else root=${HOME:?}/.local/state/chandler-demo; fi
fi
home=$root/${CHANDLER_INSTANCE_ID:?}/${CHANDLER_EXTENSION:?}

say() { echo "[$(date +'%Y-%m-%d %H:%M:%S')][$$] $*"; }

was_there=no
if [ -d "$home/app" ] || [ -d "$home/previous/app" ]; then was_there=yes; fi

prepare() {
  mkdir -p "$home" || return 1
  # An install that was killed half-way may have left the service moved aside.
  if [ ! -d "$home/app" ]; then put_back_files || return 1; fi
  rm -rf "$home/new" "$home/previous" || return 1
  mkdir -p "$home/new/settings" || return 1
  cp -R "${CHANDLER_WORKSPACE:?}/demo-service" "$home/new/app" || return 1

  # One value a file: nothing has to be quoted, and nothing is seen in a process list.
  printf '%s' "${CHANDLER_PARAM_port:-0}" > "$home/new/settings/port" &&
    printf '%s' "${CHANDLER_PARAM_greeting:-Hello}" > "$home/new/settings/greeting" &&
    printf '%s' "${CHANDLER_PARAM_token:-}" > "$home/new/settings/token" &&
    printf '%s' "${CHANDLER_PARAM_runtime:-}" > "$home/new/settings/runtime"
}

user_shell() {
  if [ -d "$home/app" ]; then
    "$home/app/democtl" stop || return 4
    mkdir "$home/previous" && mv "$home/app" "$home/settings" "$home/previous" || return 4
  fi
  mv "$home/new/app" "$home/new/settings" "$home" || return 4
  "$home/app/democtl" start
}

job_start() {
  user_shell
  case $? in
    0) say "job_start: $CHANDLER_EXTENSION $(cat "$home/app/VERSION") runs as process $(cat "$home/run/pid")" ;;
    3) exit3 ;;
    *) exit4 ;;
  esac
}

check_health() {
  "$home/app/democtl" health && say "check_health: $("$home/app/democtl" url) answers"
}

put_back_files() {
  for part in app settings; do
    if [ -d "$home/previous/$part" ]; then rm -rf "${home:?}/$part" && mv "$home/previous/$part" "$home/$part" || return 1; fi
  done
}

# Restores the previous version and starts it, or removes everything.
put_back() {
  if [ -s "$home/log" ]; then tail -n 5 "$home/log" >&2; fi
  if [ -d "$home/previous" ]; then
    if [ -x "$home/app/democtl" ]; then "$home/app/democtl" stop; fi
    put_back_files && "$home/app/democtl" start && "$home/app/democtl" health &&
      say "put back: $CHANDLER_EXTENSION $(cat "$home/app/VERSION") runs again"
    rm -rf "$home/new"
    rmdir "$home/previous"
  elif [ "$was_there" = yes ]; then
    rm -rf "$home/new"
  else
    if [ -x "$home/app/democtl" ]; then "$home/app/democtl" stop || return; fi
    rm -rf "$home"
    rmdir "${home%/*}" 2> /dev/null
  fi
}

exit1() { say "exit code 1, install fail" >&2; put_back; exit 1; }
exit2() { say "exit code 2, check health fail" >&2; put_back; exit 2; }
exit3() { say "exit code 3, record process id fail" >&2; put_back; exit 3; }
exit4() { say "exit code 4, user shell fail" >&2; put_back; exit 4; }

prepare || exit1
job_start
check_health || exit2
rm -rf "$home/new" "$home/previous"
