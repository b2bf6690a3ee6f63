import fc from 'fast-check'
import { nameOf } from '../../src/wire/personal-text.js'

const MAX = 50

const take = (text: string, lengthMax = MAX) => nameOf(text, lengthMax)

describe('names that people have (contract section 5, "Input")', () => {
  test.each([
    ['a plain one', 'Ada'],
    ['an emoji of three with a joiner', '👩‍💻'],
    ['a family, a two-letter flag, a keycap, a heart', '👨‍👩‍👧‍👦🇩🇪1️⃣❤️'],
    ['the flag of Scotland', '🏴󠁧󠁢󠁳󠁣󠁴󠁿'],
    ['a skin tone before a joiner', '🤷🏽‍♀️'],
    ['a burning heart', '❤️‍🔥'],
    ['a heart in text style', '❤︎'],
    ['Persian with a non-joiner', 'علی‌رضا می‌آید'],
    ['Persian after a letter that joins to no other', 'امیر‌حسین'],
    ['Sinhala with a joiner', 'ශ්‍රී ලංකා'],
    ['Malayalam with a joiner at the end', 'രാജന്‍'],
    ['Kannada with a non-joiner', 'ರಾಜ್‌ಕುಮಾರ್'],
    ['Telugu with a non-joiner at the end', 'రామ్‌'],
    ['Bengali with a joiner before the virama', 'র‍্যান্ডি'],
    ['Hindi conjunct kept open', 'क्‍ष'],
    ['a kanji in its family form', '渡邉󠄂'],
    ['Mongolian with a variation selector', 'ᠮᠣᠩᠭᠣᠯ᠋'],
    ['Vietnamese', 'Nguyễn Thị Mỹ Duyên'],
    ['Hebrew with points', 'שָׁלוֹם'],
    ['Tibetan', 'བསྟན་འཛིན'],
    ['braille, its blank between words', '⠁⠙⠁⠀⠃⠑⠗'],
    ['markup, which is text here', '<b>Ada</b>'],
  ])('%s is taken as it is', (_name, text) => {
    expect(take(text)).toEqual({ name: text.normalize('NFC') })
  })

  test.each([
    ['decomposed letters', 'Zoe\u0308', 'Zoë'],
    ['Hangul in pieces', '한글'.normalize('NFD'), '한글'],
    ['white space of all kinds', ' \u00a0Ada\u2003\u3000Lovelace ', 'Ada Lovelace'],
  ])('%s are put in order', (_name, text, name) => {
    expect(take(text)).toEqual({ name })
  })

  test.each([
    ['nothing', '', 'length'],
    ['only spaces', ' \u3000 ', 'length'],
    ['a null', 'A\u0000', 'characters'],
    ['a line break', 'A\nB', 'characters'],
    ['a line separator', 'A\u2028B', 'characters'],
    ['a C1 control', 'A\u0085B', 'characters'],
    ['a lone surrogate', 'A\ud800', 'characters'],
    ['a bidirectional override', 'Ada\u202etxt.exe', 'characters'],
    ['a bidirectional isolate', '\u2066Ada', 'characters'],
    ['a direction mark', 'Ada\u200f', 'characters'],
    ['a byte order mark at the start', '\ufeffAda', 'characters'],
    ['a zero-width space', '\u200b', 'characters'],
    ['a soft hyphen', 'A\u00adda', 'characters'],
    ['a Hangul filler', '\u3164', 'characters'],
    ['a half-width Hangul filler', '\uffa0', 'characters'],
    ['a combining grapheme joiner', '\u034f', 'characters'],
    ["Ada's twin", 'Ada\u034f', 'characters'],
    ['a variation selector', '\ufe0f', 'characters'],
    ['a letter with a variation selector', 'A\ufe0fda', 'characters'],
    ['a digit with a variation selector and no keycap', '1\ufe0f', 'characters'],
    ['a kanji with two variation selectors', '葛\u{e0100}\u{e0101}', 'characters'],
    ['a letter with an ideographic variation selector', 'A\u{e0100}', 'characters'],
    ['a Mongolian selector', '\u180b', 'characters'],
    ['a Khmer vowel that is inherent', '\u17b4', 'characters'],
    ['letters with a joiner', 'A\u200dda', 'characters'],
    ['letters with a non-joiner', 'A\u200cda', 'characters'],
    ['a joiner at the start', '\u200dAda', 'characters'],
    ['a joiner after an emoji', '👩\u200d', 'characters'],
    ['two joiners in an emoji', '👩\u200d\u200d💻', 'characters'],
    ['two selectors on an emoji', '❤\ufe0f\ufe0f', 'characters'],
    ['Persian with two non-joiners', 'می\u200c\u200cآید', 'characters'],
    ['Persian with a non-joiner at the end', 'می\u200c', 'characters'],
    ['Persian with a joiner', 'م\u200dی', 'characters'],
    ['two joiners after a virama', 'ශ්\u200d\u200dරී', 'characters'],
    ['tags without a flag', 'Ada\u{e0067}\u{e0062}', 'characters'],
    ['a flag whose tags do not end', '🏴\u{e0067}\u{e0062}', 'characters'],
    ["braille's blank", '\u2800', 'invisible'],
    ["braille's blanks and a space", '\u2800 \u2800', 'invisible'],
    ['a notehead without ink', '\u{1d159}', 'invisible'],
    ['a blank hieroglyph', '\u{13441}', 'invisible'],
    ['marks on nothing', '\u0301\u0302', 'invisible'],
    ['31 marks in a row', `a${'\u0316'.repeat(31)}`, 'marks'],
  ])('%s: refused (%#)', (_name, text, fault) => {
    expect(take(text)).toEqual({ fault })
  })

  test.each([
    ['letters', 'x', 50],
    ['letters outside the basic plane', '𝔸', 50],
    ['letters with a mark each that does not compose', 'x\u0301', 50],
    ['flags', '🇩🇪', 50],
    ['ideographs', '漢', 50],
  ])('50 %s pass and 51 do not', (_name, character) => {
    expect(take(character.repeat(MAX))).toEqual({ name: character.repeat(MAX) })
    expect(take(character.repeat(MAX + 1))).toEqual({ fault: 'length' })
  })

  test('one character may take more than eight bytes, but all may not average more than eight', () => {
    const family = '👨‍👩‍👧‍👦'
    expect(take(family, 4)).toEqual({ name: family })
    expect(take(family.repeat(2), 4)).toEqual({ fault: 'bytes' })
    expect(take(family.repeat(16))).toEqual({ name: family.repeat(16) })
    expect(take(family.repeat(17))).toEqual({ fault: 'bytes' })
  })

  test('what is far too long is not inspected: neither normalised nor trimmed', () => {
    expect(take(`${' '.repeat(500)}Ada`)).toEqual({ fault: 'length' })
    expect(take(`a${'\u0301'.repeat(16_000)}${'\u0323'.repeat(16_000)}`)).toEqual({ fault: 'length' })
  })
})

