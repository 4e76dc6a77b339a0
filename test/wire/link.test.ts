/** From an Ethernet header to a kind, and the kind of every prefix of one packet of each. */
import { describe, expect, it } from 'vitest';
import * as craft from '../../samples/craft/index.ts';
import {
  KIND_ARP,
  KIND_DHCP,
  KIND_HEARTBEAT,
  KIND_ICMP,
  KIND_IPV4,
  KIND_IPV4_TUNNEL,
  KIND_IPV6,
  KIND_LINK_TUNNEL,
  KIND_MALFORMED,
  KIND_OTHER,
  KIND_RARP,
  KIND_TCP,
  KIND_TCP_CONTROL,
  KIND_TRUNCATED,
  KIND_UDP,
  Packet,
} from '../../src/wire/packet.ts';
import { formatVlanTags } from '../../src/wire/vlan.ts';
import { decoded, kindsByPrefix } from './decoded.ts';

const { concat, u16, u8 } = craft;
const A = new craft.Host({ mac: '00:a0:c9:11:22:33', ip: '10.0.0.5' });
const B = new craft.Host({ mac: '00:80:c7:44:55:66', ip: '10.0.0.1' });
const session = new craft.Connection(A, B, { clientPort: 1060, serverPort: 80, clientIsn: 1, serverIsn: 2 });
const SYN = session.syn();
session.synAck();
const DATA = session.data('client', 30);
const ARP = A.arpRequest('10.0.0.1');
const DHCP = A.dhcpClient(1, { xid: 7 });

const ether = (type: number, payload: Uint8Array = new Uint8Array(46)): Uint8Array =>
  craft.ethernet({ destination: B.mac, source: A.mac, type, payload });
const ip = (protocol: number, payload: Uint8Array): Uint8Array =>
  craft.ipv4({ source: '10.0.0.5', destination: '10.0.0.1', protocol, payload, id: 5 });
const dgram = (port: number): Uint8Array => A.udp(B, 40000, port, new Uint8Array(20));

