/** Whatever the bytes: no decoder throws, and none lets bytes behind the captured end into its result. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Cluster, concat, Connection, Host, u16, vlanTagged } from '../../samples/craft/index.ts';
import { ArpFields, decodeArp } from '../../src/wire/arp.ts';
import { decodeHeartbeat, Heartbeat, HEARTBEAT_OK } from '../../src/wire/heartbeat.ts';
import {
  KIND_ARP,
  KIND_HEARTBEAT,
  KIND_IPV4,
  KIND_TCP,
  KIND_TCP_CONTROL,
  type Packet,
} from '../../src/wire/packet.ts';
import { tcpFlags, tcpOptionOrder, tcpPayloadLength, tcpPorts } from '../../src/wire/tcp.ts';
import { decoded } from './decoded.ts';

const LINKS = [0, 1, 9, 12, 14, 50, 51, 101, 105, 108, 113, 166, 204, 228, 229, 276];

/** Everything that is defined for the packet's kind. */
function told(packet: Packet): unknown[] {
  const { kind } = packet;
  const fields: unknown[] = [
    kind,
    packet.sourceHigh,
    packet.vlanDepth,
    packet.cookedInterface,
    packet.cookedType,
  ];
  if (packet.sourceHigh >= 0) fields.push(packet.sourceLow);
  if (packet.vlanDepth > 0) fields.push(packet.vlanHigh, packet.vlanLow);
  if (packet.ethernet >= 0) fields.push(packet.destinationHigh, packet.destinationLow);
  if (kind === KIND_ARP) {
    const arp = new ArpFields();
    fields.push(decodeArp(packet.view, packet.network, packet.end, arp), Object.assign({}, arp));
  }
  if (kind === KIND_HEARTBEAT) {
    const beat = new Heartbeat();
    const status = decodeHeartbeat(packet.view, packet.network, packet.end, packet.wireEnd, beat);
    fields.push(status, status === HEARTBEAT_OK ? Object.assign({}, beat, { codes: [...beat.codes] }) : null);
  }
  if (kind < KIND_IPV4) return fields;
  fields.push(
    packet.ipSource,
    packet.ipDestination,
    packet.ttl,
    packet.ipId,
    packet.protocol,
    packet.ipEnd,
    packet.laterFragment,
  );
  if (kind === KIND_TCP || kind === KIND_TCP_CONTROL) {
    fields.push(tcpFlags(packet), tcpPorts(packet), tcpPayloadLength(packet));
    if (packet.transport + 20 <= packet.end) fields.push(tcpOptionOrder(packet));
  }
  return fields;
}

function expectNoLeak(frame: Uint8Array, captured: number, original: number, linkType: number): void {
  const [one, ...others] = [0, 0xff, 0x45, 0x81].map((poison) =>
    told(decoded(frame, { captured, original, linkType, poison })),
  );
  for (const other of others) expect(other).toEqual(one);
}

const A = new Host({ mac: '00:a0:c9:11:22:33', ip: '10.0.0.5' });
const B = new Host({ mac: '00:80:c7:44:55:66', ip: '10.0.0.1' });
const session = new Connection(A, B, {
  clientPort: 1,
  serverPort: 2,
  clientIsn: 3,
  serverIsn: 4,
  clientStack: 'linux',
  serverStack: 'linux',
});
const FRAMES = [
  A.arpRequest('10.0.0.1'),
  A.ping(B, 1),
  A.dhcpClient(1, { xid: 1 }),
  session.syn(),
  session.data('client', 40),
  vlanTagged(A.announce(), [100, 20]),
  new Cluster().member(2).beat(),
];

describe('hostile packets', () => {
  it('of noise', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 120 }),
        fc.constantFrom(...LINKS),
        fc.nat(100),
        (frame, linkType, more) => {
          expectNoLeak(frame, frame.length, frame.length + more, linkType);
        },
      ),
      { numRuns: 400 },
    );
  });

  it('of noise behind a true type', () => {
    const types = [0x0800, 0x0806, 0x8100, 0x88a8, 0x8035, 0x886f, 0x0040];
    fc.assert(
      fc.property(fc.constantFrom(...types), fc.uint8Array({ maxLength: 80 }), (type, noise) => {
        const frame = concat(new Uint8Array(12), u16(type), noise);
        expectNoLeak(frame, frame.length, frame.length, 1);
      }),
      { numRuns: 300 },
    );
  });

  it.each(FRAMES.map((frame, at) => [at, frame] as const))('cut anywhere (%d)', (_at, frame) => {
    for (let captured = 0; captured <= frame.length; captured += 1)
      expectNoLeak(frame, captured, frame.length, 1);
  });

  it('with single bytes changed', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...FRAMES),
        fc.nat(59),
        fc.integer({ min: 0, max: 255 }),
        fc.nat(400),
        (frame, at, value, cut) => {
          const changed = Uint8Array.from(frame);
          changed[at] = value;
          expectNoLeak(changed, Math.min(cut, changed.length), changed.length, 1);
        },
      ),
      { numRuns: 400 },
    );
  });
});
