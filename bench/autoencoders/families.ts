/** A training of the comparison. */
export interface Entry {
  /** Name of its run folder. */
  run: string
  recipe: string
  overrides?: string[]
}

/** What the page says of a family of autoencoders, in the order of the page. */
export interface Family {
  recipe: string
  title: string
  /** GitHub draws this as mathematics. */
  formula: string
  paper: string
  words: string
}

export const protocol = { epochs: 20, seed: 1 }
/** Epochs of pretraining for each of the three layers of `stacked`. */
const pretraining = 5

export const families: Family[] = [
  {
    recipe: 'undercomplete',
    title: 'Undercomplete',
    formula: String.raw`h = \mathrm{relu}(W_1 x + b_1),\quad \hat x = \sigma(W_2 h + b_2),\quad L = \lVert \hat x - x \rVert^2`,
    paper:
      'Rumelhart, Hinton & Williams, *Nature* 323, 1986; Goodfellow, Bengio & Courville, *Deep Learning*, §14.1, 2016',
    words:
      'The picture must pass through 64 numbers, so the network cannot copy it and has to find out what pictures have in common. With linear layers it would find the same space as PCA.',
  },
  {
    recipe: 'deep',
    title: 'Deep',
    formula: String.raw`h = f_3(f_2(f_1(x))),\quad \hat x = g_1(g_2(g_3(h))),\quad L = \lVert \hat x - x \rVert^2`,
    paper: 'Hinton & Salakhutdinov, *Science* 313, 2006',
    words:
      'Three layers each way, trained as one. Curved layers can bend around the data where PCA must lay a flat sheet through them, which counts most when few numbers are left.',
  },
  {
    recipe: 'stacked',
    title: 'Stacked',
    formula: String.raw`\text{for } k = 1, 2, 3:\ \min \lVert g_k(f_k(h_{k-1})) - h_{k-1} \rVert^2,\ h_0 = x,\ h_k = f_k(h_{k-1});\ \text{then } L \text{ of all}`,
    paper: 'Hinton & Salakhutdinov, *Science* 313, 2006; Bengio, Lamblin, Popovici & Larochelle, NIPS 2006',
    words:
      'The same network, but each layer with its counterpart is first trained alone on the codes of the layer before. Then all of it is trained together, from a good place to start.',
  },
  {
    recipe: 'tied',
    title: 'Tied weights',
    formula: String.raw`h = \mathrm{relu}(W x + b),\quad \hat x = \sigma(W^\top h + c),\quad L = \lVert \hat x - x \rVert^2`,
    paper: 'Vincent, Larochelle, Lajoie, Bengio & Manzagol, JMLR 11, 2010',
    words:
      'The decoder uses the encoder’s weights, transposed. Half the numbers to learn; the pictures get a little worse.',
  },
  {
    recipe: 'sparse',
    title: 'Sparse',
    formula: String.raw`L = \lVert \hat x - x \rVert^2 + \lambda \sum_j \lvert h_j \rvert`,
    paper: 'Olshausen & Field, *Nature* 381, 1996; Ng, CS294A lecture notes, 2011',
    words:
      'More code units (1,024) than pixels (784), but each that is used costs. A picture is then put together from few parts, though the network could have copied it.',
  },
  {
    recipe: 'sparse-kl',
    title: 'Sparse, by rate',
    formula: String.raw`L = \lVert \hat x - x \rVert^2 + \lambda \sum_j \rho \ln\frac{\rho}{\hat\rho_j} + (1 - \rho) \ln\frac{1 - \rho}{1 - \hat\rho_j},\quad \rho = 0.05`,
    paper: 'Ng, CS294A lecture notes, 2011',
    words:
      'Every unit of a sigmoid code is held to a mean activity of a twentieth over the pictures, so that each stands for something that is rare.',
  },
  {
    recipe: 'contractive',
    title: 'Contractive',
    formula: String.raw`L = \lVert \hat x - x \rVert^2 + \lambda \sum_i \lVert \nabla_x h_i \rVert^2`,
    paper: 'Rifai, Vincent, Muller, Glorot & Bengio, ICML 2011',
    words:
      'The code shall hardly change when the picture changes a little, except in the directions in which the data really vary. The slope is computed exactly; for encoders with convolutions it is estimated, without bias, by random projections.',
  },
  {
    recipe: 'denoising',
    title: 'Denoising, Gaussian',
    formula: String.raw`\tilde x = x + \sigma \varepsilon,\quad L = \lVert g(f(\tilde x)) - x \rVert^2`,
    paper: 'Vincent, Larochelle, Bengio & Manzagol, ICML 2008; JMLR 11, 2010',
    words:
      'It sees a noisy picture and is asked for the clean one. It has to know what pictures look like to tell them from noise, so it needs no bottleneck.',
  },
  {
    recipe: 'denoising-masking',
    title: 'Denoising, masking',
    formula: String.raw`\tilde x = m \odot x,\quad P(m_i = 0) = 0.3,\quad L = \lVert g(f(\tilde x)) - x \rVert^2`,
    paper: 'Vincent et al., JMLR 11, 2010',
    words: 'Three pixels in ten are set to black, which is dropout of the input; the network fills them in.',
  },
  {
    recipe: 'denoising-salt-pepper',
    title: 'Denoising, salt and pepper',
    formula: String.raw`\tilde x_i \in \{0, 1\}\ \text{with probability}\ 0.2,\ \text{else}\ x_i,\quad L = \lVert g(f(\tilde x)) - x \rVert^2`,
    paper: 'Vincent et al., JMLR 11, 2010',
    words: 'A fifth of the pixels become black or white by chance.',
  },
  {
    recipe: 'conv',
    title: 'Convolutional',
    formula: String.raw`h = W\,\mathrm{vec}(\mathrm{relu}(k_2 * \mathrm{relu}(k_1 * x))),\quad L = \lVert \hat x - x \rVert^2`,
    paper: 'Masci, Meier, Cireşan & Schmidhuber, ICANN 2011',
    words:
      'The same small filters at every place instead of a weight for every pixel. The code is a vector of 64 numbers; `--set model.encoder.latentDim=null` leaves it a map.',
  },
  {
    recipe: 'conv-denoising',
    title: 'Convolutional, denoising',
    formula: String.raw`16@14^2 \to 8@7^2 \to 8@14^2 \to 16@28^2 \to 1@28^2,\quad L = \lVert g(f(\tilde x)) - x \rVert^2`,
    paper: 'Masci et al., ICANN 2011; Vincent et al., JMLR 11, 2010',
    words:
      'Two strided convolutions, two transposed ones, and one to a gray picture. The code is a map of 8 channels of 7 × 7; so small a network (3,217 weights) already removes most of the noise.',
  },
  {
    recipe: 'vae',
    title: 'Variational',
    formula: String.raw`z = \mu(x) + \sigma(x) \odot \varepsilon,\quad L = -\ln p(x \mid z) + \mathrm{KL}\big(\mathcal N(\mu, \sigma^2)\,\Vert\,\mathcal N(0, 1)\big)`,
    paper: 'Kingma & Welling, ICLR 2014; Rezende, Mohamed & Wierstra, ICML 2014',
    words:
      'The code is a distribution, held near the standard normal, so that a code drawn at random gives a new picture. The last row of the strip shows such pictures.',
  },
  {
    recipe: 'conv-vae',
    title: 'Variational, convolutional',
    formula: String.raw`\text{as above, } \mu, \sigma \text{ and } p \text{ from convolutions}`,
    paper: 'Kingma & Welling, ICLR 2014',
    words:
      'The same with convolutions both ways: nearly as good a bound with a quarter of the weights, but what is drawn from the prior holds together less.',
  },
  {
    recipe: 'beta-vae',
    title: 'β-VAE',
    formula: String.raw`L = -\ln p(x \mid z) + \beta\,\mathrm{KL}\big(\mathcal N(\mu, \sigma^2)\,\Vert\,\mathcal N(0, 1)\big),\quad \beta = 4`,
    paper: 'Higgins et al., ICLR 2017',
    words:
      'Four times the price for the code: it says less about each picture, and what it says is more separate; the pictures get softer. β rises over the first five epochs.',
  },
]