describe('kinds of Ethernet frames, and of every prefix', () => {
  const T = KIND_TRUNCATED;
  it.each<readonly [name: string, frame: Uint8Array, kinds: ReadonlyArray<readonly [number, number]>]>([
    [
      'ARP',
      ARP,
      [
        [0, T],
        [14, KIND_ARP],
      ],
    ],
    [
      'RARP',
      ether(0x8035),
      [
        [0, T],
        [14, KIND_RARP],
      ],
    ],
    [
      'TCP segment',
      DATA,
      [
        [0, T],
        [48, KIND_TCP],
      ],
    ],
    [
      'TCP control',
      SYN,
      [
        [0, T],
        [48, KIND_TCP_CONTROL],
      ],
    ],
    [
      'ICMP',
      A.ping(B, 1),
      [
        [0, T],
        [42, KIND_ICMP],
      ],
    ],
    [
      'DHCP',
      DHCP,
      [
        [0, T],
        [42, KIND_DHCP],
      ],
    ],
    [
      'UDP',
      dgram(53),
      [
        [0, T],
        [42, KIND_UDP],
      ],
    ],
    [
      'VXLAN',
      dgram(4789),
      [
        [0, T],
        [42, KIND_IPV4_TUNNEL],
      ],
    ],
    [
      'VXLAN on Linux',
      dgram(8472),
      [
        [0, T],
        [42, KIND_IPV4_TUNNEL],
      ],
    ],
    [
      'GENEVE',
      dgram(6081),
      [
        [0, T],
        [42, KIND_IPV4_TUNNEL],
      ],
    ],
    [
      'L2TP',
      dgram(1701),
      [
        [0, T],
        [42, KIND_IPV4_TUNNEL],
      ],
    ],
    [
      'GRE',
      ether(0x0800, ip(47, new Uint8Array(30))),
      [
        [0, T],
        [34, KIND_IPV4_TUNNEL],
      ],
    ],
    [
      'IP in IP',
      ether(0x0800, ip(4, new Uint8Array(30))),
      [
        [0, T],
        [34, KIND_IPV4_TUNNEL],
      ],
    ],
    [
      '6in4',
      ether(0x0800, ip(41, new Uint8Array(30))),
      [
        [0, T],
        [34, KIND_IPV4_TUNNEL],
      ],
    ],
    [
      'L2TPv3',
      ether(0x0800, ip(115, new Uint8Array(30))),
      [
        [0, T],
        [34, KIND_IPV4_TUNNEL],
      ],
    ],
    [
      'IGMP',
      ether(0x0800, ip(2, new Uint8Array(30))),
      [
        [0, T],
        [34, KIND_IPV4],
      ],
    ],
    [
      'IPv6',
      ether(0x86dd),
      [
        [0, T],
        [14, KIND_IPV6],
      ],
    ],
    [
      'NLB heartbeat',
      ether(0x886f),
      [
        [0, T],
        [14, KIND_HEARTBEAT],
      ],
    ],
    [
      'WLBS heartbeat',
      ether(0xbf01),
      [
        [0, T],
        [14, KIND_HEARTBEAT],
      ],
    ],
    [
      'PPPoE discovery',
      ether(0x8863),
      [
        [0, T],
        [14, KIND_LINK_TUNNEL],
      ],
    ],
    [
      'PPPoE session',
      ether(0x8864),
      [
        [0, T],
        [14, KIND_LINK_TUNNEL],
      ],
    ],
    [
      'MPLS',
      ether(0x8847),
      [
        [0, T],
        [14, KIND_LINK_TUNNEL],
      ],
    ],
    [
      'MPLS multicast',
      ether(0x8848),
      [
        [0, T],
        [14, KIND_LINK_TUNNEL],
      ],
    ],
    [
      '802.1ah',
      ether(0x88e7),
      [
        [0, T],
        [14, KIND_LINK_TUNNEL],
      ],
    ],
    ...(
      [
        ['TRILL', 0x22f3],
        ['FabricPath', 0x8903],
        ['VN-Tag', 0x8926],
        ['802.1BR', 0x893f],
        ['Cisco metadata', 0x8909],
        ['MACsec', 0x88e5],
        ['network service headers', 0x894f],
        ['bridged Ethernet', 0x6558],
      ] as const
    ).map(([name, type]): readonly [string, Uint8Array, ReadonlyArray<readonly [number, number]>] => [
      name,
      ether(type),
      [
        [0, T],
        [14, KIND_LINK_TUNNEL],
      ],
    ]),
    [
      'IPX',
      ether(0x8137),
      [
        [0, T],
        [14, KIND_OTHER],
      ],
    ],
    [
      'SNAP ARP',
      craft.ieee8023(B.mac, A.mac, craft.snap(0x0806, ARP.subarray(14, 42))),
      [
        [0, T],
        [22, KIND_ARP],
      ],
    ],
    [
      'SNAP IPv4',
      craft.ieee8023(B.mac, A.mac, craft.snap(0x0800, DATA.subarray(14))),
      [
        [0, T],
        [56, KIND_TCP],
      ],
    ],
    [
      'bridge-tunnel SNAP',
      craft.ieee8023(B.mac, A.mac, craft.snap(0x0806, ARP.subarray(14, 42), 0xf8)),
      [
        [0, T],
        [22, KIND_ARP],
      ],
    ],
    [
      'SNAP of a vendor',
      craft.ieee8023(B.mac, A.mac, craft.snap(0x0806, ARP.subarray(14, 42), 0x0c)),
      [
        [0, T],
        [22, KIND_OTHER],
      ],
    ],
    [
      'raw IPX',
      craft.ieee8023(B.mac, A.mac, new Uint8Array(40).fill(255)),
      [
        [0, T],
        [22, KIND_OTHER],
      ],
    ],
    [
      '802.1Q ARP',
      craft.vlanTagged(ARP, [20]),
      [
        [0, T],
        [18, KIND_ARP],
      ],
    ],
    [
      'QinQ ARP',
      craft.vlanTagged(ARP, [100, 20]),
      [
        [0, T],
        [22, KIND_ARP],
      ],
    ],
    [
      'four tags',
      craft.vlanTagged(ARP, [1, 2, 3, 4]),
      [
        [0, T],
        [30, KIND_ARP],
      ],
    ],
    ['five tags', craft.vlanTagged(ARP, [1, 2, 3, 4, 5]), [[0, T]]],
    [
      'tagged LLC',
      craft.vlanTagged(craft.ieee8023(B.mac, A.mac, craft.snap(0x0806, ARP.subarray(14, 42))), [20]),
      [
        [0, T],
        [26, KIND_ARP],
      ],
    ],
    [
      'IPv4 of version 5',
      ether(0x0800, concat(u8(0x55), new Uint8Array(45))),
      [
        [0, T],
        [34, KIND_MALFORMED],
      ],
    ],
    [
      'IPv4 header of 16 bytes',
      ether(0x0800, concat(u8(0x44), new Uint8Array(45))),
      [
        [0, T],
        [34, KIND_MALFORMED],
      ],
    ],
    [
      'total length below the header',
      ether(0x0800, concat(u8(0x45), u8(0), u16(19), new Uint8Array(42))),
      [
        [0, T],
        [34, KIND_MALFORMED],
      ],
    ],
  ])('%s', (_name, frame, kinds) => expect(kindsByPrefix(frame)).toEqual(kinds));

  it('takes a short LLC frame that was not cut as another protocol', () => {
    const frame = craft.ieee8023(B.mac, A.mac, craft.snap(0x0806, ARP.subarray(14, 42))).subarray(0, 20);
    expect(decoded(frame).kind).toBe(KIND_OTHER);
    expect(decoded(frame, { original: 60 }).kind).toBe(KIND_TRUNCATED);
    expect(decoded(craft.ieee8023(B.mac, A.mac, craft.llc(0x42, 0x42, 3, new Uint8Array(4)))).kind).toBe(
      KIND_OTHER,
    );
  });
});

