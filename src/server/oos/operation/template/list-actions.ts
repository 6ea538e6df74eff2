import { z } from 'zod'
import { defineOperation } from '../../operation.ts'
import type { PublicTemplate } from '../../public-template/public-template.ts'
import { publicTemplates } from '../../public-template/public-templates.ts'
import { maxResults, nextToken, text } from '../../rpc/fields.ts'
import { makeOosPage, parseNextToken } from '../../rpc/next-token.ts'
import { showTime } from '../../rpc/show-time.ts'

const name = 'ListActions'

export const listActions = defineOperation({
  name,
  state: 'works',
  parameters: z.strictObject({
    OOSActionName: text(200).optional(),
    MaxResults: maxResults(),
    NextToken: nextToken(),
  }),
  resources: () => [],
  async run(_call, { OOSActionName = '', MaxResults, NextToken }) {
    const [after = ''] = parseNextToken(name, NextToken, z.tuple([z.string()])) ?? []
    const part = OOSActionName.toLowerCase()
    const found = actions.filter(
      (action) => action.OOSActionName > after && action.OOSActionName.toLowerCase().includes(part),
    )
    const page = makeOosPage(
      name,
      found,
      MaxResults,
      (action) => [action.OOSActionName],
      (action) => action,
    )
    return { Actions: page.items, MaxResults, NextToken: page.NextToken }
  },
})

/** Atomic: belongs to no template, and so to no version of one. */
const selectTargets = {
  OOSActionName: 'ACS::SelectTargets',
  ActionType: 'Atomic.API',
  Description: 'Finds the instances that are meant.',
  Properties: JSON.stringify({
    ResourceType: { Type: 'String', Description: 'What is looked for: ALIYUN::ECS::Instance.' },
    RegionId: { Type: 'String', Description: 'Region of the instances; this server has one.' },
    Filters: { Type: 'List', Description: 'Which are meant: a list of one value of targets.' },
  }),
  Popularity: 0,
  TemplateVersion: '',
  CreatedDate: '2025-12-15T00:00:00Z',
}

const showLoopAction = ({ loopTask, parameters, description, version, createdAt }: PublicTemplate) => ({
  OOSActionName: loopTask.action,
  ActionType: 'Product.ECS',
  Description: description.en,
  Properties: JSON.stringify({
    regionId: { Type: 'String', Description: 'Region of the instance; this server has one.' },
    instanceId: { Type: 'String', Description: 'The instance.' },
    ...Object.fromEntries(
      Object.keys(loopTask.properties).map((property) => [
        property,
        { Type: parameters[property]?.type, Description: parameters[property]?.description.en },
      ]),
    ),
  }),
  Popularity: 0,
  TemplateVersion: version,
  CreatedDate: showTime(new Date(createdAt)),
})

/** The actions of the public templates' tasks, each once: as in the first template that uses it. */
const actions = [selectTargets, ...publicTemplates.map(showLoopAction)]
  .filter((action, index, all) => all.findIndex((other) => other.OOSActionName === action.OOSActionName) === index)
  .toSorted((a, b) => (a.OOSActionName < b.OOSActionName ? -1 : 1))
