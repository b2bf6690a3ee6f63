/** The columns of a story in a table exported from a tracker. */
export type StoryColumn = 'title' | 'key' | 'link' | 'notes' | 'estimate'

/** The index of each column; `title` has several if a tree was exported level by level. */
export type ColumnPlaces = Readonly<Record<Exclude<StoryColumn, 'title'>, number | null>> & {
  readonly title: readonly number[]
}

/**
 * The column names in exports of Jira, GitHub, Azure DevOps, Linear and this server, in lower case and
 * trimmed; the first match counts.
 */
const NAMES: Readonly<Record<StoryColumn, readonly string[]>> = {
  title: ['title', 'summary', 'story', 'issue', 'subject', 'name'],
  key: ['key', 'issue key', 'id', 'identifier', 'number', 'issue number', 'work item id'],
  link: ['link', 'url', 'issue url', 'issue link', 'html_url', 'web url', 'permalink'],
  notes: ['notes', 'description', 'body'],
  estimate: [
    'estimate',
    'story points',
    'story point estimate',
    'custom field (story points)',
    'custom field (story point estimate)',
    'points',
    'effort',
    'size',
  ],
}

/** Longer than any known column name. */
const NAME_LENGTH_MAX = 100

/** Azure DevOps exports a tree with one title column per level. */
const TITLE_LEVEL = /^title [1-9]$/

/**
 * Finds the columns by the names in a table's first row. Of repeated names (Jira repeats some) the first
 * counts.
 * @returns `null` without a title column
 */
export function columnPlaces(header: readonly string[]): ColumnPlaces | null {
  const names = header.map((name) =>
    name.length > NAME_LENGTH_MAX ? '' : name.trim().replaceAll(/\s+/g, ' ').toLowerCase(),
  )
  const place = (column: StoryColumn) => {
    const name = NAMES[column].find((candidate) => names.includes(candidate))
    return name === undefined ? null : names.indexOf(name)
  }
  const levels = [...names.keys()].filter((index) => TITLE_LEVEL.test(names[index] ?? ''))
  const title = place('title')
  const titles = levels.length > 0 ? levels : title === null ? [] : [title]
  if (titles.length === 0) return null
  return {
    title: titles,
    key: place('key'),
    link: place('link'),
    notes: place('notes'),
    estimate: place('estimate'),
  }
}
