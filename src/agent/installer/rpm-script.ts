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
 * Signatures: `rpm --checksig` judges the file before a manager sees it, because the managers disagree: dnf installs a file whose key is
 * unknown and zypper refuses it, rpm 6 refuses what is unsigned. Each manager is then asked to check exactly what was found. A signature
 * that does not fit is refused in every case: rpm cannot read such a package any more once it is in its database.
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
# dnf5 fails with exit code 2 where the pattern matches no repository, because there is none.
no_repos=--disablerepo=*
if [ "$manager" = dnf5 ]; then no_repos="--setopt=reposdir=$results/none"; fi
# yum is the older program, or a name of dnf.
allow_erasing=--allowerasing
can_erase() { "$1" --help 2>/dev/null | grep -q -e --allowerasing; }
if [ "$manager" = yum ]; then can_erase yum || allow_erasing=; fi

native=$(rpm --eval '%{_arch}' 2>/dev/null)
# As dpkg lists them: an architecture is named where it is not the instance's own.
list() {
  rpm --query --all --queryformat 'ii %{NAME}:%{ARCH} %{EVR}\\n' 2>/dev/null |
    sed -e '/^ii gpg-pubkey:/d' -e "s/^\\(ii [^ ]*\\):\\(noarch\\|$native\\) /\\1 /" | sort
}
is_there() { rpm --query --quiet -- "$1" 2>/dev/null; }
field() { rpm --query --package --nosignature --queryformat "%{$2}" -- "$1" 2>/dev/null; }

# FILE: refuses what the policy does not accept. signed: whether a trusted key has signed it; key: the unknown key, if there is one.
check_signature() {
  signed=no key=
  rpm --checksig --verbose -- "$1" > "$results/signature" 2>&1
  # What is looked for and not there is NOTFOUND.
  found=$(grep -i 'signature.*: [A-Z]' "$results/signature" | grep -v ': NOTFOUND')
  key=$(printf '%s\\n' "$found" | sed -n 's/.*key \\(ID\\|fingerprint\\):* \\([0-9A-Fa-f]*\\).*/\\2/p' | head -n 1)
  case $found in *': BAD'*) refuse signature bad $key;; esac
  if grep -q ': BAD' "$results/signature"; then refuse signature corrupted; fi
  case $found in
    '')
      [ "$CHANDLER_SIGNATURE" != required ] || refuse signature missing
      grep -q ': OK' "$results/signature" || { cat "$results/signature" >&2; refuse signature unreadable; };;
    *': OK'*) signed=yes key=;;
    *)
      [ "$CHANDLER_SIGNATURE" = off ] || {
        case $found in *': NOKEY'*) refuse signature unknown $key;; *) cat "$results/signature" >&2; refuse signature untrusted $key;; esac
      };;
  esac
}

# What the manager printed, without its tables and its progress.
show() {
  sed -e '/^ *$/d' -e '/^=*$/d' -e '/^ *\\(Package\\|Repository\\)  /d' -e '/^\\(Unable to detect release version\\|Updating and loading repositories\\|Repositories loaded\\|No repository match\\)/d' -e '/^ .*| *[0-9.]* .*B\\/s |/d' -e '/^ *\\[ *[0-9]*\\/[0-9]*\\] .*% *|/d' -e '/^Warning: skipped OpenPGP checks/d' \\
    -e '/^  *\\(Preparing\\|Running scriptlet\\|Installing\\|Upgrading\\|Downgrading\\|Reinstalling\\|Obsoleting\\|Erasing\\|Cleanup\\|Verifying\\)  *:/d' \\
    -e '/^\\(Dependencies resolved\\|Transaction Summary\\|Downloading Packages\\|Running transaction\\|Transaction check\\|Transaction test s\\|Total size\\|Total download\\|Installed size\\|Freed space\\|Last metadata\\|Complete!\\|Loading repository\\|Reading installed\\|Resolving\\|Overall download\\|After the operation\\|Continue?\\|Retrieving\\|Checking for file conflicts\\|Abort, retry\\|Additional rpm output\\)/d' \\
    "$results/said"
  sed -n 's/.*\\(%[a-z]*\\)(\\([^)]*\\)) scriptlet failed, \\(.*\\)/\\1 \\2 \\3/p' "$results/said" >> "$results/scriptlets"
}
is_locked() {
  grep -q -e "can't create transaction lock" -e 'Failed to obtain .*lock' -e 'is locked by' "$results/said" && return
  # dnf5 names no cause where the database is locked. The lock may have been released since: then the command is tried once more.
  grep -q '^Transaction failed: Rpm transaction failed' "$results/said" || return
  if grep -q -e '^  - ' -e 'scriptlet failed' "$results/said"; then return 1; fi
  has_lock || [ -z "\${retried:-}" ] || return
  retried=yes
}
# Whether a process holds the lock of transactions.
has_lock() {
  inode=$(stat -c %i "$(rpm --eval '%{_dbpath}')/.rpm.lock" 2>/dev/null) && grep -q "POSIX .*:$inode " /proc/locks
}

