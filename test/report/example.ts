/** A rule and an analysis made by hand, for the tests of what src/report makes of them. */
import type { AnalysisResult, CaptureTime, Finding, FrameCitation } from '../../src/engine/result.ts';
import { defineRule } from '../../src/engine/rule.ts';
import type { Rule } from '../../src/engine/rule.ts';

export const exampleRule: Rule = defineRule({
  meta: {
    article: {
      id: 'Q151387',
      title: 'DHCP client may not release its address',
      symptom: 'A client goes on using an address after its lease has expired.',
      cause: 'The client asks its user before it gives the address back.',
      resolution: 'A corrected driver was supplied.',
      products: ['Windows for Workgroups 3.11'],
      related: ['Q120599'],
    },
    title: 'Address used past its lease',
    area: 'dhcp',
    severity: { definitive: 'error', strong: 'warning', suggestive: 'info' },
    qualifiers: { withDuplicate: { severity: 'critical', when: 'with a second holder' } },
    needs: ['dhcp', 'leases'],
    options: {
      graceMinSeconds: { default: 10, description: 'The least time after expiry in which use is excused.' },
      graceFraction: { default: 0.02, max: 1, description: 'The same as a share of the lease.' },
    },
    messages: {
      clear: '{judged:count lease|leases} judged, none used past expiry.',
      found: '{findings:count lease was|leases were} used past expiry.',
      suspected: '{findings:count lease seems|leases seem} to have been used past expiry.',
      inconclusive: 'No lease could be judged.',
      notApplicable: 'No DHCP with a lease.',
      used: '{address} was used for {overrun:duration} after its lease had expired.',
      why: 'The server {server} stopped answering renewals.',
      fix: 'Renew or release the address on the client.',
      singleTap: 'Only {packets:count} packets were seen.',
    },
    lookAlikes: ['An infinite lease.'],
    refutations: ['A renewal that another capture point shows.'],
    couldHide: ['truncated', 'evicted'],
  },
  create: () => ({}),
});

export const exampleRules: readonly Rule[] = [exampleRule];

/** 883612800 is 1998-01-01 00:00:00 UTC. */
export function at(offset: number, nanos = 0, precision = 6): CaptureTime {
  return { seconds: 883_612_800 + offset, nanos, precision };
}

export function frame(number: number, changes: Partial<FrameCitation> = {}): FrameCitation {
  return {
    number,
    file: 0,
    time: at(number, 123_456_789),
    role: 'use',
    summary: 'ICMP echo request 10.0.0.5 to 10.0.0.1',
    offsetBytes: number * 100,
    capturedBytes: 74,
    ...changes,
  };
}

export function finding(changes: Partial<Finding> = {}): Finding {
  return {
    article: 'Q151387',
    kind: 'fault',
    tier: 'definitive',
    confidence: 0.97,
    severity: 'error',
    key: 'Q151387|interface 0|10.0.0.5',
    domain: 'interface 0',
    subject: '10.0.0.5 on 00:11:22:33:44:55',
    hosts: ['10.0.0.5'],
    macs: ['00:11:22:33:44:55'],
    frames: [
      frame(4, { role: 'lease ack', summary: 'DHCP ACK 10.0.0.5, lease 120 s' }),
      frame(131),
      frame(136, {
        summary: 'ARP request for 10.0.0.1 from 10.0.0.5, sent by 00:11:22:33:44:55, the holder of the lease',
      }),
    ],
    firstSeen: at(131, 5000),
    lastSeen: at(205),
    count: 17,
    summary: 'used',
    why: 'why',
    whatToDo: 'fix',
    caveats: ['singleTap'],
    refutations: ['A renewal that another capture point shows.'],
    data: { address: '10.0.0.5', overrun: 84, server: '10.0.0.1', packets: 1234 },
    facts: { overrunSeconds: 84, leaseSeconds: 120, server: '10.0.0.1' },
    series: [],
    related: [],
    countsIn: null,
    ...changes,
  };
}

export function analysis(changes: Partial<AnalysisResult> = {}): AnalysisResult {
  return {
    captures: [
      {
        path: 'trace.pcap',
        file: 0,
        format: 'pcap',
        compression: null,
        bytes: 24_690,
        packets: 205,
        linkTypes: ['ETHERNET'],
        firstTime: at(1),
        lastTime: at(205, 500_000_000),
        damage: null,
        timeZone: 'UTC',
        oddities: {},
        comments: 0,
      },
    ],
    health: {
      drops: { packets: 0, fraction: 0, located: 0, ackedUnseen: 0 },
      clockEpochs: 0,
      duplicates: 0,
      multiPoint: { copies: 0, offsetMillis: null },
      withoutTime: 0,
      oneSidedConnections: 0,
      truncatedPackets: 0,
      malformedPackets: 0,
      evictions: {},
      notExamined: { ipv6: 12, tunnelled: 0, linkType: 0, truncated: 0, withoutTime: 0, oversized: 0 },
      gaps: [{ domain: 'interface 0', from: at(10), seconds: 45 }],
    },
    verdicts: [
      {
        article: 'Q151387',
        verdict: 'found',
        observed: { subjects: 4, judged: 1, undecided: { cut: 1, expiryNotReached: 2 } },
        data: {},
        notExamined: { truncated: 3 },
        findingsLeftOut: 0,
      },
    ],
    findings: [finding()],
    counts: { arp: 15, icmp: 150, udp: 30, dhcp: 10, tcp: 0 },
    generators: [],
    domains: [{ name: 'interface 0', packets: 205 }],
    interrupted: false,
    timings: null,
    options: {},
    ...changes,
  };
}
