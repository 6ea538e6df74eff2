#!/bin/sh
# Installs the agent of Chandler on this Linux machine and makes the machine an instance of a server.
#
#   curl -fsSL https://chandler.example/install.sh | sudo sh -s -- --token ct_...
#
# It downloads, verifies and unpacks the agent. Everything else is done by the agent: chandler-agent setup.
#
# POSIX sh. Everything is in functions and the last line calls the first one: a script that arrives in part does nothing.
set -u

# The server puts its own address here.
default_server=''

usage() {
  cat <<END
usage: sh install.sh --token ct_TOKEN [options]         install the agent, or another version of it
       sh install.sh --uninstall [--purge] [options]    remove it

  --token TOKEN        join token, made with: chandler token create
  --token-file FILE    file with the join token: other users of this machine see the arguments of programs
  --name NAME          name of the instance (default: the host name); not that of one that is online
  --tag KEY=VALUE      tag of the instance, if the token allows the key (repeatable)
  --server URL         address of the server (default: ${default_server:-none: this copy of the script needs it})
  --ca-sha256 DIGEST   SHA-256 of the CA of the server, from the join command; verifies the server
  --ca FILE            file with the CAs that verify the server, in PEM (default: those of the system)
  --insecure-http      accept plain HTTP beyond loopback: others on the network can run scripts on this machine
  --trust FILE         trust file: run only what its keys have signed
  --state DIR          state directory of the agent (default: /var/lib/chandler-agent)
  --prefix DIR         where the program is installed (default: /opt/chandler-agent)
  --no-service         set up no systemd service; any user can install this way
  --foreground         the same, and run the agent now, in place of this script
  --print-unit         print the unit file of the systemd service and do nothing else
  --uninstall          stop the agent and remove program and service; keep the state directory
  --purge              with --uninstall: remove the state directory, too
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
  ca_sha256=
  ca=
  insecure_http=
  state=/var/lib/chandler-agent
  prefix=/opt/chandler-agent
  action=install
  no_service=
  foreground=
  purge=
  work=
  placed=

  # Options for chandler-agent setup go to the end of the arguments; in the end nothing else is left.
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
      --token | --token-file | --name | --tag | --server | --state | --prefix | --ca-sha256 | --ca | --trust)
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
      --name | --tag | --trust) set -- "$@" "$option=$value" ;;
      --server) server=$value ;;
      --ca-sha256) ca_sha256=$value ;;
      --ca) ca=$value ;;
      --insecure-http) insecure_http=$option ;;
      --state) state=$value ;;
      --prefix) prefix=$value ;;
      --no-service) no_service=$option ;;
      --foreground) foreground=$option ;;
      --print-unit) action=unit ;;
      --uninstall) action=remove ;;
      --purge) purge=$option ;;
      -h | --help)
        usage
        exit 0
        ;;
      *) misused "unknown option $option" ;;
    esac
  done
  check_folder --state "$state"
  check_folder --prefix "$prefix"
  [ -z "$purge" ] || [ $action = remove ] || misused '--purge requires --uninstall'

  case $action in
    install) install_agent $no_service $foreground "$@" ;;
    remove) run_setup remove $no_service $purge ;;
    unit)
      check_server
      run_setup unit --server "$server"
      ;;
  esac
}

has() { command -v "$1" >/dev/null 2>&1; }

# These paths are used in a unit file and in commands that are printed.
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
  case $server in
    https://*) ;;
    *)
      [ -z "$ca_sha256$ca" ] || misused '--ca-sha256 and --ca need a --server that begins with https://'
      is_loopback || [ -n "$insecure_http" ] ||
        misused "$server is plain HTTP: others on the network could run any program on this machine. Use https://, or accept the risk with --insecure-http"
      ;;
  esac
}

