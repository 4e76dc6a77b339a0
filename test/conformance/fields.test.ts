/** What src/wire reads of every packet of the real captures, against tshark: the outermost layers of each frame. */
import { describe, expect, it } from 'vitest';
import { CAPTURE_FORMATS, limitConcurrency, readCatalog } from '../capture/corpus.ts';
import { arePeersRequired, hasPeer } from '../peers.ts';
import { type DecodedFrame, readOurFields, readTsharkFields } from './fields.ts';

/** What tshark must call a packet of each kind: the network layer, and for IPv4 what it carries. */
const EXPECTED_LAYERS: Readonly<Record<string, RegExp>> = {
  arp: /^arp$/,
  rarp: /^arp$/,
  ipv6: /^ipv6$/,
  heartbeat: /^msnlb$/,
  linkTunnel: /^(pppoed|pppoes|mpls|ieee8021ah|cfp|trill|vntag|ieee8021br|cmd|macsec|nsh)$/,
  ppp: /^(lcp|ipcp|ccp|pap|chap|cbcp|ipv6cp|eap|mp|comp_data|mplscp|data|ppp.*|)$/,
  radius: /^ip:udp$/,
  tcp: /^ip:tcp$/,
  tcpControl: /^ip:tcp$/,
  udp: /^ip:udp$/,
  dhcp: /^ip:udp$/,
  icmp: /^ip:icmp$/,
  clusterControl: /^ip:udp$/,
  ipv4Tunnel: /^ip:(gre|ip|ipv6|udp|l2tp)$/,
  ipv4Other: /^ip:(?!tcp$|udp$|icmp$|gre$|ip$|ipv6$)/,
  other: /^(?!arp|ip:|ipv6|msnlb|ppp|mpls)/,
  malformed: /^ip:/,
  // Cut before the header that would tell.
  truncated: /^(ip:(tcp|udp|icmp)?)?$/,
};

interface Difference {
  readonly field: string;
  readonly ours: string | undefined;
  readonly theirs: string | undefined;
  readonly our: DecodedFrame;
  readonly their: DecodedFrame;
}

interface Reason {
  /** Who is right, and by which specification. */
  readonly because: string;
  readonly explains: (difference: Difference) => boolean;
}

const factOf = (frame: DecodedFrame, name: string): number => Number(frame.facts.get(name) || Number.NaN);

/** Longest way to a transport header: Ethernet with four tags, and IPv4 with options. */
const LONGEST_HEADERS = 14 + 4 * 4 + 60;

/** Every difference has to be explained by exactly what the frame is. */
const REASONS: readonly Reason[] = [
  {
    because:
      'ARP that is not for Ethernet and IPv4 is left alone (RFC 826); tshark shows the bytes at the same places.',
    explains: ({ field, ours, their: { facts } }) =>
      field.startsWith('arp.') &&
      ours === undefined &&
      !(
        ['1', '6'].includes(facts.get('arp.hw.type') ?? '') &&
        facts.get('arp.proto.type') === '0x0800' &&
        facts.get('arp.hw.size') === '6' &&
        facts.get('arp.proto.size') === '4'
      ),
  },
  {
    because: 'A transport header that was not captured is unknown, and with it what kind of packet this is.',
    explains: ({ ours, our, their }) =>
      our.kind === 'truncated' && ours === undefined && factOf(their, 'frame.cap_len') < LONGEST_HEADERS + 14,
  },
  {
    because:
      'The IPv4 total length counts (RFC 791 3.1) although it is more than the frame; tshark takes the frame.',
    explains: ({ field, ours, theirs, their }) => {
      const isBeyond = theirs === undefined || Number(ours) > Number(theirs);
      const claimed = factOf(their, 'ip.len') - factOf(their, 'ip.hdr_len') - factOf(their, 'tcp.hdr_len');
      return (
        field === 'tcp.len' &&
        isBeyond &&
        Number(ours) === claimed &&
        factOf(their, 'ip.len') > factOf(their, 'frame.len') - 20
      );
    },
  },
  {
    because:
      'A first fragment holds so many bytes of a segment whose length it does not tell (RFC 791 3.2); tshark says nothing.',
    explains: ({ field, theirs, their }) =>
      field === 'tcp.len' && theirs === undefined && /^(1|True)$/.test(their.facts.get('ip.flags.mf') ?? ''),
  },
  {
    because:
      'A data offset below 5 is invalid (RFC 9293 3.1): no length follows from it, and tshark reads no further.',
    explains: ({ field, theirs, their }) =>
      factOf(their, 'tcp.hdr_len') < 20 &&
      (theirs === undefined ? field.startsWith('tcp.') : field === 'tcp.len'),
  },
  {
    because:
      'The fixed fields stand before the options that were cut (RFC 2131 2); tshark shows nothing of such a message.',
    explains: ({ field, theirs, our }) =>
      field.startsWith('dhcp.') && theirs === undefined && our.fields.get('dhcp.status') === 'cut',
  },
  {
    because:
      'A heartbeat of a host priority above 32 is none (Q193601); tshark shows the bytes at the same places.',
    explains: ({ field, ours, their }) =>
      field.startsWith('nlb.') && ours === undefined && Number(their.fields.get('nlb.priority')) > 32,
  },
];

