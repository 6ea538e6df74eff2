import { lockTimeoutSeconds, resultsScript } from './package-script.ts'

/**
 * Functions around rpm and the managers above it (dnf5, dnf, yum, zypper). What a script leaves is the same as with apt
 * (package-script.ts), and `scriptlets`: the package scripts that failed.
 *
 * State: the exit codes of the managers disagree. dnf 4 ends with 0 when %post failed, dnf 5 with 1, zypper with 107, and in all three
 * cases the package is installed. Removing what is not there is 1, 0 or 104. So the state is read with `rpm --query` before and after.
 *
 * Locks: rpm and dnf fail at once while another transaction runs, before they change anything. The command is then tried again, for as
 * long as apt would wait.
 *
 * Repositories: a package whose dependencies are installed needs none, and a repository that cannot be reached must not stop it.
 * `rpm --test` finds that out.
 */
export const rpmScript = `
export LC_ALL=C ZYPP_LOCK_TIMEOUT=${lockTimeoutSeconds}
unset LANGUAGE
${resultsScript}
exists() { command -v "$1" >/dev/null 2>&1; }
exists rpm || { echo "rpm is missing: the operating system of this instance does not use rpm packages" >&2; exit 1; }
manager=rpm
for name in zypper yum dnf dnf5; do if exists "$name"; then manager=$name; fi; done

native=$(rpm --eval '%{_arch}' 2>/dev/null)
# As dpkg lists them: an architecture is named where it is not the instance's own.
list() {
  rpm --query --all --queryformat 'ii %{NAME}:%{ARCH} %{EVR}\\n' 2>/dev/null |
    sed -e '/^ii gpg-pubkey:/d' -e "s/^\\(ii [^ ]*\\):\\(noarch\\|$native\\) /\\1 /" | sort
}
is_there() { rpm --query --quiet -- "$1" 2>/dev/null; }
field() { rpm --query --package --nosignature --queryformat "%{$2}" -- "$1" 2>/dev/null; }

# What the manager printed, without its tables and its progress.
show() {
  sed -e '/^ *$/d' -e '/^=*$/d' -e '/^ *\\(Package\\|Repository\\)  /d' -e '/^\\(Unable to detect release version\\|No repository match\\)/d' \\
    -e '/^  *\\(Preparing\\|Running scriptlet\\|Installing\\|Upgrading\\|Downgrading\\|Reinstalling\\|Obsoleting\\|Erasing\\|Cleanup\\|Verifying\\)  *:/d' \\
    -e '/^\\(Dependencies resolved\\|Transaction Summary\\|Downloading Packages\\|Running transaction\\|Transaction check\\|Transaction test s\\|Total size\\|Total download\\|Installed size\\|Freed space\\|Last metadata\\|Complete!\\|Loading repository\\|Reading installed\\|Resolving\\|Overall download\\|After the operation\\|Continue?\\|Retrieving\\|Checking for file conflicts\\|Abort, retry\\|Additional rpm output\\)/d' \\
    "$results/said"
  sed -n 's/.*\\(%[a-z]*\\)(\\([^)]*\\)) scriptlet failed, \\(.*\\)/\\1 \\2 \\3/p' "$results/said" >> "$results/scriptlets"
}
is_locked() {
  grep -q -e "can't create transaction lock" -e 'Failed to obtain .*lock' -e 'is locked by' "$results/said"
}

# NAME COMMAND...: runs what changes the package.
act() {
  subject=$1
  shift
  waited=0
  while :; do
    own=$(list | grep "^ii $subject[: ]")
    : > "$results/acting"
    "$@" > "$results/said" 2>&1 < /dev/null && { show; return 0; }
    code=$?
    if is_locked && [ "$own" = "$(list | grep "^ii $subject[: ]")" ]; then
      [ "$waited" -lt ${lockTimeoutSeconds} ] || refuse locked "the rpm database" another process
      [ "$waited" -gt 0 ] || echo "waiting for the rpm database, which another package manager has locked" >&2
      waited=$((waited + 2))
      sleep 2
      continue
    fi
    show >&2
    return "$code"
  done
}

# NAME: an upgrade that was killed leaves the old version beside the new one.
repair() {
  list > "$results/before"
  for name in "$@"; do
    for arch in $(rpm --query --queryformat '%{ARCH}\\n' -- "$name" 2>/dev/null | sort | uniq -d); do
      newest=
      for version in $(rpm --query --queryformat '%{ARCH} %{EVR}\\n' -- "$name" | sed -n "s/^$arch //p"); do
        if [ -z "$newest" ]; then newest=$version; continue; fi
        older=$version
        case $(rpm --eval "%{lua: print(rpm.vercmp('$version', '$newest'))}" 2>/dev/null) in 1) older=$newest newest=$version;; esac
        echo "an upgrade of $name was interrupted: removing $older, which $newest has replaced"
        act "$name" rpm --erase -- "$name-$older.$arch" || echo "it could not be removed" >&2
        echo "$name" >> "$results/repaired"
      done
    done
  done
  list > "$results/before"
}

# NAME...: the installed packages that need them.
dependents() { rpm --erase --test -- "$@" 2>&1 | sed -n 's/.* is needed by (installed) //p' | sort -u; }

# NAME...: removes them, and nothing else unless that is allowed. Their own dependencies stay.
remove() {
  others=$(dependents "$@")
  [ -z "$others" ] || [ "\${CHANDLER_ALLOW_REMOVALS:-}" = 1 ] || refuse removals $others
  case $manager in
    dnf5) act "$1" dnf5 -y --disablerepo='*' remove --no-autoremove -- "$@";;
    dnf|yum) act "$1" "$manager" -y --disablerepo='*' --setopt=clean_requirements_on_remove=0 remove -- "$@";;
    zypper) act "$1" zypper --non-interactive --no-refresh remove -- "$@";;
    *) act "$1" rpm --erase -- "$@";;
  esac
}

# NAME FILE SAME: installs a file over whatever version there is; SAME is yes if it is the very same.
install() {
  set -f
  repos=
  if rpm --upgrade --test --oldpackage --replacepkgs -- "$2" > "$results/said" 2>&1; then repos=--disablerepo=*
  elif grep 'is intended for a different' "$results/said" >&2; then return 1; fi
  allowed=
  if [ "\${CHANDLER_ALLOW_REMOVALS:-}" = 1 ]; then allowed=--allowerasing; fi
  case $manager in
    dnf5|dnf|yum)
      verb=install
      if [ "$3" = yes ]; then verb=reinstall; fi
      act "$1" "$manager" -y $repos $allowed "$verb" -- "$2";;
    zypper)
      refresh=
      if [ -n "$repos" ]; then refresh=--no-refresh; fi
      zypper --non-interactive $refresh install --dry-run --oldpackage --allow-unsigned-rpm --force -- "$2" > "$results/said" 2>&1 < /dev/null
      others=$(sed -n '/going to be REMOVED:/{n;s/^  *//p;}' "$results/said")
      [ -z "$others" ] || [ -n "$allowed" ] || refuse removals $others
      act "$1" zypper --non-interactive $refresh install --oldpackage --allow-unsigned-rpm --force -- "$2";;
    *) act "$1" rpm --upgrade --oldpackage --replacepkgs -- "$2";;
  esac
  code=$?
  # Of zypper: done, and the system or zypper itself should be restarted.
  case $manager-$code in zypper-102|zypper-103) code=0;; esac
  return "$code"
}
`
