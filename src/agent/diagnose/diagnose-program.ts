import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { ArgumentError, reportProblem } from '../argument-error.ts'
import { defaultStateDirectory } from '../platform/default-folders.ts'
import { findMachine } from './find-machine.ts'
import { type AgentStatus, findStatus } from './find-status.ts'
import { type Check, judgeMachine } from './judge-machine.ts'

const usage = `usage: chandler-agent status [--state DIR] [-o text|json]    show the agent of this machine; exit code 0 if it runs and is enrolled, else 1
       chandler-agent doctor [--state DIR] [-o text|json]    check server, certificate, clock, disk, permissions and locks; exit code 0 if nothing failed, else 1

  --state DIR      state directory of the agent (default: ${defaultStateDirectory})
  -o, --output     text (default) or json`

/** `chandler-agent status` and `doctor`. Changes nothing. Gives the exit code: 0 fine, 1 not, 2 wrong arguments. */
export async function runDiagnosis(diagnosis: 'status' | 'doctor', args: readonly string[]): Promise<number> {
  const print = (text: string) => process.stdout.write(`${text}\n`)
  try {
    const { stateDirectory, isJson, isHelp } = parse(args)
    if (isHelp) {
      print(usage)
      return 0
    }
    const status = await findStatus(stateDirectory)
    if (diagnosis === 'status') {
      print(isJson ? JSON.stringify(status, null, 2) : renderStatus(status))
      return status.process !== undefined && status.instanceId !== undefined ? 0 : 1
    }
    const checks = judgeMachine(status, await findMachine(status))
    print(isJson ? JSON.stringify(checks, null, 2) : renderChecks(checks))
    return checks.some(({ verdict }) => verdict === 'failed') ? 1 : 0
  } catch (error) {
    return reportProblem(error, usage)
  }
}

function parse(args: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        state: { type: 'string', default: defaultStateDirectory },
        output: { type: 'string', short: 'o', default: 'text' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
    if (values.output !== 'text' && values.output !== 'json') throw new Error('--output is text or json')
    return { stateDirectory: resolve(values.state), isJson: values.output === 'json', isHelp: values.help }
  } catch (error) {
    throw new ArgumentError((error as Error).message)
  }
}

const column = 15

function renderStatus(status: AgentStatus): string {
  const { openInvocations, caExpiresAt } = status
  const rows: [string, string][] = [
    ['version', status.version],
    ['instance', status.instanceId ?? 'not enrolled'],
    ['server', status.server ?? 'none'],
    ['process', status.process === undefined ? 'none' : String(status.process)],
    ['connection', renderConnection(status)],
    ['trust', { system: 'CAs of the system', file: 'CAs of a file', pinned: 'pinned CA' }[status.trust]],
    ...(caExpiresAt === undefined ? [] : [['CA expires', new Date(caExpiresAt).toISOString()] as [string, string]]),
    ['invocations', openInvocations.length === 0 ? 'none open' : openInvocations.join(', ')],
    ['state', status.stateDirectory],
  ]
  return rows.map(([label, value]) => `${`${label}:`.padEnd(column)}${value}`).join('\n')
}

function renderConnection({ connection, process }: AgentStatus): string {
  if (connection === undefined) return 'the server has not accepted this agent yet'
  if (process === undefined) return `none; the server last accepted ${connection.program}`
  return connection.isRunning
    ? `accepted by the server as ${connection.program}`
    : `the running process was not accepted yet; last accepted: ${connection.program}`
}

const renderChecks = (checks: readonly Check[]): string =>
  checks.map(({ name, verdict, text }) => `${verdict.padEnd(8)} ${name.padEnd(column)} ${text}`).join('\n')
