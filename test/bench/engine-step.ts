/**
 * One training step on an engine beside PyTorch with one thread, the same networks in one run:
 * `node test/bench/engine-step.ts [--engine wasm] [--steps 10] [--profile] [S L compressor eegnet]`.
 *
 * Medians, and the best step, which a busy machine distorts less. A step is forward, backward, update and reading the loss. The peer's networks are ../shared/peers/networks.py.
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import * as tf from '@tensorflow/tfjs-core';
import { createRandom } from '#shared/random.ts';
import { startEngine, type EngineName } from '#main/engine/engine.ts';
import { compressorSizes, createCompressor } from '#main/models/compressor.ts';
import { createEegnet } from '#main/models/eegnet.ts';
import { transformerBlock } from '#main/models/layers/attention.ts';
import { Weights } from '#main/models/weights.ts';
import { crossEntropy } from '#main/training/losses/cross-entropy.ts';
import { AdamW, type AdamWOptions } from '#main/training/optimizer.ts';
import { kernelTimes, profileKernels } from './kernel-times.ts';
import { findPython, say } from './peer.ts';

const networks = ['S', 'L', 'compressor', 'eegnet'] as const;
type Network = (typeof networks)[number];

interface Task {
  weights: Weights;
  options: AdamWOptions;
  loss(mode: { training: boolean; random: ReturnType<typeof createRandom> }): tf.Scalar;
  constrain?(): void;
}

const peers = fileURLToPath(new URL('../../../shared/peers', import.meta.url));
const program = `
import sys, json, statistics, time
sys.path.insert(0, sys.argv[1])
import torch
from torch import nn
import networks as nets
torch.set_num_threads(1)
torch.manual_seed(1)
steps, name = int(sys.argv[2]), sys.argv[3]
clip = 0
if name == "compressor":
    sys.argv[0] = "train_step"
    from train_step import task
    net, options, compute = task(name)
    clip = 5.0
elif name == "eegnet":
    from train_step import task
    net, options, compute = task(name)
else:
    batch, tokens, width, depth, heads = {"S": (64, 16, 128, 4, 4), "L": (128, 32, 256, 6, 8)}[name]
    net = nn.Sequential(*[nets.Block(width, heads, width, 4 * width, qkv_bias=True) for _ in range(depth)])
    x, target = torch.randn(batch, tokens, width), torch.randn(batch, tokens, width)
    options, compute = {"weight_decay": 0.01}, lambda: nn.functional.mse_loss(net(x), target)
optimiser = torch.optim.AdamW(net.parameters(), lr=1e-3, **options)
times = []
for step in range(steps + 2):
    start = time.perf_counter()
    optimiser.zero_grad()
    loss = compute()
    loss.backward()
    if clip: torch.nn.utils.clip_grad_norm_(net.parameters(), clip)
    optimiser.step()
    if name == "eegnet": net.limit_norms()
    loss.item()
    times.append(1000 * (time.perf_counter() - start))
print(json.dumps({"ms": statistics.median(times[2:]), "best": min(times[2:]), "torch": torch.__version__}))
`;

function buildTask(name: Network): Task {
  const random = createRandom(1);
  const weights = new Weights(random.fork('weights'));
  const noise = (shape: number[], purpose: string) => {
    const source = random.fork(purpose);
    const size = shape.reduce((product, n) => product * n, 1);
    return tf.tensor(
      Float32Array.from({ length: size }, () => source.normal()),
      shape,
    );
  };
  if (name === 'compressor') {
    const network = createCompressor(weights, { channels: 62, patch: 80, ...compressorSizes.paper });
    const views = [10, 5, 5].map((patches, i) => noise([64, patches, 62 * 80], `view ${i}`) as tf.Tensor3D);
    const batch = views as [tf.Tensor3D, tf.Tensor3D, tf.Tensor3D];
    return {
      weights,
      options: { clip: 5 },
      loss: (mode) => network.loss(batch, mode, { beta: 1e-4, idc: 'intra' }),
    };
  }
  if (name === 'eegnet') {
    const electrodes = Array.from({ length: 32 }, (_, i) => `E${i}`);
    const network = createEegnet(weights, { electrodes, samples: 512, classes: 3, dropout: 0.25 });
    const x = noise([64, 32, 512], 'signals') as tf.Tensor3D;
    const labels = Array.from({ length: 64 }, (_, i) => i % 3);
    return {
      weights,
      options: { weightDecay: 0.01 },
      loss: (mode) => crossEntropy(network.decide(x, mode), labels),
      constrain: () => network.constrain(),
    };
  }
  const [batch, tokens, dim, depth, heads] = name === 'S' ? [64, 16, 128, 4, 4] : [128, 32, 256, 6, 8];
  const blocks = Array.from({ length: depth }, (_, i) =>
    transformerBlock(weights.scope(`block${i}`), { dim, heads, hidden: 4 * dim }),
  );
  const x = noise([batch, tokens, dim], 'input');
  const target = noise([batch, tokens, dim], 'target');
  return {
    weights,
    options: { weightDecay: 0.01 },
    loss: (mode) => {
      const difference = tf.sub(
        blocks.reduce((y, block) => block(y, mode), x),
        target,
      );
      return tf.mean(tf.square(difference));
    },
  };
}

/** Milliseconds of each step, after two that are not counted. */
function ownSteps(name: Network, steps: number, profile: boolean): number[] {
  const { weights, options, loss, constrain } = buildTask(name);
  using optimizer = new AdamW(weights.trainable(), options);
  const random = createRandom(2);
  const times: number[] = [];
  let kept = 0;
  for (let step = 0; step < steps + 2; step++) {
    if (step === 2) kernelTimes.clear();
    const start = performance.now();
    const value = tf.tidy(() => {
      const mode = { training: true, random: random.fork(`step ${step}`) };
      const { value, grads } = tf.variableGrads(() => loss(mode), optimizer.variables);
      optimizer.add(grads);
      optimizer.apply(1e-3).dispose();
      constrain?.();
      return value.dataSync()[0]!;
    });
    times.push(performance.now() - start);
    if (!Number.isFinite(value)) throw new Error(`${name} ran away`);
    if (step === 1) kept = tf.memory().numTensors;
  }
  const leaked = tf.memory().numTensors - kept;
  if (leaked !== 0) say(`  ${leaked} tensors more than before`);
  if (profile) sayProfile(steps, times.slice(2));
  return times.slice(2);
}

