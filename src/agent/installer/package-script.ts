/**
 * The shared parts of package manager scripts. A script leaves its observations in
 * CHANDLER_RESULTS, and the agent judges by those and not by the exit code alone
 * (judge-packages.ts):
 *
 * - before, after: the packages of the instance, one per line: state, name, version (`ii ` =
 *   installed and configured)
 * - target: the package in the file: name and version
 * - acting: created right before the first command that changes packages; if missing, nothing was
 *   changed
 * - refused: why the script did not act: a code, then its subject
 * - repaired: packages whose interrupted installation was completed first
 * - scriptlets: of rpm: package scripts that failed, one per line: `%post`, the package, its end
 */
export const resultFiles = ['before', 'after', 'target', 'acting', 'refused', 'repaired', 'scriptlets'] as const
export type ResultFile = (typeof resultFiles)[number]

/** Timeout for the lock of another package manager (unattended upgrades). */
export const lockTimeoutSeconds = 600

/**
 * Timeout for packages that an earlier operation left half configured: a maintainer script that
 * hangs must not block all others.
 */
const repairTimeoutSeconds = 300

/** Requires the function `list`, which prints the packages. Defines `refuse` and `act`. */
export const resultsScript = `
results=$CHANDLER_RESULTS
refuse() { printf '%s\\n' "$*" > "$results/refused"; echo "refused: $*" >&2; list > "$results/after"; exit 1; }
`

/**
 * Functions around apt and dpkg.
 *
 * Locks: apt-get waits only for the lock of dpkg, and dpkg waits for none. perl, which every Debian
 * has, can find the holders of the others. Another process may take a lock between the wait and the
 * command: then the command is retried, if nothing has changed yet.
 *
 * Repair: dpkg records each change in updates/ and merges them when it ends. If it was killed they
 * remain, and apt-get refuses all work until dpkg has run again. A package that was being
 * configured is configured again, unless the operation replaces or removes it; one that was being
 * unpacked is fetched again, or removed if no source has it.
 */
