/** What is read of ordinary packets the short way is what is read of them the long way. */
import { describe, expect, it } from 'vitest';
import { Connection, Host } from '../../samples/craft/index.ts';
import { decodeOrdinary, decodePacket } from '../../src/wire/link.ts';
import { Packet } from '../../src/wire/packet.ts';

const A = new Host({ mac: '00:a0:c9:11:22:33', ip: '10.0.0.5' });
const B = new Host({ mac: 'f0:80:c7:44:55:66', ip: '192.168.250.1' });

function changed(frame: Uint8Array, ...bytes: ReadonlyArray<readonly [number, number]>): Uint8Array {
  const copy = frame.slice();
  for (const [at, value] of bytes) copy[at] = value;
  return copy;
}

/** Over what another packet left there: a fragment with two tags on a cooked link. */
function packetOf(frame: Uint8Array, cut: number): Packet {
  const packet = new Packet();
  const window = new Uint8Array(100 + frame.length);
  window.set(frame, 100);
  packet.view = new DataView(window.buffer);
  packet.offset = 100;
  packet.capturedLength = frame.length - cut;
  packet.originalLength = frame.length;
  packet.end = 100 + frame.length - cut;
  packet.wireEnd = 100 + frame.length;
  packet.linkType = 1;
  packet.kind = 99;
  packet.vlanDepth = 2;
  packet.laterFragment = true;
  packet.cookedType = 4;
  packet.cookedInterface = 7;
  packet.ethernet = -1;
  packet.sourceHigh = -1;
  packet.sourceLow = -1;
  packet.etherType = 0x8100;
  packet.network = -1;
  packet.transport = -1;
  packet.ipSource = -1;
  packet.ipEnd = -1;
  packet.protocol = 255;
  return packet;
}

describe('an ordinary packet', () => {
  const tcp = new Connection(A, B, { clientPort: 1060, serverPort: 80, clientIsn: 1000, serverIsn: 5000 });
  tcp.syn();
  tcp.synAck();
  const segment = tcp.data('client', 100);
  const datagram = A.udp(B, 5004, 5006, new Uint8Array(30));
  it.each([
    ['a bare acknowledgment', tcp.ack('client'), 0],
    ['a segment', segment, 0],
    ['a segment the other way', tcp.data('server', 7), 0],
    ['a cut segment', segment, 100],
    ['a segment that offload makes smaller', changed(segment, [16, 0], [17, 0]), 0],
    ['the same, cut', changed(segment, [16, 0], [17, 0]), 90],
    ['the first fragment of a segment', changed(segment, [20, 0x20]), 0],
    ['a datagram', datagram, 0],
    ['a cut datagram', datagram, 30],
  ])('%s', (_, frame, cut) => {
    const [short, long] = [packetOf(frame, cut), packetOf(frame, cut)];
    decodeOrdinary(short);
    decodePacket(long);
    expect(short).toEqual(long);
  });
});
