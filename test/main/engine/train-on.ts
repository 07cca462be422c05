/**
 * Trains each of our networks, small, on one engine and prints the losses as JSON; run as a process of its own, because a driver must
 * be named before the process begins.
 *
 *     node test/main/engine/train-on.ts ENGINE STEPS [lose]
 */
import * as tf from '@tensorflow/tfjs-core';
import { createRandom } from '#shared/random.ts';
import { engineLost, startEngine, type EngineName } from '#main/engine/engine.ts';
import { loseDevice } from '#main/engine/webgpu.ts';
import { artConfig } from '#main/models/art.ts';
import { artGatConfig, createArtGat } from '#main/models/art-gat.ts';
import { createCompressor } from '#main/models/compressor.ts';
import { createEegnet } from '#main/models/eegnet.ts';
import { readValues } from '#main/models/read-values.ts';
import { Weights } from '#main/models/weights.ts';
import { crossEntropy } from '#main/training/losses/cross-entropy.ts';
import { AdamW } from '#main/training/optimizer.ts';

const [name, steps, lose] = process.argv.slice(2);
const batch = 4;
const electrodes = ['Fz', 'Cz', 'Pz'];

function normal(shape: number[], seed: number): tf.Tensor {
  const random = createRandom(seed);
  const size = shape.reduce((product, n) => product * n, 1);
  return tf.tensor(
    Float32Array.from({ length: size }, () => random.normal()),
    shape,
  );
}
const classes = Array.from({ length: batch }, (_, i) => i % 2);
const mode = (step: number) => ({ training: true, random: createRandom(step) });

const networks: Record<string, (weights: Weights) => { loss(step: number): tf.Scalar; constrain?(): void }> =
  {
    compressor(weights) {
      const size = { width: 16, depth: 1, heads: 2, headDim: 8, decoderDepth: 1, widths: [4, 4, 8, 16], blocksPerStage: 1 } as const; // prettier-ignore
      const network = createCompressor(weights, {
        channels: 3,
        patch: 20,
        ...size,
        widths: [...size.widths],
      });
      return {
        loss: (step) => {
          const views = [10, 5, 5].map((n, i) => normal([batch, n, 60], 3 * step + i) as tf.Tensor3D);
          return network.loss(views as [tf.Tensor3D, tf.Tensor3D, tf.Tensor3D], mode(step), {
            beta: 1e-4,
            idc: 'intra',
          });
        },
      };
    },
    eegnet(weights) {
      const network = createEegnet(weights, { electrodes, samples: 128, classes: 2, dropout: 0.25 });
      return {
        loss: (step) => crossEntropy(network.decide(normal([batch, 3, 128], step) as tf.Tensor3D, mode(step)), classes), // prettier-ignore
        constrain: () => network.constrain(),
      };
    },
    'ART + GAT'(weights) {
      const network = createArtGat(weights, artGatConfig(artConfig('demo', electrodes), 2));
      return {
        loss: (step) => {
          const input = {
            signals: normal([batch * 3 * 256], step).dataSync<'float32'>(),
            electrodes,
            sfreqHz: 128,
            present: Float32Array.from({ length: batch * 3 }, (_, i) => (i === 1 ? 0 : 1)),
          };
          return crossEntropy(
            network.decide(network.describe(input, mode(step)), input, mode(step)),
            classes,
          );
        },
      };
    },
  };

const engine = await startEngine(name as EngineName);
const curves: Record<string, number[]> = {};
const seconds: Record<string, number> = {};
for (const [title, build] of Object.entries(networks)) {
  const weights = new Weights(createRandom(1));
  const { loss, constrain } = build(weights);
  using optimizer = new AdamW(weights.trainable(), { clip: 5, weightDecay: 0.01 });
  const curve: number[] = [];
  const start = performance.now();
  for (let step = 0; step < Number(steps); step++) {
    if (lose && step === 1) loseDevice();
    const [value] = await readValues(() => {
      const { value, grads } = tf.variableGrads(() => loss(step), optimizer.variables);
      optimizer.add(grads);
      optimizer.apply(1e-3);
      return value;
    }).catch((error: unknown) => {
      process.stdout.write(JSON.stringify({ lost: engineLost(), error: String(error), step }));
      process.exit(0);
    });
    constrain?.();
    curve.push(value!);
  }
  seconds[title] = (performance.now() - start) / 1000;
  curves[title] = curve;
  weights.dispose();
}
process.stdout.write(JSON.stringify({ device: engine.device, curves, seconds }), () => process.exit(0));
