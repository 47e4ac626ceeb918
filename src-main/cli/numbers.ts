import { Option } from 'commander'
import { DarkroomError } from '../contract/errors.ts'
import type { MessageKey } from '../contract/messages/messages.ts'
import type { Cli } from './context.ts'

/** An option that takes numbers with commas between them; what they may be is for the job to check. */
export const numbersOption = (cli: Cli, flags: string, key: MessageKey): Option => {
  const option = new Option(flags, cli.text(key))
  return option.argParser((text) => {
    const numbers = text.split(',').map((part) => (part.trim() === '' ? NaN : Number(part)))
    if (numbers.every(Number.isFinite)) return numbers
    throw new DarkroomError('argument-invalid', {
      file: option.long ?? flags,
      expected: cli.text('usage.numbers'),
      received: text === '' ? '""' : text,
    })
  })
}
