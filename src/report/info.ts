/** `kbdiag info`: what a capture is, without judging it. */
import type { AnalysisResult } from '../engine/result.ts';
import { terminalText } from './escape.ts';
import { renderTable, wrap } from './layout.ts';
import { isLocal, withLocalCapture, withLocalHealth } from './local-times.ts';
import { toReportCapture, toReportHealth } from './model.ts';
import type { ReportCapture, ReportHealth } from './schema.ts';
import type { Device } from './style.ts';
import { paint } from './style.ts';
import { type TimeZone, UTC } from './time-zone.ts';
import { TOOL } from './tool.ts';
import { formatBytes, formatCount, formatDuration, formatPercent } from './units.ts';
import { healthSentences, oddityWords } from './wording.ts';
import { zonedTime } from './zoned.ts';

export interface CaptureInfo {
  readonly schema: 'kbdiag-info/1';
  readonly tool: { readonly name: string; readonly version: string };
  readonly interrupted: boolean;
  readonly captures: readonly ReportCapture[];
  /** Packets by layer-2 domain: an interface, with its VLAN where there is one. */
  readonly domains: ReadonlyArray<{ readonly name: string; readonly packets: number }>;
  /** Packets by kind. `tcpSyn` is a part of `tcpControl`; the others add up to all packets. */
  readonly counts: Readonly<Record<string, number>>;
  /** How the hosts with most connections choose initial sequence numbers. */
  readonly generators: AnalysisResult['generators'];
  readonly health: ReportHealth;
}

export function toCaptureInfo(result: AnalysisResult): CaptureInfo {
  const captures = result.captures.map((capture) => withLocalCapture(toReportCapture(capture)));
  const health = toReportHealth(result.health);
  return {
    schema: 'kbdiag-info/1',
    tool: { ...TOOL },
    interrupted: result.interrupted,
    captures,
    domains: result.domains.map(({ name, packets }) => ({ name, packets })),
    counts: { ...result.counts },
    generators: result.generators.map((generator) => ({
      ...generator,
      rate: Math.round(generator.rate),
      stepDeviation: Math.round(generator.stepDeviation),
    })),
    health: captures.some(isLocal) ? withLocalHealth(health) : health,
  };
}

/** The kinds of src/wire in words; one without words here is shown by its name. */
const KIND_WORDS: Readonly<Record<string, string>> = {
  arp: 'ARP',
  dhcp: 'DHCP',
  heartbeat: 'NLB heartbeat',
  icmp: 'ICMP',
  ipv4Other: 'other IPv4',
  ipv4Tunnel: 'tunnel in IPv4',
  ipv6: 'IPv6',
  linkTunnel: 'tunnel in Ethernet',
  malformed: 'malformed',
  other: 'no IP, no ARP',
  rarp: 'RARP',
  tcp: 'TCP',
  tcpControl: 'TCP with SYN, FIN or RST',
  tcpSyn: '  of these, with SYN',
  truncated: 'cut before its kind shows',
  udp: 'UDP',
  unknownLink: 'link type not decoded',
};

/** `zone` is that of the times shown; UTC for want of one. */
export async function renderInfo(
  info: CaptureInfo,
  device: Device,
  zone: TimeZone | null = null,
): Promise<string> {
  const sections: string[] = [];
  for (const capture of info.captures) sections.push(describeCapture(capture, device, zone));
  if (info.interrupted) sections.push('Interrupted: this covers what was read so far.');
  const total = info.captures.reduce((sum, { packets }) => sum + packets, 0);
  const share = (packets: number) => (total === 0 ? '-' : formatPercent(packets / total));
  const tableOf = (head: string, rows: ReadonlyArray<readonly [string, number]>) =>
    renderTable(
      device,
      [{ head: 'packets', align: 'right' }, { head: 'share', align: 'right' }, { head }],
      rows.map(([name, packets]) => [formatCount(packets), share(packets), terminalText(name)]),
      undefined,
      '  ',
    );
  if (info.domains.length > 0) {
    sections.push(
      await tableOf(
        'interface',
        info.domains.map(({ name, packets }) => [name, packets] as const),
      ),
    );
  }
  const kinds = Object.entries(info.counts).filter(([, packets]) => packets > 0);
  if (kinds.length > 0) {
    sections.push(
      await tableOf(
        'kind',
        kinds.map(([kind, packets]) => [KIND_WORDS[kind] ?? kind, packets] as const),
      ),
    );
  }
  if (info.generators.length > 0) sections.push(await generatorTable(info, device));
  const health = healthSentences(info.health).map((line) =>
    wrap(device, terminalText(line, Infinity), '  - '),
  );
  sections.push(
    [
      paint(device, 'bold', 'Health'),
      ...(health.length > 0 ? health : ['  - Nothing that weakens what the capture can prove.']),
    ].join('\n'),
  );
  return `${sections.join('\n\n')}\n`;
}

