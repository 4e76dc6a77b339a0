/** Kinds of packets without an Ethernet header, and of every prefix of one packet of each link type. */
import { describe, expect, it } from 'vitest';
import * as craft from '../../samples/craft/index.ts';
import {
  LINK_ETHERNET,
  LINK_IPV4,
  LINK_IPV6,
  LINK_LOOP,
  LINK_NULL,
  LINK_SLL,
  LINK_SLL2,
  isExaminedLink,
} from '../../src/wire/link.ts';
import {
  KIND_ARP,
  KIND_IPV6,
  KIND_OTHER,
  KIND_TCP,
  KIND_TRUNCATED,
  KIND_UNKNOWN_LINK,
  Packet,
} from '../../src/wire/packet.ts';
import { decoded, kindsByPrefix } from './decoded.ts';

const { concat, u16, u32, u8 } = craft;
const A = new craft.Host({ mac: '00:a0:c9:11:22:33', ip: '10.0.0.5' });
const B = new craft.Host({ mac: '00:80:c7:44:55:66', ip: '10.0.0.1' });
const session = new craft.Connection(A, B, { clientPort: 1060, serverPort: 80, clientIsn: 1, serverIsn: 2 });
const DATA = session.data('client', 30);
const ARP = A.arpRequest('10.0.0.1');

