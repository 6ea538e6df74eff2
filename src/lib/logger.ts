import { AsyncLocalStorage } from 'node:async_hooks'
import { redact, redactText } from './redact.ts'

export const logLevels = ['debug', 'info', 'warn', 'error'] as const
export type LogLevel = (typeof logLevels)[number]
export type LogFields = Readonly<Record<string, unknown>>

export interface Logger {
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
  /** A logger that adds `fields` to every line; fields of the line itself override them. */
  child(fields: LogFields): Logger
}

export interface LoggerOptions {
  level: LogLevel
  /** `json`: one object per line, for machines. `text`: one readable line. */
  format: 'json' | 'text'
  /** Writes one line, which includes its newline. */
  write: (line: string) => void
  now: () => number
}

const around = new AsyncLocalStorage<LogFields>()

/** Adds `fields` to every line that `work`, and the asynchronous work that it starts, writes to any logger. */
export const withLogFields = <Result>(fields: LogFields, work: () => Result): Result =>
  around.run({ ...around.getStore(), ...fields }, work)

/**
 * Lines never contain a secret (see redact.ts) or a raw control character, even in text from a
 * peer.
 */
export function createLogger(options: LoggerOptions, bound: LogFields = {}): Logger {
  const lowest = logLevels.indexOf(options.level)
  const line = options.format === 'json' ? jsonLine : textLine
  const at = (level: LogLevel) => (message: string, fields?: LogFields) => {
    if (logLevels.indexOf(level) < lowest) return
    options.write(
      line(
        options.now(),
        level,
        redactText(message),
        redact({ ...bound, ...around.getStore(), ...fields }) as LogFields,
      ),
    )
  }
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: (fields) => createLogger(options, { ...bound, ...fields }),
  }
}

/** The default of a process: standard error, as text on a terminal and as JSON elsewhere. */
export function createProcessLogger(level: LogLevel): Logger {
  const { stderr } = process
  return createLogger({
    level,
    format: stderr.isTTY ? 'text' : 'json',
    write: (line) => stderr.write(line),
    now: Date.now,
  })
}

/** Discards every line. */
export const silentLogger: Logger = createLogger({ level: 'error', format: 'json', write: () => {}, now: () => 0 })

function jsonLine(now: number, level: LogLevel, message: string, fields: LogFields): string {
  return `${JSON.stringify({ time: new Date(now).toISOString(), level, message, ...withoutReserved(fields) })}\n`
}

/** A field must not override the line's own time, level or message. */
function withoutReserved({ time, level, message, ...fields }: LogFields): LogFields {
  const renamed = { time_: time, level_: level, message_: message }
  return { ...fields, ...Object.fromEntries(Object.entries(renamed).filter(([, value]) => value !== undefined)) }
}

function textLine(now: number, level: LogLevel, message: string, fields: LogFields): string {
  const shown = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(
      ([name, value]) =>
        ` ${name}=${typeof value === 'string' && /^[\w./:@*-]+$/.test(value) ? value : JSON.stringify(value)}`,
    )
  return `${new Date(now).toISOString().slice(11, 23)} ${level.padEnd(5)} ${escapeControls(message + shown.join(''))}\n`
}

const escapeControls = (text: string) =>
  text.replace(/\p{Cc}/gu, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
