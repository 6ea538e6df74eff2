import { describe, expect, test } from 'vitest'
import { type ConfigurationDraft, makeVersionError, type VersionDraft, validateVersion } from './validate-version.ts'

const configuration = (changes: Partial<ConfigurationDraft> = {}): ConfigurationDraft => ({
  id: 'c1',
  os: 'linux',
  arch: 'x86_64',
  scripts: { install: 'echo' },
  run: { unpack: false },
  ...changes,
})
const draft = (changes: Partial<VersionDraft> = {}): VersionDraft => ({
  scope: {},
  parameters: {},
  configurations: [configuration()],
  ...changes,
})
const configured = (changes: Partial<ConfigurationDraft>) => draft({ configurations: [configuration(changes)] })

describe('validateVersion', () => {
  test.each<[string, VersionDraft]>([
    ['a script alone', draft()],
    ['an OS package alone', configured({ scripts: {}, artifact: { kind: 'deb' } })],
    ['an archive with a script', configured({ artifact: { kind: 'tar' }, run: { unpack: true } })],
    [
      'an rpm package that must be signed',
      configured({
        scripts: { uninstall: 'true' },
        artifact: { kind: 'rpm' },
        run: { unpack: false, signature: 'required' },
      }),
    ],
    ['an MSI package', configured({ os: 'windows', scripts: {}, artifact: { kind: 'msi' } })],
  ])('accepts %s', (_, version) => {
    expect(validateVersion(version)).toEqual([])
  })

  test.each<[VersionDraft, (string | number)[], string]>([
    [
      draft({ scope: { platforms: [{ id: 'debian', versions: '>' }] } }),
      ['scope', 'platforms', 0, 'versions'],
      'the version range ">"',
    ],
    [
      draft({ parameters: { port: { type: 'Number', default: 'x' } } }),
      ['parameters', 'port', 'default'],
      'default of parameter port is not a Number',
    ],
    [draft({ parameters: { 'a.b': { type: 'Number' } } }), ['parameters', 'a.b'], 'parameter a.b is not a name'],
    [draft({ configurations: [] }), ['configurations'], 'there is no configuration'],
    [
      draft({
        configurations: Array.from({ length: 65 }, (_, index) => configuration({ id: `c${index}`, arch: `a${index}` })),
      }),
      ['configurations'],
      '65 configurations; 64 are allowed',
    ],
    [
      configured({ platforms: [{ id: 'debian*' }] }),
      ['configurations', 0, 'platforms', 0, 'id'],
      'configuration c1: wildcards are allowed only in the scope',
    ],
    [configured({ arch: 'x86 64' }), ['configurations', 0, 'arch'], '"x86 64" is not an architecture'],
    [
      configured({ scripts: { install: ' \n' } }),
      ['configurations', 0, 'scripts', 'install'],
      'the install script is empty',
    ],
    [configured({ scripts: {} }), ['configurations', 0, 'scripts'], 'neither an artifact nor an install script'],
    [
      configured({ scripts: {}, artifact: { kind: 'tar' } }),
      ['configurations', 0, 'scripts'],
      'a tar artifact needs an install script',
    ],
    [configured({ artifact: { kind: 'msi' } }), ['configurations', 0, 'artifact'], 'a msi package is not for linux'],
    [
      draft({
        parameters: { x: { type: 'String' } },
        configurations: [configuration({ scripts: { install: 'a\necho $(({{ x }}))' } })],
      }),
      ['configurations', 0, 'scripts', 'install'],
      'configuration c1: the install script, line 2, column 9: {{ x }} is refused in arithmetic; use $CHANDLER_PARAM_x',
    ],
    [
      configured({ verify: [{ kind: 'script', withinMs: 0, script: '#!/usr/bin/perl\n{{ ACS::RegionId }}' }] }),
      ['configurations', 0, 'verify', 0, 'script'],
      'the script of check 1, line 2, column 1: {{ ACS::RegionId }} is refused in a script for perl; use the environment variable CHANDLER_BUILTIN_RegionId',
    ],
    [configured({ run: { unpack: true } }), ['configurations', 0, 'run', 'unpack'], 'no artifact to unpack'],
    [
      configured({ scripts: {}, artifact: { kind: 'deb' }, run: { unpack: false, signature: 'required' } }),
      ['configurations', 0, 'run', 'signature'],
      'signature does not apply to a deb package',
    ],
    [
      configured({ run: { unpack: false, signature: 'off' } }),
      ['configurations', 0, 'run', 'signature'],
      'signature applies to rpm packages only',
    ],
    [
      configured({
        scripts: { update: 'true' },
        artifact: { kind: 'rpm' },
        run: { unpack: false, signature: 'required' },
      }),
      ['configurations', 0, 'run', 'signature'],
      'signature has no effect beside the update script',
    ],
    [
      configured({ artifact: { kind: 'deb' }, run: { unpack: true } }),
      ['configurations', 0, 'run', 'unpack'],
      'a deb artifact cannot be unpacked',
    ],
  ])('%# reports the path %j: %s', (version, path, message) => {
    expect(validateVersion(version)).toEqual([
      { code: 'ExtensionInvalid', path, message: expect.stringContaining(message) },
    ])
  })

  test('names both of two configurations that fit equally well', () => {
    const configurations = [
      configuration(),
      configuration({ id: 'c2', arch: 'arm64' }),
      configuration({ id: 'c3', arch: 'amd64' }),
    ]
    const problems = validateVersion(draft({ configurations }))
    expect(problems).toEqual([
      {
        code: 'ConfigurationAmbiguous',
        path: ['configurations', 2],
        message:
          'Configurations c1 and c3 both match linux, debian, x86_64 with the same priority. Restrict one of them by platform, version or architecture, or remove it',
      },
    ])
    expect(makeVersionError(problems)).toMatchObject({ code: 'ExtensionInvalid', status: 400, details: { problems } })
  })

  test('the error contains the first problem and the number of further ones', () => {
    const problems = validateVersion(
      draft({ configurations: [configuration({ arch: '' }), configuration({ id: 'c2', scripts: {} })] }),
    )
    expect(makeVersionError(problems).message).toBe(
      'The extension is invalid: configuration c1: "" is not an architecture; write x86_64, arm64 or any (and 1 more).',
    )
  })
})
