import { describe, expect, it } from 'vitest'
import { darkroom } from '../support/cli.ts'

const commands = [
  ...['denoise', 'train', 'runs', 'compare', 'reconstruct', 'encode', 'decode', 'evaluate', 'export'],
  ...[
    'archive',
    'import',
    'map',
    'neighbours',
    'cluster',
    'anomaly',
    'classify',
    'interpolate',
    'traverse',
    'sample',
  ],
  ...['arithmetic', 'repeat'],
  ...['models', 'recipes', 'doctor'],
]

describe('a command line that is not understood', () => {
  it.each([
    [['denoise', 'a', '--out', 'o', '--sigma', '300'], '--sigma: expected auto | 0–255, received 300'],
    [['denoise', 'a', '--out', 'o', '--sigma', '-5'], '--sigma: expected auto | 0–255, received -5'],
    [['denoise', 'a', '--out', 'o', '--sigma='], '--sigma: expected auto | 0–255, received ""'],
    [
      ['denoise', 'a', '--out', 'o', '--format', 'bmp'],
      '--format: expected keep | jpeg | png | tiff | webp | avif, received bmp',
    ],
    [['denoise', 'a', '--out', 'o', '--jobs', '2.5'], '--jobs: expected 1–16, received 2.5'],
    [['denoise', 'a', '--out', 'o', '--tile', '32'], '--tile: expected auto | 64–8192, received 32'],
    [['denoise', 'a', '--out', 'o', '--engine', 'gpu'], '--engine: expected auto | traced | wasm | native'],
    [['denoise', 'a'], '--out <folder>: expected darkroom denoise [options] <sources...>, received nothing'],
    [
      ['denoise', '--out', 'o'],
      'sources: expected darkroom denoise [options] <sources...>, received nothing',
    ],
    [['denoise', 'a', '--out', 'o', '--sigm', '3'], '--sigm: expected --out --recursive --model --sigma'],
    [['evaluate', 'm', 'f', '--noise', 'gaussian', '--reference', 'r'], 'expected it without --reference'],
    [['evaluate', 'm', 'f', 'g'], 'expected darkroom evaluate [options] <model> <data>'],
    [
      ['train', 'a', '--recipe', 'r', '--out', 'o', '--epochs', '0'],
      '--epochs: expected 1–1000000, received 0',
    ],
    [
      ['train', 'a', '--recipe', 'r', '--out', 'o', '--seed', 'x'],
      '--seed: expected 0–2147483647, received x',
    ],
    [['train', 'a', '--recipe', 'r'], '--out <run>: expected darkroom train [options] [data...]'],
    [['export', 'r', '--out', 'o', '--format', 'pt'], '--format: expected onnx, received pt'],
    [['export', 'r', '--out', 'o', '--part', 'half'], '--part: expected model | encoder | decoder'],
    [['evaluate', 'r', 'd', '--split', 'rest'], '--split: expected training | validation | test | all'],
    [['reconstruct', 'r', '--out', 'o'], 'data: expected darkroom reconstruct [options] <run> <data>'],
    [['recipes', 'show'], 'recipe: expected darkroom recipes show [options] <recipe>'],
    [['frob'], `frob: expected ${commands.join(', ')}`],
    [['--lang', 'fr', 'models'], '--lang: expected en | ko, received fr'],
  ])('%j says in three lines: %s', async (argv, where) => {
    const { code, stdout, stderr } = await darkroom(argv)
    expect(code).toBe(2)
    expect(stdout).toBe('')
    const lines = stderr.trimEnd().split('\n')
    expect(lines).toHaveLength(3)
    expect(lines[0]).toBe('That is not a valid argument.')
    expect(lines[1]).toContain(where)
    expect(lines[2]).toContain('darkroom --help')
  })

  it('is told so in Korean when asked', async () => {
    const { stderr } = await darkroom(['denoise', 'a', '--out', 'o', '--sigma', '300', '--lang=ko'])
    expect(stderr).toContain('올바르지 않은 인수입니다.\n--sigma: 필요한 값 auto | 0–255, 받은 값 300\n')
  })

  it('shows a stack only with --verbose', async () => {
    const argv = ['denoise', 'a', '--out', 'o', '--model', 'no-such-model']
    expect((await darkroom(argv)).stderr).not.toMatch(/\n\s+at /)
    expect((await darkroom([...argv, '--verbose'])).stderr).toMatch(/\n\s+at /)
  })
})

describe('help', () => {
  it('lists the commands, and for each every option with what it accepts', async () => {
    const { code, stdout } = await darkroom(['--help'])
    expect(code).toBe(0)
    for (const command of commands) expect(stdout).toContain(`\n  ${command} `)
    const denoise = await darkroom(['denoise', '--help'])
    expect(denoise.stdout).toMatch(/--strength <N>[^-]+\(0–100;\s+default: 100\)/)
  })

  it.each([[], ...commands.map((command) => [command]), ['recipes', 'show']])(
    'is Korean throughout for %s',
    async (...command) => {
      const { stdout } = await darkroom([...command, '--help'], { env: { LANG: 'ko_KR.UTF-8' } })
      expect(stdout).toContain('사용법:')
      // Every description that commander or we wrote ends in a full stop or a parenthesis of ours.
      expect(stdout).not.toMatch(
        /Usage|Options:|Arguments:|Commands:|display help|default:|output the version/,
      )
    },
  )

  it('is no wider than the terminal, counting wide letters twice', async () => {
    const { stdout } = await darkroom(['denoise', '--help', '--lang', 'ko'], { terminal: { columns: 60 } })
    const columns = (line: string): number => line.length + (line.match(/[가-힣]/g)?.length ?? 0)
    for (const line of stdout.split('\n')) expect(columns(line), line).toBeLessThanOrEqual(60)
  })

  it('is shown, as an error, when no command is given', async () => {
    const { code, stdout, stderr } = await darkroom([])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain('Usage: darkroom')
  })
})

describe('models, recipes, doctor', () => {
  it.each(['models', 'recipes', 'doctor'])('%s answers in words and in JSON', async (command) => {
    const words = await darkroom([command])
    expect(words).toMatchObject({ code: 0, stderr: '' })
    const json = await darkroom([command, '--json'])
    expect(json).toMatchObject({ code: 0, stderr: '' })
    expect(JSON.parse(json.stdout)).toBeTypeOf('object')
  })

  it('doctor names every engine, which one is used, and why the others are not', async () => {
    const { stdout } = await darkroom(['doctor'])
    expect(stdout).toMatch(/^ {2}traced \S+: (in use|available)/m)
    expect(stdout).toMatch(/^ {2}native.*\. \S+/m)
    expect(stdout).toMatch(/^ {2}sharp \d/m)
    const korean = await darkroom(['doctor', '--lang', 'ko'])
    expect(korean.stdout).toMatch(/엔진:\n {2}traced/)
  })
})
