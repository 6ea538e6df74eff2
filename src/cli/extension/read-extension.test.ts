import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { makeTarEntry } from '../../../test/archive-samples.ts'
import { packageSamples } from '../../../test/package-samples.ts'
import { readExtension } from './read-extension.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chandler-lint-'))
})
afterEach(() => rm(folder, { recursive: true }))

const script = '#!/bin/sh\nexit 0\n'
const deb = '!<arch>\ndebian-binary'

async function lint(files: Readonly<Record<string, string | Uint8Array>>) {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), content)
  }
  return await readExtension(folder)
}
const said = async (files: Parameters<typeof lint>[0]) =>
  (await lint(files)).problems.map(({ file, line, column, message }) => `${file}:${line}:${column} ${message}`)

const withConfiguration = (...lines: string[]) =>
  ['name: demo', 'configurations:', '  - os: linux', ...lines.map((line) => `    ${line}`)].join('\n')

describe('a valid folder', () => {
  test('may merge common parts of its configurations', async () => {
    const { problems, draft } = await lint({
      'extension.yaml': [
        'name: demo',
        'configurations:',
        '  - &base { os: linux, arch: x86_64, install: ./install.sh }',
        '  - <<: *base',
        '    arch: arm64',
      ].join('\n'),
      'install.sh': script,
    })
    expect(problems).toEqual([])
    expect(draft?.configurations.map(({ input: { os, arch } }) => [os, arch])).toEqual([
      ['linux', 'x86_64'],
      ['linux', 'arm64'],
    ])
  })

  test('becomes an API request, with scripts inline and files beside it', async () => {
    const { problems, draft } = await lint({
      'extension.yaml': [
        'name: demo',
        'type: Agent',
        'description: a demo',
        'versionDescription:',
        'scope:',
        'parameters:',
        '  port: { type: Number, default: 8080 }',
        'configurations:',
        '  - os: linux',
        '    arch: x86_64',
        '    platforms: [{ id: debian, versions: ">=11" }]',
        '    artifact: ./pkg/demo-1.deb',
        '    install: ./install.sh',
        '    timeout: 2h',
        '    keepWorkspace: onFailure',
        '    verify:',
        '      - { kind: port, port: 80, within: 5s }',
        '      - { kind: script, script: check.sh }',
      ].join('\n'),
      'pkg/demo-1.deb': deb,
      'install.sh': script,
      'check.sh': '#!/bin/sh\ntrue\n',
    })
    expect(problems).toEqual([])
    expect(draft?.input).toEqual({
      name: 'demo',
      type: 'Agent',
      description: 'a demo',
      versionDescription: '',
      scope: {},
      parameters: { port: { type: 'Number', default: 8080 } },
    })
    expect(draft?.configurations).toEqual([
      {
        input: {
          os: 'linux',
          arch: 'x86_64',
          platforms: [{ id: 'debian', versions: '>=11' }],
          scripts: { install: script },
          verify: [
            { kind: 'port', port: 80, withinMs: 5_000 },
            { kind: 'script', script: '#!/bin/sh\ntrue\n', withinMs: 30_000 },
          ],
          run: { timeoutMs: 7_200_000, unpack: false, keepWorkspace: 'onFailure' },
        },
        artifact: { kind: 'deb', fileName: 'demo-1.deb', file: expect.objectContaining({ sizeBytes: deb.length }) },
      },
    ])
  })
})

