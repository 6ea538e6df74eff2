import { expect, test } from 'vitest'
import { judgePackages, type PackageResults } from './judge-packages.ts'
import { parsePackages } from './package-changes.ts'

const results = (before: string, after: string, more: Partial<PackageResults> = {}): PackageResults => ({
  before: parsePackages(before),
  after: parsePackages(after),
  target: { name: 'demo', version: '2' },
  refused: undefined,
  repaired: [],
  acted: true,
  ...more,
})
const refused = (text: string) => results('', '', { refused: text, acted: false })

// The judgement does not rely on the exit code of the package manager alone.
test.each([
  ['installed', 'installed', results('', 'ii  demo 2\n'), 0, { kind: 'done' }],
  ['installed with an architecture', 'installed', results('', 'ii  demo:amd64 2\n'), 0, { kind: 'done' }],
  ['on hold', 'installed', results('', 'hi  demo 2\n'), 0, { kind: 'done' }],
  ['success, but it is not there', 'installed', results('', ''), 0, { kind: 'failed', changed: false }],
  ['success, but half configured', 'installed', results('', 'iF  demo 2\n'), 0, { kind: 'failed', changed: true }],
  ['success, but another version', 'installed', results('ii  demo 3\n', 'ii  demo 3\n'), 0, { kind: 'failed' }],
  ['failure, half configured', 'installed', results('', 'iF  demo 2\n'), 100, { kind: 'failed', changed: true }],
  ['failure, as before', 'installed', results('ii  demo 1\n', 'ii  demo 1\n'), 100, { kind: 'failed', changed: false }],
  ['failure, the same version', 'installed', results('ii  demo 2\n', 'ii  demo 2\n'), 100, { changed: false }],
  [
    'installed, but its script failed',
    'installed',
    results('', 'ii demo 2\n', {
      failedScriptlets: [{ script: '%post', package: 'demo-2.noarch', end: 'exit status 8' }],
    }),
    0,
    { kind: 'failed', changed: true, problem: 'demo 2 is installed, but its %post script failed (exit status 8).' },
  ],
  [
    'installed, and the script of another package failed',
    'installed',
    results('', 'ii demo 2\n', {
      failedScriptlets: [{ script: '%post', package: 'other-2.noarch', end: 'exit status 8' }],
    }),
    0,
    { kind: 'done' },
  ],
  [
    'removed, but its script failed',
    'removed',
    results('ii demo 2\n', '', {
      failedScriptlets: [{ script: '%postun', package: 'demo-2.noarch', end: 'signal 9' }],
    }),
    1,
    { kind: 'done', said: 'The %postun script of demo failed (signal 9).' },
  ],
  [
    'failure of a package that was broken before',
    'installed',
    results('iF  other 1\n', 'iF  other 1\nii  demo 2\n'),
    100,
    { kind: 'done', said: expect.stringContaining('other') },
  ],
  [
    'failure of a package that was whole before',
    'installed',
    results('ii  other 1\n', 'iF  other 1\nii  demo 2\n'),
    100,
    { kind: 'failed', changed: true },
  ],
  ['failure of nobody', 'installed', results('', 'ii  demo 2\n'), 100, { kind: 'failed', changed: true }],
  ['removed', 'removed', results('ii  demo 2\n', 'rc  demo 2\n'), 0, { kind: 'done' }],
  ['success, but still there', 'removed', results('ii  demo 2\n', 'ii  demo 2\n'), 0, { kind: 'failed' }],
  [
    'other packages',
    'installed',
    results('ii  a 1\n', 'ii  b 1\nii  demo 2\n'),
    0,
    { kind: 'done', said: 'The package manager also installed b 1; removed a 1.' },
  ],
  ['nothing was begun', 'installed', results('', '', { acted: false }), 100, { kind: 'failed', changed: false }],
  [
    'refused',
    'removed',
    refused('removals a b'),
    1,
    { kind: 'failed', changed: false, problem: expect.stringContaining('would also remove a, b.') },
  ],
  [
    'dependencies that become unneeded, by rpm alone',
    'removed',
    refused('autoremove rpm'),
    1,
    {
      kind: 'failed',
      changed: false,
      problem:
        'There is only rpm on the instance, which does not record which packages were installed automatically as dependencies. Nothing was changed; uninstall without --autoremove.',
    },
  ],
  [
    'dependencies that become unneeded, of a package whose installation was interrupted',
    'removed',
    refused('autoremove interrupted'),
    1,
    { kind: 'failed', changed: false, problem: expect.stringContaining('was interrupted, so apt cannot determine') },
  ],
  [
    'locked',
    'installed',
    refused('locked /var/lib/dpkg/lock process 7 (apt)'),
    1,
    { changed: false, problem: expect.stringContaining('process 7 (apt) held /var/lib/dpkg/lock') },
  ],
  [
    'signed with an unknown key',
    'installed',
    refused('signature unknown 03a6bab1'),
    1,
    { changed: false, problem: expect.stringContaining('signed with the key 03a6bab1, which is not in the keyring') },
  ],
  [
    'signed with a key that rpm does not name',
    'installed',
    refused('signature bad'),
    1,
    { changed: false, problem: expect.stringContaining('The package is signed, but the signature does not fit') },
  ],
] as const)('%s', (_, wanted, left, exitCode, verdict) => {
  expect(judgePackages(wanted, left, exitCode)).toMatchObject(verdict)
})
