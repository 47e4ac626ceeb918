/** English texts of staging the native engine. */
export const nativeEn = {
  'command.native':
    'Download and build the native engine (TensorFlow), into the program’s own folder. Linux x64.',
  'option.native.cuda': 'For NVIDIA cards: with CUDA 12 and NVIDIA’s libraries.',
  'option.native.force': 'Stage it again, though it is there.',
  'native.platform':
    'The native engine is built for Linux x64 only so far. The default engine needs nothing of it.',
  'native.terms-cuda':
    'NVIDIA’s libraries (CUDA 12, cuDNN 9) come with it; they are under NVIDIA’s own licences, which are put beside them.',
  'native.no-card': 'No NVIDIA driver was found: this engine computes on the processor here.',
  'progress.bytes': '{done} of {total}',
  'staging.download': 'Downloading',
  'staging.unpack': 'Unpacking',
  'staging.build': 'Building',
  'staging.try': 'Trying it',
  'result.native': 'The native engine is staged: libtensorflow {version}, in {folder}.',
  'result.native-passed':
    'It passed the self-test: within {difference} of the default engine. Use it with --engine native.',
  'result.native-refused': 'It failed the self-test, and is not used: {failure}',
  'result.native-differs': 'its values differ by {difference}',
  'error.download-failed': 'A file could not be downloaded.',
  'remedy.download-failed':
    'See whether npm and pip reach their registries from here, and start again: files that are whole are kept.',
  'error.platform-unsupported': 'This is not available for this system.',
  'remedy.platform-unsupported': 'The default engine needs nothing of it.',
  'error.staging-busy': 'The native engine is being staged already.',
  'remedy.staging-busy': 'Wait for the other window or terminal to finish.',
  'error.staging-failed': 'The native engine could not be built.',
  'remedy.staging-failed':
    'See what the compiler or the loader said. The default engine works as before; the downloads are kept.',
  'error.tools-missing': 'Programs are missing that build the native engine.',
  'remedy.tools-missing': 'Install them, with the command above on Debian or Ubuntu, and start again.',
} as const
