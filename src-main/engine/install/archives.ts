/** The archives that the native engine is made of: names, sizes and SHA-256 as recorded, by platform. */

export interface Archive {
  /** Where it comes from: a wheel from the Python package index, a tarball from the npm registry. */
  from: 'python' | 'npm';
  project: string;
  version: string;
  file: string;
  bytes: number;
  sha256: string;
  /** Bytes that the members taken from it fill when unpacked. */
  unpacked: number;
  /** A wheel's tags as pip asks for them. */
  tags?: { python?: string; platforms: readonly string[] };
}

export const tensorflowVersion = '2.21.0';
export const bindingVersion = '4.22.0';

export const platforms = ['linux-x64', 'linux-arm64', 'darwin-arm64'] as const;
export type Platform = (typeof platforms)[number];

/** Source of the binding and the JavaScript half of the engine. */
export const bindingArchive: Archive = {
  from: 'npm',
  project: '@tensorflow/tfjs-node-gpu',
  version: bindingVersion,
  file: `tensorflow-tfjs-node-gpu-${bindingVersion}.tgz`,
  bytes: 223_379,
  sha256: 'afd5599ee1662e732c00a0ad1f52a3d001bdc118a1f44bd592a0a0ebf2daa4c7',
  unpacked: 1_000_000,
};

/** The C headers of Node's stable binary interface. */
export const headersArchive: Archive = {
  from: 'npm',
  project: 'node-api-headers',
  version: '1.9.0',
  file: 'node-api-headers-1.9.0.tgz',
  bytes: 16_974,
  sha256: '6cbfac49542194ae2c8f1dee5fa2dc00d66bec9cbf3b59e3a4e5f16d14eb0d19',
  unpacked: 200_000,
};

const linux = 'manylinux_2_27_x86_64';

const processorWheel: Record<Platform, Archive> = {
  'linux-x64': tensorflow(
    'tensorflow-cpu',
    '311',
    linux,
    273_829_956,
    853_308_936,
    '2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c',
  ),
  'linux-arm64': tensorflow(
    'tensorflow',
    '312',
    'manylinux_2_27_aarch64',
    281_946_471,
    883_062_208,
    'b07d15737406533898e36c7ef7944b1be18e9028dc521b9229952c537bbc5552',
  ),
  'darwin-arm64': tensorflow(
    'tensorflow',
    '312',
    'macosx_12_0_arm64',
    223_488_205,
    740_805_624,
    '56ecd7d47429acbe1df2694d50b75bf9fc3995ac92cb367cd9af6c4780ead712',
  ),
};

/** TensorFlow for CUDA 12 and NVIDIA's libraries that it opens; Linux on x64 only. */
const gpuWheels: readonly Archive[] = [
  tensorflow(
    'tensorflow',
    '311',
    linux,
    572_440_367,
    1_259_021_080,
    '9056fbc9ba04235810b71ae6cbd958a196e8804fb53bbcffbf3e23b56155f124',
  ),
  cuda(
    'cuda-runtime',
    '12.9.79',
    'manylinux2014_x86_64.manylinux_2_17_x86_64',
    3_493_179,
    741_088,
    '25bba2dfb01d48a9b59ca474a1ac43c6ebf7011f1b0b8cc44f54eb6ac48a96c3',
  ),
  cuda(
    'cublas',
    '12.9.3.13',
    linux,
    581_217_458,
    855_064_416,
    'd7d51055f161b317c7105ddaae90e71eda059026074ffef93cf7cde2886bfe72',
  ),
  cuda(
    'cudnn',
    '9.28.0.42',
    linux,
    716_538_495,
    1_162_393_472,
    '9ff58b7f36dacd0a93e89f8f2957b52466889217963701daa15e577317cfa375',
  ),
  cuda(
    'cufft',
    '11.4.1.4',
    'manylinux2014_x86_64.manylinux_2_17_x86_64',
    200_877_592,
    293_609_416,
    'c67884f2a7d276b4b80eb56a79322a95df592ae5e765cf1243693365ccab4e28',
  ),
  cuda(
    'cusolver',
    '11.7.5.82',
    linux,
    338_117_415,
    494_975_064,
    '15da72d1340d29b5b3cf3fd100e3cd53421dde36002eda6ed93811af63c40d88',
  ),
  cuda(
    'cusparse',
    '12.5.10.65',
    'manylinux2014_x86_64.manylinux_2_17_x86_64',
    366_465_088,
    486_556_368,
    '73060ce019ac064a057267c585bf1fd5a353734151f87472ff02b2c5c9984e78',
  ),
  cuda(
    'nvjitlink',
    '12.9.86',
    'manylinux2010_x86_64.manylinux_2_12_x86_64',
    39_748_338,
    95_935_344,
    'e3f1171dbdc83c5932a45f0f4c99180a70de9bd2718c1ab77d14104f6d7147f9',
  ),
  cuda(
    'cuda-nvrtc',
    '12.9.86',
    'manylinux2010_x86_64.manylinux_2_12_x86_64',
    89_568_129,
    227_340_992,
    '210cf05005a447e29214e9ce50851e83fc5f4358df8b453155d5e1918094dcb4',
  ),
];

/** All that one engine needs; the first is TensorFlow itself. */
export function archivesFor(platform: Platform, gpu: boolean): Archive[] {
  const wheels = gpu ? gpuWheels : [processorWheel[platform]];
  return [...wheels, bindingArchive, headersArchive];
}

/** Bytes to fetch and bytes to keep, known before anything is fetched. */
export function sizeOf(archives: readonly Archive[]): { fetched: number; unpacked: number } {
  return {
    fetched: archives.reduce((sum, { bytes }) => sum + bytes, 0),
    unpacked: archives.reduce((sum, { unpacked }) => sum + unpacked, 0),
  };
}

export function libraryNames(platform: Platform): [string, string] {
  return platform.startsWith('darwin')
    ? ['libtensorflow_cc.2.dylib', 'libtensorflow_framework.2.dylib']
    : ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'];
}

/** Its name beside the archives and in the engine's folder. */
export function bindingName(platform: Platform): string {
  return `limbeck-tensorflow-${platform}.node`;
}

function tensorflow(
  project: string,
  python: string,
  platform: string,
  bytes: number,
  unpacked: number,
  sha256: string,
): Archive {
  const file = `${project.replace('-', '_')}-${tensorflowVersion}-cp${python}-cp${python}-${platform}.whl`;
  const tags = { python, platforms: [platform] };
  return { from: 'python', project, version: tensorflowVersion, file, bytes, sha256, unpacked, tags };
}

function cuda(
  name: string,
  version: string,
  platform: string,
  bytes: number,
  unpacked: number,
  sha256: string,
): Archive {
  const project = `nvidia-${name}-cu12`;
  const file = `${project.replaceAll('-', '_')}-${version}-py3-none-${platform}.whl`;
  return {
    from: 'python',
    project,
    version,
    file,
    bytes,
    sha256,
    unpacked,
    tags: { platforms: platform.split('.') },
  };
}
