import { concatBytes, latin1, viewOf } from './bytes.ts'

/** Photoshop image resources: `8BIM`, id, Pascal name padded to even, length, data padded to even (Adobe, 2019). */
const iptcResource = 0x0404

/** The IPTC records (IIM) among Photoshop image resources, or null. */
export function iptcOf(resources: Uint8Array): Uint8Array | null {
  const view = viewOf(resources)
  for (let at = 0; at + 12 <= resources.length && latin1(resources.subarray(at, at + 4)) === '8BIM';) {
    const id = view.getUint16(at + 4)
    const nameSize = resources[at + 6]! + 1
    const sizeAt = at + 6 + nameSize + (nameSize & 1)
    if (sizeAt + 4 > resources.length) return null
    const size = view.getUint32(sizeAt)
    if (id === iptcResource) return resources.slice(sizeAt + 4, sizeAt + 4 + size)
    at = sizeAt + 4 + size + (size & 1)
  }
  return null
}

/** IPTC records (IIM) wrapped as the only Photoshop image resource. */
export function resourcesOf(iptc: Uint8Array): Uint8Array {
  const head = new Uint8Array(12)
  head.set([0x38, 0x42, 0x49, 0x4d])
  viewOf(head).setUint16(4, iptcResource)
  viewOf(head).setUint32(8, iptc.length)
  return concatBytes([head, iptc, new Uint8Array(iptc.length & 1)])
}
