import { type ResultLine, type Results, resultLines } from './export.js'

const MINUTE_MS = 60_000
/** Characters with a meaning in Markdown, or in HTML within it. */
const MARKUP = /[\\`*_[\]<>|~&]/g

/** The results to paste into an issue or a chat: a table, then the notes. */
export function* markdownExport(results: Results): Generator<string> {
  yield `# ${escaped(results.name)}\n\n${summary(results)}\n`
  let hasHead = false
  for (const line of resultLines(results)) {
    if (!hasHead) yield `\n| Story | Estimate | Average | Agreement | Votes |\n|---|---|---|---|---|\n`
    hasHead = true
    yield `| ${cellsOf(line).join(' | ')} |\n`
  }
  let hasNotes = false
  for (const { title, notes } of results.stories) {
    if (notes === null) continue
    if (!hasNotes) yield '\n## Notes\n'
    hasNotes = true
    yield `\n### ${escaped(title)}\n\n${notes.split('\n').map(quotedLine).join('\n')}\n`
  }
}

function summary({ stories, rounds }: Results): string {
  const estimated = stories.filter(({ estimate }) => estimate !== null).length
  const minutes = Math.round(rounds.reduce((sum, { durationMs }) => sum + durationMs, 0) / MINUTE_MS)
  const parts = [
    ...(stories.length === 0
      ? []
      : [`${estimated} of ${counted(stories.length, 'story', 'stories')} estimated`]),
    counted(rounds.length, 'round', 'rounds'),
    ...(minutes === 0 ? [] : [counted(minutes, 'minute', 'minutes')]),
  ]
  return `${parts.join(', ')}.`
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`
}

function cellsOf({ title, link, estimate, round }: ResultLine): string[] {
  const { average = null, agreement = null } = round?.statistics ?? {}
  return [
    link === null ? escaped(title) : `[${escaped(title)}](<${link}>)`,
    estimate === null ? '–' : `**${escaped(estimate)}**`,
    String(average ?? '–'),
    agreement === null ? '–' : `${Math.round(agreement * 100)} %`,
    votesCell(round),
  ]
}

function votesCell(round: ResultLine['round']): string {
  if (round === null) return '–'
  if (!round.isAnonymous) {
    return round.votes.map(({ name, value }) => `${escaped(name)} ${escaped(value ?? '')}`).join(', ') || '–'
  }
  const counts = Object.entries(round.statistics.distribution)
  return counts.map(([card, count]) => `${count} × ${escaped(card)}`).join(', ') || '–'
}

function quotedLine(line: string): string {
  return line.trim() === '' ? '>' : `> ${escaped(line).replace(/^ ?(?=#)/, '\\')}`
}

/** Text that is shown literally and notifies nobody, as an `@name` would in a chat. */
function escaped(text: string): string {
  return text
    .replaceAll(/\s+/g, ' ')
    .replaceAll(MARKUP, (character) =>
      character === '<' ? '&lt;' : character === '&' ? '&amp;' : `\\${character}`,
    )
    .replaceAll('@', '@\u2060')
}
