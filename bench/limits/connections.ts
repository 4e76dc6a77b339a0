/** Connections, SYNs, fragments and clusters without end; clocks that jump. */
import {
  Cluster,
  Connection,
  Host,
  ipv4Fragments,
  ethernet,
  ETHERTYPE,
  filler,
  PROTOCOL,
} from '../../samples/craft/index.ts';
import { addressOf } from './addresses.ts';
import type { Flood } from './flood.ts';
import { type Change, LINKTYPE_ETHERNET, pcap } from './stream.ts';

const A = new Host({ mac: '02:00:00:00:00:01', ip: '10.0.0.1' });
const B = new Host({ mac: '00:80:c7:44:55:66', ip: '192.0.2.1' });

function connection(): Uint8Array[] {
  const one = new Connection(A, B, { clientPort: 1024, serverPort: 80, clientIsn: 1, serverIsn: 1 });
  return [
    one.syn(),
    one.synAck(),
    one.ack('client'),
    one.fin('client'),
    one.fin('server'),
    one.ack('client'),
  ];
}

/** Which frames of `connection` the client sends. */
const IS_CLIENTS = [true, false, true, true, false, true];

/** Another client address and port in every connection, and sequence numbers from a generator that goes backward now and then. */
const connects =
  (hosts: number, server: number): Change =>
  (view, at, number, which) => {
    const isClients = IS_CLIENTS[which] as boolean;
    view.setUint32(at + (isClients ? 26 : 30), addressOf(number % hosts));
    view.setUint32(at + (isClients ? 30 : 26), 0xc000_0201 + (number % server));
    view.setUint16(at + (isClients ? 34 : 36), 1024 + (Math.floor(number / hosts) % 60_000));
    const sequence = (Math.imul(number, 64_000) >>> 0) - (number % 11 === 0 ? 1_000_000 : 0);
    const begun = isClients ? 38 : 42;
    view.setUint32(at + begun, sequence + (which < 2 ? (isClients ? 0 : 1) : which < 4 ? 1 : 2));
  };

const [syn] = connection() as [Uint8Array];

const fragments = ipv4Fragments(
  { source: '10.0.0.1', destination: '192.0.2.1', protocol: PROTOCOL.udp, id: 7, payload: filler(64) },
  60,
).map((payload) => ethernet({ destination: B.mac, source: A.mac, type: ETHERTYPE.ipv4, payload }));

const cluster = new Cluster({ ip: '10.0.0.80' });
const beat = cluster.member(1).beat();

/** Unsigned seconds of the classic header at their extremes, and steps back without end. */
const JUMPS = [0, 0xffff_ffff, 1, 0x8000_0000, 0x7fff_ffff, 981_173_106];

