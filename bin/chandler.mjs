#!/usr/bin/env node
// Starts the command line with the Node.js that the project brings along, so that an older Node.js on the machine
// does not matter. Plain JavaScript on purpose: an old Node.js must be able to read this file.
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { enableCompileCache } from './compile-cache.mjs'
import { endWithParent } from './end-with-parent.mjs'

const neededMajor = 24
// In the node_modules of the project, or beside it where npm has installed it as a package.
const ownNode = ['../node_modules/', '../../']
  .map((folder) =>
    fileURLToPath(new URL(`${folder}node-${process.platform}-${process.arch}/bin/node`, import.meta.url)),
  )
  .find((path) => existsSync(path))
const main = new URL('../src/cli/main.ts', import.meta.url)

const isNewEnough = Number(process.versions.node.split('.')[0]) >= neededMajor
const [option, ...others] = process.argv.slice(2)

if (isNewEnough && others.length === 0 && (option === '--version' || option === '-V')) {
  // The whole command line takes 0.3 s of CPU to load.
  console.log(JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version)
  process.exit()
}

endWithParent()
if (isNewEnough) {
  enableCompileCache()
  await import(main.href)
} else if (ownNode !== undefined) {
  const child = spawn(ownNode, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' })
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  // A terminal sends Ctrl-C to the child as well: handing it on would make two of it.
  process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'))
  child.on('exit', (code, signal) => (signal ? process.kill(process.pid, signal) : process.exit(code ?? 1)))
} else {
  console.error(
    `chandler needs Node.js ${neededMajor} or newer and found ${process.versions.node}. In a checkout, run "npm ci"; a package of npm needs its optional dependencies. Both contain one.`,
  )
  process.exit(2)
}
