/** Copies a box of values between two layouts: what slice, concat, split and pad are made of. */
import {
  add,
  count,
  equal,
  get,
  int,
  loadFloat,
  loadVector,
  set,
  storeFloat,
  storeVector,
  sub,
  when,
  and,
  type WasmFunction,
} from './assembler.ts';

/**
 * copyBox(outer, inner, bytes, from, fromOuter, fromInner, to, toOuter, toInner): `outer` × `inner` runs of `bytes`, a multiple of 4;
 * steps in bytes.
 */
export function copyFunction(): WasmFunction {
  const [outer, inner, bytes, from, fromOuter, fromInner, to, toOuter, toInner] = [
    0, 1, 2, 3, 4, 5, 6, 7, 8,
  ] as const;
  const [i, j, at, source, target, whole] = [9, 10, 11, 12, 13, 14] as const;
  return {
    name: 'copyBox',
    params: 9,
    locals: Array<'i32'>(6).fill('i32'),
    body: [
      ...set(whole, sub(get(bytes), and(get(bytes), int(15)))),
      ...count(i, get(outer), int(1), [
        ...set(source, get(from)),
        ...set(target, get(to)),
        ...count(j, get(inner), int(1), [
          ...count(
            at,
            get(whole),
            int(16),
            storeVector(add(get(target), get(at)), loadVector(add(get(source), get(at)))),
          ),
          ...when(
            equal(get(at), get(bytes)),
            [],
            [
              ...[0x03, 0x40],
              ...storeFloat(add(get(target), get(at)), loadFloat(add(get(source), get(at)))),
              ...set(at, add(get(at), int(4))),
              ...sub(get(bytes), get(at)),
              ...[0x0d, 0, 0x0b],
            ],
          ),
          ...set(source, add(get(source), get(fromInner))),
          ...set(target, add(get(target), get(toInner))),
        ]),
        ...set(from, add(get(from), get(fromOuter))),
        ...set(to, add(get(to), get(toOuter))),
      ]),
    ],
  };
}