/** Classes of src/trackers/isn-class.ts in words. */
const GENERATOR_WORDS: Readonly<Record<string, string>> = {
  constant: 'one number for all',
  'rule-64k': 'steps of 64,000',
  'rule-800': 'steps of 800',
  'hash-24': 'clock and a hash of 24 bits',
  'tuple-clock': 'a clock per connection (RFC 6528)',
  random: 'random, or hashed (RFC 6528)',
  time: 'a clock',
  regressing: 'random steps, some backward',
  increments: 'random steps forward',
  unknown: 'not told',
};

/** Initial sequence numbers of the busiest hosts. */
async function generatorTable(info: CaptureInfo, device: Device): Promise<string> {
  const rows = info.generators.map((generator) => [
    formatCount(generator.samples),
    generator.address,
    generator.role,
    GENERATOR_WORDS[generator.kind] ?? generator.kind,
    generator.samples < 2 ? '-' : formatCount(generator.rate),
  ]);
  const table = await renderTable(
    device,
    [
      { head: 'numbers', align: 'right' },
      { head: 'host' },
      { head: 'role' },
      { head: 'initial sequence numbers' },
      { head: 'a second', align: 'right' },
    ],
    rows,
    undefined,
    '  ',
  );
  return [paint(device, 'bold', 'Initial sequence numbers of the busiest hosts'), table].join('\n');
}

function describeCapture(capture: ReportCapture, device: Device, zone: TimeZone | null): string {
  const shown = (time: string | null) => (zone === null || zone === UTC ? time : zonedTime(time, zone));
  const { durationSeconds: duration, packets, bytes } = capture;
  const facts: Array<readonly [string, string]> = [
    [
      'format',
      `${capture.format}${capture.compression === null ? '' : `, ${terminalText(capture.compression)}`}`,
    ],
    ['size', bytes < 1024 ? formatBytes(bytes) : `${formatBytes(bytes)} (${formatCount(bytes)} bytes)`],
    ['link types', capture.linkTypes.map((name) => terminalText(name)).join(', ') || 'none'],
    ['packets', formatCount(packets)],
    ['first', shown(capture.firstTime) ?? 'no time'],
    ['last', shown(capture.lastTime) ?? 'no time'],
  ];
  if (duration !== null) {
    facts.push(['span', duration < 0 ? 'the clock was set back' : formatDuration(duration)]);
    if (duration > 0)
      facts.push(['rate', `${formatCount(Number((packets / duration).toPrecision(3)))} packets/s`]);
  }
  if (capture.comments > 0) facts.push(['comments', formatCount(capture.comments)]);
  for (const [oddity, count] of Object.entries(capture.oddities)) {
    facts.push(['odd', `${terminalText(oddityWords(oddity))} (${formatCount(count)})`]);
  }
  if (capture.damaged !== null) {
    facts.push([
      'damaged',
      `at byte ${formatCount(capture.damaged.offset)}: ${terminalText(capture.damaged.message)}`,
    ]);
  }
  const width = Math.max(...facts.map(([name]) => name.length)) + 2;
  const name = capture.path === '-' ? 'standard input' : terminalText(capture.path);
  return [
    paint(device, 'bold', name),
    ...facts.map(([label, text]) => wrap(device, text, `  ${label.padEnd(width)}`)),
  ].join('\n');
}
