/** One file that is fetched. Its hash is what the registry says of it; nothing else is accepted. */
export interface Pin {
  from: 'npm' | 'pypi'
  name: string
  version: string
  /** Name of the file itself. */
  file: string
  bytes: number
  /** npm: SHA-512 in Base64; PyPI: SHA-256 in hexadecimal. */
  hash: string
}

const tensorflowVersion = '2.21.0'

/** tfjs-node itself, what its backend imports, and the headers of Node-API. */
const addon: Kind['addon'] = {
  tfjsNode: {
    from: 'npm',
    name: '@tensorflow/tfjs-node',
    version: '4.22.0',
    file: 'tensorflow-tfjs-node-4.22.0.tgz',
    bytes: 228_166,
    hash: 'uHrXeUlfgkMxTZqHkESSV7zSdKdV0LlsBeblqkuKU9nnfxB1pC6DtoyYVaLxznzZy7WQSegjcohxxCjAf6Dc7w==',
  },
  protobuf: {
    from: 'npm',
    name: 'google-protobuf',
    version: '3.21.4',
    file: 'google-protobuf-3.21.4.tgz',
    bytes: 68_046,
    hash: 'MnG7N936zcKTco4Jd2PX2U96Kf9PxygAPKBug+74LHzmHXmceN16MmRcdgZv+DGef/S9YvQAfRsNCn4cjf9yyQ==',
  },
  nodeApi: {
    from: 'npm',
    name: 'node-api-headers',
    version: '1.9.0',
    file: 'node-api-headers-1.9.0.tgz',
    bytes: 16_974,
    hash: '2oNILP4jXwRB4ywnYKjVk1YyJ96n2D4EOVJO6S3oYZ5PtbJrw3Yt9TpAuX3nBLMuzn74rnfGQrv13pS9vC+YiA==',
  },
}

/** Any cp tag serves: libtensorflow's C API does not depend on Python. */
const tensorflowCpu: Pin = {
  from: 'pypi',
  name: 'tensorflow-cpu',
  version: tensorflowVersion,
  file: 'tensorflow_cpu-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl',
  bytes: 273_829_956,
  hash: '2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c',
}

/** With CUDA kernels for sm_60 to sm_90, and PTX for later cards. */
const tensorflowCuda: Pin = {
  from: 'pypi',
  name: 'tensorflow',
  version: tensorflowVersion,
  file: 'tensorflow-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl',
  bytes: 572_440_367,
  hash: '9056fbc9ba04235810b71ae6cbd958a196e8804fb53bbcffbf3e23b56155f124',
}

const nvidia = (name: string, version: string, bytes: number, hash: string): Pin => ({
  from: 'pypi',
  name: `nvidia-${name}-cu12`,
  version,
  file: `nvidia_${name.replaceAll('-', '_')}_cu12-${version}-py3-none-manylinux2014_x86_64.whl`,
  bytes,
  hash,
})

/** The versions that this TensorFlow was built with: the lowest that its extra `and-cuda` asks for. */
const nvidiaLibraries: Pin[] = [
  nvidia(
    'cublas',
    '12.5.3.2',
    363_313_169,
    'ca070ad70e9fa6654084575d01bd001f30cc4665e33d4bb9fc8e0f321caa034b',
  ),
  nvidia(
    'cuda-runtime',
    '12.5.82',
    895_707,
    '3e79a060e126df40fd3a068f3f787eb000fa51b251ec6cd97d09579632687115',
  ),
  // cuDNN compiles some of its kernels when they are needed.
  nvidia(
    'cuda-nvrtc',
    '12.5.82',
    24_873_108,
    '3dbd97b0104b4bfbc3c4f8c79cd2496307c89c43c29a9f83125f1d76296ff3fd',
  ),
  nvidia(
    'cudnn',
    '9.3.0.75',
    577_163_502,
    '9ad9c6929ebb5295eb4a1728024666d1c88283373e265a0c5c883e6f9d5cd76d',
  ),
  nvidia(
    'cufft',
    '11.2.3.61',
    192_524_114,
    '9a6e8df162585750f61983a638104a48c756aa13f9f48e19ab079b38e3c828b8',
  ),
  nvidia(
    'cusolver',
    '11.6.3.83',
    130_341_232,
    '93cfafacde4428b71778eeb092ec615a02a3d05404da1bcf91c53e3fa1bce42b',
  ),
  nvidia(
    'cusparse',
    '12.5.1.3',
    217_558_979,
    '016df8e993c437e8301e62739f01775cba988fd5253cd4c64173f8e8d2f8e752',
  ),
  nvidia(
    'nvjitlink',
    '12.5.82',
    21_298_879,
    'f9b37bc5c8cf7509665cb6ada5aaa0ce65618f2332b7d3e78e9790511f111212',
  ),
]

/** One kind of native engine: what it is made of, and the bytes that it takes on the disk once it is staged. */
export interface Kind {
  cuda: boolean
  addon: { tfjsNode: Pin; protobuf: Pin; nodeApi: Pin }
  tensorflow: Pin
  nvidia: Pin[]
  disk: number
}

export const kindOf = (cuda: boolean): Kind =>
  cuda
    ? { cuda, addon, tensorflow: tensorflowCuda, nvidia: nvidiaLibraries, disk: 3_400_000_000 }
    : { cuda, addon, tensorflow: tensorflowCpu, nvidia: [], disk: 640_000_000 }

/** In the order in which they are fetched: the small ones show at once whether the registries can be reached. */
export const pinsOf = ({ addon, tensorflow, nvidia }: Kind): Pin[] => [
  ...Object.values(addon),
  tensorflow,
  ...nvidia,
]
