import type { TemplateEdit } from './template-edit.ts'
import { TemplateFault } from './template-fault.ts'

/** A word of a command as written, and its replaced parts. */
export interface ShellWord {
  readonly start: number
  readonly end: number
  readonly raw: string
  readonly edits: readonly TemplateEdit[]
  /** An unquoted `[` in it has no `]`. */
  readonly isOpen: boolean
}

/** The words of a simple command. */
export type ShellCommand = readonly ShellWord[]

/** Declarations anywhere in a script that change the meaning of assignments in bash. */
interface ShellTraits {
  /**
   * Variables that bash evaluates arithmetically or that reference others, as by `declare -i` and
   * `declare -n`.
   */
  readonly hasIntegers: boolean
  /** Then `local x=…` parses a text in parentheses as a list, and runs code in it. */
  readonly hasArrays: boolean
}

/*
 * Commands that run a word as code. A Number or Boolean cannot be code, so only strings are
 * checked.
 *
 *   the command's name, or what `sudo`, `exec`, … start refused: the value would choose the program
 *   NAME=…, export NAME=…                               accepted, except for evaluated variables
 *   [ … ], test                                         accepted where only an operand can be
 *   printf FORMAT …                                     accepted after a format
 *   builtins that evaluate, name variables or loop      refused
 *   sh, bash, python, … with -c or without a file       refused; so is their input
 *   awk, sed, ssh, xargs, …                             refused, also after sudo and the like
 *   every other command                                 accepted: arguments of a program are data
 */
const starters = new Set(
  'builtin chroot command doas env exec ionice nice nohup setsid stdbuf sudo taskset timeout unshare'.split(' '),
)
const builtins = new Set(
  `. alias bind compgen complete compopt coproc declare enable eval fc for function getopts hash history let
  mapfile read readarray select set shopt source trap typeset unset wait`.split(/\s+/),
)
/** Programs that run scripts, and the letters of the options whose value is code. */
const interpreters: ReadonlyMap<string, string> = new Map(
  Object.entries({
    c: 'sh ash bash busybox dash fish ksh mksh zsh python pypy script flock',
    eE: 'perl ruby lua julia',
    epEP: 'node nodejs bun deno',
    rBRE: 'php',
  }).flatMap(([letters, names]) => names.split(' ').map((name) => [name, letters] as const)),
)
const reparsers = new Set(
  'at awk batch crontab ed ex expect find gawk gdb m4 make mawk nawk parallel runuser sed ssh su tclsh vi vim watch xargs'.split(
    ' ',
  ),
)
/** Programs that also run their input as code. */
const readsInput = new Set('at batch crontab ed ex expect gdb m4 parallel runuser ssh su tclsh vi vim xargs'.split(' '))
const assigning = new Set(['read', 'mapfile', 'readarray'])
const evaluated =
  /^(?:S?RANDOM|SECONDS|LINENO|HISTCMD|OPTIND|EPOCH\w*|BASH\w*|PS[0-4]|ENV|PROMPT_COMMAND|IFS|LD_\w*|SHELLOPTS)$/
const assignment = /^([A-Za-z_][A-Za-z0-9_]*)\+?=/
const unary = /^-[b-hknprstuwxzGLNOS]$/
const binary = /^(?:=|==|!=|-eq|-ne|-lt|-le|-gt|-ge|-nt|-ot|-ef)$/

