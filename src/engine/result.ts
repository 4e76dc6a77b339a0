/** What an analysis comes to, before any wording: message ids and data, which src/report turns into text. */
import type { Damage } from '../capture/errors.ts';

export type Tier = 'definitive' | 'strong' | 'suggestive';
export type Severity = 'critical' | 'error' | 'warning' | 'info';
export type FindingKind = 'fault' | 'notice';
export type Verdict = 'found' | 'suspected' | 'clear' | 'inconclusive' | 'not-applicable';

/** Fixed confidence per tier (rules 0.1). */
export const CONFIDENCE: Readonly<Record<Tier, number>> = {
  definitive: 0.97,
  strong: 0.85,
  suggestive: 0.55,
};

/** Values a message may show. Numbers are shown as they are unless the template names a unit. */
export type MessageData = Readonly<Record<string, string | number | boolean | null>>;

/** A point in capture time, exact. */
export interface CaptureTime {
  /** Whole seconds since 1970, possibly negative. */
  readonly seconds: number;
  /** 0 to 999,999,999. */
  readonly nanos: number;
  /** Decimals the capture has, 0 to 9. */
  readonly precision: number;
}

/** A packet that proves something: where it stands, and its part in the proof. */
export interface FrameCitation {
  /** 1-based in its file, as in Wireshark. */
  readonly number: number;
  /** Position of the file among those given, 0-based. */
  readonly file: number;
  readonly time: CaptureTime | null;
  /** Its part in the proof, one or two words: `lease ack`, `use`. */
  readonly role: string;
  /** One line on the packet's content; holds no text taken from the packet. */
  readonly summary: string;
  /** Offset of the packet's first byte in the decompressed file. */
  readonly offsetBytes: number;
  readonly capturedBytes: number;
}

/** How a host chooses initial sequence numbers, as far as its connections show. */
export interface GeneratorSummary {
  readonly domain: string;
  readonly address: string;
  readonly role: 'client' | 'server';
  /** Numbers seen. */
  readonly samples: number;
  readonly kind: string;
  /** Sequence numbers per second, and standard deviation of the steps between numbers. */
  readonly rate: number;
  readonly stepDeviation: number;
  readonly gcd: number;
}

/** What the values of a series are, and so how it is drawn. */
export const SERIES_UNITS = {
  /** 1, at each moment at which something happened. */
  event: 'event',
  /** 1 where a state begins, 0 where it ends; one without an end lasts as long as anything is known. */
  state: 'on/off',
  /** 0 to 2^32 - 1. */
  sequence: 'sequence number',
} as const;

export interface Series {
  /** What happened, in words that do not change: `renewal unanswered`. Renderers choose pictures by these. */
  readonly name: string;
  /** One of `SERIES_UNITS`, or what else the values are. */
  readonly unit: string;
  /** Whom it happened to: an address, a MAC address, a host of a cluster. Absent where the finding has one subject. */
  readonly of?: string;
  /** At most 512 pairs of [seconds since the first packet, value], by time. */
  readonly points: ReadonlyArray<readonly [number, number]>;
}

export interface Finding {
  readonly article: string;
  readonly kind: FindingKind;
  readonly tier: Tier;
  readonly confidence: number;
  readonly severity: Severity;
  /** Identity: article, domain, subject. Also the notice's kind where it is one. */
  readonly key: string;
  /** The layer-2 domain in words: `interface 0`, `eth0, VLAN 20`. */
  readonly domain: string;
  readonly subject: string;
  readonly hosts: readonly string[];
  readonly macs: readonly string[];
  /** In capture order, at most 24. */
  readonly frames: readonly FrameCitation[];
  readonly firstSeen: CaptureTime | null;
  readonly lastSeen: CaptureTime | null;
  /** How many events the finding stands on (use frames, switches …), cited or not. */
  readonly count: number;
  /** Message ids in the rule's `meta.messages`. */
  readonly summary: string;
  readonly why: string;
  readonly whatToDo: string;
  readonly caveats: readonly string[];
  /** Sentences of the rule's `meta.refutations`. */
  readonly refutations: readonly string[];
  readonly data: MessageData;
  /** Sorted by name. */
  readonly facts: MessageData;
  readonly series: readonly Series[];
  readonly related: readonly string[];
  readonly countsIn: string | null;
}