describe('VLAN tags', () => {
  it.each([[[20]], [[100, 20]], [[1, 2, 3]], [[4095, 2, 4094, 1]]])('of %j are kept in order', (vlans) => {
    const packet = decoded(craft.vlanTagged(ARP, vlans), { poison: 0xff });
    expect(formatVlanTags(packet.vlanDepth, packet.vlanHigh, packet.vlanLow)).toBe(vlans.join('.'));
  });

  it.each([
    [[0], ''],
    [[0, 20], '20'],
    [[100, 0], '100'],
    [[4095, 0, 4094, 1], '4095.4094.1'],
    [[0, 0, 0, 0], ''],
  ])('of %j name VLANs but by 0, which is a priority alone', (vlans, expected) => {
    const packet = decoded(craft.vlanTagged(ARP, vlans), { poison: 0xff });
    expect(packet.kind).toBe(KIND_ARP);
    expect(formatVlanTags(packet.vlanDepth, packet.vlanHigh, packet.vlanLow)).toBe(expected);
  });

  it('are four at most, with those of a priority alone', () => {
    expect(decoded(craft.vlanTagged(ARP, [0, 0, 0, 0, 0])).kind).toBe(KIND_TRUNCATED);
  });

  it.each([0x8100, 0x88a8, 0x9100, 0x9200, 0x9300])('of type %d are tags', (type) => {
    const frame = concat(ARP.subarray(0, 12), u16(type), u16(0xe014), ARP.subarray(12));
    const packet = decoded(frame);
    expect([packet.kind, packet.vlanDepth, packet.vlanLow]).toEqual([KIND_ARP, 1, 20]);
  });

  it('leave nothing behind for the next packet', () => {
    const packet = new Packet();
    decoded(craft.vlanTagged(ARP, [100, 20]), {}, packet);
    decoded(ARP, {}, packet);
    expect(packet.vlanDepth).toBe(0);
    decoded(craft.vlanTagged(ARP, [7]), {}, packet);
    expect([packet.vlanDepth, packet.vlanHigh, packet.vlanLow]).toEqual([1, 0, 7]);
  });
});

describe('IPv4 lengths', () => {
  it('takes the frame on the wire for a total length of zero, never what was captured', () => {
    const frame = Uint8Array.from(DATA);
    frame[16] = 0;
    frame[17] = 0;
    const packet = decoded(frame, { captured: 60, original: 4000 });
    expect(packet.kind).toBe(KIND_TCP);
    expect(packet.ipEnd - packet.offset).toBe(4000);
  });

  it('takes the claimed length otherwise', () => {
    const packet = decoded(concat(DATA, new Uint8Array(10)), { captured: 60 });
    expect(packet.ipEnd - packet.offset).toBe(DATA.length);
  });

  it('reads a header with options', () => {
    const frame = ether(
      0x0800,
      craft.ipv4({
        source: '10.0.0.5',
        destination: '10.0.0.1',
        protocol: 1,
        id: 9,
        options: new Uint8Array(8),
        payload: new Uint8Array(16),
      }),
    );
    const packet = decoded(frame);
    expect([packet.kind, packet.transport - packet.network]).toEqual([KIND_ICMP, 28]);
    expect(kindsByPrefix(frame)).toEqual([
      [0, KIND_TRUNCATED],
      [50, KIND_ICMP],
    ]);
  });

  it('finds a transport header in the first fragment only', () => {
    const pieces = craft.ipv4Fragments(
      { source: '10.0.0.5', destination: '10.0.0.1', protocol: 17, id: 9, payload: dgram(53).subarray(34) },
      28,
    );
    expect(pieces.length).toBeGreaterThan(2);
    const kinds = pieces.map((piece) => decoded(ether(0x0800, piece)));
    expect(kinds.map((packet) => packet.laterFragment)).toEqual(pieces.map((_, at) => at > 0));
    expect(kinds.map((packet) => packet.kind)).toEqual(
      pieces.map((_, at) => (at === 0 ? KIND_UDP : KIND_IPV4)),
    );
  });
});
