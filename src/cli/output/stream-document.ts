import { stringify } from 'yaml'
import type { OutputFormat } from './format.ts'
import type { Sink } from './sink.ts'

/**
 * Prints a document whose last field is a list, page by page: the output equals that of printing it
 * at once, but only one page is in memory.
 */
export async function streamDocument(
  sink: Sink,
  format: Exclude<OutputFormat, 'table'>,
  head: Readonly<Record<string, unknown>>,
  list: { readonly name: string; readonly items: AsyncIterable<unknown> },
): Promise<void> {
  const write = format === 'json' ? writeJson : writeYaml
  await write(sink, head, list)
}

async function writeJson(
  sink: Sink,
  head: Readonly<Record<string, unknown>>,
  { name, items }: { readonly name: string; readonly items: AsyncIterable<unknown> },
): Promise<void> {
  // Up to its closing brace; the list is the last field.
  sink.write(JSON.stringify({ ...head, [name]: [] }, null, 2).replace(/\[\]\n\}$/, '['))
  let separator = '\n'
  for await (const item of items) {
    sink.write(`${separator}${indent(JSON.stringify(item, null, 2))}`)
    separator = ',\n'
    await sink.drained()
  }
  sink.line(separator === '\n' ? ']\n}' : '\n  ]\n}')
}

const indent = (text: string) => text.replace(/^/gm, '    ')

async function writeYaml(
  sink: Sink,
  head: Readonly<Record<string, unknown>>,
  { name, items }: { readonly name: string; readonly items: AsyncIterable<unknown> },
): Promise<void> {
  const options = { aliasDuplicateObjects: false, lineWidth: 0 }
  sink.write(stringify(head, options))
  let isEmpty = true
  for await (const item of items) {
    if (isEmpty) sink.line(`${name}:`)
    isEmpty = false
    sink.write(stringify([item], options).replace(/^/gm, '  ').replace(/ +$/, ''))
    await sink.drained()
  }
  if (isEmpty) sink.line(`${name}: []`)
}
