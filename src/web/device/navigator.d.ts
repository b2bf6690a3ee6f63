/* Members of Chromium's navigator that are not in the common standards. */

interface Battery extends EventTarget {
  /** 0 to 1. */
  readonly level: number
}

interface NetworkInformation extends EventTarget {
  /** Such as `4g`, `2g`, `slow-2g`. */
  readonly effectiveType?: string
}

/** A window that stays on top of all others. */
interface DocumentPictureInPicture {
  requestWindow(size: { readonly width: number; readonly height: number }): Promise<Window>
}

interface Window {
  readonly documentPictureInPicture?: DocumentPictureInPicture
}

interface Navigator {
  readonly getBattery?: () => Promise<Battery>
  readonly connection?: NetworkInformation
}
