import type { ErrorDetail } from '../../../src-main/contract/errors.ts'
import type { MessageKey } from '../../../src-main/contract/messages/messages.ts'
import { ModelInterface } from '../../../src-main/contract/models.ts'

/** What a trial may leave open; `multiple` is always found. */
export type FieldName = Exclude<keyof ModelInterface, 'multiple'>

interface FieldTexts {
  label: MessageKey
  hint: MessageKey
  /** By the value as text. */
  options: Record<string, MessageKey>
}

export const interfaceFields: Record<FieldName, FieldTexts> = {
  layout: {
    label: 'ui.models.ask.layout',
    hint: 'ui.models.ask.layout.hint',
    options: { NCHW: 'ui.models.ask.layout.nchw', NHWC: 'ui.models.ask.layout.nhwc' },
  },
  channels: {
    label: 'ui.models.pictures',
    hint: 'ui.models.ask.channels.hint',
    options: { '3': 'ui.models.pictures.colour', '1': 'ui.models.pictures.gray' },
  },
  white: {
    label: 'ui.models.ask.white',
    hint: 'ui.models.ask.white.hint',
    options: { '1': 'ui.models.ask.white.1', '255': 'ui.models.ask.white.255' },
  },
  output: {
    label: 'ui.models.gives',
    hint: 'ui.models.ask.output.hint',
    options: { clean: 'ui.models.gives.clean', noise: 'ui.models.gives.noise' },
  },
  sigma: {
    label: 'ui.models.told',
    hint: 'ui.models.ask.sigma.hint',
    options: {
      none: 'ui.models.told.none',
      map: 'ui.models.told.map',
      number: 'ui.models.told.number',
    },
  },
}

const isFieldName = (name: string): name is FieldName => Object.hasOwn(interfaceFields, name)

/** The fields that a `model-ambiguous` error names; none for other errors. */
export const askedFields = ({ code, expected }: ErrorDetail): FieldName[] =>
  code === 'model-ambiguous' ? (expected ?? '').split(/,\s*/).filter(isFieldName) : []

/** Answers as the engine takes them: channels and white are numbers. */
export const toInterface = (answers: Partial<Record<FieldName, string>>): Partial<ModelInterface> =>
  ModelInterface.partial().parse(
    Object.fromEntries(
      Object.entries(answers).map(([name, value]) => [
        name,
        name === 'channels' || name === 'white' ? Number(value) : value,
      ]),
    ),
  ) as Partial<ModelInterface>