const budget = [`epochs=${protocol.epochs}`, `seed=${protocol.seed}`]
const own = (recipe: string): string[] => (recipe === 'stacked' ? [`pretraining.epochs=${pretraining}`] : [])

/** Dimensions at which codes are compared with PCA. */
export const dimensions = [2, 10, 32, 64]
export const deepAt = (dimension: number): string => `deep-${dimension}`

/** Everything that is trained on Fashion-MNIST. */
export const imageEntries: Entry[] = [
  ...families.map(({ recipe }) => ({ run: recipe, recipe, overrides: [...budget, ...own(recipe)] })),
  { run: 'sparse-free', recipe: 'sparse', overrides: [...budget, 'penalties.0.weight=0'] },
  { run: 'sparse-kl-free', recipe: 'sparse-kl', overrides: [...budget, 'penalties.0.weight=0'] },
  { run: 'contractive-free', recipe: 'contractive', overrides: [...budget, 'penalties.0.weight=0'] },
  {
    run: 'deep-longer',
    recipe: 'deep',
    overrides: [...budget, `epochs=${protocol.epochs + 3 * pretraining}`],
  },
  ...dimensions.map((dimension) => ({
    run: deepAt(dimension),
    recipe: 'deep',
    overrides: [...budget, `model.encoder.latentDim=${dimension}`],
  })),
]

/** And on ECG5000, for as long as the recipes say, on one split. */
export const signalEntries: Entry[] = ['signal', 'signal-conv'].map((recipe) => ({
  run: recipe,
  recipe,
  overrides: ['seed=2'],
}))
