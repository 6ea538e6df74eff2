import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { ScriptInstaller } from './installer.ts'
import { requirePrivileges } from './require-privileges.ts'
import { rpmScript } from './rpm-script.ts'

const run = promisify(execFile)

const shared = `#!/bin/sh
set -u
${rpmScript}`

/** Packages of Red Hat, SUSE and their relatives: through dnf5, dnf, yum or zypper where there is one, else by rpm itself. */
export const rpmInstaller: ScriptInstaller = {
  check: (platform) => requirePrivileges(platform, 'rpm'),
  async readPackage(path) {
    const query = ['--query', '--package', '--nosignature', '--queryformat', '%{NAME}\n%{EVR}\n', '--', path]
    const { stdout } = await run('rpm', query)
    const [name = '', version = ''] = stdout.split('\n')
    return { name, version }
  },
  // dnf knows a file by its ending. An older version replaces a newer one: after a failed update the agent puts it back.
  install: `${shared}
file=$results/package.rpm
ln -sf "$CHANDLER_PACKAGE" "$file" || exit 1
new=$(field "$file" NAME) && version=$(field "$file" EVR) && arch=$(field "$file" ARCH) ||
  { echo "$(basename "$CHANDLER_PACKAGE") is not an rpm package, or is damaged" >&2; exit 1; }
echo "$new $version" > "$results/target"
check_signature "$file"
old=
if [ -n "\${CHANDLER_REPLACES:-}" ]; then
  old=$(field "$CHANDLER_REPLACES" NAME) || exit 1
  if [ "$old" = "$new" ] || ! is_there "$old"; then old=; fi
fi
repair "$new" \${old:+"$old"}
same=no
if is_there "$new-$version.$arch"; then same=yes; fi
install "$new" "$file" "$same"
code=$?
if [ "$code" = 0 ] && [ -n "$old" ] && is_there "$old"; then
  echo "removing $old, which $new replaces"
  remove "$old"
  code=$?
fi
list > "$results/after"
exit "$code"
`,
  // As with deb: what was on the instance before an interrupted installation is not removed. The name of a file is NAME-VERSION-RELEASE.ARCH.
  uninstall: `${shared}
if [ -n "$CHANDLER_PACKAGE" ]; then target=$(field "$CHANDLER_PACKAGE" NAME) || exit 1
else target=\${CHANDLER_PACKAGE_FILE%.rpm}; target=\${target%-*}; target=\${target%-*}; fi
echo "$target" > "$results/target"
if [ -n "\${CHANDLER_BEFORE:-}" ] && grep -q "^ii $target[: ]" "$CHANDLER_BEFORE"; then refuse present "$target"; fi
repair "$target"
if is_there "$target"; then remove "$target"; code=$?; else echo "package $target is not installed"; code=0; fi
list > "$results/after"
exit "$code"
`,
}
