import type { Results } from './export.js'
import { pastRoundOf } from './history.js'
import { storyOf } from './project.js'

/** The results as JSON: `{session, people, stories, rounds}`, one element at a time. */
export function* jsonExport({ id, name, stories, rounds }: Results): Generator<string> {
  yield `{"session":${JSON.stringify({ id, name })},"people":${JSON.stringify(peopleIn(rounds))},"stories":[`
  yield* elements(stories, storyOf)
  yield '],"rounds":['
  yield* elements(rounds, pastRoundOf)
  yield ']}\n'
}

function* elements<Element>(list: readonly Element[], viewOf: (element: Element) => unknown) {
  for (const [index, element] of list.entries()) {
    yield `${index === 0 ? '' : ','}${JSON.stringify(viewOf(element))}`
  }
}

/** The names, by id, of everybody who has voted, since they may have left. */
function peopleIn(rounds: Results['rounds']): Record<string, string> {
  return Object.fromEntries(
    rounds.flatMap(({ votes }) => votes.map(({ userId, name }) => [userId, name] as const)),
  )
}
