import { StepError } from '../step-error.ts'
import type { Installer } from './installer.ts'

/** Another package manager at work (unattended upgrades) is waited for this long. */
const lockTimeoutSeconds = 600

const shared = `#!/bin/sh
set -u
export DEBIAN_FRONTEND=noninteractive
has() { command -v "$1" >/dev/null 2>&1; }
name_of() { dpkg-deb --field "$1" Package; }
has dpkg-deb || { echo "dpkg is missing: this is no Debian" >&2; exit 1; }
apt() { apt-get -q -y -o DPkg::Lock::Timeout=${lockTimeoutSeconds} -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold "$@"; }
`

export const debInstaller: Installer = {
  check(platform) {
    if (platform.family !== 'linux')
      throw new StepError('Unsupported', 'A deb package can be installed on Debian and its kin only.')
    if (!platform.isPrivileged)
      throw new StepError(
        'NotPermitted',
        'Only root may install or remove OS packages. Run the agent as root, or use scripts that need no root.',
      )
  },
  // Downgrades too: the version that is put back after a failed update is the older one.
  install: `${shared}
new=$(name_of "$CHANDLER_PACKAGE") || exit 1
if has apt-get; then
  apt install --allow-downgrades --reinstall "$CHANDLER_PACKAGE" || exit 1
else
  dpkg --install "$CHANDLER_PACKAGE" || exit 1
fi
if [ -n "\${CHANDLER_REPLACES:-}" ]; then
  old=$(name_of "$CHANDLER_REPLACES") || exit 1
  [ "$old" = "$new" ] && exit 0
  echo "removing $old, which $new takes the place of"
  if has apt-get; then apt remove -- "$old"; else dpkg --remove "$old"; fi
fi
`,
  // The file's name begins with the package's, by Debian's own convention, where the file itself is gone.
  uninstall: `${shared}
if [ -n "$CHANDLER_PACKAGE" ]; then name=$(name_of "$CHANDLER_PACKAGE") || exit 1; else name=\${CHANDLER_PACKAGE_FILE%%_*}; name=\${name%.deb}; fi
status=$(dpkg-query --show --showformat='\${db:Status-Status}' -- "$name" 2>/dev/null)
case $status in
  ""|not-installed|config-files) echo "package $name is not installed"; exit 0;;
esac
if has apt-get; then apt remove -- "$name"; else dpkg --remove "$name"; fi
`,
}
