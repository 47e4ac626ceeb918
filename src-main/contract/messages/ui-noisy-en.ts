/** English texts of learning from pictures that are all noisy. */
export const uiNoisyEn = {
  'ui.noisy.open': 'These are all noisy: learn from them',
  'ui.noisy.open-folder': 'All noisy, none clean? Learn from a folder',
  'ui.noisy.title': 'Learn from noisy pictures',
  'ui.noisy.about':
    'A network learns the noise of just these pictures, without a clean one, and can then clean them and others like them. Nothing leaves this computer.',
  'ui.noisy.looking': 'Looking at the noise…',
  'ui.noisy.pictures': 'Pictures',
  'ui.noisy.pictures.count': '{count}, together {megapixels} megapixels',
  'ui.noisy.depth.gray': 'Gray, {bits} bit',
  'ui.noisy.depth.colour': 'Colour, {bits} bit',
  'ui.noisy.noise': 'Noise',
  'ui.noisy.noise.white': 'Each pixel has its own: neighbours tell nothing of it',
  'ui.noisy.noise.correlated': 'Neighbouring pixels share it: blotches or stripes',
  'ui.noisy.warning.correlated':
    'A network that learns from noisy pictures alone takes noise that neighbours share for part of the scene, and keeps it. The ways below allow for that, as far as they say.',
  'ui.noisy.warning.few':
    'These are few pixels to learn from: the network may learn them by heart. More pictures of the same kind make it better.',
  'ui.noisy.warning.little-noise': 'There is hardly any noise in them: there may be little to gain.',
  'ui.noisy.ways': 'Way to learn',
  'ui.noisy.best': 'Suggested',
  'ui.noisy.against.structured-mask':
    'Hides the neighbours along the stripes as well, so that they cannot give the noise away.',
  'ui.noisy.against.downsampling':
    'Learns from every second pixel, where the noise is whiter; fine detail becomes a little softer.',
  'ui.noisy.duration.minutes': 'Takes some minutes on this processor',
  'ui.noisy.duration.hour': 'Takes up to an hour on this processor',
  'ui.noisy.duration.hours': 'Takes some hours on this processor',
  'ui.noisy.duration.night': 'Takes many hours on this processor; it can be stopped and resumed',
  'ui.noisy.name': 'Name of the model',
  'ui.noisy.begin': 'Start learning',
  'ui.noisy.begun': 'It begins to learn. How far it is stands above the photos, and in Train.',
  'ui.noisy.waits': 'It begins when the training under way has ended.',
  'ui.noisy.state.training': '“{title}” learns from {count} of these photos.',
  'ui.noisy.state.stopped': '“{title}”, which learns from {count} of these photos, was stopped.',
  'ui.noisy.state.done': '“{title}” has learned from {count} of these photos.',
  'ui.noisy.use': 'Use it for these pictures',
  'ui.noisy.used': 'Photos that are cleaned with {model} now: {count}',
  'ui.noisy.show': 'Show the training',
  'ui.noisy.put-away': 'Do not show this any more',
} as const