# NAME COMMAND...: runs what changes the package.
act() {
  subject=$1
  shift
  began=
  while :; do
    own=$(list | grep "^ii $subject[: ]")
    : > "$results/acting"
    "$@" > "$results/said" 2>&1 < /dev/null && { show; return 0; }
    code=$?
    if is_locked && [ "$own" = "$(list | grep "^ii $subject[: ]")" ]; then
      [ -n "$began" ] || { began=$(date +%s); echo "waiting for the rpm database, which another package manager has locked" >&2; }
      [ $(($(date +%s) - began)) -lt ${lockTimeoutSeconds} ] || refuse locked "the rpm database" another process
      sleep 2
      continue
    fi
    show >&2
    return "$code"
  done
}

# NAME...: an upgrade that was killed leaves the old version beside the new one. Its variables are its own: others hold the new package.
repair() {
  list > "$results/before"
  for doubled in "$@"; do
    for of_arch in $(rpm --query --queryformat '%{ARCH}\\n' -- "$doubled" 2>/dev/null | sort | uniq -d); do
      newest=
      for found in $(rpm --query --queryformat '%{ARCH} %{EVR}\\n' -- "$doubled" | sed -n "s/^$of_arch //p"); do
        if [ -z "$newest" ]; then newest=$found; continue; fi
        older=$found
        case $(rpm --eval "%{lua: print(rpm.vercmp('$found', '$newest'))}" 2>/dev/null) in 1) older=$newest newest=$found;; esac
        echo "an upgrade of $doubled was interrupted: removing $older, which $newest has replaced"
        act "$doubled" rpm --erase -- "$doubled-$older.$of_arch" || echo "it could not be removed" >&2
        echo "$doubled" >> "$results/repaired"
      done
    done
  done
  list > "$results/before"
}

# NAME...: the installed packages that need them.
dependents() { rpm --erase --test -- "$@" 2>&1 | sed -n 's/.* is needed by (installed) //p' | sort -u; }

# NAME...: removes them, and nothing else unless that is allowed. Their dependencies stay, unless the removal of those that become
# unneeded is requested.
remove() {
  clean=0 autoremove=--no-autoremove clean_deps=--no-clean-deps
  if [ "\${CHANDLER_AUTOREMOVE:-}" = 1 ]; then
    [ "$manager" != rpm ] || refuse autoremove rpm
    clean=1 autoremove='' clean_deps=--clean-deps
  fi
  others=$(dependents "$@")
  [ -z "$others" ] || [ "\${CHANDLER_ALLOW_REMOVALS:-}" = 1 ] || refuse removals $others
  case $manager in
    dnf5) act "$1" dnf5 -y $no_repos --setopt=clean_requirements_on_remove=$clean remove $autoremove -- "$@";;
    dnf|yum) act "$1" "$manager" -y --disablerepo='*' --setopt=clean_requirements_on_remove=$clean remove -- "$@";;
    zypper) act "$1" zypper --non-interactive --no-refresh remove $clean_deps -- "$@";;
    *) act "$1" rpm --erase -- "$@";;
  esac
}

# NAME FILE SAME: installs a file over whatever version there is; SAME is yes if it is the very same.
install() {
  set -f
  package=$1 file=$2 verb=install repos='' unchecked='' check=1
  if [ "$3" = yes ]; then verb=reinstall; fi
  [ "$signed" = yes ] || unchecked=--nosignature check=0
  if rpm --upgrade --test --oldpackage --replacepkgs $unchecked -- "$file" > "$results/said" 2>&1; then repos=$no_repos
  elif grep 'is intended for a different' "$results/said" >&2; then return 1; fi
  allowed=
  if [ "\${CHANDLER_ALLOW_REMOVALS:-}" = 1 ]; then allowed=$allow_erasing; fi
  case $manager in
    dnf5|dnf|yum) act "$package" "$manager" -y $repos --setopt=localpkg_gpgcheck=$check "$verb" $allowed -- "$file";;
    zypper)
      set -- --oldpackage --force
      # Without a terminal, zypper gives up on a conflict otherwise.
      if [ -n "$allowed" ]; then set -- "$@" --force-resolution; fi
      # zypper cannot skip the check of one file: the packages of repositories would not be checked, either.
      unchecked=
      if [ -n "$key" ]; then
        [ -n "$repos" ] || refuse signature repositories "$key"
        unchecked=--no-gpg-checks
      elif [ "$signed" = no ]; then set -- "$@" --allow-unsigned-rpm; fi
      refresh=
      if [ -n "$repos" ]; then refresh=--no-refresh; fi
      zypper --non-interactive $unchecked $refresh install --dry-run "$@" -- "$file" > "$results/said" 2>&1 < /dev/null
      others=$(sed -n '/going to be REMOVED:/{n;s/^  *//p;}' "$results/said")
      [ -z "$others" ] || [ -n "$allowed" ] || refuse removals $others
      act "$package" zypper --non-interactive $unchecked $refresh install "$@" -- "$file";;
    *) act "$package" rpm --upgrade --oldpackage --replacepkgs $unchecked -- "$file";;
  esac
  code=$?
  # Of zypper: done; and the system or zypper should be restarted, or a repository was skipped.
  case $manager-$code in zypper-102|zypper-103|zypper-106) code=0;; esac
  return "$code"
}
`
