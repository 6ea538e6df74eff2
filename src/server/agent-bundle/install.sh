#!/bin/sh
# Installs the agent of Chandler on this Linux machine and makes the machine an instance of a server.
#
#   curl -fsSL https://chandler.example:7443/install.sh | sudo sh -s -- --token ct_...
#
# POSIX sh. Everything is in functions and the last line calls the first one: a script that arrives in part does nothing.
set -u

# The server puts its own address here.
default_server=''

unit_name=chandler-agent.service
unit_file=/etc/systemd/system/$unit_name

usage() {
  cat <<END
usage: sh install.sh --token ct_TOKEN [options]         install the agent, or another version of it
       sh install.sh --uninstall [--purge] [options]    remove it

  --token TOKEN        join token, made with: chandler token create
  --token-file FILE    a file that holds it: other users of this machine see the arguments of programs
  --name NAME          name of the instance (else the host name); not that of one that is online
  --tag KEY=VALUE      a tag that it joins with, if the token allows the key; may be repeated
  --server URL         address of the server (else ${default_server:-none: this copy of the script needs it})
  --state DIR          the agent's own folder (else /var/lib/chandler-agent)
  --prefix DIR         where the program goes (else /opt/chandler-agent)
  --no-service         set up no systemd service; whoever runs this can then be any user
  --foreground         the same, and run the agent now, in place of this script
  --print-unit         print the unit file of the systemd service and do nothing else
  --uninstall          stop the agent and remove program and service; the state folder stays
  --purge              with --uninstall: remove the state folder, too
END
}

say() { printf '%s\n' "$*"; }

fail() {
  printf 'chandler: %s\n' "$*" >&2
  exit 1
}

misused() {
  printf 'chandler: %s (see --help)\n' "$*" >&2
  exit 2
}

main() {
  umask 022
  server=$default_server
  token=
  token_file=
  state=/var/lib/chandler-agent
  prefix=/opt/chandler-agent
  action=install
  service=wanted
  foreground=no
  purge=no
  work=
  placed=

  # What the agent is told when it joins (name, tags) goes to the end of the arguments; in the end nothing else is left.
  left=$#
  while [ "$left" -gt 0 ]; do
    option=$1
    shift
    left=$((left - 1))
    value=
    given=no
    case $option in
      --*=*)
        value=${option#*=}
        option=${option%%=*}
        given=yes
        ;;
    esac
    case $option in
      --token | --token-file | --name | --tag | --server | --state | --prefix)
        if [ $given = no ]; then
          [ "$left" -gt 0 ] || misused "$option needs a value"
          value=$1
          shift
          left=$((left - 1))
        fi
        [ -n "$value" ] || misused "$option needs a value"
        ;;
      *) [ $given = no ] || misused "$option takes no value" ;;
    esac
    case $option in
      --token) token=$value ;;
      --token-file) token_file=$value ;;
      --name | --tag) set -- "$@" "$option=$value" ;;
      --server) server=$value ;;
      --state) state=$value ;;
      --prefix) prefix=$value ;;
      --no-service) service=no ;;
      --foreground)
        service=no
        foreground=yes
        ;;
      --print-unit) action=print_unit ;;
      --uninstall) action=uninstall ;;
      --purge) purge=yes ;;
      -h | --help)
        usage
        exit 0
        ;;
      *) misused "unknown option $option" ;;
    esac
  done
  check_folder --state "$state"
  check_folder --prefix "$prefix"
  [ $purge = no ] || [ $action = uninstall ] || misused '--purge goes with --uninstall'
  if [ $service = wanted ]; then
    if [ -d /run/systemd/system ] && has systemctl; then service=yes; else service=no; fi
  fi

  case $action in
    uninstall) uninstall ;;
    print_unit)
      check_server
      print_unit
      ;;
    install) install_agent "$@" ;;
  esac
}

has() { command -v "$1" >/dev/null 2>&1; }

