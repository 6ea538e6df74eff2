import { expect, it } from 'vitest'
import { parse } from 'yaml'
import { sha256Of } from '../../../lib/digest.ts'
import { findPublicTemplate, publicTemplates } from './public-templates.ts'

const references = /\{\{ *([A-Za-z]+) *\}\}/g

it.each(publicTemplates)('the content of $name matches its declaration', (template) => {
  const content = parse(template.content)
  expect(content.FormatVersion).toBe('OOS-2019-06-01')
  expect(Object.keys(content.Parameters)).toEqual(Object.keys(template.parameters))
  for (const [name, { default: value, allowedValues, type }] of Object.entries(template.parameters)) {
    expect(content.Parameters[name]).toMatchObject({ Type: type })
    expect(content.Parameters[name].Default).toEqual(value)
    expect(content.Parameters[name].AllowedValues).toEqual(allowedValues)
  }
  expect(content.Tasks.map((task: { Name: string }) => task.Name)).toEqual([
    template.selectTask,
    template.loopTask.name,
  ])
  expect(template.hash).toBe(sha256Of(template.content))
})

it.each(publicTemplates)('$name refers only to its own parameters', ({ content, parameters }) => {
  const named = [...content.matchAll(references)].map(([, name]) => name).filter((name) => name !== 'name')
  expect(named.length).toBeGreaterThan(3)
  for (const name of named) expect(Object.keys(parameters)).toContain(name)
})

it('each has a unique id and is found by its name', () => {
  const ids = publicTemplates.map(({ templateId }) => templateId)
  expect(new Set(ids).size).toBe(ids.length)
  for (const id of ids) expect(id).toMatch(/^t-[0-9a-f]{20}$/)
  for (const template of publicTemplates) expect(findPublicTemplate(template.name)).toBe(template)
  expect(findPublicTemplate('ACS-ECS-Nothing')).toBeUndefined()
})
