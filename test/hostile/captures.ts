/** Captures in which hosts, users, interfaces and comments are called by hostile strings. */
import { Accounting } from '../../rules/dial-in/q159309-leaking-address-pool/scenarios/accounting.ts';
import { Ras } from '../../rules/dial-in/q159309-leaking-address-pool/scenarios/ras.ts';
import { Lan } from '../../rules/dhcp/q151387-use-past-lease/scenarios/lan.ts';
import { overuse } from '../../rules/dhcp/q151387-use-past-lease/scenarios/overuse.ts';
import { encode, ENCODINGS, Script } from '../../samples/craft/index.ts';
import type { ScriptInterface, TimedFrame } from '../../samples/craft/index.ts';

/** What craft writes byte by byte: the UTF-8 of a text, cut to what a field holds. */
function bytesOf(text: string, maxBytes: number): string {
  return Buffer.from(text).subarray(0, maxBytes).toString('latin1');
}

/** pcapng options hold 65,535 bytes. */
const OPTION_BYTES = 65_535;
/** DHCP options, PAP names and RADIUS attributes hold that many and two less. */
const NAME_BYTES = 255;
const ATTRIBUTE_BYTES = 253;

/** An address used past its lease by a host of that name (option 12). */
function leased(text: string): Script {
  const lan = new Lan();
  return overuse({ lan, client: lan.client({ hostName: bytesOf(text, NAME_BYTES) }) }).lan.script;
}

/** An address that a dial-in server does not take back: users of that name, by PAP and by RADIUS. */
function dialled(text: string): Script {
  const user = (number: number) => bytesOf(`${number}${text}`, NAME_BYTES);
  const ras = new Ras({ authentication: 'pap' });
  ras
    .calls(1, user(1), '.11')
    .calls(5, user(2), '.12')
    .calls(9, user(3), '.13')
    .hangsUp(30, user(1))
    .isRefused(45, user(4), 'ipcpTerminate')
    .isRefused(60, user(5), 'ipcpTerminate')
    .hangsUp(80, user(2))
    .gets(85, user(4), '.12')
    .hangsUp(95, user(3))
    .gets(100, user(5), '.13');
  const name = bytesOf(text, ATTRIBUTE_BYTES);
  new Accounting(ras.script).accepts(2, name).starts(3, name, '.99').stops(50, name, '.99', { seconds: 47 });
  return ras.end(130);
}

/** Two interfaces for each text, named by it, with a fault on either; every frame has it as its comment. */
export function hostileCapture(texts: readonly string[]): Uint8Array {
  const interfaces: ScriptInterface[] = [];
  const frames: TimedFrame[] = [];
  for (const text of texts) {
    const name = bytesOf(text, OPTION_BYTES);
    for (const [script, suffix] of [
      [leased(text), ''],
      [dialled(text), '/dial-in'],
    ] as const) {
      const at = interfaces.length;
      interfaces.push({ name: suffix + name });
      // 64 KB at each of some hundred frames would be a large capture, and say no more.
      const comment = name.length > 1000 && script.timeline().length > 1 ? name.slice(0, 1000) : name;
      for (const frame of script.timeline()) frames.push({ ...frame, interface: at, comment });
    }
  }
  frames.sort((one, other) => one.nanos - other.nanos);
  return encode(Script.recorded(interfaces, frames), ENCODINGS.pcapng);
}

/** The name as the reader of a pcapng gives it: no more than 256 bytes, up to a NUL. */
export function interfaceName(text: string): string {
  const bytes = Buffer.from(text).subarray(0, 256);
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
}