# These names stand in a unit file and in commands that are shown.
check_folder() {
  case $2 in
    / | */../* | */.. | */./* | *//* | */) misused "$1 $2 is not the plain name of a folder" ;;
    *[!A-Za-z0-9._/@+-]*) misused "$1 $2 has other characters than A-Z, a-z, 0-9 and . _ / @ + -" ;;
    /*) ;;
    *) misused "$1 $2 must begin with /" ;;
  esac
}

check_server() {
  [ -n "$server" ] || misused 'the address of the server is not known; give it with --server URL'
  case $server in
    *[!][A-Za-z0-9._~:/-]*) misused '--server has characters that have no place in an address' ;;
    http://?* | https://?*) server=${server%/} ;;
    *) misused '--server must begin with http:// or https://' ;;
  esac
}

read_token() {
  if [ -n "$token_file" ]; then
    [ -z "$token" ] || misused 'give either --token or --token-file'
    token=$(tr -d ' \t\r\n' <"$token_file") || fail "cannot read the join token from $token_file"
  fi
  [ -n "$token" ] || misused 'a join token is needed: --token ct_..., made with: chandler token create'
  case $token in
    *[!A-Za-z0-9_-]*) misused 'this is not a join token: it has other characters than A-Z, a-z, 0-9, _ and -' ;;
    ct_?*) ;;
    *) misused 'this is not a join token: it does not begin with ct_' ;;
  esac
}

install_agent() {
  check_server
  read_token
  [ "$(uname -s)" = Linux ] || fail "the agent runs on Linux; this is $(uname -s)"
  case $(uname -m) in
    x86_64 | amd64) arch=x86_64 ;;
    aarch64 | arm64) arch=arm64 ;;
    *) fail "there is no agent for $(uname -m)" ;;
  esac
  for tool in tar gzip sha256sum mktemp readlink sed; do
    has "$tool" || fail "the program $tool is missing; install it and run this again"
  done
  if [ $service = yes ] && [ "$(id -u)" != 0 ]; then
    fail 'only root can set up the service: run this with sudo, or with --no-service and a --prefix and a --state of your own'
  fi
  prefix_was_there=no
  [ -d "$prefix" ] && prefix_was_there=yes
  mkdir -p "$prefix" && work=$(mktemp -d "$prefix/.install.XXXXXX") ||
    fail "cannot write to $prefix: run this with sudo, or choose another place with --prefix"
  trap clean_up EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM

  say "downloading the agent for linux $arch from $server"
  download
  unpack
  # Looked at before and after: what was enrolled stays what it is.
  instance=$(instance_id)
  if [ -z "$instance" ]; then
    enrol "$@"
  else
    say "this machine is instance $instance already: it keeps its identity"
    case $(sed -n 's/.*"serverUrl": *"\([^"]*\)".*/\1/p' "$state/identity.json") in
      "$server") ;;
      *) say "note: it joined a server at another address. If $server is another server, it refuses this agent" ;;
    esac
  fi
  switch_version
  run_agent
}

instance_id() {
  [ -r "$state/identity.json" ] || return 0
  sed -n 's/.*"instanceId": *"\(i-[0-9a-z]*\)".*/\1/p' "$state/identity.json"
}

clean_up() {
  [ -z "$work" ] || rm -rf "$work"
  [ -z "$placed" ] || rm -rf "$placed"
  [ "${prefix_was_there:-yes}" = yes ] || rmdir "$prefix" 2>/dev/null
}

# The token is in files that only this user can read, and never among the arguments of a program.
download() {
  url="$server/agent/bundle.tar.gz?os=linux&arch=$arch"
  bundle=$work/bundle.tar.gz
  headers=$work/headers
  secret=$work/secret
  : >"$headers"
  (umask 077 && : >"$secret") || fail "cannot write to $work"
  if has curl; then
    printf 'header = "Authorization: Bearer %s"\n' "$token" >"$secret"
    status=$(curl -sS --config "$secret" --connect-timeout 30 --speed-limit 1 --speed-time 120 \
      -D "$headers" -o "$bundle" -w '%{http_code}' "$url") || fail "the download from $server broke off"
  elif wget --version 2>/dev/null | grep -q '^GNU Wget'; then
    printf 'header = Authorization: Bearer %s\n' "$token" >"$secret"
    WGETRC=$secret wget -S --content-on-error --max-redirect=0 --connect-timeout=30 --read-timeout=120 --tries=3 \
      -O "$bundle" "$url" 2>"$headers"
    wget_code=$?
    status=$(sed -n 's|^ *HTTP/[0-9.]* \([0-9]\{3\}\).*|\1|p' "$headers" | tail -n 1)
    if [ $wget_code != 0 ] && [ "${status:-200}" = 200 ]; then
      tail -n 3 "$headers" >&2
      fail "the download from $server broke off"
    fi
  elif has wget; then
    # The small ones take a header from nowhere else.
    wget -q -S --header "Authorization: Bearer $token" -O "$bundle" "$url" 2>"$headers" || {
      tail -n 3 "$headers" >&2
      fail "the download from $server failed"
    }
    status=200
  else
    fail 'neither curl nor wget is there; install one of them and run this again'
  fi
  rm -f "$secret"
  [ "$status" = 200 ] || refused
  expected=$(header_value x-content-sha256 | sed -n '/^[0-9a-f]\{64\}$/p')
  version=$(header_value x-agent-version | sed -n '/^[0-9A-Za-z][0-9A-Za-z.+-]*$/p')
  if [ -z "$expected" ] || [ -z "$version" ]; then
    fail "$server answered without saying what it sends: is it a Chandler server, and does a proxy remove its headers?"
  fi
  actual=$(sha256sum "$bundle" | cut -d ' ' -f 1)
  [ "$actual" = "$expected" ] ||
    fail "the download is damaged: its sha256 is $actual and not $expected. Nothing was installed; try again"
}