is_loopback() {
  host=${server#http://}
  host=${host%%/*}
  case $host in
    localhost | localhost:* | '[::1]' | '[::1]':*) return 0 ;;
  esac
  host=${host%:*}
  printf '%s\n' "$host" | grep -Eq '^127(\.[0-9]{1,3}){3}$'
}

check_ca() {
  [ -z "$ca" ] || [ -z "$ca_sha256" ] || misused 'use either --ca-sha256 or --ca'
  if [ -n "$ca" ]; then
    [ -r "$ca" ] || fail "cannot read $ca"
    case $ca in
      /*) ;;
      *) ca=$PWD/$ca ;;
    esac
  fi
  [ -n "$ca_sha256" ] || return 0
  ca_sha256=$(printf '%s' "$ca_sha256" | tr -d ':' | tr 'A-F' 'a-f')
  case $ca_sha256 in
    *[!0-9a-f]*) misused '--ca-sha256 must be a SHA-256: 64 hexadecimal digits' ;;
  esac
  [ ${#ca_sha256} = 64 ] || misused '--ca-sha256 must be a SHA-256: 64 hexadecimal digits'
  has base64 || fail 'the program base64 is missing; install it and run this again'
  can_digest || fail '--ca-sha256 needs the program sha256sum or openssl; install one of them, or use --ca FILE'
}

# Sets cacert to the file that verifies the server; empty: the CAs of the system. Only this download is unverified, and
# only what was compared is trusted: one certificate in DER, as a whole.
fetch_ca() {
  cacert=$ca
  [ -n "$ca_sha256" ] || return 0
  der=$work/ca.der
  if has curl; then
    curl -fsSk --connect-timeout 30 --max-time 60 --max-filesize 16384 -o "$der" "$server/ca.der"
  elif is_gnu_wget; then
    wget -q --no-check-certificate --max-redirect=0 --timeout=60 --tries=3 -O "$der" "$server/ca.der"
  else
    fail 'this wget cannot verify the server; install curl and run this again'
  fi || fail "cannot fetch the CA of $server: is it running, and does it have a CA of its own? (Without one, leave out --ca-sha256)"
  actual=$(digest_of "$der")
  [ "$actual" = "$ca_sha256" ] ||
    fail "the CA of $server has the SHA-256 $actual, not $ca_sha256 as in --ca-sha256. The command is of another server, or older than a rotation of the CA, or something intercepts the connection. Nothing was installed; create a new join command"
  cacert=$work/ca.pem
  {
    echo '-----BEGIN CERTIFICATE-----'
    base64 "$der"
    echo '-----END CERTIFICATE-----'
  } >"$cacert" || fail "cannot write to $work"
}

can_digest() { has sha256sum || has openssl; }

# The SHA-256 of a file.
digest_of() {
  if has sha256sum; then
    sha256sum "$1" | cut -d ' ' -f 1
  else
    openssl dgst -sha256 "$1" | sed 's/.*= *//'
  fi
}

is_gnu_wget() { wget --version 2>/dev/null | grep -q '^GNU Wget'; }

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

# Unpacks the agent into a folder of its own and leaves the rest to it. The token is on its standard input.
install_agent() {
  check_server
  check_ca
  read_token
  check_machine
  prefix_was_there=no
  [ -d "$prefix" ] && prefix_was_there=yes
  mkdir -p "$prefix" || fail "cannot write to $prefix: run this with sudo, or choose another place with --prefix"
  unpack_in "$prefix"
  place
  if [ -n "$placed" ]; then
    if [ $prefix_was_there = yes ]; then discarded=program; else discarded=prefix; fi
    set -- --discard-on-failure $discarded "$@"
  fi
  [ -z "$ca_sha256" ] || set -- --ca-sha256 "$ca_sha256" "$@"
  [ -z "$ca" ] || set -- --ca "$ca" "$@"
  [ -z "$insecure_http" ] || set -- --insecure-http "$@"
  rm -rf "$work"
  trap - EXIT HUP INT TERM
  exec "$program/bin/chandler-agent" setup install --server "$server" --prefix "$prefix" --state "$state" \
    --token-file - "$@" <<END
$token
END
}

# Runs setup of the agent that is installed. If there is none, or an older one without it, a token downloads one for this.
run_setup() {
  if "$prefix/current/bin/chandler-agent" setup --help </dev/null >/dev/null 2>&1; then
    exec "$prefix/current/bin/chandler-agent" setup "$@" --prefix "$prefix" --state "$state" </dev/null
  fi
  if [ -z "$token$token_file" ]; then
    if [ $action = remove ] && nothing_is_there; then
      say "no agent is installed in $prefix"
      exit 0
    fi
    fail "no agent in $prefix can do this: there is none, or an older one. Give --token, so that this script can download one"
  fi
  check_server
  check_ca
  read_token
  check_machine
  # The output may be a unit file.
  unpack_in "${TMPDIR:-/tmp}" >&2
  "$work/new/bin/chandler-agent" setup "$@" --prefix "$prefix" --state "$state" </dev/null
  exit $?
}

nothing_is_there() {
  [ ! -e "$prefix" ] && [ ! -e /etc/systemd/system/chandler-agent.service ] && { [ -z "$purge" ] || [ ! -e "$state" ]; }
}

check_machine() {
  [ "$(uname -s)" = Linux ] || fail "the agent runs on Linux; this is $(uname -s)"
  case $(uname -m) in
    x86_64 | amd64) arch=x86_64 ;;
    aarch64 | arm64) arch=arm64 ;;
    *) fail "there is no agent for $(uname -m)" ;;
  esac
  for tool in mktemp readlink sed; do
    has "$tool" || fail "the program $tool is missing; install it and run this again"
  done
  # Without these the agent itself is downloaded, if the server has an executable: it is larger and needs no unpacking.
  form=archive
  has tar && has gzip && can_digest || form=executable
}