/** Characters of one cluster each, no two of which combine into one. */
const CLUSTERS = [
  'a',
  'Z',
  '7',
  'é',
  'e\u0323\u0302',
  'Ω',
  '漢',
  '각',
  'й',
  '!',
  '🦊',
  '👩‍💻',
  '🇩🇪',
  '👍🏽',
  '1️⃣',
  '葛󠄀',
]
/** Characters that may occur nowhere among them. */
const UNWANTED = [
  '\u0000',
  '\u009f',
  '\u061c',
  '\u200b',
  '\u200d',
  '\u200c',
  '\u202e',
  '\u2069',
  '\u3164',
  '\ufeff',
]

test('only the number of characters counts, whatever they consist of, within the limit in bytes', () => {
  const clusters = fc.array(fc.constantFrom(...CLUSTERS), { minLength: 1, maxLength: 14 })
  fc.assert(
    fc.property(clusters, (pieces) => {
      const text = pieces.join('')
      const fitsBytes = Buffer.byteLength(text.normalize('NFC')) <= 80 && text.length <= 80
      const expected = pieces.length <= 10 && fitsBytes
      expect('name' in take(text, 10)).toBe(expected)
    }),
    { numRuns: 2_000 },
  )
})

test('one unwanted character anywhere is enough', () => {
  const pieces = fc.array(fc.constantFrom(...CLUSTERS), { minLength: 1, maxLength: 8 })
  fc.assert(
    fc.property(pieces, fc.constantFrom(...UNWANTED), fc.nat(8), (clusters, unwanted, at) => {
      // Two pictographs and a joiner are an emoji, even if no font has it.
      fc.pre(unwanted !== '\u200d' || !/\p{Extended_Pictographic}/u.test(clusters[at] ?? ''))
      const text = clusters.toSpliced(at, 0, unwanted).join('')
      expect(take(text)).toEqual({ fault: 'characters' })
    }),
    { numRuns: 2_000 },
  )
})

