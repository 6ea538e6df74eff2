import { createContext } from './context.ts'
import { createSink } from './output/sink.ts'
import { runCli } from './run-cli.ts'
import { readSettings } from './settings.ts'

const settings = readSettings()
const context = createContext({
  settings,
  out: createSink(process.stdout, settings),
  err: createSink(process.stderr, settings),
  stdin: process.stdin,
})

// `chandler … | head` closes the pipe. The exit code is that of a program killed by SIGPIPE.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit(141)
})

// Not process.exit: output to a pipe may not be flushed yet.
process.exitCode = await runCli(context, process.argv.slice(2))
