/**
 * Whether a value from a JSON text takes at most this many bytes of it. A value that is far too large is
 * detected before it is serialised, however deep or wide it is.
 */
export function isJsonWithin(value: unknown, bytesMax: number): boolean {
  return (
    isRoughlyWithin(value, bytesMax) && new TextEncoder().encode(JSON.stringify(value)).length <= bytesMax
  )
}

/** A lower bound: one byte per character, and one per value. */
function isRoughlyWithin(value: unknown, unitsMax: number): boolean {
  const open = [value]
  let left = unitsMax
  while (open.length > 0) {
    const one = open.pop()
    left -= typeof one === 'string' ? one.length + 1 : 1
    if (typeof one === 'object' && one !== null) {
      const names = Array.isArray(one) ? [] : Object.keys(one)
      const inner: readonly unknown[] = Array.isArray(one) ? one : Object.values(one)
      left -= names.reduce((units, name) => units + name.length, 0)
      if (open.length + inner.length > left) return false
      open.push(...inner)
    }
    if (left < 0) return false
  }
  return true
}