header_value() {
  tr -d '\r' <"$headers" | tr 'A-Z' 'a-z' | sed -n "s/^ *$1: *//p" | tail -n 1
}

# What the server says is wrong, without what a terminal would take for commands.
refused() {
  problem=$(head -c 4096 "$bundle" 2>/dev/null | tr -d '\000-\037\177')
  detail=$(printf '%s' "$problem" | sed -n 's/.*"detail":"\([^"\\]*\)".*/\1/p')
  next=$(printf '%s' "$problem" | sed -n 's/.*"next":"\([^"\\]*\)".*/\1/p')
  case $status in
    401) [ -n "$detail" ] || detail='The join token does not count (any more). Make one with: chandler token create' ;;
    3??) next='The address has moved: give the new one with --server, or set CHANDLER_PUBLIC_URL for the server.' ;;
  esac
  fail "$server gives this machine no agent ($status). $detail${next:+ $next}"
}

# Into a folder of its own name, which appears when everything is in it.
unpack() {
  mkdir "$work/new" && tar -xzf "$bundle" -C "$work/new" || fail "cannot unpack the agent in $prefix: is the disk full?"
  rm -f "$bundle"
  "$work/new/bin/node" --version >/dev/null 2>&1 </dev/null ||
    fail 'the Node.js of the agent does not run on this system. It needs glibc 2.28 or newer (Debian 10, Ubuntu 20.04, RHEL 8), and a file system that programs may be run from'
  program=$prefix/$version-$(printf '%.12s' "$expected")
  previous=$(readlink "$prefix/current" 2>/dev/null)
  if [ -d "$program" ]; then
    say "$program is there already"
  else
    mv -T "$work/new" "$program" || fail "cannot put the agent in its place, $program"
    placed=$program
  fi
}

enrol() {
  (umask 077 && printf '%s\n' "$token" >"$work/token") || fail "cannot write to $work"
  "$program/bin/chandler-agent" --server "$server" --state "$state" --token-file "$work/token" --enrol-only "$@" </dev/null ||
    fail 'this machine was not enrolled, and nothing was installed; see above'
  rm -f "$work/token"
  instance=$(instance_id)
  [ -n "$instance" ] || fail "this machine was not enrolled: $state/identity.json names no instance"
  say "enrolled as $instance"
}

# One rename: whoever starts the agent meanwhile gets the one or the other version.
switch_version() {
  ln -s "${program##*/}" "$work/current" && mv -fT "$work/current" "$prefix/current" ||
    fail "cannot make $prefix/current point to $program"
  placed=
  for folder in "$prefix"/*/; do
    folder=${folder%/}
    case ${folder##*/} in
      current | "${program##*/}" | "${previous:-none}") ;;
      *) if is_program "$folder"; then rm -rf "$folder"; fi ;;
    esac
  done
}

is_program() { [ ! -h "$1" ] && [ -f "$1/bin/chandler-agent.mjs" ] && [ -f "$1/bin/node" ]; }

