/// <reference types="vite/client" />

/** A catalogue as data: the URL of its texts, in the order of the English ones. */
declare module '*?texts' {
  const url: string
  export default url
}
