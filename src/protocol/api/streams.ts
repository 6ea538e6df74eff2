/** What a stream of GET /streams can be about. `place` is where it continues: that of the last event that was received. */
export type Topic =
  | { readonly kind: 'lists'; readonly place?: string | undefined }
  | { readonly kind: 'execution'; readonly id: string; readonly place?: string | undefined }
  | {
      readonly kind: 'output'
      readonly id: string
      readonly instanceId?: string | undefined
      readonly place?: string | undefined
    }

/** The place of a lists topic that was followed until this moment: it need not begin with everything. */
export const placeNow = 'now'

/** A topic as text without its place, which names it: `lists`, `execution/exec-1`, `output/exec-1/i-1`. */
export function nameTopic(topic: Topic): string {
  if (topic.kind === 'lists') return 'lists'
  const instance = topic.kind === 'output' && topic.instanceId !== undefined ? [topic.instanceId] : []
  return [topic.kind, topic.id, ...instance].map(encodeURIComponent).join('/')
}

/** A topic as it is asked for and as the id of its events: `execution/exec-1@12-40`. */
export const renderTopic = (topic: Topic): string =>
  topic.place === undefined ? nameTopic(topic) : `${nameTopic(topic)}@${topic.place}`

const pattern =
  /^(?:(?<lists>lists)|execution\/(?<execution>[\w.-]{1,64})|output\/(?<output>[\w.-]{1,64})(?:\/(?<instance>[\w.-]{1,64}))?)(?:@(?<place>[\w.,:-]{1,4096}))?$/

/** Undefined if it is none. */
export function parseTopic(text: string): Topic | undefined {
  const { lists, execution, output, instance, place } = pattern.exec(text)?.groups ?? {}
  if (lists !== undefined) return { kind: 'lists', place }
  if (execution !== undefined) return { kind: 'execution', id: execution, place }
  if (output !== undefined) return { kind: 'output', id: output, instanceId: instance, place }
  return undefined
}