/** Default ignorable code points, as the standard's file lists them (DerivedCoreProperties.txt). */
const IGNORABLE: readonly (readonly [number, number])[] = [
  [0xad, 0xad],
  [0x34f, 0x34f],
  [0x61c, 0x61c],
  [0x115f, 0x1160],
  [0x17b4, 0x17b5],
  [0x180b, 0x180f],
  [0x200b, 0x200f],
  [0x202a, 0x202e],
  [0x2060, 0x206f],
  [0x3164, 0x3164],
  [0xfe00, 0xfe0f],
  [0xfeff, 0xfeff],
  [0xffa0, 0xffa0],
  [0xfff0, 0xfff8],
  [0x1bca0, 0x1bca3],
  [0x1d173, 0x1d17a],
  [0xe0000, 0xe0fff],
]
const isIgnorable = (code: number) => IGNORABLE.some(([first, last]) => first <= code && code <= last)
const isControl = (code: number) => code < 0x20 || (code >= 0x7f && code <= 0x9f)
/** Joiners, variation selectors, and the tags of a flag. */
const isExcusable = (code: number) =>
  [0x200c, 0x200d, 0x180b, 0x180c, 0x180d, 0x180f].includes(code) ||
  (code >= 0xfe00 && code <= 0xfe0f) ||
  (code >= 0xe0061 && code <= 0xe01ef)

const codesOf = (text: string) => [...text].map((character) => character.codePointAt(0) ?? 0)

/** Any text, and texts rich in what matters here. */
const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc
    .array(
      fc.constantFrom(
        ...CLUSTERS,
        ...UNWANTED,
        ...['م', 'ی', '්', 'ර', '\u0301', '\ufe0f', '\u{e0101}', '\u034f', ' ', '\u2800', '🏴', '\u{e0067}'],
      ),
      { maxLength: 30 },
    )
    .map((pieces) => pieces.join('')),
)

test('whatever is accepted is clean and visible; whatever is refused has the fault that is named', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const kept = take(text)
      if ('fault' in kept) {
        const codes = codesOf(text)
        const hasUnseen = codes.some((code) => isIgnorable(code) || isControl(code) || /\p{Cf}/u.test(text))
        const isOdd = hasUnseen || /[\u2028\u2029]/.test(text) || !text.isWellFormed()
        if (kept.fault === 'characters') expect(isOdd).toBe(true)
        if (kept.fault === 'length') expect(text.trim() === '' || text.length > MAX).toBe(true)
        if (kept.fault === 'invisible') expect(/[A-Za-z0-9]/.test(text)).toBe(false)
        return
      }
      const { name } = kept
      const codes = codesOf(name)
      expect(name).toBe(name.normalize('NFC').trim())
      expect(name).not.toMatch(/\s\s|[^\S ]/u)
      expect(Buffer.byteLength(name)).toBeLessThanOrEqual(8 * MAX)
      expect(codes.filter((code) => isControl(code))).toEqual([])
      expect(codes.filter((code) => isIgnorable(code) && !isExcusable(code))).toEqual([])
      expect(codes.some((code) => code > 0x20 && !isIgnorable(code))).toBe(true)
      expect(name).not.toMatch(
        /^(?:\p{Join_Control}|\ufe0f)|[A-Za-z](?:\p{Join_Control}|\ufe0f)|\p{Join_Control}{2}/u,
      )
      expect(take(name)).toEqual({ name })
    }),
    { numRuns: 10_000 },
  )
})

/** Combining class 9 in Unicode 14 (UnicodeData.txt). */
const VIRAMAS =
  '94d 9cd a4d acd b4d bcd c4d ccd d3b d3c d4d dca e3a eba f84 1039 103a 1714 1715 1734 17d2 1a60 1b44 1baa 1bab 1bf2 1bf3 2d7f a806 a82c a8c4 a953 a9c0 aaf6 abed 10a3f 11046 11070 1107f 110b9 11133 11134 111c0 11235 112ea 1134d 11442 114c2 115bf 1163f 116b6 1172b 11839 1193d 1193e 119e0 11a34 11a47 11a99 11c3f 11d44 11d45 11d97'
    .split(' ')
    .map((code) => String.fromCodePoint(Number.parseInt(code, 16)))

test('a joiner is accepted after every virama and after no other mark', () => {
  for (const virama of VIRAMAS)
    expect(take(`क${virama}\u200d`)).toEqual({ name: `क${virama}\u200d`.normalize('NFC') })
  const others = ['\u093c', '\u0941', '\u0301', '\u3099', '\u05b0', '\u0e38', '\u0345', '\u0f71']
  for (const mark of others) expect(take(`क${mark}\u200d`)).toEqual({ fault: 'characters' })
})
