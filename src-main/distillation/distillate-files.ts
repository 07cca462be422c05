/** A distillate as files: a JSON summary and raw little-endian arrays beside it. */
import { AppError } from '#shared/errors.ts';
import type { ChosenOrder, Distillate, DistilledGroup } from '#shared/eeg/distillate.ts';

export const summaryPath = 'distillate.json';

type MethodSummary = Pick<ChosenOrder, 'name' | 'note'>;
type GroupSummary = Omit<DistilledGroup, 'chosen' | 'others' | 'approaches' | 'oddness'> & {
  methods: MethodSummary[];
};
type Summary = Omit<Distillate, 'groups'> & { groups: GroupSummary[] };

/** Path to content; names in `group-0/…`: order-0.i32 (store indices), coverage-0.f32, oddness.f32, approach-*. */
export function encodeDistillate(distillate: Distillate): Record<string, Uint8Array | string> {
  const files: Record<string, Uint8Array | string> = {};
  const groups = distillate.groups.map((group, g): GroupSummary => {
    const { chosen, others, approaches, oddness, ...rest } = group;
    const methods = [chosen, ...others];
    methods.forEach((method, m) => {
      files[`group-${g}/order-${m}.i32`] = bytesOf(method.order);
      files[`group-${g}/coverage-${m}.f32`] = bytesOf(method.coverage);
    });
    files[`group-${g}/oddness.f32`] = bytesOf(oddness);
    files[`group-${g}/approach-start.u32`] = bytesOf(approaches.start);
    files[`group-${g}/approach-centre.i32`] = bytesOf(approaches.centre);
    files[`group-${g}/approach-distance.f32`] = bytesOf(approaches.distance);
    return { ...rest, methods: methods.map(({ name, note }) => ({ name, note })) };
  });
  const summary: Summary = { ...distillate, groups };
  files[summaryPath] = JSON.stringify(summary, null, 1);
  return files;
}

/**
 * @param read content of one of the files
 * @throws AppError 'damaged-file' when lengths disagree, 'newer-version'
 */
export async function decodeDistillate(read: (path: string) => Promise<Uint8Array>): Promise<Distillate> {
  const summary = JSON.parse(new TextDecoder().decode(await read(summaryPath))) as Summary;
  if (summary.version !== 1)
    throw new AppError(
      'newer-version',
      'This distillate was made by a newer Limbeck; open it there or distil again.',
    );
  const groups = await Promise.all(
    summary.groups.map(async ({ methods, ...rest }, g): Promise<DistilledGroup> => {
      const memory = async (name: string) => wholeWords(await read(`group-${g}/${name}`), name);
      const orders = await Promise.all(
        methods.map(async (method, m) => ({
          ...method,
          order: new Int32Array(await memory(`order-${m}.i32`)),
          coverage: new Float32Array(await memory(`coverage-${m}.f32`)),
        })),
      );
      const approaches = {
        start: new Uint32Array(await memory('approach-start.u32')),
        centre: new Int32Array(await memory('approach-centre.i32')),
        distance: new Float32Array(await memory('approach-distance.f32')),
      };
      const [chosen, ...others] = orders;
      if (
        !chosen ||
        orders.some(({ order, coverage }) => order.length !== coverage.length) ||
        approaches.start.length !== rest.count + 1 ||
        approaches.start[rest.count] !== approaches.centre.length ||
        approaches.centre.length !== approaches.distance.length
      )
        throw damaged(rest.name);
      const oddness = new Float32Array(await memory('oddness.f32'));
      return { ...rest, chosen, others, approaches, oddness };
    }),
  );
  return { ...summary, groups };
}

function damaged(what: string): AppError {
  return new AppError(
    'damaged-file',
    `The distillate is damaged (${what}); distil again, the segments are safe.`,
  );
}

function bytesOf(array: Int32Array | Uint32Array | Float32Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

function wholeWords(bytes: Uint8Array, name: string): ArrayBuffer {
  if (bytes.byteLength % 4 !== 0) throw damaged(name);
  return new Uint8Array(bytes).buffer;
}
