/** Reads members out of a zip file of any size piece by piece: wheels are zip files of hundreds of megabytes. */
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, type FileHandle } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createInflateRaw, crc32 } from 'node:zlib';
import { AppError } from '#shared/errors.ts';

export interface ZipMember {
  name: string;
  /** Bytes when unpacked. */
  size: number;
  packed: number;
  crc: number;
  method: number;
  /** Where its local header begins. */
  offset: number;
}

const endSignature = 0x06054b50;
const memberSignature = 0x02014b50;
const localSignature = 0x04034b50;
const pieceBytes = 1 << 20;

/** The central directory. @throws AppError 'damaged-file' when this is no zip file or its directory is cut */
export async function listZip(file: string): Promise<ZipMember[]> {
  const handle = await open(file, 'r');
  try {
    const { size } = await handle.stat();
    // The comment at the very end is at most 65535 bytes long.
    const tail = await readAt(handle, Math.max(0, size - 65_557), Math.min(size, 65_557));
    const end = findEnd(tail);
    if (end < 0) throw damaged(file, 'it is no zip archive or its end is missing');
    const count = tail.readUInt16LE(end + 10);
    const length = tail.readUInt32LE(end + 12);
    const start = tail.readUInt32LE(end + 16);
    if (start === 0xffffffff) throw damaged(file, 'it is of the zip64 form, which no recorded archive has');
    if (start + length > size) throw damaged(file, 'its directory is cut off');
    const members = parseDirectory(await readAt(handle, start, length));
    if (members.length !== count) throw damaged(file, 'its directory is incomplete');
    return members;
  } finally {
    await handle.close();
  }
}

/**
 * Unpacks the members that `place` gives a path; length and CRC of each are checked.
 *
 * @param place path for a member by its name, undefined to leave it
 * @param onBytes told how many unpacked bytes were written since the last call
 * @returns the paths written
 */
export async function unzip(
  file: string,
  place: (name: string) => string | undefined,
  { onBytes, signal }: { onBytes?: (bytes: number) => void; signal?: AbortSignal } = {},
): Promise<string[]> {
  const members = await listZip(file);
  const written: string[] = [];
  for (const member of members) {
    const path = member.name.endsWith('/') ? undefined : place(member.name);
    if (path === undefined) continue;
    await mkdir(dirname(path), { recursive: true });
    await unpackMember(file, member, path, onBytes, signal);
    written.push(path);
  }
  return written;
}

async function unpackMember(
  file: string,
  member: ZipMember,
  path: string,
  onBytes: ((bytes: number) => void) | undefined,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (member.method !== 0 && member.method !== 8)
    throw damaged(file, `${member.name} is packed in a way not known here`);
  const start = await dataStart(file, member);
  let size = 0;
  let crc = 0;
  async function* counted(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const piece of pieces) {
      size += piece.length;
      crc = crc32(piece, crc);
      onBytes?.(piece.length);
      yield piece;
    }
  }
  const source = createReadStream(file, {
    start,
    end: Math.max(start, start + member.packed - 1),
    highWaterMark: pieceBytes,
  });
  const target = createWriteStream(path, { highWaterMark: pieceBytes });
  const options = { signal };
  try {
    if (member.packed === 0) await pipeline([], target, options);
    else if (member.method === 0) await pipeline(source, counted, target, options);
    else await pipeline(source, createInflateRaw({ chunkSize: pieceBytes }), counted, target, options);
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && /^Z_/.test(String(cause.code)))
      throw damaged(file, `${member.name} cannot be unpacked`, cause);
    throw cause;
  } finally {
    source.destroy();
  }
  if (size !== member.size || crc !== member.crc)
    throw damaged(file, `${member.name} differs from what the archive says of it`);
}

/** The local header repeats the name and has extra fields of its own length. */
async function dataStart(file: string, { name, offset }: ZipMember): Promise<number> {
  const handle = await open(file, 'r');
  try {
    const header = await readAt(handle, offset, 30);
    if (header.length < 30 || header.readUInt32LE(0) !== localSignature)
      throw damaged(file, `${name} is not where the directory says`);
    return offset + 30 + header.readUInt16LE(26) + header.readUInt16LE(28);
  } finally {
    await handle.close();
  }
}

function parseDirectory(bytes: Buffer): ZipMember[] {
  const members: ZipMember[] = [];
  let at = 0;
  while (at + 46 <= bytes.length && bytes.readUInt32LE(at) === memberSignature) {
    const nameLength = bytes.readUInt16LE(at + 28);
    members.push({
      name: bytes.toString('utf8', at + 46, at + 46 + nameLength),
      method: bytes.readUInt16LE(at + 10),
      crc: bytes.readUInt32LE(at + 16),
      packed: bytes.readUInt32LE(at + 20),
      size: bytes.readUInt32LE(at + 24),
      offset: bytes.readUInt32LE(at + 42),
    });
    at += 46 + nameLength + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
  }
  return members;
}

function findEnd(tail: Buffer): number {
  for (let at = tail.length - 22; at >= 0; at--) if (tail.readUInt32LE(at) === endSignature) return at;
  return -1;
}

async function readAt(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await handle.read(buffer, 0, length, position);
  return buffer.subarray(0, bytesRead);
}

function damaged(file: string, why: string, cause?: unknown): AppError {
  return new AppError(
    'damaged-file',
    `The archive ${basename(file)} is damaged: ${why}. Delete it and fetch it again.`,
    { cause, details: { file } },
  );
}
