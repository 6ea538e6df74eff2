import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { type OsPackageInstaller, osPackageInstallers } from '../../core/execution/operation.ts'
import { makeReason } from '../../core/reason/reason.ts'
import type { InvocationMessage } from '../../protocol/agent-messages.ts'
import { StepError } from '../invocation/step-error.ts'
import type { Platform } from '../platform/platform.ts'
import { aptScript } from './package-script.ts'
import { requirePrivileges } from './require-privileges.ts'
import { rpmScript } from './rpm-script.ts'

type OsPackages = NonNullable<InvocationMessage['osPackages']>

/**
 * Runs the OS package manager through a generated script, for the reasons in installer.ts. Packages
 * that are already in the wanted state are omitted, because managers differ in their output and
 * exit code for those. The changes, dependencies included, are the difference between the lists
 * that the script leaves (package-script.ts).
 */
export const osPackagesScript = `#!/bin/sh
set -uf
action=$CHANDLER_OS_ACTION
installer=$CHANDLER_OS_INSTALLER

case $installer in
  apt-get)
${aptScript}
    # What is half installed is there to be removed, and still to be installed.
    has() {
      case $action-$(dpkg-query --show --showformat='\${db:Status-Status}' -- "$1" 2>/dev/null) in
        *-|*-not-installed|*-config-files) return 1;;
        uninstall-*|*-installed) return 0;;
        *) return 1;;
      esac
    };;
  *)
${rpmScript}
    manager=$installer
    has() { is_there "$1"; }
    # As with apt: a repository that does not answer is no reason to give up.
    refresh_repositories() {
      case $installer in
        zypper) set -- zypper --non-interactive refresh;;
        yum) set -- yum -q makecache;;
        *) set -- "$installer" -q makecache --refresh;;
      esac
      "$@" > "$results/said" 2>&1 < /dev/null && return
      cat "$results/said" >&2
      echo "the lists of packages could not be refreshed; the lists on the instance are used" >&2
    };;
esac

# A version that is asked for is looked at by the manager itself.
choose() {
  rest=
  for name in $CHANDLER_OS_PACKAGES; do
    plain=\${name%%=*}
    case $action in
      install)
        if [ "$plain" = "$name" ] && has "$name"; then echo "$name is installed"; else rest="$rest $name"; fi;;
      uninstall)
        if has "$plain"; then rest="$rest $plain"; else echo "$plain is not installed"; fi;;
      update)
        if has "$plain"; then rest="$rest $name"; else echo "$plain is not installed: there is nothing to update"; fi;;
    esac
  done
}

apt_install() { refresh; plan "$@" || return; refuse_removals; download "$@" && act apt "$@"; }

allowed=
if [ "\${CHANDLER_ALLOW_REMOVALS:-}" = 1 ]; then
  allowed=--allowerasing
  if [ "$installer" = yum ]; then can_erase yum || allowed=; fi
fi
ask() {
  case $installer-$action in
    apt-get-install) apt_install install --allow-downgrades -- "$@";;
    apt-get-update) apt_install install --only-upgrade -- "$@";;
    apt-get-uninstall) remove_by_apt "$@";;
    *-uninstall) remove "$@";;
    zypper-install) refresh_repositories; act "$1" zypper --non-interactive install \${allowed:+--force-resolution} -- "$@";;
    zypper-*) refresh_repositories; act "$1" zypper --non-interactive "$action" -- "$@";;
    *) refresh_repositories; act "$1" "$installer" -y "$action" $allowed -- "$@";;
  esac
  code=$?
  # Of zypper: done; and the system or zypper needs a restart, or a repository was skipped.
  case $installer-$code in zypper-102|zypper-103|zypper-106) code=0;; esac
  return "$code"
}

repair || exit
choose
code=0
if [ -n "$rest" ]; then ask $rest || code=$?; fi
list > "$results/after" || exit 1
exit "$code"
`

/**
 * Values are passed in the environment; names contain no characters that a shell would split, only
 * the spaces between them.
 */
export const osPackagesEnvironment = (platform: Platform, { action, installer, names }: OsPackages) => ({
  CHANDLER_OS_ACTION: action,
  CHANDLER_OS_INSTALLER: findPackageManager(platform, installer),
  CHANDLER_OS_PACKAGES: names.join(' '),
})

/**
 * Throws a StepError (Unsupported, NotPermitted) if OS packages cannot be managed here, or not by
 * this manager.
 */
export function findPackageManager(platform: Platform, installer: OsPackageInstaller): string {
  requirePrivileges(platform, 'any')
  const names = installer === 'auto' ? inOrder : [installer]
  const candidates = names.flatMap((name) => (name === 'dnf' ? ['dnf5', 'dnf'] : [name]))
  const found = candidates.find((name) => isInPath(name, platform.baseEnvironment['PATH'] ?? ''))
  if (found !== undefined) return found
  throw new StepError('Unsupported', makeReason('PackageManagerMissing', { names }))
}

/** dnf precedes yum, which is an alias for it where both exist. */
const inOrder = osPackageInstallers.filter((name) => name !== 'auto').toSorted((a, b) => rank(a) - rank(b))
function rank(name: OsPackageInstaller): number {
  return name === 'yum' ? 1 : 0
}

function isInPath(name: string, path: string): boolean {
  return path.split(delimiter).some((directory) => {
    try {
      accessSync(join(directory, name), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}
