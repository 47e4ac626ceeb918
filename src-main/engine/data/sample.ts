/**
 * A picture, a crop of one, or a row of numbers (width = its length, height 1, one channel): samples around [0, 1],
 * interleaved, row-major. With four channels the last is straight alpha.
 */
export interface Sample {
  width: number
  height: number
  channels: 1 | 3 | 4
  data: Float32Array
}
