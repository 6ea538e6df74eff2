import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { createProcessLogger } from '../lib/logger.ts'
import { ArgumentError, reportProblem } from './argument-error.ts'
import { StateCopied } from './connection/identity.ts'
import { readAgentVersion } from './facts/agent-version.ts'
import { type AgentOptions, runAgent } from './main.ts'
import { parseTags } from './parse-tags.ts'
import { parseTrust } from './parse-trust.ts'
import { startAgain } from './platform/start-again.ts'
import { exitCodeOfCopiedState } from './setup/unit-file.ts'

const usage = `usage: chandler-agent --server URL --state DIR [--token-file FILE] [--name NAME] [--tag k=v]…
                      [--ca-sha256 DIGEST | --ca FILE] [--insecure-http] [--enrol-only]
       chandler-agent setup COMMAND [options]    install, remove or inspect the agent: see setup --help
       chandler-agent status | doctor            show this agent, or check what it depends on: see status --help

  --server URL        address of the server
  --state DIR         directory for the agent's key, journal and downloads; used by this agent only
  --token-file FILE   file with a join token; required for enrolment
  --ca-sha256 DIGEST  SHA-256 of the CA of the server, from the join command; checked and pinned in the state directory
  --ca FILE           file with the CAs that verify the server, in PEM (default: those of the system)
  --insecure-http     accept plain HTTP beyond loopback: others on the network can run scripts on this machine
  --name NAME         name of the instance at enrolment (default: the host name)
  --tag k=v           tag to set at enrolment (repeatable)
  --enrol-only        enrol and exit
  --service           stop when standard input ends, as the service host of Windows asks
  --version           print the version`

/**
 * The program of an installed agent, which does not contain the CLI. It has no option --token,
 * because other users of the machine can see the arguments of a process. Returns the exit code: 0
 * stopped or done, 1 failed, 2 invalid arguments, 77 the instance was removed at the server, 78 the state directory is a copy from another
 * machine.
 */
export async function runProgram(args: string[]): Promise<number> {
  if (args[0] === 'setup') {
    // Imported only here, so that a running agent does not keep it in memory.
    const { runSetup } = await import('./setup/setup-program.ts')
    return runSetup(args.slice(1))
  }
  if (args[0] === 'status' || args[0] === 'doctor') {
    const { runDiagnosis } = await import('./diagnose/diagnose-program.ts')
    return runDiagnosis(args[0], args.slice(1))
  }
  if (args[0] === 'msi') {
    const { runMsiProgram } = await import('./installer/msi/msi-program.ts')
    return runMsiProgram(args.slice(1))
  }
  try {
    const parsed = parse(args)
    if (typeof parsed === 'string') {
      process.stdout.write(`${parsed === 'help' ? usage : readAgentVersion()}\n`)
      return 0
    }
    return await runAndStartAgain(parsed)
  } catch (error) {
    const exitCode = reportProblem(error, usage)
    return error instanceof StateCopied ? exitCodeOfCopiedState : exitCode
  }
}

/** Agents of a fleet that did the same work at the same time do not start again at the same time. */
const idleBeforeRestartMs = () => (10 + 10 * Math.random()) * 60_000
const memoryGrowthBytes = 12 * 1024 * 1024
const memoryCheckMs = 30_000

/** Runs the agent, and again in place of itself whenever it has grown. */
async function runAndStartAgain(
  options: Omit<AgentOptions, 'log' | 'memory'> & { readonly isService: boolean },
): Promise<number> {
  let isOutgrown = false
  const memory = {
    growthBytes: memoryGrowthBytes,
    idleMs: idleBeforeRestartMs(),
    checkMs: memoryCheckMs,
    onOutgrown: () => {
      isOutgrown = true
      // Stopped by an operator meanwhile: then it stays so.
      for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => (isOutgrown = false))
    },
  }
  const signal = options.isService ? stopWithInput() : undefined
  let code: number
  try {
    code = await runAgent({
      ...options,
      ...(signal && { signal }),
      memory,
      log: createProcessLogger(options.enrolOnly ? 'warn' : 'info'),
    })
  } finally {
    // An agent that ends by itself, because the machine is another one, say, would wait for its input otherwise.
    if (options.isService) process.stdin.destroy()
  }
  if (isOutgrown && code === 0) startAgain()
  return code
}

/** The service host of Windows closes standard input to stop the agent: there are no signals. */
function stopWithInput(): AbortSignal {
  const stop = new AbortController()
  const abort = () => stop.abort()
  process.stdin.once('end', abort).once('close', abort).once('error', abort).resume()
  return stop.signal
}

/** The options of a run, or the text to print instead. */
function parse(args: string[]) {
  const values = readOptions(args)
  if (values.help) return 'help'
  if (values.version) return 'version'
  const { server, state } = values
  if (server === undefined || state === undefined) throw new ArgumentError('--server and --state are required')
  return {
    server,
    stateDirectory: resolve(state),
    tokenFile: values['token-file'],
    name: values.name,
    tags: parseTags(values.tag),
    trust: parseTrust(values),
    enrolOnly: values['enrol-only'] ?? false,
    isService: values.service ?? false,
  }
}

function readOptions(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        server: { type: 'string' },
        state: { type: 'string' },
        'token-file': { type: 'string' },
        name: { type: 'string' },
        tag: { type: 'string', multiple: true },
        'ca-sha256': { type: 'string' },
        ca: { type: 'string' },
        'insecure-http': { type: 'boolean' },
        'enrol-only': { type: 'boolean' },
        service: { type: 'boolean' },
        version: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values
  } catch (error) {
    throw new ArgumentError((error as Error).message)
  }
}
