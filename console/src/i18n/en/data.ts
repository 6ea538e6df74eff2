import type { ClientError } from '../../../../src/client/client-error.ts'
import { plural } from '../plural.ts'

/** What is wrong, and what to do about it. */
interface ExplainedError {
  readonly message: string
  readonly next: string
}

/** Texts shared by all tables, forms and messages. */
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
  copyFailed: 'Could not copy. Select the text and copy it manually.',
  requestId: (id: string) => `Request ${id}`,
  errorCode: (code: string) => `Error ${code}`,
  explainError: ({ message, next }: ClientError): ExplainedError => ({ message, next }),
  matches: (count: number) => plural(count, 'match', 'matches'),
  noMatch: 'No matches',
  clearFilter: 'Clear filter',
  findByName: 'Find by name',
  previousPage: 'Previous page',
  nextPage: 'Next page',
  pageNumber: (page: number) => `Page ${page}`,
  moreAtServer: 'Load more',
  tags: {
    hint: 'One name=value per line, for example env=prod.',
    wrong: (line: string) => `"${line}" does not have the form name=value.`,
    twice: (name: string) => `The tag "${name}" is duplicated.`,
    tooLong: (name: string, limit: number) =>
      `The tag "${name}" is too long. Names and values can have up to ${limit} characters.`,
    tooMany: (limit: number) => `You can set up to ${limit} tags.`,
  },
  shownOnce: 'This is shown only once and cannot be retrieved later. Store it in a safe place.',
  parameters: { given: '(set)', changed: 'changed (secret)' },
  planChanged: {
    title: 'The plan has changed since you reviewed it',
    detail: 'Nothing has been started. Review the updated plan below and confirm again.',
  },
}
