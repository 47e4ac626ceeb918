/** PSNR in dB, and shares, are read with so many decimals; a loss has any size. */
const decimals: Record<string, number> = {
  ...{ psnr: 2, ssim: 4, active: 3 },
  ...{ precision: 3, recall: 3, memorised: 3, nearest: 3 },
}

/** A figure of a training or an evaluation, by its name: `psnr`, `psnr-25`, `kl`. */
export function formatValue(name: string, value: number): string {
  const fixed = decimals[name.split('-')[0]!]
  return fixed === undefined ? Number(value.toPrecision(4)).toString() : value.toFixed(fixed)
}

/** All of them in one line: `loss 27.1, kl 1.8`. Their names are the field's, in every language. */
export const formatValues = (values: Record<string, number>): string =>
  Object.entries(values)
    .map(([name, value]) => `${name} ${formatValue(name, value)}`)
    .join(', ')

export const formatShape = (shape: readonly number[]): string => shape.join('×')