export interface RuleVerdict {
  readonly article: string;
  readonly verdict: Verdict;
  /** Counts of subjects; `undecided` maps a reason to a count, sorted by reason. */
  readonly observed: {
    readonly subjects: number;
    readonly judged: number;
    readonly undecided: Readonly<Record<string, number>>;
  };
  /** What the rule's verdict messages may show beside `observed`. */
  readonly data: MessageData;
  /** Kinds of packets that were not examined and could have held a subject of this rule, with counts. */
  readonly notExamined: Readonly<Record<string, number>>;
  /** Findings beyond the 1,000 that are kept. */
  readonly findingsLeftOut: number;
}

export interface CaptureSummary {
  readonly path: string;
  /** Position among the files given, 0-based: those that could not be read are counted too. */
  readonly file: number;
  readonly format: string;
  readonly compression: string | null;
  readonly bytes: number;
  readonly packets: number;
  /** LINKTYPE names, in order of appearance: `ETHERNET`, `LINUX_SLL2`, `147`. */
  readonly linkTypes: readonly string[];
  readonly firstTime: CaptureTime | null;
  readonly lastTime: CaptureTime | null;
  /** `unknown` where the format keeps no zone and none was named: times are then given as if it were UTC. */
  readonly timeZone: 'UTC' | 'unknown';
  readonly damage: Damage | null;
  readonly oddities: Readonly<Record<string, number>>;
  readonly comments: number;
  /** What of it lies in the period asked for; absent where all was asked for. */
  readonly examined?: {
    readonly packets: number;
    readonly firstTime: CaptureTime | null;
    readonly lastTime: CaptureTime | null;
  };
}

/** What the capture is worth as evidence (rules 0.2). */
export interface CaptureHealth {
  readonly drops: {
    readonly packets: number;
    readonly fraction: number;
    readonly located: number;
    readonly ackedUnseen: number;
  };
  /** Beginnings of new clock epochs; 0 on a steady clock. */
  readonly clockEpochs: number;
  readonly duplicates: number;
  readonly multiPoint: { readonly copies: number; readonly offsetMillis: number | null };
  readonly withoutTime: number;
  readonly oneSidedConnections: number;
  readonly truncatedPackets: number;
  readonly malformedPackets: number;
  readonly evictions: Readonly<Record<string, number>>;
  readonly notExamined: {
    readonly ipv6: number;
    readonly tunnelled: number;
    readonly linkType: number;
    readonly truncated: number;
    readonly withoutTime: number;
    readonly oversized: number;
  };
  /** Longest stretches without packets, per domain, at most 16. */
  readonly gaps: ReadonlyArray<{
    readonly domain: string;
    readonly from: CaptureTime;
    readonly seconds: number;
  }>;
}

/** A value that can be recognised in another capture, and when it was first seen; null where that is not known. */
export type InventoryEntry = readonly [value: string, firstSeen: CaptureTime | null];

/** What names the stations of a capture, sorted by value, at most 1,024 of each kind. */
export interface Inventory {
  /** Stations' own, no group, shared or virtual ones: `00:11:22:33:44:55`. */
  readonly mac: readonly InventoryEntry[];
  /** IPv4, of hosts on the link. */
  readonly address: readonly InventoryEntry[];
  /** Of hosts and users; not to be shown as they are. */
  readonly name: readonly InventoryEntry[];
  /** `00:11:22:33:44:55 10.0.0.5 10.0.0.1`: station, address, and server if known. */
  readonly lease: readonly InventoryEntry[];
}

export interface AnalysisResult {
  readonly captures: readonly CaptureSummary[];
  /** The period asked for, both ends included; absent where all was asked for. */
  readonly period?: { readonly from: CaptureTime | null; readonly to: CaptureTime | null };
  readonly health: CaptureHealth;
  readonly verdicts: readonly RuleVerdict[];
  readonly findings: readonly Finding[];
  /** Packets by kind, for `kbdiag info`: `ipv4`, `arp`, `tcp`, `udp`, `icmp`, `dhcp`, `tcpSyn`, … */
  readonly counts: Readonly<Record<string, number>>;
  /** What the network looks like, for `kbdiag info`. */
  readonly domains: ReadonlyArray<{ readonly name: string; readonly packets: number }>;
  /** The generators of the hosts with most connections, for `kbdiag info`. */
  readonly generators: readonly GeneratorSummary[];
  /** What could be recognised in other captures; absent unless asked for. */
  readonly inventory?: Inventory;
  /** True when the analysis was stopped before the end of the input. */
  readonly interrupted: boolean;
  /** Milliseconds per stage, with `timings` on. */
  readonly timings: Readonly<Record<string, number>> | null;
  /** Options that differ from their defaults, sorted by name. */
  readonly options: Readonly<Record<string, number>>;
}
