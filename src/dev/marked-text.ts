import { readFileSync } from 'node:fs'

/**
 * The text of a file, with new content between the comments `<!-- mark:begin -->` and `<!-- mark:end -->`.
 * @throws when the file has no such comments
 */
export function between(path: string, mark: string, content: string): string {
  const text = readFileSync(path, 'utf8')
  const [begin, end] = [`<!-- ${mark}:begin -->`, `<!-- ${mark}:end -->`]
  const [from, to] = [text.indexOf(begin), text.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`${path} has no place for ${mark}`)
  return `${text.slice(0, from + begin.length)}\n\n${content}\n\n${text.slice(to)}`
}