function sayProfile(steps: number, times: number[]): void {
  const whole = times.reduce((sum, ms) => sum + ms, 0) / steps;
  const rows = [...kernelTimes].map(([name, { ms, calls }]) => ({
    name,
    ms: ms / steps,
    calls: calls / steps,
  }));
  const inside = rows.reduce((sum, { ms }) => sum + ms, 0);
  rows.push({ name: '(between kernels)', ms: whole - inside, calls: 1 });
  rows.sort((a, b) => b.ms - a.ms);
  for (const { name, ms, calls } of rows.slice(0, 18))
    say(`    ${name.padEnd(22)} ${ms.toFixed(2).padStart(9)} ms ${calls.toFixed(0).padStart(6)} calls`);
}

function torchStep(
  python: string,
  name: Network,
  steps: number,
): { ms: number; best: number; torch: string } {
  const output = execFileSync(python, ['-c', program, peers, String(steps), name], {
    encoding: 'utf8',
    env: { ...process.env, OMP_NUM_THREADS: '1' },
  });
  return JSON.parse(output.trim().split('\n').at(-1)!) as { ms: number; best: number; torch: string };
}

const median = (times: number[]) => times.toSorted((a, b) => a - b)[times.length >> 1]!;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    engine: { type: 'string', default: 'wasm' },
    steps: { type: 'string', default: '10' },
    profile: { type: 'boolean', default: false },
    alone: { type: 'boolean', default: false },
  },
});
const steps = Number(values.steps);
const python = values.alone || !existsSync(peers) ? null : findPython('torch');
const { device } = await startEngine(values.engine as EngineName);
say(device);
if (values.profile) profileKernels();
for (const name of networks) {
  if (positionals.length > 0 && !positionals.includes(name)) continue;
  const few = name === 'L' ? Math.ceil(steps / 3) : steps;
  const peer = python ? torchStep(python, name, few) : null;
  const times = ownSteps(name, few, values.profile);
  const [own, best] = [median(times), Math.min(...times)];
  const beside = peer
    ? `; torch ${peer.torch} ${peer.ms.toFixed(1)} ms, best ${peer.best.toFixed(1)}; speed ${(peer.ms / own).toFixed(3)} of it, of the best ${(peer.best / best).toFixed(3)}`
    : '';
  say(`${name}: ${own.toFixed(1)} ms, best ${best.toFixed(1)}${beside}`);
}
