// An epoch of small autoencoders on Fashion-MNIST (20,000 images, batches of 128, Adam), as the trainer does it, samples drawn and
// shuffled: every engine at hand against PyTorch's fp32 eager mode on the same networks, in turns.
//   npx tsx bench/epochs.ts [folder: ../shared/data/fashion_mnist] [rounds: 5] [engines: traced,wasm,native] [threads: 2] [recipes]
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { filesBelow, machine, median, printTable, python, root } from './support.ts'
import { engineNames, type EngineName } from '../src-main/contract/engines.ts'
import { openBackend } from '../src-main/engine/backend/select.ts'
import { openTraining } from '../src-main/engine/jobs/training-data.ts'
import { createRandom } from '../src-main/engine/numeric/random.ts'
import { loadRecipe } from '../src-main/engine/storage/recipes.ts'
import { drawAhead } from '../src-main/engine/training/draw-ahead.ts'
import { planTraining, positionOf } from '../src-main/engine/training/plan.ts'
import { createPrograms } from '../src-main/engine/training/programs.ts'
import { initialState, optimizerValues } from '../src-main/engine/training/step.ts'

const [
  folder = join(root, '../shared/data/fashion_mnist'),
  rounds = '5',
  engines = engineNames.join(),
  cores = '2',
  recipes = 'undercomplete,conv-vae',
] = process.argv.slice(2)
const threads = Number(cores)

const [images] = await filesBelow(folder, /images.*idx3.*$/)
const home = await mkdtemp(join(tmpdir(), 'darkroom-'))

/** Trains the recipe on all images, an epoch at a time: a function that says how many milliseconds the next one took. */
async function openEpochs(engine: EngineName, name: string) {
  const overrides = ['split.validation=0', 'split.test=0', 'epochs=1']
  const recipe = await loadRecipe(name, join(root, 'assets'), overrides)
  const backend = await openBackend(engine, { threads })
  const training = await openTraining({
    ...{ backend, recipe, home, product: '', source: { sources: [images!], labels: null } },
    ...{ signal: new AbortController().signal, onProgress: () => undefined },
  })
  const { task } = training
  const plan = planTraining(recipe, task)
  const [stage] = task.stages
  const { optimizer } = recipe
  const first = initialState(optimizer, task.init(createRandom(1)), stage!)
  const programs = createPrograms(backend, optimizer, task, first)
  let loss = NaN
  const steps = async (count: number): Promise<number> => {
    const started = performance.now()
    const nextBatch = drawAhead(plan, task, 0)
    for (let step = 0; step < count; step++) {
      const batch = await nextBatch()
      const program = await programs.at(positionOf(plan, step))
      const outputs = await program.run({ ...batch, ...optimizerValues(optimizer, optimizer.rate, step) })
      loss = outputs['loss']!.data[0]!
    }
    return performance.now() - started
  }
  await steps(20)
  return {
    epoch: () => steps(plan.steps),
    loss: () => loss,
    async close() {
      await programs.dispose()
      await training.close()
      await backend.close()
    },
  }
}

interface Row {
  name: string
  ms: number[]
  loss: number
}

for (const recipe of recipes.split(',')) {
  const rows: Row[] = []
  const ours: { row: Row; epochs: Awaited<ReturnType<typeof openEpochs>> }[] = []
  for (const engine of engineNames.filter((one) => engines.split(',').includes(one)))
    try {
      const row: Row = { name: `ours, ${engine}`, ms: [], loss: NaN }
      ours.push({ row, epochs: await openEpochs(engine, recipe) })
      rows.push(row)
    } catch (error) {
      console.log(`${engine}: left out (${error instanceof Error ? error.message : String(error)})`)
    }
  const theirs: Row = { name: 'PyTorch fp32 eager', ms: [], loss: NaN }
  rows.push(theirs)
  const options = ['--network', recipe, '--threads', `${threads}`, '--batch', '128']
  for (let round = 0; round < Number(rounds); round++) {
    for (const { row, epochs } of ours) {
      row.ms.push(await epochs.epoch())
      row.loss = epochs.loss()
    }
    const [answer] = python<{ ms: number; loss: number }>('torch/train_epochs.py', [images!, ...options])
    theirs.ms.push(answer!.ms)
    theirs.loss = answer!.loss
  }
  for (const { epochs } of ours) await epochs.close()

  console.log(`\n${machine()}; ${recipe}, ${threads} threads, medians of ${rounds} epochs`)
  printTable(
    ['', 'seconds an epoch', 'this / PyTorch'],
    rows.map(({ name, ms }) => [
      name,
      (median(ms) / 1000).toFixed(2),
      (median(ms) / median(theirs.ms)).toFixed(2),
    ]),
  )
}
await rm(home, { recursive: true })
