import { Option } from 'commander'
import type { z } from 'zod'
import { DarkroomError } from '../contract/errors.ts'
import type { MessageKey } from '../contract/messages/messages.ts'
import type { Cli } from './context.ts'
import { checkField } from './options.ts'

/** An option that takes numbers with commas between them. @param schema of each */
export const numbersOption = (cli: Cli, flags: string, key: MessageKey, schema: z.ZodType): Option => {
  const option = new Option(flags, cli.text(key))
  return option.argParser((text) => {
    const numbers = text.split(',').map((part) => (part.trim() === '' ? NaN : Number(part)))
    const file = option.long ?? flags
    if (!numbers.every(Number.isFinite))
      throw new DarkroomError('argument-invalid', {
        file,
        expected: cli.text('usage.numbers'),
        received: text === '' ? '""' : text,
      })
    for (const number of numbers) checkField(file, schema, number)
    return numbers
  })
}
