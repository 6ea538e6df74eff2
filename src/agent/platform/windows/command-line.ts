/**
 * Quotes an argument as the C runtime of Windows programs splits command lines: backslashes are
 * literal except before a quotation mark.
 */
export function quoteArgument(argument: string): string {
  if (argument !== '' && !/[\s"]/.test(argument)) return argument
  return `"${argument.replace(/(\\*)"/g, '$1$1\\"').replace(/(\\+)$/, '$1$1')}"`
}

export const renderCommandLine = (argv: readonly string[]): string => argv.map(quoteArgument).join(' ')

/**
 * Arguments of cmd.exe that run a command line whose console uses UTF-8. cmd takes everything
 * between the first and the last quotation mark as it is (/s). No AutoRun of the registry (/d).
 */
export const renderCmdArguments = (command: string): string => `/d /e:on /v:off /s /c "chcp 65001 >nul & ${command}"`
