import { plural } from '../plural.ts'

/** What every table, form and message has. */
export const data = {
  loading: 'Loading',
  tryAgain: 'Try again',
  refresh: 'Refresh',
  cancel: 'Cancel',
  save: 'Save',
  close: 'Close',
  create: 'Create',
  delete: 'Delete',
  done: 'Done',
  none: '–',
  never: 'Never',
  copy: 'Copy',
  copied: 'Copied',
  copyFailed: 'Could not be copied: select it and copy it by hand',
  requestId: (id: string) => `Request ${id}`,
  errorCode: (code: string) => `Error ${code}`,
  matches: (count: number) => plural(count, 'match', 'matches'),
  noMatch: 'Nothing matches the filter',
  clearFilter: 'Clear the filter',
  findByName: 'Find by name',
  previousPage: 'Previous page',
  nextPage: 'Next page',
  pageNumber: (page: number) => `Page ${page}`,
  moreAtServer: 'Load more',
  tags: {
    hint: 'One name=value on a line, such as env=prod.',
    wrong: (line: string) => `"${line}" is not a name=value.`,
    twice: (name: string) => `The tag "${name}" is there twice.`,
    tooLong: (name: string, limit: number) =>
      `The tag "${name}" is too long: names and values have ${limit} letters at most.`,
    tooMany: (limit: number) => `There can be ${limit} tags at most.`,
  },
  shownOnce: 'This is shown once. Keep it in a safe place: the server has only what it needs to recognise it.',
  parameters: { given: '(given)', changed: 'changed (secret)' },
  planChanged: {
    title: 'The plan has changed since it was shown',
    detail: 'Nothing was started. The plan below is what would be done now; check it and confirm again.',
  },
}
