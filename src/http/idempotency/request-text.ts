/**
 * The text of a JSON value, different for every value. `JSON.stringify` calls itself for every level, and a
 * client's state may have more of them than the stack has room for.
 */
export function flatText(value: unknown): string {
  let text = ''
  const left = [value]
  while (left.length > 0) {
    const one = left.pop()
    if (typeof one === 'string') text += `${one.length}"${one}`
    else if (typeof one !== 'object' || one === null) text += `${one},`
    else if (Array.isArray(one)) {
      text += `${one.length}[`
      for (const item of one) left.push(item)
    } else {
      const names = Object.keys(one)
      text += `${names.length}{`
      for (const name of names) left.push(Reflect.get(one, name), name)
    }
  }
  return text
}
