import type { Command, Option } from 'commander'

export const shells = ['bash', 'zsh', 'fish'] as const
export type CompletionShell = (typeof shells)[number]

/** A command with its possible arguments; `path` is the typed prefix, such as `execution show`. */
interface Entry {
  readonly path: string
  readonly words: readonly { readonly word: string; readonly description: string }[]
  /** Allowed values, by option. */
  readonly values: readonly { readonly flags: readonly string[]; readonly choices: readonly string[] }[]
  /** The next argument is a file or folder. */
  readonly takesFiles: boolean
}

/** A completion script generated from the program: completion starts no process. */
export function writeCompletion(shell: CompletionShell, program: Command): string {
  const entries = entriesOf(program, '')
  switch (shell) {
    case 'bash':
      return bash(program.name(), entries)
    case 'zsh':
      return `autoload -U +X bashcompinit && bashcompinit\n${bash(program.name(), entries)}`
    case 'fish':
      return fish(program.name(), entries)
  }
}

function entriesOf(command: Command, path: string): Entry[] {
  const subcommands = command
    .createHelp()
    .visibleCommands(command)
    .filter((sub) => sub.name() !== 'help')
  const options = command.createHelp().visibleOptions(command)
  const entry: Entry = {
    path,
    words: [
      ...subcommands.map((sub) => ({ word: sub.name(), description: sub.description() })),
      ...options.map((option) => ({ word: option.long ?? option.short ?? '', description: option.description })),
    ],
    values: [
      ...options.flatMap((option) =>
        option.argChoices ? [{ flags: flagsOf(option), choices: option.argChoices }] : [],
      ),
      ...command.registeredArguments.flatMap(({ argChoices }) =>
        argChoices ? [{ flags: [''], choices: argChoices }] : [],
      ),
    ],
    takesFiles: command.registeredArguments.some((argument) => argument.name() === 'dir'),
  }
  return [entry, ...subcommands.flatMap((sub) => entriesOf(sub, `${path} ${sub.name()}`.trim()))]
}

const flagsOf = ({ short, long }: Option) => [short, long].filter((flag) => flag !== undefined)

/** The command words before the cursor form the path; options and their values are skipped. */
function bash(name: string, entries: readonly Entry[]): string {
  const cases = entries.map(({ path, words, values, takesFiles }) => {
    const choices = values.flatMap(({ flags, choices }) =>
      flags.filter(Boolean).map((flag) => `        ${flag}) words="${choices.join(' ')}" ;;`),
    )
    const own = values.filter(({ flags }) => flags.includes('')).flatMap(({ choices }) => choices)
    const all = [...words.map(({ word }) => word), ...own].join(' ')
    return [
      `    "${path}")`,
      '      case "$previous" in',
      ...choices,
      `        *) words="${all}"${takesFiles ? '; files=-d' : ''} ;;`,
      '      esac ;;',
    ].join('\n')
  })
  const paths = entries.map(({ path }) => `"${path}"`).join('|')
  return `# Completion of ${name}; made by "${name} completion".
_${name}() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" path="" word words="" files="" i
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${path:+$path }\${COMP_WORDS[i]}"
    case "$word" in
      ${paths}) path="$word" ;;
    esac
  done
  case "$path" in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen $files -W "$words" -- "$current"))
}
complete -o default -F _${name} ${name}
`
}

function fish(name: string, entries: readonly Entry[]): string {
  const quote = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
  const lines = entries.flatMap(({ path, words, values }) => {
    const condition = quote(`__${name}_at ${path}`.trim())
    const choicesOf = (flag: string) => values.find(({ flags }) => flags.includes(flag))?.choices
    const own = values.filter(({ flags }) => flags.includes('')).flatMap(({ choices }) => choices)
    return [
      ...words.map(({ word, description }) => {
        const choices = choicesOf(word)
        const what = word.startsWith('--')
          ? `-l ${word.slice(2)}${choices ? ` -x -a ${quote(choices.join(' '))}` : ''}`
          : `-f -a ${word}`
        return `complete -c ${name} -n ${condition} ${what} -d ${quote(description)}`
      }),
      ...own.map((word) => `complete -c ${name} -n ${condition} -f -a ${word}`),
    ]
  })
  const paths = entries.map(({ path }) => path).filter(Boolean)
  return `# Completion of ${name}; made by "${name} completion".
function __${name}_at
    set -l path
    for word in (commandline -opc)[2..-1]
        if contains -- "$path $word" ${paths.map((path) => quote(` ${path}`)).join(' ')}
            set path "$path $word"
        end
    end
    test (string trim -- "$path") = "$argv"
end
${lines.join('\n')}
`
}