# Downloads and unpacks the agent to $work/new, in a new folder in $1.
unpack_in() {
  trap clean_up EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM
  work=$(mktemp -d "$1/.install.XXXXXX") || fail "cannot write to $1: run this with sudo, or choose another place with --prefix"
  say "downloading the agent for linux $arch from $server"
  fetch_ca
  download
  unpack
}

clean_up() {
  [ -z "$work" ] || rm -rf "$work"
  [ -z "$placed" ] || rm -rf "$placed"
  [ "${prefix_was_there:-yes}" = yes ] || rmdir "$prefix" 2>/dev/null
}

download() {
  bundle=$work/bundle.tar.gz
  url="$server/agent/bundle.tar.gz?os=linux&arch=$arch"
  [ $form = archive ] || url="$server/agent/executable?os=linux&arch=$arch"
  fetch "$url" "$bundle"
  expected=$(header_value x-content-sha256 | sed -n '/^[0-9a-f]\{64\}$/p')
  name=$(header_value x-agent-program | sed -n '/^[0-9A-Za-z][0-9A-Za-z.+-]*-[0-9a-f]\{12\}$/p')
  if [ -z "$expected" ] || [ -z "$name" ]; then
    fail "$server answered without saying what it sends: is it a Chandler server, and does a proxy remove its headers?"
  fi
  if can_digest; then
    check "$bundle" "$expected" "$(digest_of "$bundle")"
  else
    # The executable computes its own digest: this finds a damaged download. TLS has verified the server.
    chmod 755 "$bundle"
    # Unlike the other values, with capital letters.
    libraries=$(sed -n 's/^ *[Xx]-[Aa]gent-[Ll]ibraries: *//p' "$headers" | tail -n 1 | tr -cd 'A-Za-z0-9._ -')
    if [ -n "$libraries" ] && ! "$bundle" --version >/dev/null 2>&1 </dev/null; then
      download_libraries
    else
      check "$bundle" "$expected" "$("$bundle" setup digest 2>/dev/null </dev/null)"
    fi
  fi
}

