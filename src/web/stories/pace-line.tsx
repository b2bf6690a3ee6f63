import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { serverNow } from '../server-clock.js'
import type { Table } from '../table/table.js'
import { language, say } from '../words/say.js'
import { type Pace, paceOf } from './pace.js'

/** "About 4 min each, done about 15:40": computed again with each estimate. */
export function PaceLine({ table }: { readonly table: Table }) {
  const pace = useSignal<Pace | null>(null)
  const all = table.backlog.stories.value.length
  const estimated = table.backlog.estimated.value.length
  useEffect(() => {
    if (estimated === 0) return
    let isWanted = true
    table.client.commands.history().then(
      (rounds) => {
        if (isWanted) pace.value = paceOf(rounds, all - estimated, serverNow())
      },
      // The line is not essential.
      () => {},
    )
    return () => {
      isWanted = false
    }
  }, [table, all, estimated, pace])
  if (pace.value === null) return null
  // In the user's own time format, if it is in the page's language.
  const locale = navigator.languages.find((tag) => tag.startsWith(language.value)) ?? language.value
  const clock = new Intl.DateTimeFormat(locale, { hour: 'numeric', minute: '2-digit' })
  const { minutesEach, doneAt } = pace.value
  return <span>{say('pace', { count: minutesEach, time: clock.format(doneAt) })}</span>
}
