import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { describeFailure, findFailureHint, foldLastLines } from './failure-lines.ts'

describe('folded', () => {
  test.each([
    [
      'E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 4711 (apt-get)',
      'E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process <n> (apt-get)',
    ],
    [
      'cp: cannot stat /srv/tmp.Ab3dE9fG0h/x: No such file or directory',
      'cp: cannot stat <path>: No such file or directory',
    ],
    ['curl: (7) Failed to connect to 10.1.2.3:8080', 'curl: (<n>) Failed to connect to <address>'],
    ['2026-01-31T08:00:00.123Z ERROR it broke', '<time> ERROR it broke'],
    ['Jan  3 08:15:02 web-17 app[99]: died', '<time> web-<n> app[<n>]: died'],
    ['sha256 9f86d081884c7d659a2feaa0c55ad015 differs', 'sha<n> <hex> differs'],
    ['request 123e4567-e89b-12d3-a456-426614174000 failed', 'request <id> failed'],
    ['GET https://repo.example/x?token=abc failed', 'GET <url> failed'],
    ['inv-abcdef123456-17-1 of i-0123456789abcdef', '<id> of <id>'],
    ['dial tcp [fe80::1:2:3:4]:22: refused', 'dial tcp [<address>]:<n>: refused'],
    ['\u001b[31merror:\u001b[0m  bad\tthing', 'error: bad thing'],
    ['10%\r50%\r100% done', '<n>% done'],
    ['/usr/lib/app-1.2/bin: bad', '/usr/lib/app-<n>.<n>/bin: bad'],
    ['a deadbeef and a face', 'a deadbeef and a face'],
    ['', ''],
  ])('%s', (line, folded) => {
    expect(foldLastLines(line).join()).toBe(folded)
  })

  test('the last three lines with content', () => {
    expect(foldLastLines('one\ntwo\n\nthree\r\nfour\n   \n')).toEqual(['two', 'three', 'four'])
    expect(foldLastLines('')).toEqual([])
    // Two maintainer scripts that fail for different reasons end with the same lines.
    const dpkg = `no licence\ndpkg: error processing package demo (--configure):\n installed demo package post-installation script subprocess returned error exit status 7\nErrors were encountered while processing:\n demo\nE: Sub-process /usr/bin/dpkg returned an error code (1)\n`
    expect(foldLastLines(dpkg)[0]).toBe('no licence')
    expect(foldLastLines('x'.repeat(100_000))[0]).toHaveLength(240)
  })

  test('lines that differ only in numbers, times and ids fold to the same text', () => {
    const where = fc.record({
      pid: fc.nat(),
      ip: fc.ipV4(),
      id: fc.uuid(),
      hex: fc.stringMatching(/^[0-9a-f]{3}\d[a-f]{8}$/),
    })
    const say = ({ pid, ip, id, hex }: { pid: number; ip: string; id: string; hex: string }) =>
      foldLastLines(`process ${pid} at ${ip} (${id}): checksum ${hex} is wrong`)
    fc.assert(
      fc.property(where, where, (a, b) => {
        expect(say(a)).toEqual(say(b))
      }),
    )
  })

  test('any text is folded to a few short lines, quickly, and folding again changes no number of them', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 2_000 }), (text) => {
        const lines = foldLastLines(text)
        expect(lines.length).toBeLessThanOrEqual(3)
        for (const line of lines) {
          expect(line.length).toBeLessThanOrEqual(240)
          expect(line).not.toMatch(/\d/)
        }
      }),
    )
  })

  test.each(['a:', '1.', '/', ':', '0x', '2026-', 'http://', '\u001b[', 'f0'])(
    'a hostile line of %j takes no time',
    (piece) => {
      const from = performance.now()
      foldLastLines(piece.repeat(100_000))
      expect(performance.now() - from).toBeLessThan(500)
    },
  )
})

test('reason and exit code distinguish failures', () => {
  const failure = { reasonCode: 'ScriptFailed', exitCode: 1, lines: ['x'] }
  expect(describeFailure(failure)).not.toBe(describeFailure({ ...failure, exitCode: 2 }))
  expect(describeFailure(failure)).not.toBe(describeFailure({ ...failure, reasonCode: 'VerifyFailed' }))
  expect(describeFailure({ ...failure, lines: ['a', 'b'] })).not.toBe(describeFailure({ ...failure, lines: ['a b'] }))
})

test.each([
  ['PackageLock', 1, 'E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process <n> (apt)'],
  ['DiskFull', 1, 'tar: app: Cannot write: No space left on device'],
  ['CommandNotFound', 127, './install.sh: line <n>: frob: command not found'],
  ['CommandNotFound', 127, ''],
  ['PermissionDenied', 126, 'sh: <path>: Permission denied'],
  ['ConnectionRefused', 7, 'curl: (<n>) Failed to connect to localhost port <n>: Connection refused'],
  ['NameNotResolved', 6, 'curl: (<n>) Could not resolve host: repo.example'],
  ['PackageNotFound', 100, 'E: Unable to locate package frob'],
  ['DependencyMissing', 1, 'error while loading shared libraries: libx.so: cannot open shared object file'],
  ['CertificateInvalid', 60, 'curl: (<n>) SSL certificate problem: certificate has expired'],
  ['PortInUse', 1, 'bind: Address already in use'],
  ['OutOfMemory', 1, 'fork: Cannot allocate memory'],
  ['FileMissing', 1, 'cp: cannot stat x: No such file or directory'],
  ['SyntaxError', 2, 'install.sh: <n>: Syntax error: end of file unexpected'],
  [undefined, 3, 'it did not work'],
])('hint: %s', (hint, exitCode, line) => {
  expect(findFailureHint({ reasonCode: 'ScriptFailed', exitCode, lines: [line] })).toBe(hint)
})
