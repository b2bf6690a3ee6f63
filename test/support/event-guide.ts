import { type EventType, meaningOf } from '../../src/wire/events.js'
import type { Frame } from './sse.js'

/** The guide's section of examples: a frame of each type, its envelope laid out for reading. */
export function exampleSection(examples: ReadonlyMap<EventType, Frame>): string {
  return [...examples].map(([type, frame]) => example(type, frame)).join('\n\n')
}

/** The examples in a guide, as {@link exampleSection} wrote them. */
export function examplesIn(guide: string): { readonly id: string | undefined; readonly envelope: unknown }[] {
  return [
    ...guide.matchAll(/^### `\w+`\n\n.*\n\n(?:`id: (\d+)`|No `id:`)\n\n```json\n([\s\S]*?)\n```/gm),
  ].map(([, id, json = '']) => ({ id, envelope: JSON.parse(json) }))
}

function example(type: EventType, { id, data }: Frame): string {
  const number = id === undefined ? 'No `id:`' : `\`id: ${id}\``
  return [
    `### \`${type}\``,
    meaningOf(type),
    number,
    `\`\`\`json\n${JSON.stringify(data, null, 2)}\n\`\`\``,
  ].join('\n\n')
}
