/** What msiexec is asked to do. */
export type MsiCommand =
  | {
      readonly action: 'install'
      /** Path of the package. */
      readonly path: string
      /** The product is installed already, in this or another version: its files are written again. */
      readonly isPresent: boolean
      /** Values by the names of properties. */
      readonly properties: Readonly<Record<string, string>>
    }
  | { readonly action: 'uninstall'; readonly productCode: string }

/** The limit of Windows for a command line, less the path of msiexec. */
const maxCommandLine = 32_000

/**
 * The arguments of msiexec as they are, without further quoting: without windows, without a reboot
 * of its own, with a verbose log. In values of properties a quotation mark is written twice.
 * @throws RangeError for a value that no command line can carry
 */
export function renderMsiArguments(command: MsiCommand, logPath: string): string {
  const shared = ['/qn', '/norestart', '/l*v', quote(logPath)]
  if (command.action === 'uninstall') return ['/x', command.productCode, ...shared].join(' ')
  const properties = Object.entries(command.properties).map(([name, value]) => {
    if (value.includes('\0')) throw new RangeError(`the value of ${name} holds a zero byte`)
    return `${name}="${value.replaceAll('"', '""')}"`
  })
  // Rewrite files of the same and of older versions, the registry and shortcuts, from this package.
  const again = command.isPresent ? ['REINSTALL=ALL', 'REINSTALLMODE=vomus'] : []
  const line = ['/i', quote(command.path), ...shared, ...again, ...properties].join(' ')
  if (line.length > maxCommandLine)
    throw new RangeError(`the values of the parameters are too long for a command line (${maxCommandLine} characters)`)
  return line
}

/** A path contains no quotation mark; a trailing backslash would protect the closing one. */
const quote = (path: string) => `"${path.replace(/\\+$/, '')}"`
