import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { type OsPackageInstaller, osPackageInstallers } from '../../core/operation.ts'
import type { Invocation } from '../../protocol/agent-messages.ts'
import type { Platform } from '../platform/platform.ts'
import { StepError } from '../step-error.ts'

type OsPackages = NonNullable<Invocation['osPackages']>

/** Another package manager at work (unattended upgrades) is waited for this long. */
const lockTimeoutSeconds = 600

/**
 * Asks the package manager of the OS, by a script of our own for the reasons that installer.ts gives. What is there already, or gone
 * already, is left out before the manager is asked: managers do not agree on what they say and how they end then. Lists of all packages
 * before and after are left in the workspace: what has changed is their difference, dependencies and all.
 */
export const osPackagesScript = `#!/bin/sh
set -uf
export LC_ALL=C DEBIAN_FRONTEND=noninteractive ZYPP_LOCK_TIMEOUT=${lockTimeoutSeconds}
action=$CHANDLER_OS_ACTION
installer=$CHANDLER_OS_INSTALLER
apt() { apt-get -q -y -o DPkg::Lock::Timeout=${lockTimeoutSeconds} -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold "$@"; }

case $installer in
  apt-get)
    list() { dpkg-query --show --showformat='\${db:Status-Status} \${binary:Package} \${Version}\\n' | sed -n 's/^installed //p'; }
    has() { dpkg-query --show --showformat='\${db:Status-Status}\\n' -- "$1" 2>/dev/null | grep -qx installed; };;
  *)
    list() { rpm --query --all --queryformat '%{NAME}.%{ARCH} %{VERSION}-%{RELEASE}\\n'; }
    has() { rpm --query --quiet -- "$1"; };;
esac

# A version that is asked for is looked at by the manager itself.
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

# The lists of packages have a lock that apt-get does not wait for.
refresh() {
  left=$((${lockTimeoutSeconds} / 5))
  until said=$(apt-get -q update 2>&1); do
    case $said in
      *"ould not get lock"*) left=$((left - 1)); if [ "$left" -gt 0 ]; then sleep 5; continue; fi;;
    esac
    printf '%s\\n' "$said" >&2
    echo "the lists of packages could not be brought up to date; going on with those that are here" >&2
    return 0
  done
  printf '%s\\n' "$said"
}

ask() {
  case $installer-$action in
    apt-get-install) refresh; apt install --allow-downgrades -- "$@";;
    apt-get-update) refresh; apt install --only-upgrade -- "$@";;
    apt-get-uninstall) apt remove -- "$@";;
    zypper-uninstall) zypper --non-interactive remove "$@";;
    zypper-*) zypper --non-interactive "$action" "$@";;
    *-uninstall) "$installer" -y remove "$@";;
    *) "$installer" -y "$action" "$@";;
  esac
  code=$?
  # Of zypper: done, and the system, or zypper itself, should be started anew.
  case $installer-$code in zypper-102|zypper-103) code=0;; esac
  return "$code"
}

list > "$CHANDLER_WORKSPACE/before" || exit 1
code=0
if [ -n "$rest" ]; then ask $rest || code=$?; fi
list > "$CHANDLER_WORKSPACE/after" || exit 1
exit "$code"
`

/** Values come by the environment; names hold nothing that a shell would take apart but the spaces put between them here. */
export const osPackagesEnvironment = (platform: Platform, { action, installer, names }: OsPackages) => ({
  CHANDLER_OS_ACTION: action,
  CHANDLER_OS_INSTALLER: findPackageManager(platform, installer),
  CHANDLER_OS_PACKAGES: names.join(' '),
})

/** Throws a StepError (Unsupported, NotPermitted) if OS packages cannot be managed here, or not by this one. */
export function findPackageManager(platform: Platform, installer: OsPackageInstaller): string {
  if (platform.family !== 'linux')
    throw new StepError('Unsupported', 'Packages of the operating system can be managed on Linux only.')
  if (!platform.isPrivileged)
    throw new StepError('NotPermitted', 'Only root may install or remove OS packages. Run the agent as root.')
  const candidates = installer === 'auto' ? inOrder : [installer]
  const found = candidates.find((name) => isInPath(name, platform.baseEnvironment['PATH'] ?? ''))
  if (found !== undefined) return found
  throw new StepError('Unsupported', `There is no ${candidates.join(', no ')} on this instance.`)
}

/** dnf goes before yum, which is another name for it where both are. */
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