# A system that can neither unpack nor run the executable gets the C library for it, file by file.
download_libraries() {
  mkdir -p "$work/new/bin" "$work/new/lib" || fail "cannot write to $work: is the disk full?"
  digests=
  for library in $libraries; do
    fetch "$url&library=$library" "$work/new/lib/$library"
    digests="$digests lib/$library $(header_value x-content-sha256)"
  done
  chmod 755 "$work"/new/lib/ld-* "$work/new/lib/chandler-agent"
  carry "$bundle"
  # What starts with damaged libraries is caught here, what does not start has no digest.
  set -- bin/chandler-agent.elf "$expected" $digests
  while [ $# -gt 1 ]; do
    file=$1
    [ "$file" != lib/chandler-agent ] || file=bin/chandler-agent
    check "$work/new/$file" "$2" "$("$work/new/bin/chandler-agent" setup digest "$work/new/$file" 2>/dev/null </dev/null)"
    shift 2
  done
}

# Makes the executable start with the C library in $work/new/lib.
carry() {
  mv "$1" "$work/new/bin/chandler-agent.elf" && mv "$work/new/lib/chandler-agent" "$work/new/bin/chandler-agent" ||
    fail "cannot write to $work: is the disk full?"
}

# Refuses a file with another digest than the server sent.
check() {
  [ "$3" = "$2" ] ||
    fail "the download is damaged: the sha256 of ${1##*/} is ${3:-unknown} and not $2. Nothing was installed; try again"
}

# Downloads an address to a file, and the head of the answer to $headers. The token is in files that only this user can read, and
# never among the arguments of a program.
fetch() {
  headers=$work/headers
  secret=$work/secret
  : >"$headers"
  (umask 077 && : >"$secret") || fail "cannot write to $work"
  if has curl; then
    printf 'header = "Authorization: Bearer %s"\n' "$token" >"$secret"
    status=$(curl -sS --config "$secret" ${cacert:+--cacert "$cacert"} --connect-timeout 30 --speed-limit 1 --speed-time 120 \
      -D "$headers" -o "$2" -w '%{http_code}' "$1") || broke_off $?
  elif is_gnu_wget; then
    printf 'header = Authorization: Bearer %s\n' "$token" >"$secret"
    WGETRC=$secret wget ${cacert:+--ca-certificate="$cacert"} -S --content-on-error --max-redirect=0 --connect-timeout=30 --read-timeout=120 --tries=3 \
      -O "$2" "$1" 2>"$headers"
    wget_code=$?
    status=$(sed -n 's|^ *HTTP/[0-9.]* \([0-9]\{3\}\).*|\1|p' "$headers" | tail -n 1)
    if [ $wget_code != 0 ] && [ "${status:-200}" = 200 ]; then
      tail -n 3 "$headers" >&2
      fail "the download from $server broke off"
    fi
  elif has wget; then
    case $server in
      https://*) fail 'this wget does not verify the server; install curl and run this again' ;;
    esac
    # The small ones take a header from nowhere else.
    wget -q -S --header "Authorization: Bearer $token" -O "$2" "$1" 2>"$headers" || {
      tail -n 3 "$headers" >&2
      fail "the download from $server failed"
    }
    status=200
  else
    fail 'neither curl nor wget is there; install one of them and run this again'
  fi
  rm -f "$secret"
  [ "$status" = 200 ] || refused
}

# The exit codes of curl that have a cause of their own.
broke_off() {
  case $1 in
    60 | 77)
      fail "the certificate of $server is not trusted, expired, not valid yet, or for another name (see above; the clock of this machine says $(date -u '+%Y-%m-%d %H:%M:%S') UTC). If the server has a CA of its own, use --ca-sha256; for the CA of a company, add it to the system or use --ca FILE"
      ;;
    35) fail "$server does not speak TLS there (see above): check the port, and whether the address begins with http:// or https://" ;;
  esac
  fail "the download from $server broke off"
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

unpack() {
  if [ $form = executable ] && [ ! -f "$bundle" ]; then
    : # It runs with the C library that was downloaded, too.
  elif [ $form = executable ]; then
    mkdir -p "$work/new/bin" && mv "$bundle" "$work/new/bin/chandler-agent" && chmod 755 "$work/new/bin/chandler-agent" ||
      fail "cannot write to $work: is the disk full?"
  else
    mkdir "$work/new" && tar -xzf "$bundle" -C "$work/new" || fail "cannot unpack the agent in $work: is the disk full?"
    rm -f "$bundle"
  fi
  ! runs || return 0
  # On systems without glibc, or with an older one, an executable starts with the C library that it brings.
  if [ -f "$work/new/lib/chandler-agent" ]; then
    carry "$work/new/bin/chandler-agent"
    ! runs || return 0
  fi
  if [ -f "$work/new/bin/node" ]; then
    fail 'the Node.js of the agent does not run on this system. It needs glibc 2.28 or newer (Debian 10, Ubuntu 20.04, RHEL 8), and a file system that programs may be run from'
  fi
  fail 'the agent does not run on this system. It needs Linux 3.10 or newer with glibc 2.17 or newer, or an agent that brings its own C library, and a file system that programs may be run from'
}

runs() { "$work/new/bin/chandler-agent" --version >/dev/null 2>&1 </dev/null; }

# Into a folder named after the version and its digest, which appears when everything is in it.
place() {
  program=$prefix/$name
  if [ -d "$program" ]; then
    say "$program is there already"
  else
    mv -T "$work/new" "$program" || fail "cannot put the agent in its place, $program"
    placed=$program
  fi
}

main "$@"