const rows = readCatalog();
const hasPeers = rows.length > 0 && hasPeer('tshark');
const atMostTwo = limitConcurrency(2);

function differencesOf(our: DecodedFrame, their: DecodedFrame): Difference[] {
  const names = new Set([...our.fields.keys(), ...their.fields.keys()]);
  names.delete('dhcp.status');
  return [...names]
    .map((field) => ({ field, ours: our.fields.get(field), theirs: their.fields.get(field), our, their }))
    .filter(({ ours, theirs }) => ours !== theirs);
}

function describeDifference({ field, ours, theirs, our, their }: Difference): string {
  return `frame ${our.number} (${our.kind}, ${their.kind}): ${field} ${ours ?? 'absent'}, tshark ${theirs ?? 'absent'}`;
}

describe('peers', () => {
  it.runIf(arePeersRequired)('are there: tshark and the corpus', () => {
    expect(rows.length).toBeGreaterThan(0);
    expect(hasPeer('tshark')).toBe(true);
  });
});

describe.skipIf(!hasPeers)('corpus: decoded fields equal tshark', () => {
  const used = new Set<Reason>();
  let compared = 0;
  const readable = rows.filter((row) => CAPTURE_FORMATS.has(row.format));

  it.concurrent.each(readable.map((row) => [row.path.slice(-90), row] as const))(
    '%s',
    (_name, row) =>
      atMostTwo(async () => {
        const ours = await readOurFields(row.file);
        if (ours.length === 0) return;
        const theirs = await readTsharkFields(row.file);
        const unexplained: string[] = [];
        for (const our of ours) {
          const their = theirs.get(our.number);
          if (their === undefined) {
            unexplained.push(`frame ${our.number} is not among tshark's`);
            continue;
          }
          compared += our.fields.size;
          if (!EXPECTED_LAYERS[our.kind]?.test(their.kind)) {
            unexplained.push(`frame ${our.number} is ${our.kind}, tshark: ${their.kind}`);
          }
          for (const difference of differencesOf(our, their)) {
            const reason = REASONS.find((candidate) => candidate.explains(difference));
            if (reason) used.add(reason);
            else unexplained.push(describeDifference(difference));
          }
        }
        expect(unexplained.slice(0, 20)).toEqual([]);
      }),
    60_000,
  );

  it('compared something, and needed every reason', () => {
    expect(compared).toBeGreaterThan(500_000);
    expect(REASONS.filter((reason) => !used.has(reason)).map((reason) => reason.because)).toEqual([]);
  });
});