describe('problems', () => {
  test.each([
    [
      'an unknown field',
      withConfiguration('instal: a.sh', 'install: a.sh'),
      '4:5 unknown field "instal"; did you mean install?',
    ],
    [
      'a missing field',
      'name: demo\nconfigurations:\n  - arch: any\n    install: a.sh',
      '3:5 configurations[0].os is missing; use linux or windows',
    ],
    [
      'a number where text belongs',
      withConfiguration('install: a.sh', 'platforms: [{ id: debian, versions: 22.10 }]'),
      '5:41 configurations[0].platforms[0].versions must be text; it is 22.1: put it in quotes',
    ],
    ['a key twice', 'name: a\nname: b', '2:1 duplicate key; remove one of them'],
    [
      'a second document',
      'name: a\n---\nname: b',
      '2:1 a second document starts here; the file must contain one extension',
    ],
    [
      'a reserved name',
      withConfiguration('install: a.sh').replace('demo', 'Aliyun-x'),
      '1:7 the name "Aliyun-x" begins with ALIYUN, which is reserved; choose another',
    ],
    ['a script that is not there', withConfiguration('install: b.sh'), '4:14 install: file b.sh does not exist'],
    [
      'a path that leaves',
      withConfiguration('install: ../b.sh'),
      '4:14 install: ../b.sh is outside of the extension folder; move the file into it',
    ],
    [
      'an absolute path',
      withConfiguration('install: /bin/sh'),
      '4:14 install: /bin/sh is an absolute path; use a path relative to extension.yaml',
    ],
    [
      'a folder',
      withConfiguration('install: .'),
      '4:14 install: . is outside of the extension folder; move the file into it',
    ],
    [
      'no way to install',
      withConfiguration('uninstall: a.sh'),
      '3:5 configuration c1: has neither an artifact nor an install script, so it would do nothing',
    ],
    [
      'a file that is not of its kind',
      withConfiguration('artifact: a.sh', 'kind: deb'),
      '4:15 artifact a.sh: the file is not a valid deb file; rebuild it or correct the field kind',
    ],
    [
      'a time said twice',
      withConfiguration('install: a.sh', 'timeout: 5s', 'timeoutMs: 5000'),
      '5:14 timeout and timeoutMs say the same; remove one of them',
    ],
    [
      'a time that is too long',
      withConfiguration('install: a.sh', 'timeout: 30d'),
      '5:14 timeout is 30d; it must be from 1s to 86400s',
    ],
    [
      'a wrong parameter',
      `${withConfiguration('install: a.sh')}\nparameters:\n  port: { type: Number, default: x }`,
      '6:34 ',
    ],
    [
      'a wrong range',
      `${withConfiguration('install: a.sh')}\nscope: { platforms: [{ id: debian, versions: "> <" }] }`,
      '5:46 the version range',
    ],
  ])('%s', async (_, yaml, expected) => {
    const problems = await said({ 'extension.yaml': yaml, 'a.sh': script })
    expect(problems).toHaveLength(1)
    expect(problems[0]).toContain(`extension.yaml:${expected}`)
  })

  test('two configurations for the same instance are reported with that instance', async () => {
    const yaml =
      'name: demo\nconfigurations:\n  - { os: linux, install: a.sh }\n  - { os: linux, arch: any, install: a.sh }'
    const problems = await said({ 'extension.yaml': yaml, 'a.sh': script })
    expect(problems).toEqual([expect.stringMatching(/^extension\.yaml:4:5 Configurations c1 and c2 both match linux/)])
  })

  test('a link that leaves the folder is refused, one inside is not', async () => {
    const yaml = withConfiguration('install: inside.sh', 'uninstall: outside.sh')
    await symlink('a.sh', join(folder, 'inside.sh'))
    await symlink('/etc/hostname', join(folder, 'outside.sh'))
    expect(await said({ 'extension.yaml': yaml, 'a.sh': script })).toEqual([
      'extension.yaml:5:16 uninstall: outside.sh is a link to a file outside of the extension folder; copy the file into it',
    ])
  })

  test('an empty artifact and an empty script', async () => {
    const yaml = withConfiguration('artifact: a.tgz', 'install: a.sh')
    expect(await said({ 'extension.yaml': yaml, 'a.tgz': '', 'a.sh': '' })).toEqual([
      'extension.yaml:4:15 artifact a.tgz: the file is empty; build it first',
      'a.sh:1:1 the script is empty; add commands or remove it',
    ])
  })

  test('all problems are reported at once, of any kind, and none twice', async () => {
    const yaml = [
      'nam: demo',
      'name: demo!',
      'scope: { platforms: [{ id: debian, versions: ">" }] }',
      'parameters: { a: { type: Text }, b: { type: Number, default: 5, max: 1 } }',
      'configurations:',
      '  - { os: linux, arch: 5, install: crlf.sh, artifact: none.deb }',
      '  - 7',
    ].join('\n')
    const places = (await lint({ 'extension.yaml': yaml, 'crlf.sh': '#!/bin/sh\r\n' })).problems.map(
      ({ file, line }) => `${file}:${line}`,
    )
    expect(places).toEqual([
      'extension.yaml:1',
      'extension.yaml:2',
      'extension.yaml:3',
      'extension.yaml:4',
      'extension.yaml:4',
      'extension.yaml:6',
      'extension.yaml:6',
      'extension.yaml:7',
      'crlf.sh:1',
    ])
  })

  test.each([
    [
      'an alias bomb',
      `a: &a [${'x,'.repeat(10)}]\n${[...'bcdefgh'].map((letter, index) => `${letter}: &${letter} [${`*${'abcdefgh'[index]},`.repeat(10)}]`).join('\n')}`,
    ],
    ['a merge key without a map', 'name: demo\nscope:\n  <<: 1'],
    ['a self-reference', 'name: demo\ntype: &a [*a]\nconfigurations: []'],
    ['deep nesting', `name: ${'['.repeat(100_000)}`],
    ['nothing', ''],
    ['a list', '- 1'],
  ])('%s is refused without harm', async (_, yaml) => {
    const { problems, draft } = await lint({ 'extension.yaml': yaml })
    expect(problems.length).toBeGreaterThan(0)
    expect(draft).toBeUndefined()
  })

  test('a folder without extension.yaml', async () => {
    await expect(readExtension(folder)).rejects.toThrow(`extension.yaml does not exist in ${folder}`)
  })

  test('an extension.yaml that is not text', async () => {
    await expect(lint({ 'extension.yaml': Uint8Array.of(0x6e, 0xff, 0xfe) })).rejects.toThrow('is not valid UTF-8')
  })
})

