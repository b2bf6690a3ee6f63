/**
 * The figures, each one path in a square of 32, filled by the even-odd rule. Paths instead of symbols: a
 * table's sixteen are drawn in one frame, and a symbol costs three elements where a path is one.
 */
export const FIGURE_PATHS = [
  'M7 16a9 9 0 1 0 18 0a9 9 0 1 0 -18 0z',
  'M7 15a9 9 0 0 1 18 0zM7 17a9 9 0 0 0 9 9v-9zM18 17h7a9 9 0 0 1-7 8.8z',
  'M7 7h9a9 9 0 0 1 9 9v9h-9a9 9 0 0 1-9-9z',
  'M7 7h9v9a9 9 0 0 1-9-9zM25 7v9h-9a9 9 0 0 1 9-9zM25 25h-9v-9a9 9 0 0 1 9 9zM7 25v-9h9a9 9 0 0 1-9 9z',
  'M7 7h6v4H7zM7 14h12v4H7zM7 21h18v4H7z',
  'M16 6a10 10 0 1 0 0 20 10 10 0 0 0 0-20zm0 4a6 6 0 1 1 0 12 6 6 0 0 1 0-12zM13 16a3 3 0 1 0 6 0a3 3 0 1 0 -6 0z',
  'M7 25V7l18 18zM17 11a4 4 0 1 0 8 0a4 4 0 1 0 -8 0z',
  'M6 16a6 6 0 1 0 12 0a6 6 0 1 0 -12 0zM20 10a6 6 0 1 1 0 12 6 6 0 0 1-1.7-.3 8 8 0 0 0 0-11.4A6 6 0 0 1 20 10z',
  'M13 6h6v7h7v6h-7v7h-6v-7H6v-6h7z',
  'M7 15a9 9 0 0 1 18 0zM7 26a9 9 0 0 1 18 0z',
  'M16 5l11 11-11 11L5 16zm0 7l-4 4 4 4 4-4z',
  'M7 26V15a9 9 0 0 1 18 0v11zm6 0h6V15a3 3 0 0 0-6 0z',
  'M8 11a3 3 0 1 0 6 0a3 3 0 1 0 -6 0zM18 11a3 3 0 1 0 6 0a3 3 0 1 0 -6 0zM8 21a3 3 0 1 0 6 0a3 3 0 1 0 -6 0zM16 21a5 5 0 1 0 10 0a5 5 0 1 0 -10 0z',
  'M6 16a5 5 0 0 1 10 0zM16 16a5 5 0 0 0 10 0zM6 21h20v4H6zM6 7h20v2H6z',
  'M16 6l9 14H7zM7 22h18v4H7z',
  'M7 7h18l-9 9zM16 16l9 9H7z',
] as const