run_agent() {
  say "agent $version is installed in $program"
  command="$prefix/current/bin/chandler-agent --server $server --state $state"
  if [ $service = yes ]; then
    print_unit >"$work/unit" && chmod 644 "$work/unit" && cp "$work/unit" "$unit_file.new" && mv -f "$unit_file.new" "$unit_file" ||
      fail "cannot write $unit_file"
    systemctl daemon-reload && systemctl stop "$unit_name" || fail "systemd does not stop $unit_name"
    running=$(running_agent)
    [ -z "$running" ] || fail "an agent runs as process $running outside the service; end it and run this again"
    systemctl enable "$unit_name" && systemctl start "$unit_name" ||
      fail "systemd does not start the agent: see systemctl status $unit_name and journalctl -u $unit_name"
    say "systemd runs it: systemctl status $unit_name, journalctl -u $unit_name"
  elif [ $foreground = yes ]; then
    clean_up
    trap - EXIT
    # shellcheck disable=SC2086 # its words have no spaces: see check_folder and check_server
    exec $command </dev/null
  else
    running=$(running_agent)
    if [ -n "$running" ]; then
      say "an agent runs as process $running: end it and start it again, so that it is this version"
    else
      say 'nothing starts it by itself: there is no systemd here, or it was not to be used. To run it:'
    fi
    say "  $command"
  fi
}

# Scripts, and the daemons that they start, live in the agent's control group: they go on when the agent ends (KillMode), and
# a limit that is meant for the agent must not be one for them.
print_unit() {
  cat <<END
[Unit]
Description=Chandler agent
Wants=network-online.target
After=network-online.target
StartLimitIntervalSec=0

[Service]
ExecStart=$prefix/current/bin/chandler-agent --server $server --state $state
Restart=always
RestartSec=5
KillMode=process
TimeoutStopSec=30
OOMPolicy=continue
TasksMax=infinity

[Install]
WantedBy=multi-user.target
END
}

# The process that holds the state folder, if it is a program below the prefix.
running_agent() {
  [ -r "$state/agent.lock" ] || return 0
  pid=$(sed -n 's/.*"pid": *\([0-9]\{1,\}\).*/\1/p' "$state/agent.lock")
  [ -n "$pid" ] || return 0
  case $(readlink "/proc/$pid/exe" 2>/dev/null) in
    "$prefix"/*) say "$pid" ;;
  esac
}

uninstall() {
  if [ -f "$unit_file" ] && [ $service = yes ] && grep -q "^ExecStart=$prefix/" "$unit_file"; then
    [ "$(id -u)" = 0 ] || fail 'only root can remove the service: run this with sudo'
    systemctl disable --now "$unit_name" || fail "systemd does not stop $unit_name"
    rm -f "$unit_file" || fail "cannot remove $unit_file"
    systemctl daemon-reload
    say "removed the service $unit_name"
  fi
  stop_agent
  if [ -d "$prefix" ]; then
    for folder in "$prefix"/*/; do
      folder=${folder%/}
      if is_program "$folder"; then rm -rf "$folder" || fail "cannot remove $folder"; fi
    done
    if [ -h "$prefix/current" ]; then rm -f "$prefix/current" || fail "cannot remove $prefix/current"; fi
    rmdir "$prefix" 2>/dev/null || say "$prefix holds other things and stays"
    say "removed the agent from $prefix"
  fi
  instance=$(instance_id)
  if [ $purge = yes ]; then
    if [ -f "$state/identity.json" ]; then
      rm -rf "$state" || fail "cannot remove $state"
      say "removed $state"
    elif [ -d "$state" ]; then
      fail "$state holds no identity of an agent and was left as it is; remove it yourself if it is the agent's"
    fi
  elif [ -d "$state" ]; then
    say "$state stays: it holds the identity of this instance. --purge removes it"
  fi
  [ -z "$instance" ] || say "the server still knows the instance; to make it forget: chandler instance remove $instance"
}

stop_agent() {
  running=$(running_agent)
  [ -n "$running" ] || return 0
  kill "$running" 2>/dev/null || fail "cannot end the agent, process $running: run this as its user"
  seconds=0
  while [ -n "$(running_agent)" ]; do
    [ $seconds -lt 30 ] || fail "the agent, process $running, has not ended within 30 seconds"
    seconds=$((seconds + 1))
    sleep 1
  done
  say "ended the agent that ran as process $running"
}

main "$@"
