import type { TemplateSort, TemplateView } from '../../app/extension/read-templates.ts'
import type { PublicTemplate } from '../public-template/public-template.ts'

export const templateSortFields = [
  'TotalExecutionCount',
  'Popularity',
  'TemplateName',
  'CreatedDate',
  'UpdatedDate',
] as const
export type TemplateSortField = (typeof templateSortFields)[number]

/** The position of an entry in a list: its sort value (an instant as ISO text), and its name. */
export type TemplatePlace = readonly [value: string | number, name: string]

export const sortOf: Readonly<Record<TemplateSortField, TemplateSort>> = {
  TotalExecutionCount: 'executionCount',
  Popularity: 'popularity',
  TemplateName: 'name',
  CreatedDate: 'createdAt',
  UpdatedDate: 'updatedAt',
}

export function placeOfTemplate(field: TemplateSortField, row: TemplateView): TemplatePlace {
  switch (field) {
    case 'TotalExecutionCount':
      return [row.executionCount, row.name]
    case 'Popularity':
      return [-1, row.name]
    case 'TemplateName':
      return [row.name, row.name]
    case 'CreatedDate':
      return [row.createdAt.toISOString(), row.name]
    case 'UpdatedDate':
      return [row.updatedAt.toISOString(), row.name]
  }
}

export function placeOfPublicTemplate(field: TemplateSortField, { name, createdAt }: PublicTemplate): TemplatePlace {
  switch (field) {
    case 'TotalExecutionCount':
      return [-1, name]
    case 'Popularity':
      return [0, name]
    case 'TemplateName':
      return [name, name]
    case 'CreatedDate':
    case 'UpdatedDate':
      return [new Date(createdAt).toISOString(), name]
  }
}

/** The database's sort order: ISO texts and names by code point. */
export function comparePlaces([a, aName]: TemplatePlace, [b, bName]: TemplatePlace): number {
  if (a !== b) return a < b ? -1 : 1
  return aName < bName ? -1 : aName > bName ? 1 : 0
}
