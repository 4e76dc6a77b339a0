/** Who reads which capture, and by which command. */
import { spawnSync } from 'node:child_process';
import type { CaptureFile } from './capture-set.ts';
import type { CaptureName } from './generate/captures.ts';

export type ContenderName =
  | 'kbdiag'
  | 'cat'
  | 'capinfos -c'
  | 'tcpdump -r -w'
  | 'gzip -dc'
  | 'pcap-parser'
  | 'tshark -z expert';

export interface Contender {
  readonly name: ContenderName;
  /** The program that must be installed; null for what comes with the repository. */
  readonly program: string | null;
  readonly reads: (capture: CaptureName) => boolean;
  readonly command: (file: string) => readonly string[];
  /** Slow ones run in fewer rounds. */
  readonly maxRuns: number;
  /** Packets of the slice it reads instead of the whole capture; null for the whole. */
  readonly slicePackets: number | null;
}

function kbdiag(rules: string | null): Contender {
  const selection = rules === null ? [] : ['--rules', rules];
  const output = ['-f', 'json', '-o', '/dev/null'];
  return {
    name: 'kbdiag',
    program: null,
    reads: () => true,
    command: (file) => [process.execPath, 'bin/kbdiag.js', 'analyze', file, ...output, ...selection],
    maxRuns: Infinity,
    slicePackets: null,
  };
}

const PEERS: readonly Contender[] = [
  {
    name: 'cat',
    program: 'cat',
    reads: () => true,
    command: (file) => ['cat', file],
    maxRuns: Infinity,
    slicePackets: null,
  },
  {
    name: 'capinfos -c',
    program: 'capinfos',
    reads: () => true,
    command: (file) => ['capinfos', '-c', file],
    maxRuns: Infinity,
    slicePackets: null,
  },
  {
    name: 'tcpdump -r -w',
    program: 'tcpdump',
    reads: (capture) => capture !== 'gzip',
    command: (file) => ['tcpdump', '-r', file, '-w', '/dev/null'],
    maxRuns: Infinity,
    slicePackets: null,
  },
  {
    name: 'gzip -dc',
    program: 'gzip',
    reads: (capture) => capture === 'gzip',
    command: (file) => ['gzip', '-dc', file],
    maxRuns: Infinity,
    slicePackets: null,
  },
  {
    name: 'pcap-parser',
    program: null,
    reads: (capture) => capture !== 'gzip' && capture !== 'pcapng' && capture !== 'watched',
    command: (file) => [process.execPath, 'bench/pcap-parser-count.mjs', file],
    maxRuns: 3,
    slicePackets: null,
  },
  {
    name: 'tshark -z expert',
    program: 'tshark',
    reads: (capture) =>
      capture === 'small' || capture === 'mix' || capture === 'big' || capture === 'synflood',
    command: (file) => ['tshark', '-r', file, '-q', '-z', 'expert'],
    maxRuns: 3,
    slicePackets: 100_000,
  },
];

/** kbdiag and the peers that are installed; `say` hears which are not. */
export function findContenders(
  withPeers: boolean,
  rules: string | null,
  say: (line: string) => void,
): Contender[] {
  if (!withPeers) return [kbdiag(rules)];
  const present = PEERS.filter(({ name, program }) => {
    if (program === null || spawnSync('which', [program]).status === 0) return true;
    say(`${name} is left out: ${program} is not installed`);
    return false;
  });
  return [kbdiag(rules), ...present];
}

/** What others are compared with on this capture. */
export function referenceOf(capture: CaptureFile): ContenderName {
  return capture.name === 'gzip' ? 'gzip -dc' : 'capinfos -c';
}
