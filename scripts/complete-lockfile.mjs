// Completes package-lock.json after `npm install`.
//
// Why: npm 11.16 and later leave out optional packages for other platforms whose manifest the registry did not
// answer, and `npm ci` then refuses the very file npm wrote ("Missing: name@ from lock file", npm/cli issue 9846).
// What: every optional dependency that is named but has no entry gets one with its version and its platform, so
// that npm knows it and skips it here. Every entry without an integrity hash gets the one that the registry publishes for
// its version: without it, npm installs whatever the registry sends. Download addresses are dropped: they belong to the
// machine, not the project.
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'

const file = new URL('../package-lock.json', import.meta.url)
const lock = JSON.parse(readFileSync(file, 'utf8'))

const oses = {
  android: 'android',
  darwin: 'darwin',
  freebsd: 'freebsd',
  linux: 'linux',
  openharmony: 'openharmony',
  win32: 'win32',
  windows: 'win32',
}
const cpus = {
  arm64: 'arm64',
  x64: 'x64',
  ia32: 'ia32',
  ppc64: 'ppc64',
  riscv64: 'riscv64',
  s390x: 's390x',
  arm: 'arm',
  wasm32: 'wasm32',
}

function platform(name) {
  const words = name.split(/[/-]/)
  const os = words.map((word) => oses[word]).find(Boolean)
  const cpu = words.map((word) => cpus[word]).find(Boolean)
  const libc = words.some((word) => word.startsWith('musl'))
    ? 'musl'
    : words.some((word) => word.startsWith('gnu'))
      ? 'glibc'
      : undefined
  return { os, cpu, libc }
}

let added = 0
for (const entry of Object.values(lock.packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    const key = `node_modules/${name}`
    if (lock.packages[key]) continue
    const { os, cpu, libc } = platform(name)
    if (!os && !cpu)
      throw new Error(`${name} is missing in the lock file, and its name contains no platform: add it manually`)
    lock.packages[key] = {
      version,
      ...(cpu ? { cpu: [cpu] } : {}),
      ...(entry.dev ? { dev: true } : {}),
      ...(libc ? { libc: [libc] } : {}),
      optional: true,
      ...(os ? { os: [os] } : {}),
    }
    added += 1
  }
}
for (const entry of Object.values(lock.packages)) delete entry.resolved

/** npm writes an entry's keys in a fixed order, which keeps differences between two lock files small. */
const withIntegrity = ({ version, ...rest }, integrity) => ({ version, integrity, ...rest })

let hashed = 0
for (const [path, entry] of Object.entries(lock.packages)) {
  if (path === '' || entry.integrity) continue
  const name = entry.name ?? path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)
  const query = ['view', `${name}@${entry.version}`, 'dist.integrity', '--json']
  const integrity = JSON.parse(execFileSync('npm', query, { encoding: 'utf8' }))
  if (!integrity.startsWith('sha512-')) throw new Error(`the registry publishes no sha512 of ${name}@${entry.version}`)
  lock.packages[path] = withIntegrity(entry, integrity)
  hashed += 1
}
const [root, ...rest] = Object.keys(lock.packages)
lock.packages = Object.fromEntries([root, ...rest.sort()].map((key) => [key, lock.packages[key]]))
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`)
console.log(
  `package-lock.json: ${added} platform packages and ${hashed} integrity hashes added, download addresses removed`,
)
