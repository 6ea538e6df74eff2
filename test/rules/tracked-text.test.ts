// Reason: the repository is read and built on other machines. A path or a package mirror of the
// author's machine works only there.
import { dirname } from 'node:path'
import { expect, test } from 'vitest'
import { listProjectFiles, projectRoot, readProjectFile } from './project-files.ts'

/** Forbidden texts, with their replacements. The rule adds the checkout's own path when it runs. */
const forbidden: { pattern: RegExp; instead: string }[] = [
  {
    pattern: /(?<![\w.~$}-])\/(?:work|workspaces?|builds|Users\/\w+|home\/(?!(?:u|me|user|example)\/)\w+)\/[\w.-]+/,
    instead: 'a path from the project’s root',
  },
  { pattern: /\bC:\\+Users\\+\w/i, instead: 'a path from the project’s root' },
  { pattern: /\/tmp\/(?:tmp\.|bash_jobs)/, instead: 'a folder that the program is given' },
  {
    pattern: /https?:\/\/[^/\s"'`]*(?:registry|artifactory|nexus|npmmirror|verdaccio|goproxy|pypi)[^\s"'`]*/i,
    instead: 'nothing: npm knows where its packages are',
  },
  { pattern: /^\s*(?:@[\w-]+:)?registry\s*=/m, instead: 'nothing: the registry is a setting of the machine' },
]

function findMachineTraces(path: string, text: string): string[] {
  return forbidden.flatMap(({ pattern, instead }) => {
    const hit = pattern.exec(text)
    return hit === null
      ? []
      : [`${path}:${text.slice(0, hit.index).split('\n').length} has "${hit[0].trim()}"; write ${instead}`]
  })
}

const isBinary = (text: string) => text.includes('\0')

test('no file contains a folder or a package registry of a machine', () => {
  const files = listProjectFiles()
  expect(files.length).toBeGreaterThan(20)
  const checkout = projectRoot.replace(/\/$/, '')
  // The name of a checkout directly below the root folder is too short to search for.
  const own = [checkout, dirname(checkout)].filter((folder) => folder.split('/').length > 2)
  const found = files.flatMap((path) => {
    const text = readProjectFile(path)
    if (isBinary(text)) return []
    return [
      ...findMachineTraces(path, text),
      ...own
        .filter((folder) => text.includes(`${folder}/`))
        .map((folder) => `${path} has the folder of this checkout, ${folder}`),
    ]
  })
  expect(found, 'the project must read the same on every machine').toEqual([])
})

test.each([
  ['see /wo', 'rk/project/README.md'],
  ['cd /home/', 'somebody/chandler'],
  ['(/Users/', 'somebody/chandler)'],
  ['C:\\\\Users\\\\', 'somebody'],
  ['"/tmp/tmp', '.abc/clone"'],
  ['https://regis', 'try.example.com/zod.tgz'],
  ['save-exact=true\nregistry', '=https://mirror.example.com/'],
])('finds a planted trace: %s%s', (first, second) => {
  expect(findMachineTraces('docs/planted.md', first + second)).not.toEqual([])
})

test.each([
  '/var/lib/chandler/work/x',
  '${CHANDLER_WORKSPACE}/builds/x',
  'https://chandler.example:7443/install.sh',
  '/root',
  '/opt/chandler/builds/1',
  '/home/user/.local/share/chandler',
  './work/x',
  '/tmp/chandler',
])('allowed: %s', (text) => {
  expect(findMachineTraces('docs/allowed.md', text)).toEqual([])
})
