// Preloaded into an agent (node --import): it kills itself when it replaces its identity, at the
// moment in KILL_AT ("before 1", "after 2").
import promises from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { basename } from 'node:path'

const [when, at] = (process.env['KILL_AT'] ?? '').split(' ')
const { rename } = promises
let count = 0

promises.rename = async (from, to) => {
  const isIt = basename(String(to)) === 'identity.json' && ++count === Number(at)
  if (isIt && when === 'before') await die()
  await rename(from, to)
  if (isIt) await die()
}
syncBuiltinESMExports()

function die(): Promise<never> {
  process.kill(process.pid, 'SIGKILL')
  return new Promise(() => {})
}
