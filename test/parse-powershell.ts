import { createRequire } from 'node:module'

/** A node of a syntax tree, as tree-sitter gives it. */
export interface SyntaxNode {
  readonly type: string
  readonly text: string
  readonly startIndex: number
  readonly startPosition: { readonly row: number }
  readonly hasError: boolean
  readonly isMissing: boolean
  readonly parent: SyntaxNode | null
  readonly children: readonly SyntaxNode[]
  readonly nextNamedSibling: SyntaxNode | null
}
interface TreeSitter {
  readonly Parser: {
    init(): Promise<void>
    new (): { setLanguage(language: unknown): void; parse(text: string): { readonly rootNode: SyntaxNode } }
  }
  readonly Language: { load(path: string): Promise<unknown> }
}

const require = createRequire(import.meta.url)
const { Parser, Language } = require('@vscode/tree-sitter-wasm') as TreeSitter

/**
 * A parser for PowerShell, which cannot run here: the grammar that editors highlight scripts with. It accepts what PowerShell
 * accepts, and knows nothing of commands and their parameters.
 */
export async function createPowerShellParser(): Promise<(text: string) => SyntaxNode> {
  await Parser.init()
  const parser = new Parser()
  parser.setLanguage(await Language.load(require.resolve('@vscode/tree-sitter-wasm/wasm/tree-sitter-powershell.wasm')))
  return (text) => parser.parse(text).rootNode
}

/** A node and all below it, in the order of the text. */
export const listNodes = (node: SyntaxNode): SyntaxNode[] => [node, ...node.children.flatMap(listNodes)]

/** Lines, from 1, at which the text is not PowerShell. */
export const findSyntaxErrors = (root: SyntaxNode): number[] =>
  listNodes(root).flatMap((node) => (node.type === 'ERROR' || node.isMissing ? [node.startPosition.row + 1] : []))