export const aptScript = `
unset LANGUAGE
export LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive
${resultsScript}
list() { dpkg-query --show --showformat='\${db:Status-Abbrev} \${binary:Package} \${Version}\\n'; }
exists() { command -v "$1" >/dev/null 2>&1; }

lists='' archives='' admin=\${DPKG_ADMINDIR:-/var/lib/dpkg}
if exists apt-get; then
  eval "$(apt-config shell lists Dir::State::lists/d archives Dir::Cache::archives/d status Dir::State::status/f)"
  [ -z "\${status:-}" ] || admin=\${status%/*}
fi
dpkg_locks="$admin/lock-frontend $admin/lock"

apt() {
  apt-get -q -y -o DPkg::Lock::Timeout=${lockTimeoutSeconds} -o Dpkg::Use-Pty=0 -o APT::Get::AutomaticRemove=false \\
    -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold "$@"
}

# SECONDS FILE...: waits until nobody holds one of the locks. 1 = somebody still does.
wait_for() {
  holder=
  exists perl || return 0
  holder=$(perl -MFcntl -e '
    my $left = shift;
    for my $path (@ARGV) {
      my $said = 0;
      while (open(my $file, "+<", $path)) {
        my $lock = pack("s s x![l!] l! l! i x![l!]", F_WRLCK, 0, 0, 0, 0);
        fcntl($file, F_GETLK, $lock) or last;
        my ($type, $pid) = (unpack("s s x![l!] l! l! i", $lock))[0, 4];
        last if $type == F_UNLCK;
        my $name = "";
        if (open(my $comm, "<", "/proc/$pid/comm")) { chomp($name = readline($comm) // "") }
        my $holder = $pid > 0 ? "process $pid" . ($name eq "" ? "" : " ($name)") : "another process";
        if ($left-- <= 0) { print "$path $holder"; exit 1 }
        print STDERR "waiting for $path, which $holder has locked\\n" unless $said++;
        sleep 1;
      }
    }' "$@")
}
wait_for_locks() {
  wait_for ${lockTimeoutSeconds} $dpkg_locks \${archives:+"\${archives}lock"} || refuse locked "$holder"
}

# COMMAND...: runs what changes packages.
act() {
  while :; do
    wait_for_locks
    list > "$results/base"
    : > "$results/acting"
    "$@" && return 0
    code=$?
    list > "$results/after"
    cmp -s "$results/base" "$results/after" || return "$code"
    wait_for 0 $dpkg_locks \${archives:+"\${archives}lock"} && return "$code"
  done
}

# COMMAND...: runs what changes no packages, such as a download; it is silent unless it fails.
prepare() {
  while :; do
    "$@" > "$results/said" 2>&1 && return 0
    code=$?
    grep -q 'ould not get lock' "$results/said" || return "$code"
    wait_for ${lockTimeoutSeconds} \${archives:+"\${archives}lock"} \${lists:+"\${lists}lock"} || refuse locked "$holder"
    sleep 1
  done
}

# A source that does not answer is no reason to give up: what is needed may be in another.
refresh() {
  wait_for ${lockTimeoutSeconds} "\${lists}lock" || refuse locked "$holder"
  prepare apt-get -q update && return 0
  cat "$results/said" >&2
  echo "the lists of packages could not be refreshed; the lists on the instance are used" >&2
}

# ARGUMENTS...: what apt-get would do, in $results/said.
simulate() { apt-get -q -s -y -o Dpkg::Use-Pty=0 -o APT::Get::AutomaticRemove=false "$@" > "$results/said" 2>&1; }
removed_by_simulation() { sed -n 's/^\\(Remv\\|Purg\\) \\([^ ]*\\).*/\\2/p' "$results/said"; }

# NAME...: refuses if the simulation removes any other package.
refuse_removals() {
  others=
  for gone in $(removed_by_simulation); do
    kept=yes
    for name in "$@"; do case $gone in "$name"|"$name":*) kept=;; esac; done
    [ -z "$kept" ] || others="$others $gone"
  done
  [ -z "$others" ] || [ "\${CHANDLER_ALLOW_REMOVALS:-}" = 1 ] || refuse removals$others
}

# ARGUMENTS...: simulates, with fresh lists if a package is not to be had without.
plan() {
  simulate "$@" && return 0
  code=$?
  if grep -q -e 'unmet dependencies' -e 'nable to locate' -e 'no installation candidate' -e 'was not found' "$results/said"; then
    refresh
    simulate "$@" && return 0
    code=$?
  fi
  cat "$results/said" >&2
  return "$code"
}

# NAME...: removes them, and nothing else unless that is allowed. Dependencies stay, unless their removal is requested.
remove_by_apt() {
  plan remove -- "$@" || return
  refuse_removals "$@"
  if [ "\${CHANDLER_AUTOREMOVE:-}" = 1 ]; then
    find_unneeded "$@" || { code=$?; cat "$results/said" >&2; return "$code"; }
    if [ -n "$unneeded" ]; then
      set -- "$@" $unneeded
      plan remove -- "$@" || return
      refuse_removals "$@"
    fi
  fi
  act apt remove -- "$@"
}

# NAME...: what becomes unneeded by their removal, in $unneeded. apt-get autoremove would also remove what nothing needed before:
# in a copy of apt's records that was installed by request, so it stays with all that it needs.
find_unneeded() {
  removed_by_simulation > "$results/gone"
  simulate -o APT::Get::AutomaticRemove=true autoremove || return
  removed_by_simulation > "$results/leftovers"
  states=''
  eval "$(apt-config shell states Dir::State::extended_states/f)"
  : > "$results/states"
  [ ! -e "$states" ] || awk -v leftovers="$results/leftovers" -v native="$(dpkg --print-architecture)" '
    BEGIN { while ((getline line < leftovers) > 0) left[line]; RS = ""; ORS = "\\n\\n" }
    {
      name = arch = ""
      count = split($0, lines, "\\n")
      for (i = 1; i <= count; i++) {
        split(lines[i], field, ": ")
        if (field[1] == "Package") name = field[2]
        if (field[1] == "Architecture") arch = field[2]
      }
      if (!((name ":" arch) in left) && !(arch == native && name in left)) print
    }' "$states" > "$results/states" || return
  simulate -o Dir::State::extended_states="$results/states" -o APT::Get::AutomaticRemove=true remove -- "$@" || return
  unneeded=$(removed_by_simulation | grep -vxF -f "$results/gone")
  return 0
}

# ARGUMENTS...: gets what is to be installed; a source may no longer have what its list on the instance names.
download() {
  wait_for_locks
  prepare apt --download-only "$@" && return 0
  refresh
  prepare apt --download-only "$@" && return 0
  code=$?
  cat "$results/said" >&2
  return "$code"
}

# NAME...: of these, what follows takes care itself.
repair() {
  list > "$results/before"
  if ls "$admin/updates" 2>/dev/null | grep -q '^[0-9]'; then
    echo "an earlier run of dpkg was interrupted: gathering what it did"
    wait_for_locks
    dpkg --set-selections < /dev/null
    list > "$results/before"
  fi
  half_configured='' half_installed='' triggered=''
  while read -r state name _; do
    for own in "$@"; do case $name in "$own"|"$own":*) continue 2;; esac; done
    case $state in
      ?H*|??R) half_installed="$half_installed $name";;
      ?[UF]) half_configured="$half_configured $name";;
      ?[Wt]) triggered="$triggered $name";;
    esac
  done < "$results/before"
  for name in $half_installed; do
    echo "the installation of $name was interrupted: installing it again"
    wait_for_locks
    apt --no-remove --reinstall install -- "$name" || {
      echo "no source has it: removing what is left of $name"
      dpkg --remove --force-remove-reinstreq -- "$name"
    }
  done
  if [ -n "$half_configured" ]; then
    echo "the configuration of$half_configured was interrupted: completing it"
    wait_for_locks
    timeout -k 10 ${repairTimeoutSeconds} dpkg --force-confdef --force-confold --configure -- $half_configured ||
      echo "it could not be completed" >&2
  fi
  [ -z "$triggered" ] || timeout -k 10 ${repairTimeoutSeconds} dpkg --triggers-only --pending || true
  [ -z "$half_installed$half_configured" ] || echo $half_installed $half_configured > "$results/repaired"
  list > "$results/before"
}
`
