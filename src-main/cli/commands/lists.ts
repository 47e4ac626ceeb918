import type { Command } from 'commander'
import type { DoctorReport, Engine, EngineStatus } from '../../contract/engine.ts'
import { isMessageKey } from '../../contract/messages/messages.ts'
import type { Cli } from '../context.ts'

export const addDoctor = (program: Command, cli: Cli): void =>
  void addQuestion(program, cli, 'doctor', (engine) => engine.doctor(), doctorLines)

/** Opens an engine for one question. */
export async function withEngine<Answer>(
  cli: Cli,
  ask: (engine: Engine) => Promise<Answer>,
): Promise<Answer> {
  const engine = cli.openEngine()
  try {
    return await ask(engine)
  } finally {
    await engine.close()
  }
}

/** A command that asks the engine one thing and prints the answer, as lines or as one JSON document. */
export function addQuestion<Answer>(
  program: Command,
  cli: Cli,
  name: 'models' | 'recipes' | 'doctor',
  ask: (engine: Engine) => Promise<Answer>,
  linesOf: (cli: Cli, answer: Answer) => string[],
): Command {
  return program
    .command(name)
    .description(cli.text(`command.${name}`))
    .option('--json', cli.text('option.json'))
    .action(async ({ json = false }: { json?: boolean }) => {
      const answer = await withEngine(cli, ask)
      if (json) cli.host.stdout.write(`${JSON.stringify(answer, null, 2)}\n`)
      else linesOf(cli, answer).forEach(cli.out)
    })
}

function doctorLines(cli: Cli, report: DoctorReport): string[] {
  const gibibytes = (bytes: number): string => (bytes / 2 ** 30).toFixed(1)
  const { version, node, platform, cpu, cores, memory, engines, libraries } = report
  return [
    cli.text('doctor.version', { version, node, platform }),
    cli.text('doctor.processor', { cpu, cores }),
    cli.text('doctor.memory', { free: gibibytes(memory.free), total: gibibytes(memory.total) }),
    cli.text('doctor.engines'),
    ...engines.map((engine) => `  ${engineLine(cli, engine)}`),
    cli.text('doctor.libraries'),
    ...Object.entries(libraries).map(([name, installed]) => `  ${name} ${installed}`),
  ]
}

function engineLine(cli: Cli, status: EngineStatus): string {
  const { name, version, threads, available, inUse, why, received, device } = status
  const said = why !== null && isMessageKey(why) ? cli.text(why) : (why ?? '')
  const reason = [said, received === null ? '' : `(${received})`].filter(Boolean).join(' ')
  if (!available) return cli.text('doctor.engine-missing', { name, why: reason })
  const facts = { name: device === null ? name : `${name} (${device})`, version: version ?? '', threads }
  if (inUse) return cli.text('doctor.engine-in-use', facts)
  return cli.text('doctor.engine-available', { ...facts, why: reason })
}
