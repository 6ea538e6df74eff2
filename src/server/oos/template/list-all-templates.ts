import { z } from 'zod'
import { showAccount } from '../../app/access/show-account.ts'
import { listFavorites } from '../../app/extension/favorite-templates.ts'
import { listTemplates } from '../../app/extension/read-templates.ts'
import type { OosCall } from '../operation.ts'
import type { PublicTemplate } from '../public-template/public-template.ts'
import { publicTemplates } from '../public-template/public-templates.ts'
import { makeOosPage, parseNextToken } from '../rpc/next-token.ts'
import {
  presentListedPublicTemplate,
  presentListedTemplate,
  publicAuthor,
  type TemplateFields,
} from './present-template.ts'
import {
  comparePlaces,
  placeOfPublicTemplate,
  placeOfTemplate,
  sortOf,
  type TemplatePlace,
  type TemplateSortField,
} from './template-order.ts'

interface TemplateListRequest {
  readonly TemplateName?: string | undefined
  readonly TemplateType?: 'Automation' | 'State' | 'Package' | undefined
  readonly TemplateFormat?: 'JSON' | 'YAML' | undefined
  readonly ShareType?: 'Private' | 'Public' | undefined
  readonly CreatedBy?: string | undefined
  readonly CreatedDateAfter?: Date | undefined
  readonly CreatedDateBefore?: Date | undefined
  readonly ResourceGroupId?: string | undefined
  readonly Tags?: Readonly<Record<string, string>> | undefined
  readonly Category?: string | undefined
  readonly HasTrigger?: boolean | undefined
  readonly IsExample?: boolean | undefined
  readonly IsFavorite?: boolean | undefined
  readonly SortField: TemplateSortField
  readonly SortOrder: 'Ascending' | 'Descending'
  readonly MaxResults: number
  readonly NextToken?: string | undefined
}

interface Entry {
  readonly place: TemplatePlace
  readonly present: () => TemplateFields
}

/**
 * Lists the account's templates from the database and the few public ones in one order and one
 * sequence of pages.
 */
export async function listAllTemplates(call: OosCall, request: TemplateListRequest) {
  const { MaxResults, SortField, SortOrder } = request
  const after = parsePlace(request)
  const sign = SortOrder === 'Descending' ? -1 : 1
  const entries = [...(await findOwn(call, request, after)), ...(await findPublic(call, request, after, sign))]
  const page = makeOosPage(
    'ListTemplates',
    entries.toSorted((a, b) => sign * comparePlaces(a.place, b.place)),
    MaxResults,
    ({ place }) => [SortField, SortOrder, ...place],
    ({ present }) => present(),
  )
  return { MaxResults, NextToken: page.NextToken, Templates: page.items }
}

/** A token is a position in one sort order and invalid in another. */
function parsePlace({ NextToken, SortField, SortOrder }: TemplateListRequest): TemplatePlace | undefined {
  const value = isCounted(SortField)
    ? z.int()
    : z.string().refine((text) => SortField === 'TemplateName' || !Number.isNaN(Date.parse(text)))
  const schema = z.tuple([z.literal(SortField), z.literal(SortOrder), value, z.string()])
  const [, , sorted, name] = parseNextToken('ListTemplates', NextToken, schema) ?? []
  return sorted === undefined || name === undefined ? undefined : [sorted, name]
}

const isCounted = (field: TemplateSortField) => field === 'TotalExecutionCount' || field === 'Popularity'

/** Filters that match no template here return an empty list. */
const asksForNothing = ({ Category, HasTrigger, IsExample }: TemplateListRequest) =>
  Category !== undefined || HasTrigger === true || IsExample === true

async function findOwn(
  { context, actor }: OosCall,
  request: TemplateListRequest,
  after: TemplatePlace | undefined,
): Promise<Entry[]> {
  const { ShareType, TemplateType = 'Package', SortField, SortOrder, MaxResults } = request
  if (ShareType === 'Public' || TemplateType !== 'Package' || asksForNothing(request)) return []
  const filter = {
    name: request.TemplateName,
    tags: request.Tags,
    resourceGroup: request.ResourceGroupId,
    createdBy: request.CreatedBy,
    createdFrom: request.CreatedDateAfter,
    createdTo: request.CreatedDateBefore,
    format: request.TemplateFormat,
    isFavorite: request.IsFavorite,
  }
  const rows = await listTemplates(context, actor, filter, {
    sort: sortOf[SortField],
    descending: SortOrder === 'Descending',
    after,
    limit: MaxResults + 1,
  })
  return rows.map((row) => ({
    place: placeOfTemplate(SortField, row),
    present: () => presentListedTemplate(row, showAccount(context, actor.accountId)),
  }))
}

async function findPublic(
  { context, actor }: OosCall,
  request: TemplateListRequest,
  after: TemplatePlace | undefined,
  sign: 1 | -1,
): Promise<Entry[]> {
  const { ShareType, SortField, IsFavorite } = request
  if (ShareType === 'Private' || asksForNothing(request)) return []
  const asked = publicTemplates.filter((template) => isAskedFor(template, request))
  const names = asked.map(({ name }) => name)
  const favorites = names.length > 0 ? await listFavorites(context, actor, names) : new Set()
  return asked
    .filter(({ name }) => IsFavorite === undefined || IsFavorite === favorites.has(name))
    .map((template) => ({
      place: placeOfPublicTemplate(SortField, template),
      present: () => presentListedPublicTemplate(template, favorites.has(template.name)),
    }))
    .filter(({ place }) => after === undefined || sign * comparePlaces(place, after) > 0)
}

/** Public templates are of type Automation, in YAML, and have neither tags nor a resource group. */
function isAskedFor({ name, createdAt }: PublicTemplate, request: TemplateListRequest): boolean {
  const created = Date.parse(createdAt)
  return (
    (request.TemplateType ?? 'Automation') === 'Automation' &&
    (request.TemplateFormat ?? 'YAML') === 'YAML' &&
    (request.CreatedBy ?? publicAuthor) === publicAuthor &&
    request.ResourceGroupId === undefined &&
    request.Tags === undefined &&
    name.toLowerCase().includes((request.TemplateName ?? '').toLowerCase()) &&
    created >= (request.CreatedDateAfter?.getTime() ?? created) &&
    created <= (request.CreatedDateBefore?.getTime() ?? created)
  )
}
