/** Topics of GET /streams. `place` is the cursor: that of the last received event. */
export type Topic =
  | { readonly kind: 'lists'; readonly place?: string | undefined }
  | { readonly kind: 'execution'; readonly id: string; readonly place?: string | undefined }
  | {
      readonly kind: 'output'
      readonly id: string
      readonly instanceId?: string | undefined
      readonly place?: string | undefined
    }

/** A cursor for a lists topic that was followed until now: it need not start with everything. */
export const placeNow = 'now'

/** A topic as text without its cursor: `lists`, `execution/exec-1`, `output/exec-1/i-1`. */
export function nameTopic(topic: Topic): string {
  if (topic.kind === 'lists') return 'lists'
  const instance = topic.kind === 'output' && topic.instanceId !== undefined ? [topic.instanceId] : []
  return [topic.kind, topic.id, ...instance].map(encodeURIComponent).join('/')
}

/** A topic in a request and as the id of its events: `execution/exec-1@12-40`. */
export const renderTopic = (topic: Topic): string =>
  topic.place === undefined ? nameTopic(topic) : `${nameTopic(topic)}@${topic.place}`

const pattern =
  /^(?:(?<lists>lists)|execution\/(?<execution>[\w.-]{1,64})|output\/(?<output>[\w.-]{1,64})(?:\/(?<instance>[\w.-]{1,64}))?)(?:@(?<place>[\w.,:-]{1,4096}))?$/

/** Undefined if the text is invalid. */
export function parseTopic(text: string): Topic | undefined {
  const { lists, execution, output, instance, place } = pattern.exec(text)?.groups ?? {}
  if (lists !== undefined) return { kind: 'lists', place }
  if (execution !== undefined) return { kind: 'execution', id: execution, place }
  if (output !== undefined) return { kind: 'output', id: output, instanceId: instance, place }
  return undefined
}
