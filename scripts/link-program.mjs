// Puts `chandler` and the project's own `node` where npm scripts and `npx` look first.
// `chandler`: npm links the programs of dependencies there, not the project's own; without the link npx makes a copy of its own
// of the project each time, which takes a second and prints warnings.
// `node`: npm 10 removes the link again when it drops the package of the other platform, which names the same program.
import { existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs'

const folder = new URL('../node_modules/.bin/', import.meta.url)
const programs = {
  chandler: '../../bin/chandler.mjs',
  node: `../node-${process.platform}-${process.arch}/bin/node`,
}
mkdirSync(folder, { recursive: true })
for (const [name, target] of Object.entries(programs)) {
  if (!existsSync(new URL(target, folder))) continue
  const link = new URL(name, folder)
  rmSync(link, { force: true })
  symlinkSync(target, link)
}