describe('other link types', () => {
  const IPV4 = DATA.subarray(14);
  const sll = (protocol: number, payload: Uint8Array, addressBytes = 6): Uint8Array =>
    concat(
      u16(4),
      u16(1),
      u16(addressBytes),
      Uint8Array.of(0, 0xa0, 0xc9, 0x11, 0x22, 0x33, 0, 0),
      u16(protocol),
      payload,
    );
  const sll2 = (protocol: number, payload: Uint8Array, index = 3): Uint8Array =>
    concat(
      u16(protocol),
      u16(0),
      u32(index),
      u16(1),
      u8(1),
      u8(6),
      Uint8Array.of(0, 0xa0, 0xc9, 0x11, 0x22, 0x33, 0, 0),
      payload,
    );
  const T = KIND_TRUNCATED;

  it.each<
    readonly [name: string, link: number, frame: Uint8Array, kinds: ReadonlyArray<readonly [number, number]>]
  >([
    [
      'RAW',
      101,
      IPV4,
      [
        [0, T],
        [34, KIND_TCP],
      ],
    ],
    [
      'RAW of BSD',
      12,
      IPV4,
      [
        [0, T],
        [34, KIND_TCP],
      ],
    ],
    [
      'RAW of OpenBSD',
      14,
      IPV4,
      [
        [0, T],
        [34, KIND_TCP],
      ],
    ],
    [
      'RAW IPv6',
      101,
      concat(u8(0x60), new Uint8Array(39)),
      [
        [0, T],
        [1, KIND_IPV6],
      ],
    ],
    [
      'RAW of no version',
      101,
      new Uint8Array(4),
      [
        [0, T],
        [1, KIND_OTHER],
      ],
    ],
    [
      'IPV4',
      LINK_IPV4,
      IPV4,
      [
        [0, T],
        [34, KIND_TCP],
      ],
    ],
    ['IPV6', LINK_IPV6, concat(u8(0x60), new Uint8Array(9)), [[0, KIND_IPV6]]],
    [
      'NULL, little-endian',
      LINK_NULL,
      concat(Uint8Array.of(2, 0, 0, 0), IPV4),
      [
        [0, T],
        [38, KIND_TCP],
      ],
    ],
    [
      'NULL, big-endian',
      LINK_NULL,
      concat(u32(2), IPV4),
      [
        [0, T],
        [38, KIND_TCP],
      ],
    ],
    [
      'LOOP',
      LINK_LOOP,
      concat(u32(2), IPV4),
      [
        [0, T],
        [38, KIND_TCP],
      ],
    ],
    [
      'NULL, IPv6 of Darwin',
      LINK_NULL,
      Uint8Array.of(30, 0, 0, 0, 0x60),
      [
        [0, T],
        [4, KIND_IPV6],
      ],
    ],
    [
      'LOOP, IPv6 of OpenBSD',
      LINK_LOOP,
      concat(u32(24), u8(0x60)),
      [
        [0, T],
        [4, KIND_IPV6],
      ],
    ],
    [
      'NULL, AppleTalk',
      LINK_NULL,
      concat(u32(16), u8(0)),
      [
        [0, T],
        [4, KIND_OTHER],
      ],
    ],
    [
      'SLL',
      LINK_SLL,
      sll(0x0800, IPV4),
      [
        [0, T],
        [50, KIND_TCP],
      ],
    ],
    [
      'SLL ARP',
      LINK_SLL,
      sll(0x0806, ARP.subarray(14, 42)),
      [
        [0, T],
        [16, KIND_ARP],
      ],
    ],
    [
      'SLL LLC',
      LINK_SLL,
      sll(4, craft.snap(0x0806, ARP.subarray(14, 42))),
      [
        [0, T],
        [24, KIND_ARP],
      ],
    ],
    [
      'SLL raw 802.3',
      LINK_SLL,
      sll(1, new Uint8Array(20)),
      [
        [0, T],
        [16, KIND_OTHER],
      ],
    ],
    [
      'SLL with a tag',
      LINK_SLL,
      sll(0x8100, concat(u16(20), u16(0x0806), ARP.subarray(14, 42))),
      [
        [0, T],
        [20, KIND_ARP],
      ],
    ],
    [
      'SLL2',
      LINK_SLL2,
      sll2(0x0800, IPV4),
      [
        [0, T],
        [54, KIND_TCP],
      ],
    ],
    [
      'SLL2 ARP',
      LINK_SLL2,
      sll2(0x0806, ARP.subarray(14, 42)),
      [
        [0, T],
        [20, KIND_ARP],
      ],
    ],
    [
      'SLL2 LLC',
      LINK_SLL2,
      sll2(4, craft.snap(0x0806, ARP.subarray(14, 42))),
      [
        [0, T],
        [28, KIND_ARP],
      ],
    ],
    ['IEEE 802.11', 105, IPV4, [[0, KIND_UNKNOWN_LINK]]],
  ])('%s', (_name, link, frame, kinds) => {
    expect(kindsByPrefix(frame, link)).toEqual(kinds);
    expect(isExaminedLink(link)).toBe(kinds[0]?.[1] !== KIND_UNKNOWN_LINK);
  });

  it('takes the source of cooked packets, and says that there is no destination', () => {
    const packet = decoded(sll(0x0806, ARP.subarray(14, 42)), { linkType: LINK_SLL });
    expect([packet.sourceHigh, packet.sourceLow, packet.cookedType]).toEqual([0x00a0, 0xc9112233 | 0, 4]);
    expect([packet.destinationHigh, packet.destinationLow]).toEqual([-1, 0]);
    expect([packet.isGroupDestination, packet.isUnicastDestination]).toEqual([false, false]);
    expect(decoded(sll(0x0806, ARP.subarray(14, 42), 8), { linkType: LINK_SLL }).sourceHigh).toBe(-1);
  });

  it.each([
    [0, false, true],
    [1, true, false],
    [2, true, false],
    [3, false, true],
    [4, false, false],
  ])('cooked packet type %d: group %s, unicast %s', (type, isGroup, isUnicast) => {
    const frame = sll2(0x0806, ARP.subarray(14, 42));
    frame[10] = type;
    const packet = decoded(frame, { linkType: LINK_SLL2 });
    expect([packet.isGroupDestination, packet.isUnicastDestination]).toEqual([isGroup, isUnicast]);
  });

  it('keeps the interface index of SLL2, and forgets it with the next packet of another link', () => {
    const packet = new Packet();
    expect(
      decoded(sll2(0x0806, ARP.subarray(14, 42), 77), { linkType: LINK_SLL2 }, packet).cookedInterface,
    ).toBe(77);
    expect(decoded(ARP, { linkType: LINK_ETHERNET }, packet).cookedInterface).toBe(0);
    decoded(sll2(0x0806, ARP.subarray(14, 42), 78), { linkType: LINK_SLL2 }, packet);
    expect(decoded(sll(0x0806, ARP.subarray(14, 42)), { linkType: LINK_SLL }, packet).cookedInterface).toBe(
      0,
    );
  });

  it('has no stations on raw links, and those of the frame on Ethernet', () => {
    const raw = decoded(IPV4, { linkType: 101 });
    expect([raw.sourceHigh, raw.destinationHigh, raw.isGroupDestination, raw.isUnicastDestination]).toEqual([
      -1,
      -1,
      false,
      false,
    ]);
    const packet = decoded(DATA);
    expect([packet.sourceHigh, packet.sourceLow]).toEqual([0x00a0, 0xc9112233 | 0]);
    expect([packet.destinationHigh, packet.destinationLow]).toEqual([0x0080, 0xc7445566 | 0]);
    expect([packet.isGroupDestination, packet.isUnicastDestination]).toEqual([false, true]);
    expect([packet.ipSource, packet.ipDestination, packet.ttl]).toEqual([0x0a000005, 0x0a000001, 64]);
    expect(decoded(ARP).isGroupDestination).toBe(true);
  });
});
