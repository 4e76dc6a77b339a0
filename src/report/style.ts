/** What an output device can show: how wide it is, and whether it has colours. */
import { styleText } from 'node:util';

export type Style = Parameters<typeof styleText>[0];

export interface Device {
  /** Characters a line holds. */
  readonly width: number;
  readonly hasColour: boolean;
}

/** Width where the device does not tell (a file, a pipe). */
export const DEFAULT_WIDTH = 100;
const MIN_WIDTH = 60;
const MAX_WIDTH = 200;

type Environment = Readonly<Record<string, string | undefined>>;

/** An output stream as `describeDevice` needs to know it; null for a file. */
export interface Stream {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/**
 * `choice` is `--color` or `--no-color` and decides alone. Then FORCE_COLOR before NO_COLOR, as Node itself ranks them;
 * an empty NO_COLOR is none (no-color.org). Without any of these, colours are for terminals.
 */
export function describeDevice(stream: Stream | null, environment: Environment, choice?: boolean): Device {
  const columns = stream?.isTTY ? (stream.columns ?? DEFAULT_WIDTH) : DEFAULT_WIDTH;
  return {
    width: Math.min(MAX_WIDTH, Math.max(MIN_WIDTH, columns)),
    hasColour: choice ?? wantsColour(stream, environment),
  };
}

function wantsColour(stream: Stream | null, environment: Environment): boolean {
  const force = environment['FORCE_COLOR'];
  if (force !== undefined) return force !== '0' && force !== 'false';
  if (environment['NO_COLOR'] || environment['NODE_DISABLE_COLORS']) return false;
  return stream?.isTTY === true && environment['TERM'] !== 'dumb';
}

/** Colours a text where the device has colours. */
export function paint(device: Device, style: Style, text: string): string {
  return device.hasColour ? styleText(style, text, { validateStream: false }) : text;
}