export const CONNECTION_FLOODS: readonly Flood[] = [
  {
    name: 'connections',
    content: 'TCP connections, from SYN to the last ACK',
    count: 10_000_000,
    testCount: 150_000,
    stream: (count) =>
      pcap(LINKTYPE_ETHERNET, {
        frames: connection(),
        count,
        perSecond: 4000,
        change: connects(1_000_003, 64),
      }),
    evicted: ['connections'],
  },
  {
    name: 'connectors',
    content: 'TCP connections of 3,000 hosts to 5,000 servers, sequence numbers going backward',
    count: 3_000_000,
    testCount: 150_000,
    stream: (count) =>
      pcap(LINKTYPE_ETHERNET, {
        frames: connection(),
        count,
        perSecond: 2000,
        change: connects(3001, 5003),
      }),
  },
  {
    name: 'syns',
    content: 'SYNs from everywhere',
    count: 20_000_000,
    testCount: 1_000_000,
    stream: (count) =>
      pcap(LINKTYPE_ETHERNET, {
        frames: [syn],
        count,
        perSecond: 30_000,
        change: (view, at, number) => {
          view.setUint32(at + 26, Math.imul(number, 0x9e37_79b1) & 0x7fff_ffff);
          view.setUint16(at + 34, number & 0xffff);
        },
      }),
  },
  {
    name: 'fragments',
    content: 'first fragments without a last one, and later ones without a first',
    count: 10_000_000,
    testCount: 500_000,
    stream: (count) =>
      pcap(LINKTYPE_ETHERNET, {
        frames: fragments.slice(0, 2),
        count,
        perSecond: 20_000,
        change: (view, at, number, which) => {
          view.setUint16(at + 18, number * 2 + which);
          view.setUint16(at + 20, which === 0 ? 0x2000 : 0x2000 | (1 + (number % 8000)));
          view.setUint32(at + 26, addressOf(number));
        },
      }),
  },
  {
    name: 'clusters',
    content: 'heartbeats of clusters, each with a new address',
    count: 500_000,
    testCount: 60_000,
    stream: (count) =>
      pcap(LINKTYPE_ETHERNET, {
        frames: [beat],
        count,
        perSecond: 1000,
        change: (view, at, number) => {
          const address = addressOf(number);
          view.setUint32(at + 8, address);
          view.setUint32(at + 26, address);
          view.setUint32(at + 30, address + 1);
        },
      }),
    evicted: ['clusters'],
    tellingVerdicts: ['Q193599', 'Q228942'],
  },
  {
    name: 'members',
    content: 'heartbeats of the members of 40 clusters, each with 32 priorities, that contradict each other',
    count: 1_000_000,
    testCount: 60_000,
    stream: (count) =>
      pcap(LINKTYPE_ETHERNET, {
        frames: [beat],
        count,
        perSecond: 1280,
        change: (view, at, number) => {
          const address = 0x0a00_0050 + 256 * (number % 40);
          const priority = 1 + (Math.floor(number / 40) % 32);
          view.setUint16(at + 6, 0x0200 + priority);
          view.setUint32(at + 8, address);
          view.setUint32(at + 22, priority, true);
          view.setUint32(at + 26, address);
          view.setUint32(at + 30, address + priority + (Math.floor(number / 1280) % 3) * 64);
          view.setUint32(at + 42, Math.floor(number / 1280) % 5, true);
          view.setUint32(at + 58, 0x6100_0000 + number, true);
        },
      }),
  },
  {
    name: 'clocks',
    content: 'times of 0, 2^32 - 1 and between, back and forth',
    count: 4_000_000,
    testCount: 300_000,
    stream: (count) =>
      pcap(LINKTYPE_ETHERNET, {
        frames: [A.announce().subarray(0, 42)],
        count,
        perSecond: 1,
        timeOf: (number) => JUMPS[number % JUMPS.length] as number,
        change: (view, at, number) => {
          for (const offset of [8, 24]) view.setUint32(at + offset, 1 + (number % 997));
          for (const offset of [28, 38]) view.setUint32(at + offset, addressOf(number % 499));
        },
      }),
    check: ({ health }) => (health.clockEpochs > 1000 ? null : 'no clock epochs are told'),
  },
  {
    name: 'steps',
    content: 'steps of a clock, forward and back with every packet, while two hosts claim an address',
    count: 1_600_000,
    testCount: 200_000,
    stream: (count) =>
      pcap(LINKTYPE_ETHERNET, {
        frames: [A.announce().subarray(0, 42)],
        count,
        perSecond: 1,
        timeOf: (number) => 981_173_106 - 60 * (number & 1),
        change: (view, at, number) => {
          for (const offset of [8, 24]) view.setUint32(at + offset, 1 + (number & 1));
        },
      }),
    check: ({ health }) => (health.clockEpochs > 1000 ? null : 'no clock epochs are told'),
  },
  {
    name: 'backwards',
    content: 'connections whose times go backwards by a second each',
    count: 2_000_000,
    testCount: 200_000,
    stream: (count) =>
      pcap(LINKTYPE_ETHERNET, {
        frames: connection(),
        count,
        perSecond: 1,
        timeOf: (number) => 0xffff_fff0 - number,
        change: connects(3001, 503),
      }),
    check: ({ health }) => (health.clockEpochs > 1000 ? null : 'no clock epochs are told'),
  },
];
