import { expect, test } from 'vitest'
import { findPackageCause } from './package-cause.ts'

const summary =
  'Errors were encountered while processing:\n demo\nE: Sub-process /usr/bin/dpkg returned an error code (1)\n'
const postinst = 'installed demo package post-installation script subprocess returned error exit status 7'
const failed = `dpkg: error processing package demo (--configure):\n ${postinst}\n${summary}`

test.each([
  ['what the maintainer script said', `no licence\n${failed}`, '', `no licence (${postinst})`],
  [
    'what it said on stdout',
    failed,
    'Setting up demo (1.0) ...\nno licence\nProcessing triggers for man-db (2.11) ...\n',
    `no licence (${postinst})`,
  ],
  ['a script that says nothing', failed, 'Setting up demo (1.0) ...\n', postinst],
  [
    'a file of another package',
    `dpkg: error processing archive /x/package.deb (--unpack):\n trying to overwrite '/usr/bin/x', which is also in package other 1\n${summary}`,
    '',
    "trying to overwrite '/usr/bin/x', which is also in package other 1",
  ],
  [
    'a full disk',
    `dpkg: error processing archive /x/package.deb (--unpack):\n cannot copy extracted data for './usr/x' to '/usr/x.dpkg-new': failed to write (No space left on device)\n${summary}`,
    '',
    "cannot copy extracted data for './usr/x' to '/usr/x.dpkg-new': failed to write (No space left on device)",
  ],
  [
    'a dependency that dpkg misses',
    `dpkg: dependency problems prevent configuration of demo:\n demo depends on needed; however:\n  Package needed is not installed.\n\ndpkg: error processing package demo (--install):\n dependency problems - leaving unconfigured\n`,
    '',
    'dependency problems - leaving unconfigured: demo depends on needed; however:',
  ],
  [
    'a dependency that no source has',
    'The following packages have unmet dependencies:\n demo : Depends: needed but it is not installable\nE: Unable to correct problems, you have held broken packages.\n',
    '',
    'demo : Depends: needed but it is not installable',
  ],
  [
    'a package that no source has',
    'W: Some index files failed to download.\nE: Unable to locate package demo\n',
    '',
    'E: Unable to locate package demo',
  ],
  [
    'a scriptlet of rpm',
    'error: %prein(demo-1-1.noarch) scriptlet failed, exit status 7\nError: Transaction failed\n',
    '',
    'error: %prein(demo-1-1.noarch) scriptlet failed, exit status 7',
  ],
  ['nothing that is known', 'one\ntwo\n', '', 'two'],
  ['nothing at all', '', '', ''],
])('%s', (_, stderr, stdout, cause) => {
  expect(findPackageCause(stderr, stdout)).toBe(cause)
})