test('the architecture of a package is compared with that of its configuration', async () => {
  const files = { 'demo.deb': packageSamples.debWithXz }
  const write = (arch: string) => ({
    ...files,
    'extension.yaml': withConfiguration('artifact: demo.deb', `arch: ${arch}`),
  })
  expect(await said(write('amd64'))).toEqual([])
  expect(await said(write('arm64'))).toEqual([
    'extension.yaml:4:15 artifact demo.deb: the package is for amd64, but the configuration is for arm64',
  ])
})

const end = Buffer.alloc(1_024)
test.each([
  [
    'an absolute path',
    [makeTarEntry('/etc/demo', '0', { content: 'x' })],
    'agents cannot unpack it: the entry "/etc/demo" has an absolute path',
  ],
  [
    'a path that leaves the workspace',
    [makeTarEntry('../demo', '0', { content: 'x' })],
    'agents cannot unpack it: the entry "../demo" leaves the workspace',
  ],
  [
    'a link that leaves the workspace',
    [makeTarEntry('conf', '2', { link: '../../etc' })],
    'agents cannot unpack it: the link "conf" leaves the workspace (its target is "../../etc"); pack the target, or use an absolute path',
  ],
  [
    'a device',
    [makeTarEntry('null', '3')],
    'agents cannot unpack it: the entry "null" is neither a file nor a directory nor a link (CharacterDevice)',
  ],
  [
    'its own name',
    [makeTarEntry('demo.tar', '0', { content: 'x' })],
    'it contains an entry with the name of the archive; agents unpack it into the directory of the archive',
  ],
  ['an absolute link, which names a place of the system', [makeTarEntry('conf', '2', { link: '/etc' })], undefined],
])('an archive with %s is checked when the version is created', async (_, entries, problem) => {
  const files = {
    'demo.tar': Buffer.concat([...entries, end]),
    'install.sh': script,
    'uninstall.sh': script,
  }
  const manifest = (unpack: boolean) =>
    withConfiguration('artifact: demo.tar', 'install: install.sh', 'uninstall: uninstall.sh', `unpack: ${unpack}`)
  expect(await said({ ...files, 'extension.yaml': manifest(true) })).toEqual(
    problem === undefined ? [] : [`extension.yaml:4:15 artifact demo.tar: ${problem}`],
  )
  // Archives that only scripts unpack are not checked.
  expect(await said({ ...files, 'extension.yaml': manifest(false) })).toEqual([])
})

test('a decompression bomb is found before it is uploaded', async () => {
  const bomb = gzipSync(Buffer.concat([makeTarEntry('zero', '0', { content: '\0'.repeat(64 * 1024 * 1024) }), end]), {
    level: 9,
  })
  const [first] = await said({
    'extension.yaml': withConfiguration(
      'artifact: demo.tar.gz',
      'install: install.sh',
      'uninstall: install.sh',
      'unpack: true',
    ),
    'install.sh': script,
    'demo.tar.gz': bomb,
  })
  expect(first).toMatch(/agents cannot unpack it: it unpacks to more than 1000 times its [0-9]+ bytes/)
})
