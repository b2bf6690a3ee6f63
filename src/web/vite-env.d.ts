/// <reference types="vite/client" />

/** A catalogue as data: where its texts are, in the order of the English ones. */
declare module '*?texts' {
  const url: string
  export default url
}
