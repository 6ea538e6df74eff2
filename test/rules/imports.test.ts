import { expect, test } from 'vitest'
import { findImports } from './imports.ts'

const found = (text: string) => findImports('sample.ts', text).map(({ kind, specifier }) => `${kind} ${specifier}`)

test.each([
  [`import a from 'a'`, 'static a'],
  [`import { b } from "./b.ts"`, 'static ./b.ts'],
  [`import * as c from '../c.ts'`, 'static ../c.ts'],
  [`import 'side-effect'`, 'static side-effect'],
  [`import type { D } from './d.ts'`, 'type ./d.ts'],
  [`import e, { type E } from './e.ts'`, 'static ./e.ts'],
  [`import {\n  f,\n  g,\n} from\n  './many-lines.ts'`, 'static ./many-lines.ts'],
  [`export * from './x.ts'`, 'static ./x.ts'],
  [`export { y } from './y.ts'`, 'static ./y.ts'],
  [`export type { Z } from './z.ts'`, 'type ./z.ts'],
  [`const m = await import('./lazy.ts')`, 'dynamic ./lazy.ts'],
  [`const load = () => import(\`./plain-template.ts\`)`, 'dynamic ./plain-template.ts'],
  [`const load = (name: string) => import(\`./\${name}.ts\`)`, 'dynamic <computed>'],
  [`type T = import('./t.ts').T`, 'type ./t.ts'],
  [`const old = require('old')`, 'static old'],
])('finds %j', (text, expected) => {
  expect(found(text)).toEqual([expected])
})

test.each([
  `// import a from 'a'`,
  `/* import a from 'a'\n   export * from 'b' */`,
  `const text = "import a from 'a'"`,
  `const text = \`\nimport a from 'a'\nimport('b')\n\``,
  `const pattern = /import a from 'a'/`,
  `export const own = 1`,
])('ignores %j', (text) => {
  expect(found(text)).toEqual([])
})

test('returns the line', () => {
  expect(findImports('src/a.ts', `// first\n\nimport b from 'b'`)[0]?.place).toBe('src/a.ts:3')
})
