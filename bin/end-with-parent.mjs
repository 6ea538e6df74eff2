// Ends this process when the shell that npm started it in is gone. `npx chandler` and npm scripts run it as `sh -c …`; npm hands
// SIGTERM and SIGINT to that shell only, which ends without a word to the program, and then ends itself. Without this the server
// would run on, and keep its port and its data directory. Plain JavaScript: an old Node.js reads it.

/** A process that has lost its parent is told nothing; looking costs one system call. */
const lookEveryMs = 250

/** Only under npm (or pnpm, yarn), which say what they run: a server that a user puts into the background outlives its shell. */
export function endWithParent() {
  if (!process.env.npm_lifecycle_script?.includes('chandler')) return
  const parent = process.ppid
  const timer = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(timer)
    process.kill(process.pid, 'SIGTERM')
  }, lookEveryMs)
  timer.unref()
}