/** Scans a script for declarations that change the meaning of assignments. */
export function readTraits(text: string): ShellTraits {
  const commands = text.replace(/\\\n|["'\\]/g, '').split(/[\n;&|()]/)
  const declares = (option: RegExp) =>
    commands.some(
      (command) => /\b(?:declare|typeset|local|export|readonly|read)\b/.test(command) && option.test(command),
    )
  return {
    hasIntegers: declares(/\s[-+][A-Za-z]*[in]/),
    hasArrays: declares(/\s[-+][A-Za-z]*[aA]/) || /=\(|\]\+?=|\b(?:mapfile|readarray)\b/.test(text),
  }
}

/**
 * @throws TemplateFault where the command may not treat a replaced word as data
 */
export function checkCommand(command: ShellCommand, traits: ShellTraits): void {
  const texts = command.map(({ edits }) => edits.find(isText))
  const refuse = (index: number, where: string) => {
    const edit = texts[index]
    if (edit) throw new TemplateFault(edit.start, where)
  }
  const from = command.findIndex(({ isOpen, raw }) => isOpen && raw !== '[')
  if (from >= 0) for (let index = from; index < command.length; index++) refuse(index, 'behind an open [')
  const check = (index: number, isPlain: boolean) => {
    const name = assignment.exec(command[index]?.raw ?? '')?.[1]
    if (name === undefined) refuse(index, 'where the name of a variable may be')
    else if (evaluated.test(name)) refuse(index, `in an assignment to ${name}, which the shell evaluates`)
    else if (traits.hasIntegers) refuse(index, 'in an assignment of a script that declares integers or references')
    else if (traits.hasArrays && !isPlain) refuse(index, 'in a declaration of a script that has arrays')
  }
  let at = 0
  for (; at < command.length && assignment.test(command[at]?.raw ?? ''); at++) check(at, true)
  for (; at < command.length && starters.has(nameOf(command[at])); at++) {
    while (/^(?:-|[0-9.]+[smhd]?$|\w+=)/.test(command[at + 1]?.raw ?? '')) refuse(++at, 'before the name of a command')
  }
  const name = nameOf(command[at])
  refuse(at, 'where the name of a command is')
  const rest = command.slice(at + 1)
  if (!rest.some((_, index) => texts[at + 1 + index])) return
  if (/[$`*?]/.test(name))
    refuse(
      texts.findIndex((edit, index) => index > at && edit),
      'behind a command whose name is a variable',
    )
  const code = new CodeWatch()
  const format = nameOf(command[at + 1])
  for (let index = at + 1; index < command.length; index++) {
    code.read(nameOf(command[index - 1]))
    if (!texts[index]) continue
    if (name === '[' || name === 'test') {
      if (!isOperand(command, index)) refuse(index, `in ${name}, where it could be an operator`)
    } else if (name === 'export' || name === 'local' || name === 'readonly') check(index, name !== 'local')
    else if (name === 'printf' && (index === at + 1 || format.startsWith('-')))
      refuse(index, 'where the format or an option of printf is')
    else if (builtins.has(name)) refuse(index, `in ${name}, which takes names of variables or code`)
    if (code.program !== undefined) refuse(index, `behind ${code.program}, where it could be code`)
  }
}

/**
 * @throws TemplateFault where a command of a pipeline treats its input as code; `edits` are those
 * of the pipeline
 */
export function checkInput(
  pipeline: readonly ShellCommand[],
  edits: readonly TemplateEdit[],
  traits: ShellTraits,
): void {
  const edit = edits.find(isText)
  if (!edit) return
  for (const command of pipeline) {
    const code = new CodeWatch()
    for (const word of command) code.read(nameOf(word))
    const names = command.map(nameOf)
    const typed = traits.hasIntegers ? names.find((name) => assigning.has(name)) : undefined
    const sourced = names.slice(0, 3).find((name) => name === '.' || name === 'source')
    const program = code.inputProgram ?? typed ?? sourced
    if (program !== undefined) throw new TemplateFault(edit.start, `in the input of ${program}, where it could be code`)
  }
}

/** Reads a command word by word; stores only a few names, whatever its length. */
class CodeWatch {
  #reparser: string | undefined
  #inputReader: string | undefined
  readonly #interpreters = new Map<string, { hasCode: boolean; hasFile: boolean }>()

  read(name: string): void {
    for (const [interpreter, state] of this.#interpreters) {
      if (/^--(?:eval|command|print|exec)/.test(name)) state.hasCode = true
      else if (/^-[A-Za-z]/.test(name))
        state.hasCode ||= [...(interpreters.get(interpreter) ?? '')].some((letter) => name.includes(letter))
      // A word that is not an option is the script's file: only arguments follow it.
      else if (name !== '' && !/^[-$<`+]|^(?:stdin|fd|[0-9]+)$/.test(name)) state.hasFile = true
    }
    if (interpreters.has(name)) this.#interpreters.set(name, { hasCode: false, hasFile: false })
    if (reparsers.has(name)) this.#reparser ??= name
    if (readsInput.has(name)) this.#inputReader ??= name
  }

  /** The program that could run the next word as code. */
  get program(): string | undefined {
    return this.#reparser ?? this.#find(({ hasCode, hasFile }) => hasCode || !hasFile)
  }

  /** The program that could run its input as code. */
  get inputProgram(): string | undefined {
    return this.#inputReader ?? this.#find(({ hasCode, hasFile }) => !hasCode && !hasFile)
  }

  #find(wanted: (state: { hasCode: boolean; hasFile: boolean }) => boolean): string | undefined {
    return [...this.#interpreters].find(([, state]) => wanted(state))?.[0]
  }
}

const isText = ({ placeholder }: TemplateEdit) => placeholder?.type === 'String'
/** Without quotes, folders and a version: `"/usr/bin/python3.11"` is python. */
const nameOf = (word: ShellWord | undefined) => {
  const plain = (word?.raw ?? '').replace(/["'\\]/g, '')
  const base = plain.split('/').at(-1) ?? ''
  return plain.startsWith('-') ? plain : base.replace(/(?<=[a-z])-?[0-9][0-9.]*$/, '')
}
/** Between two literal operators, so that no value can be an operator. */
function isOperand(command: ShellCommand, index: number): boolean {
  const before = command[index - 1]?.raw ?? ''
  const next = command[index + 1]?.raw ?? ']'
  if (unary.test(before) || binary.test(before)) return true
  return /^(?:\[|test|!|-a|-o)$/.test(before) && (binary.test(next) || next === ']')
}
