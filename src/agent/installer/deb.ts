import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { ScriptInstaller } from './installer.ts'
import { aptScript } from './package-script.ts'
import { requirePrivileges } from './require-privileges.ts'

const run = promisify(execFile)

const shared = `#!/bin/sh
set -u
${aptScript}
field() { dpkg-deb --field "$1" "$2"; }
exists dpkg-deb || { echo "dpkg is missing: this is not a Debian system" >&2; exit 1; }

state_of() { dpkg-query --show --showformat='\${db:Status-Status}' -- "$1" 2>/dev/null; }
is_there() { case $(state_of "$1") in ''|not-installed|config-files) return 1;; esac; }

# NAME: removes it. What was interrupted while it was unpacked only dpkg removes.
remove() {
  case $(dpkg-query --show --showformat='\${db:Status-Abbrev}' -- "$1") in
    ?H*|??R) [ "\${CHANDLER_AUTOREMOVE:-}" != 1 ] || refuse autoremove interrupted; act dpkg --remove --force-remove-reinstreq -- "$1"; return;;
  esac
  if exists apt-get; then remove_by_apt "$1"; return; fi
  [ "\${CHANDLER_AUTOREMOVE:-}" != 1 ] || refuse autoremove dpkg
  act dpkg --remove -- "$1"
}
`

export const debInstaller: ScriptInstaller = {
  check: (platform) => requirePrivileges(platform, 'deb'),
  async readPackage(path) {
    const { stdout } = await run('dpkg-deb', ['--show', '--showformat=${Package}\n${Version}\n', '--', path])
    const [name = '', version = ''] = stdout.split('\n')
    return { name, version }
  },
  // Allows downgrades: a rollback after a failed update installs the older version. apt-get
  // recognises a file by its extension.
  install: `${shared}
new=$(field "$CHANDLER_PACKAGE" Package) && version=$(field "$CHANDLER_PACKAGE" Version) || exit 1
echo "$new $version" > "$results/target"
old=
if [ -n "\${CHANDLER_REPLACES:-}" ]; then
  old=$(field "$CHANDLER_REPLACES" Package) || exit 1
  if [ "$old" = "$new" ] || ! is_there "$old"; then old=; fi
fi
repair "$new" \${old:+"$old"}

if exists apt-get; then
  file=$results/package.deb
  ln -sf "$CHANDLER_PACKAGE" "$file" || exit 1
  if [ -n "$old" ]; then plan remove -- "$old" || exit; refuse_removals "$old" "$new"; fi
  set -- install --allow-downgrades --reinstall "$file"
  plan "$@" || exit
  refuse_removals "$new" \${old:+"$old"}
  no_remove=--no-remove
  [ -z "$(removed_by_simulation)" ] || no_remove=
  [ "$(grep -c '^Inst ' "$results/said")" -le 1 ] || download "$@" || exit
  act apt $no_remove "$@"
else
  act dpkg --force-confdef --force-confold --install "$CHANDLER_PACKAGE"
fi
code=$?
if [ "$code" = 0 ] && [ -n "$old" ] && is_there "$old"; then
  echo "removing $old, which $new takes the place of"
  remove "$old"
  code=$?
fi
list > "$results/after"
exit "$code"
`,
  // CHANDLER_BEFORE lists the packages from before an interrupted installation: a package that was
  // already installed is not removed. If the file is missing, its name starts with the package's
  // name by Debian's convention.
  uninstall: `${shared}
if [ -n "$CHANDLER_PACKAGE" ]; then target=$(field "$CHANDLER_PACKAGE" Package) || exit 1; else target=\${CHANDLER_PACKAGE_FILE%%_*}; target=\${target%.deb}; fi
echo "$target" > "$results/target"
if [ -n "\${CHANDLER_BEFORE:-}" ] && grep -q "^.[^nc].* $target[: ]" "$CHANDLER_BEFORE"; then refuse present "$target"; fi
repair "$target"
if is_there "$target"; then remove "$target"; code=$?; else echo "package $target is not installed"; code=0; fi
list > "$results/after"
exit "$code"
`,
}
