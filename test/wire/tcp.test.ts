import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat, Host, TCP_FLAG, TCP_OPTION } from '../../samples/craft/index.ts';
import type { TcpFields } from '../../samples/craft/index.ts';
import { KIND_TCP, KIND_TCP_CONTROL } from '../../src/wire/packet.ts';
import {
  sequenceForward,
  tcpAcknowledgment,
  tcpFlags,
  tcpOptionOrder,
  tcpPayloadLength,
  tcpPorts,
  tcpSequence,
} from '../../src/wire/tcp.ts';
import { decoded } from './decoded.ts';

const A = new Host({ mac: '00:a0:c9:11:22:33', ip: '10.0.0.5' });
const B = new Host({ mac: '00:80:c7:44:55:66', ip: '10.0.0.1' });

function segment(fields: Partial<TcpFields> = {}): Uint8Array {
  return A.tcp(B, { sourcePort: 1060, destinationPort: 80, sequence: 1, flags: TCP_FLAG.syn, ...fields });
}

const NT = TCP_OPTION.mss(1460);
const LINUX = concat(
  NT,
  TCP_OPTION.sackPermitted,
  TCP_OPTION.timestamps(1, 0),
  TCP_OPTION.noOperation,
  TCP_OPTION.windowScale(7),
);
const WINDOWS = concat(
  NT,
  TCP_OPTION.noOperation,
  TCP_OPTION.windowScale(8),
  TCP_OPTION.noOperation,
  TCP_OPTION.noOperation,
  TCP_OPTION.sackPermitted,
);

function order(options: Uint8Array): number {
  return tcpOptionOrder(decoded(segment({ options }), { poison: 0x5a }));
}

describe('TCP headers', () => {
  it('give back every field that was encoded', () => {
    const port = fc.integer({ min: 0, max: 0xffff });
    const number = fc.integer({ min: 0, max: 0xffff_ffff });
    fc.assert(
      fc.property(
        port,
        port,
        number,
        number,
        fc.integer({ min: 0, max: 255 }),
        fc.integer({ min: 0, max: 400 }),
        (sourcePort, destinationPort, sequence, acknowledgment, flags, bytes) => {
          const packet = decoded(
            segment({
              sourcePort,
              destinationPort,
              sequence,
              acknowledgment,
              flags,
              payload: new Uint8Array(bytes),
            }),
            { poison: 0xaa },
          );
          expect(packet.kind).toBe((flags & 7) === 0 ? KIND_TCP : KIND_TCP_CONTROL);
          expect(tcpPorts(packet)).toBe((sourcePort << 16) | destinationPort);
          expect(tcpSequence(packet)).toBe(sequence | 0);
          expect(tcpAcknowledgment(packet)).toBe(acknowledgment | 0);
          expect(tcpFlags(packet)).toBe(flags);
          expect(tcpPayloadLength(packet)).toBe(bytes);
        },
      ),
    );
  });

  it('say how long a segment is where its payload was cut', () => {
    expect(tcpPayloadLength(decoded(segment({ payload: new Uint8Array(900) }), { captured: 60 }))).toBe(900);
  });

  it('have no payload where data offset and total length contradict each other', () => {
    const frame = segment();
    frame[14 + 20 + 12] = 0xf0;
    expect(tcpPayloadLength(decoded(frame))).toBe(0);
  });

  it('compares sequence numbers modulo 2^32', () => {
    expect(sequenceForward(0xffff_fff0 | 0, 0x10)).toBe(0x20);
    expect(sequenceForward(0x10, 0xffff_fff0 | 0)).toBe(0xffff_ffe0);
    expect(sequenceForward(0x7fff_ffff, 0x8000_0000 | 0)).toBe(1);
    expect(sequenceForward(5, 5)).toBe(0);
  });
});

describe('the order of TCP options', () => {
  it('tells stacks apart by kinds, not by values', () => {
    expect(new Set([order(NT), order(LINUX), order(WINDOWS)]).size).toBe(3);
    expect(order(TCP_OPTION.mss(536))).toBe(order(NT));
    expect(
      order(
        concat(
          NT,
          TCP_OPTION.sackPermitted,
          TCP_OPTION.timestamps(99, 7),
          TCP_OPTION.noOperation,
          TCP_OPTION.windowScale(2),
        ),
      ),
    ).toBe(order(LINUX));
    expect(order(concat(TCP_OPTION.sackPermitted, NT))).not.toBe(order(concat(NT, TCP_OPTION.sackPermitted)));
  });

  it('is 0 without options, and where they were cut', () => {
    expect(order(new Uint8Array(0))).toBe(0);
    const frame = segment({ options: LINUX });
    for (let captured = 48; captured < frame.length; captured += 1) {
      expect([captured, tcpOptionOrder(decoded(frame, { captured, poison: 2 }))]).toEqual([captured, 0]);
    }
    expect(tcpOptionOrder(decoded(frame))).not.toBe(0);
  });

  it('ends for every 40 bytes, and reads none behind them', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 4, maxLength: 40 }),
        fc.integer({ min: 0, max: 255 }),
        (options, poison) => {
          const frame = segment({ options });
          const known = tcpOptionOrder(decoded(frame, { poison: 0 }));
          expect(tcpOptionOrder(decoded(frame, { poison }))).toBe(known);
        },
      ),
    );
  });
});
