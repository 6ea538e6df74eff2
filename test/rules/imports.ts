import { isNode, parseSource, placeOf, textOfTemplate, walkTree } from './syntax-tree.ts'

export interface Import {
  /** As written: `../core/id.ts`, `node:fs`, `zod`. */
  readonly specifier: string
  /**
   * `static` and `type` are `import … from` and `export … from`; `dynamic` is `import(…)` with a
   * value, `type` also covers `import('…').T`.
   */
  readonly kind: 'static' | 'type' | 'dynamic'
  readonly place: string
}

/** A specifier that is computed at run time; the rules refuse it, because they cannot check it. */
export const unknownSpecifier = '<computed>'

const specifierOf = (source: unknown) =>
  isNode(source) && source.type === 'Literal'
    ? String(source.value)
    : isNode(source) && source.type === 'TemplateLiteral' && (source.expressions as unknown[]).length === 0
      ? textOfTemplate(source)
      : unknownSpecifier

/** Every import of a file: static, re-exported, type-only, dynamic, and `require`. */
export function findImports(path: string, text: string): Import[] {
  const tree = parseSource(path, text)
  const imports: Import[] = []
  walkTree(tree.root, (node) => {
    const add = (kind: Import['kind'], source: unknown) =>
      imports.push({ specifier: specifierOf(source), kind, place: placeOf(tree, node) })
    switch (node.type) {
      case 'ImportDeclaration':
        return add(node.importKind === 'type' ? 'type' : 'static', node.source)
      case 'ExportAllDeclaration':
      case 'ExportNamedDeclaration':
        return isNode(node.source) ? add(node.exportKind === 'type' ? 'type' : 'static', node.source) : undefined
      case 'ImportExpression':
        return add('dynamic', node.source)
      case 'TSImportType':
        return add('type', node.source)
      case 'TSExternalModuleReference':
        return add('static', node.expression)
      case 'CallExpression':
        return isNode(node.callee) && node.callee.name === 'require'
          ? add('static', (node.arguments as unknown[])[0])
          : undefined
    }
  })
  return imports
}
