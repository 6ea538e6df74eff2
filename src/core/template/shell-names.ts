import type { Shell, ShellScript } from './shell-state.ts'
import type { Word } from './shell-word.ts'
import type { TemplateEdit } from './template-edit.ts'
import { TemplateFault } from './template-fault.ts'

/** What gives values to the variable that is named first. */
const loops = new Set(['for', 'select'])
const reading = new Set(['read', 'mapfile', 'readarray'])
/** Builtins that take names of variables, or expand what they get. In bash a name may be `a[…]`, and what is in the brackets is run as code. */
const naming = new Set(['unset', 'read', 'mapfile', 'readarray', 'getopts', 'let', 'compgen', 'complete'])
const declaring = new Set(['declare', 'typeset', 'local', 'export', 'readonly'])
/** Of these only the word behind -v (or -R, -p) is a name. */
const namingByOption = new Set(['printf', 'test', '[', 'wait'])

/** Commands that read a text as code again. */
const parsing = new Set(['eval', 'trap', 'alias', 'ssh'])
const parsingByOption = new Set(['sh', 'bash', 'dash', 'ash', 'ksh', 'zsh', 'su', 'sudo', 'python', 'python3', 'perl'])

/** Commands that start another one, which their words name. */
const starting = new Set(['env', 'nice', 'nohup', 'setsid', 'stdbuf', 'sudo', 'timeout', 'xargs'])

/** What a command makes of its words, where it is more than a value. */
export function checkCommand({ script }: Shell, words: readonly Word[]): void {
  const start = words.findIndex(({ isAssignment }) => !isAssignment)
  for (const word of start < 0 ? words : words.slice(0, start)) noteAssignment(script, word)
  if (start < 0) return
  const prefix = words.findIndex(
    ({ raw }, index) => index >= start && !/^(?:command|builtin|exec|--|-[pVv]+)$/.test(nameOf(raw)),
  )
  const [command, ...rest] = words.slice(Math.max(start, prefix))
  if (!command) return
  const name = nameOf(command.raw)
  const isDeclared = declaring.has(name)
  const isCalculated = isDeclared && rest.some(({ raw }) => /^[-+][A-Za-z]*[aAin]/.test(nameOf(raw)))
  if (isDeclared) for (const word of rest) noteDeclaration(script, word, isCalculated)
  if (reading.has(name)) for (const { raw } of rest) script.calculated.add(`list ${nameOf(raw)}`)
  // `for i in …` and `printf -v i …` give values to i.
  const given = loops.has(command.raw) ? 0 : name === 'printf' && nameOf(rest[0]?.raw ?? '') === '-v' ? 1 : undefined
  if (given !== undefined)
    for (const { firstEdit, endEdit } of rest.slice(given + 1))
      noteValue(script, nameOf(rest[given]?.raw ?? ''), firstEdit, endEdit)
  if (!rest.some(hasEdits)) return
  warn(script, name, rest)
  rest.forEach((word, index) => {
    if (!hasEdits(word)) return
    const isName = isDeclared ? isCalculated || !declaration.test(word.raw) : takesName(name, word, rest, index)
    if (isName) for (const edit of script.edits.slice(word.firstEdit, word.endEdit)) requireNumber(edit, name)
  })
}

const hasEdits = ({ firstEdit, endEdit }: Word) => endEdit > firstEdit
const declaration = /^["']?([A-Za-z_][A-Za-z0-9_]*)\+?=/

function noteAssignment(script: ShellScript, { raw, firstEdit, endEdit }: Word): void {
  const name = /^[A-Za-z_][A-Za-z0-9_]*/.exec(raw)?.[0] ?? ''
  const isElement = raw[name.length] === '['
  // A list of values is one: each of them is quoted.
  const isList = /^[A-Za-z_][A-Za-z0-9_]*\+?=\(/.test(raw)
  if (isElement || isList) script.calculated.add(`list ${name}`)
  if (!isList) noteValue(script, name, firstEdit, endEdit)
}

/** That a variable is given what was replaced from one edit to another. */
export function noteValue(script: ShellScript, name: string, firstEdit: number, endEdit: number): void {
  const edit = script.edits.slice(firstEdit, endEdit).find(isText)
  if (edit && !script.assigned.has(name)) script.assigned.set(name, edit)
}

function noteDeclaration(script: ShellScript, word: Word, isCalculated: boolean): void {
  const name = /^["']?([A-Za-z_][A-Za-z0-9_]*)/.exec(word.raw)?.[1]
  if (name === undefined) return
  if (isCalculated) script.calculated.add(name)
  const edit = script.edits.slice(word.firstEdit, word.endEdit).find(isText)
  noteValue(script, name, word.firstEdit, word.endEdit)
  // A builtin takes a text in brackets for a list where the variable is one.
  if (edit && !script.assigned.has(`list ${name}`)) script.assigned.set(`list ${name}`, edit)
}

const isText = ({ placeholder }: TemplateEdit) => placeholder !== undefined && placeholder.type !== 'Number'

function takesName(name: string, word: Word, rest: readonly Word[], index: number): boolean {
  if (naming.has(name)) return true
  if (!namingByOption.has(name)) return false
  const isTest = name === 'test' || name === '['
  // `printf -vname`
  if (!isTest && /^-[A-Za-z]*[vp]/.test(nameOf(word.raw)) && (name !== 'printf' || index === 0)) return true
  const before = rest[index - 1]
  if (before === undefined) return false
  // A value in its place could be the option.
  const mayBeOption = (isTest ? /^["']?(?:\{\{|\$)/ : /^["']?\{\{/).test(before.raw)
  return /^-[vRp]$/.test(nameOf(before.raw)) || (mayBeOption && (name !== 'printf' || index === 1))
}

function requireNumber(edit: TemplateEdit, name: string): void {
  if (!edit.placeholder) return
  if (isText(edit))
    throw new TemplateFault(
      edit.start,
      `${name} takes it for the name of a variable, calculates with it or expands it, which would make code of a text; only a parameter of type Number can stand there`,
    )
  edit.isInteger = true
}

function warn({ edits, warnings }: ShellScript, name: string, rest: readonly Word[]): void {
  const outer = baseOf(name)
  const inner = starting.has(outer) ? rest.findIndex(({ raw }) => parsingByOption.has(baseOf(nameOf(raw)))) : -1
  const base = inner < 0 ? outer : baseOf(nameOf(rest[inner]?.raw ?? ''))
  const letter = base === 'perl' ? 'e' : 'c'
  const option = rest.findIndex(
    ({ raw }, index) => index > inner && /^-[A-Za-z]+$/.test(nameOf(raw)) && nameOf(raw).endsWith(letter),
  )
  const byOption = parsingByOption.has(base) && option >= 0 ? rest.slice(option + 1, option + 2) : []
  const found = (parsing.has(base) ? rest : byOption).find(hasEdits)
  const edit = found && edits[found.firstEdit]
  if (edit)
    warnings.push({
      start: edit.start,
      message: `${base} reads its text as code, and the value with it; hand the value over as an argument or an environment variable`,
    })
}

const baseOf = (name: string) => name.split('/').at(-1) ?? ''
const nameOf = (raw: string) => raw.replace(/["'\\]/g, '')
