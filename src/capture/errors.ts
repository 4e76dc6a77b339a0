import { getSystemErrorMap } from 'node:util';

/** Why a file could not be read as a capture at all; the CLI turns every one of them into exit code 3. */
export type CaptureErrorCode =
  | 'missing'
  | 'directory'
  | 'unreadable'
  | 'empty'
  | 'not-a-capture'
  | 'unsupported-format'
  | 'damaged-header';

/** Raised when nothing could be read. Trouble after the first header is `Damage`, never an exception. */
export class CaptureError extends Error {
  override readonly name = 'CaptureError';
  readonly code: CaptureErrorCode;
  /** As the user gave it. */
  readonly path: string;
  /** Where in the decompressed stream, in bytes; null where the file could not be opened. */
  readonly offset: number | null;
  /** What to do now, one sentence. */
  readonly hint: string;

  constructor(
    code: CaptureErrorCode,
    path: string,
    message: string,
    hint: string,
    offset: number | null = null,
  ) {
    super(message);
    this.code = code;
    this.path = path;
    this.hint = hint;
    this.offset = offset;
  }
}

/** What the system says is wrong, without the name of the file: that stands beside it already. */
export function describeSystemError(error: unknown): string {
  // Errors of zlib have numbers of their own, and no system call.
  const errno = error instanceof Error && 'syscall' in error && 'errno' in error ? error.errno : undefined;
  const known = typeof errno === 'number' ? getSystemErrorMap().get(errno) : undefined;
  if (known !== undefined) return `${known[0]}: ${known[1]}`;
  return error instanceof Error ? error.message : String(error);
}

export type DamageCode =
  | 'cut-short'
  | 'bad-record'
  | 'bad-block'
  | 'bad-table'
  | 'bad-compression'
  | 'read-failed';

/** Where and how a capture stops being readable. Everything before `offset` was reported. */
export interface Damage {
  code: DamageCode;
  /** Byte offset of the record or block that could not be read, in the decompressed stream. */
  offset: number;
  message: string;
}
