/** Evidence among more attempts and connections than any table keeps: none of it may be lost, or appear, because of them. */
import { Host, Script, TCP_FLAG, TCP_OPTION } from '../../../../samples/craft/index.ts';
import type { Scenario } from '../../../../samples/craft/index.ts';
import { DEFINITIVE, fault, lookAlike, STRONG } from './expectations.ts';
import { Flow, Lan, ntEnd } from './lan.ts';
import { reuse } from './reuse.ts';
import { openAll, openings, regressing, series, spread } from './series.ts';

const SCAN_SYNS = 12_000;
const OPEN_SECONDS = 900;

/** Somebody scans an address that answers nothing, 100 SYNs a second from one source each: slower than a flood. */
function scanned(script: Script, from: number): Script {
  const router = new Host({ mac: '00:e0:1e:60:42:f1', ip: '192.0.2.1', ttl: 50 });
  const dark = new Host({ mac: '00:e0:1e:60:42:f2', ip: '10.0.0.240' });
  for (let count = 0; count < SCAN_SYNS; count += 1) {
    const syn = {
      sourcePort: 1024 + count,
      destinationPort: 1 + (count % 1000),
      sequence: Math.imul(count, 0x9e3779b1) >>> 0,
      flags: TCP_FLAG.syn,
      options: TCP_OPTION.mss(1460),
    };
    const sourceIp = `198.18.${count >>> 8}.${count & 0xff}` as const;
    script.at(from + count / 100, () => router.tcp(dark, syn, { sourceIp }));
  }
  return script;
}

/** A series that is strong because of its last attempt, which nobody answers; then the scan. */
function seriesThenScan(): Script {
  const script = series({ steps: regressing(16, spread(16, 3)), failure: true });
  return scanned(script, script.durationSeconds() - 5);
}

/** Another SYN to the listener stays without an answer while the attempt does; then the scan. */
function silenceThenScan(): Script {
  const base = reuse({ serverPort: 443, reuseAt: 32 }).tries('silent').fresh(33, 47).witness();
  const client = ntEnd('10.0.0.77', '00:60:97:11:22:77');
  const tuple = { client, server: base.lan.server, clientPort: 5000, serverPort: 443 };
  const other = new Flow({ ...tuple, clientIsn: 5, serverIsn: 6 });
  base.lan.send(35, (at) => other.syn(at));
  return scanned(base.end(60), 55);
}

/** P1, but the old connection was open for a quarter of an hour, at whose end many others were opened and closed. */
function longSession(): Script {
  const base = reuse().tries('oldAck').fresh(59.5, 62, 75).end(100);
  const script = Script.recorded(
    base.interfaces,
    base
      .timeline()
      .map((frame) => (frame.nanos > 20.3e9 ? { ...frame, nanos: frame.nanos + OPEN_SECONDS * 1e9 } : frame)),
  );
  const others = new Lan(9);
  for (let host = 0; host < 100; host += 1) {
    const end = ntEnd(`10.0.6.${host + 1}`, `00:60:97:22:${host < 90 ? '01' : '02'}:${10 + (host % 90)}`);
    const times = Array.from({ length: 6 }, (_, index) => OPEN_SECONDS + 10 + host / 20 + index * 0.01);
    openAll(others, openings([900, 1800, 2700, 3600, 4500], times, 0x1000_0000 + host * 1e6), end);
  }
  for (const frame of others.script.timeline()) script.at(frame.nanos / 1e9, frame.bytes);
  return script;
}

export const crowds: readonly Scenario[] = [
  fault('R6', 'a series with an attempt that nobody answers, then a scan', STRONG, seriesThenScan),
  fault('R7', 'the old connection was a long session among many others', DEFINITIVE, longSession),
  lookAlike('RN11', 'silence for all, then a scan', silenceThenScan),
];
