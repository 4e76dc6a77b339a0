/** What the capture is worth as evidence, put together at its end. */
import type { CaptureInterface } from '../capture/interfaces.ts';
import { addCounts } from '../capture/limits.ts';
import type { Domain } from '../trackers/domains.ts';
import {
  KIND_IPV4_TUNNEL,
  KIND_IPV6,
  KIND_LINK_TUNNEL,
  KIND_MALFORMED,
  KIND_UNKNOWN_LINK,
} from '../wire/packet.ts';
import { dropsOf, type LocatedDrop } from './proof-limits.ts';
import type { CaptureHealth, CaptureTime } from './result.ts';

/** Counters that the loop keeps. */
export interface HealthCounters {
  clockEpochs: number;
  truncated: number;
  /** Packets cut before what had to be read. */
  unreadable: number;
  /** Packets that end too early on the wire. */
  malformed: number;
  withoutTime: number;
  unknownLink: number;
  dhcpMessages: number;
  tcpSyns: number;
}

export interface HealthSources {
  readonly interfaces: readonly CaptureInterface[];
  readonly located: readonly LocatedDrop[];
  readonly ackedUnseen: number;
  readonly duplicates: number;
  readonly recurrences: number;
  /** Seconds, or null. */
  readonly multiPointOffset: number | null;
  readonly oneSided: number;
  readonly evictions: Readonly<Record<string, number>>;
  readonly oversized: number;
  readonly domains: readonly Domain[];
  readonly timeAt: (time: number) => CaptureTime;
}

const MAX_GAPS = 16;

export function buildHealth(
  kinds: Uint32Array,
  counters: Readonly<HealthCounters>,
  sources: HealthSources,
): CaptureHealth {
  const drops = sources.interfaces.map(dropsOf);
  const count = (kind: number) => kinds[kind] as number;
  const offset = sources.multiPointOffset;
  return {
    drops: {
      packets: drops.reduce((sum, drop) => addCounts(sum, drop.packets), 0),
      fraction: Math.max(0, ...drops.map((drop) => drop.fraction)),
      located: sources.located.reduce((sum, drop) => addCounts(sum, drop.packets), 0),
      ackedUnseen: sources.ackedUnseen,
    },
    clockEpochs: counters.clockEpochs,
    duplicates: sources.duplicates,
    multiPoint: {
      copies: offset === null ? 0 : sources.recurrences,
      offsetMillis: offset === null ? null : Math.round(offset * 1000),
    },
    withoutTime: counters.withoutTime,
    oneSidedConnections: sources.oneSided,
    truncatedPackets: counters.truncated,
    malformedPackets: counters.malformed + count(KIND_MALFORMED),
    evictions: Object.fromEntries(Object.entries(sources.evictions).filter(([, evicted]) => evicted > 0)),
    notExamined: {
      ipv6: count(KIND_IPV6),
      tunnelled: count(KIND_LINK_TUNNEL) + count(KIND_IPV4_TUNNEL),
      linkType: count(KIND_UNKNOWN_LINK),
      truncated: counters.unreadable,
      withoutTime: counters.withoutTime,
      oversized: sources.oversized,
    },
    gaps: sources.domains
      .flatMap((domain) =>
        domain.liveness.longest.map((gap) => ({
          domain: domain.name,
          from: gap.from,
          seconds: gap.to - gap.from,
        })),
      )
      .toSorted((a, b) => b.seconds - a.seconds)
      .slice(0, MAX_GAPS)
      .map((gap) => ({
        domain: gap.domain,
        from: sources.timeAt(gap.from),
        seconds: Math.round(gap.seconds * 1000) / 1000,
      })),
  };
}
