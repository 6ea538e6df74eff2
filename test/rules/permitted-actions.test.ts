// Reason: a button that the user may not use is disabled and says why. A page that draws a plain button for an action
// offers what the server refuses, and no test of that page notices, because tests sign in as the administrator.
import { expect, test } from 'vitest'
import { listSourceFiles, readProjectFile } from './project-files.ts'
import { isNode, parseSource, walkTree } from './syntax-tree.ts'

const own = 'what every user may do: their own sign-in, password and sessions'
const draft = 'changes what the page shows or the user types, nothing on the server'

/** How many plain buttons each page has, and what they do. Every other action is a `PermittedButton` or `PermittedMenu`. */
const plainButtons: Readonly<Record<string, readonly [count: number, what: string]>> = {
  'access/access-table.tsx': [2, 'refresh and clear the filter'],
  'access/audit/audit-pages.tsx': [3, 'turn pages'],
  'access/audit/audit-tab.tsx': [2, 'refresh and clear the filter'],
  'access/key/secret-shown.tsx': [1, 'closes'],
  'access/user/password-field.tsx': [1, draft],
  'access/user/sessions-tab.tsx': [1, own],
  'automation/automation-table.tsx': [1, 'refreshes'],
  'automation/deliveries-table.tsx': [1, 'refreshes'],
  'batch/confirm-step.tsx': [2, 'go back'],
  'batch/form-step.tsx': [2, 'leave, and the next step'],
  'batch/operation/command-view.tsx': [1, 'downloads what the page shows'],
  'batch/targets/instance-picker.tsx': [3, draft],
  'execution/batches/batch-lanes.tsx': [1, 'shows more'],
  'execution/execution-page.tsx': [1, 'link to a list'],
  'execution/failure-groups.tsx': [1, 'shows tasks'],
  'execution/list/executions-page.tsx': [1, 'shows more'],
  'execution/log/log-toolbar.tsx': [3, 'download and search the log on the page'],
  'execution/tasks/task-panel.tsx': [1, 'closes'],
  'execution/tasks/tasks-tab.tsx': [2, 'refresh and clear the filter'],
  'execution/waiting-notice.tsx': [1, 'shows tasks'],
  'extension/extensions-table.tsx': [2, 'clear the filter, and link to the wizard'],
  'extension/no-public-extensions.tsx': [1, 'link to a list'],
  'extension/versions-table.tsx': [1, 'compares versions'],
  'extension/wizard/configuration/configuration-card.tsx': [2, draft],
  'extension/wizard/configuration/configurations-step.tsx': [1, draft],
  'extension/wizard/configuration/package-facts-view.tsx': [1, draft],
  'extension/wizard/configuration/package-field.tsx': [3, draft],
  'extension/wizard/configuration/script-editor.tsx': [1, draft],
  'extension/wizard/configuration/scripts-editor.tsx': [1, draft],
  'extension/wizard/extension-wizard.tsx': [1, draft],
  'extension/wizard/leave-dialog.tsx': [3, draft],
  'extension/wizard/parameter/parameter-editor.tsx': [1, draft],
  'extension/wizard/parameter/parameters-editor.tsx': [1, draft],
  'extension/wizard/review-step.tsx': [1, draft],
  'extension/wizard/update-extension-page.tsx': [1, 'link to a list'],
  'instance/enrol/enrol-command.tsx': [1, 'closes'],
  'instance/extensions/instance-extensions.tsx': [1, 'clears the filter'],
  'instance/instance-history.tsx': [2, 'turn pages'],
  'instance/instance-page.tsx': [1, 'link to a list'],
  'instance/list/instances-empty.tsx': [1, 'clears the filter'],
  'instance/list/instances-filter.tsx': [1, 'clears the filter'],
  'instance/list/instances-header.tsx': [3, 'export the list, and select rows'],
  'instance/list/instances-pager.tsx': [1, 'turns pages'],
  'sign-in/sign-in-page.tsx': [2, own],
}

const components = ['Button', 'ButtonDropdown', 'ButtonGroup']

function countPlainButtons(path: string, text: string): number {
  let count = 0
  walkTree(parseSource(path, text).root, (node) => {
    if (node.type !== 'JSXOpeningElement' || !isNode(node.name)) return
    const { name } = node.name
    if (typeof name === 'string' && components.includes(name)) count += 1
  })
  return count
}

const folder = 'console/src/page/'

test('pages offer actions with the permission that they need', () => {
  const found = listSourceFiles()
    .filter((path) => path.startsWith(folder) && path.endsWith('.tsx'))
    .map((path): [string, number] => [path.slice(folder.length), countPlainButtons(path, readProjectFile(path))])
    .filter(([, count]) => count > 0)
  const expected = Object.entries(plainButtons).map(([path, [count]]) => [path, count])
  const help =
    'use PermittedButton or PermittedMenu of console/src/app for what changes the server; for what does not, correct the count in this test'
  expect(Object.fromEntries(found), help).toEqual(Object.fromEntries(expected))
})

test.each([
  '<Button onClick={remove}>{texts.remove}</Button>',
  '<Button iconName="edit" onClick={edit} />',
  '<ButtonDropdown items={items}>{texts.more}</ButtonDropdown>',
  '<ButtonGroup items={items} variant="icon" />',
  'rows.map((row) => <Button key={row.id}>{texts.remove}</Button>)',
])('a planted plain button is seen: %s', (text) => {
  expect(countPlainButtons('planted.tsx', `const planted = ${text}`)).toBe(1)
})

test.each([
  '<PermittedButton permission={permission}>{texts.remove}</PermittedButton>',
  '<PermittedMenu items={items}>{texts.more}</PermittedMenu>',
  '"<Button />"',
])('what only looks alike is allowed: %s', (text) => {
  expect(countPlainButtons('allowed.tsx', `const allowed = ${text}`)).toBe(0)
})
