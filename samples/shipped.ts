/**
 * The captures in this folder: which scenarios they come from, their bytes, and MANIFEST.json, which says what kbdiag must find in
 * each. `npm run samples` writes them; a test builds them again and compares.
 */
import { createHash } from 'node:crypto';
import { rules } from '../rules/index.ts';
import { analyze } from '../src/engine/analyze.ts';
import type { FindingKind, Severity, Tier, Verdict } from '../src/engine/result.ts';
import { encode, ENCODINGS, gzipStored } from './craft/index.ts';
import type { Encoding, Scenario } from './craft/index.ts';
import { SCENARIOS } from './scenarios.ts';

export interface Sample {
  readonly file: string;
  readonly scenario: Scenario;
  readonly encoding: Encoding;
}

export interface ManifestEntry {
  readonly file: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly packets: number;
  readonly scenario: string;
  readonly title: string;
  readonly format: string;
  /** By article. */
  readonly verdicts: Readonly<Record<string, Verdict>>;
  readonly findings: readonly ManifestFinding[];
}

export interface ManifestFinding {
  readonly article: string;
  readonly kind: FindingKind;
  readonly tier: Tier;
  readonly severity: Severity;
  readonly subject: string;
  /** Numbers of the frames cited, as in Wireshark. */
  readonly frames: readonly number[];
}

export const MANIFEST = 'MANIFEST.json';

export const samples: readonly Sample[] = [
  sample('Q120599', 'D1', 'q120599-d1-boot-conflict.pcap'),
  sample('Q120599', 'D2-article', 'q120599-d2-article.pcap', ENCODINGS.modified),
  sample('Q120599', 'D4', 'q120599-d4-two-stacks.pcap.gz'),
  sample('Q120599', 'D7', 'q120599-d7-return-vlan.pcap', ENCODINGS.vlan),
  sample('Q120599', 'N1', 'q120599-n1-keepalived.pcap'),
  sample('Q120599', 'N4', 'q120599-n4-two-adapters.pcapng', ENCODINGS.pcapng),
  sample('Q151387', 'P1', 'q151387-p1-definitive.pcap'),
  sample('Q151387', 'P2', 'q151387-p2-second-holder.pcapng', ENCODINGS.pcapngBigNano),
  sample('Q151387', 'P3', 'q151387-p3-overload-qinq.pcap'),
  sample('Q151387', 'P6', 'q151387-p6-never-asks.pcapng', ENCODINGS.pcapngTwoSections),
  sample('Q151387', 'P8', 'q151387-p8-broadcasts-only.pcap', ENCODINGS.sll2),
  sample('Q151387', 'P10', 'q151387-p10-drops.pcapng'),
  sample('Q151387', 'P11', 'q151387-p11-late-start.pcap', ENCODINGS.pcapBigNano),
  sample('Q151387', 'N7', 'q151387-n7-grace.pcap'),
  sample('Q151387', 'N16', 'q151387-n16-switch-port.pcap', ENCODINGS.pcapNano),
  sample('Q151387', 'N20-resume', 'q151387-n20-resume.pcap'),
  sample('Q159309', 'P1', 'q159309-p1-pptp.pcap'),
  sample('Q159309', 'P2', 'q159309-p2-pppoe.pcapng', ENCODINGS.pcapngBigNano),
  sample('Q159309', 'P6', 'q159309-p6-passed-over.pcap', ENCODINGS.pcapNano),
  sample('Q159309', 'N2', 'q159309-n2-exhausted.pcap'),
  sample('Q193157', 'P1', 'q193157-p1-stale-address.pcap'),
  sample('Q193157', 'P5', 'q193157-p5-deaf.pcapng', ENCODINGS.pcapngBigNano),
  sample('Q193157', 'P9', 'q193157-p9-there-and-back-vlan.pcap', ENCODINGS.vlan),
  sample('Q193157', 'N9', 'q193157-n9-answered.pcap'),
  sample('Q193599', 'P1', 'q193599-p1-other-rules.pcap.gz'),
  sample('Q228811', 'P1', 'q228811-p1-old-acknowledgment.pcap'),
  sample('Q228811', 'P2', 'q228811-p2-silence.pcapng', ENCODINGS.pcapngTwoSections),
  sample('Q228811', 'P4', 'q228811-p4-delayed.pcap', ENCODINGS.modified),
  sample('Q228811', 'P7', 'q228811-p7-series.pcap', ENCODINGS.pcapNano),
  sample('Q228811', 'N22', 'q228811-n22-health-check.pcap'),
  sample('Q228942', 'P2', 'q228942-p2-silent-alive.pcap'),
  sample('Q228942', 'P3', 'q228942-p3-never-converges.pcapng', ENCODINGS.pcapng),
];

function sample(article: keyof typeof SCENARIOS, name: string, file: string, encoding?: Encoding): Sample {
  const scenario: Scenario | undefined = SCENARIOS[article].find((candidate) => candidate.name === name);
  if (scenario === undefined) throw new RangeError(`there is no scenario ${name}`);
  return { file, scenario, encoding: encoding ?? scenario.encoding ?? ENCODINGS.pcap };
}

export function buildSample({ file, scenario, encoding }: Sample): Uint8Array {
  const bytes = encode(scenario.build(), encoding);
  return file.endsWith('.gz') ? gzipStored(bytes, file.slice(0, -'.gz'.length)) : bytes;
}

/** What the rules make of a sample. */
export async function describeSample(from: Sample): Promise<ManifestEntry> {
  const bytes = buildSample(from);
  const { captures, verdicts, findings } = await analyze([{ bytes, path: from.file }], { rules });
  return {
    file: from.file,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    bytes: bytes.length,
    packets: captures.reduce((sum, { packets }) => sum + packets, 0),
    scenario: `${from.scenario.rule} ${from.scenario.name}`,
    title: from.scenario.title,
    format: describeFormat(from),
    verdicts: Object.fromEntries(verdicts.map(({ article, verdict }) => [article, verdict])),
    findings: findings.map(({ article, kind, tier, severity, subject, frames }) => ({
      article,
      kind,
      tier,
      severity,
      subject,
      frames: frames.map(({ number }) => number),
    })),
  };
}

const LINK_NAMES = { ethernet: 'Ethernet', sll: 'SLL', sll2: 'SLL2' } as const;

function describeFormat({ file, encoding }: Sample): string {
  const {
    container,
    byteOrder = 'little',
    decimals = 6,
    sections = 1,
    linkType = 'ethernet',
    vlans = [],
  } = encoding;
  const parts = [
    container === 'modified-pcap' ? 'modified pcap' : container,
    // The second section of two is written in the other byte order.
    sections === 2 ? 'two sections, of either byte order' : `${byteOrder}-endian`,
    decimals === 9 ? 'nanoseconds' : 'microseconds',
    LINK_NAMES[linkType],
    ...(vlans.length === 0 ? [] : [`VLAN ${vlans.join('/')}`]),
    ...(file.endsWith('.gz') ? ['gzip'] : []),
  ];
  return parts.join(', ');
}

/** The text of MANIFEST.json; a list of frames is one line. */
export function manifestText(entries: readonly ManifestEntry[]): string {
  const text = JSON.stringify({ samples: entries }, null, 2);
  return `${text.replaceAll(/\[\s+(\d[\d,\s]*?)\s+\]/g, (_, list: string) => `[${list.replaceAll(/\s+/g, ' ')}]`)}\n`;
}
