import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arp, BROADCAST_MAC, ETHERTYPE, ethernet, Host } from '../../samples/craft/index.ts';
import { ARP_CUT, ARP_FOREIGN, ARP_OK, ArpFields, decodeArp, formatArp } from '../../src/wire/arp.ts';
import { formatIpv4, parseIpv4 } from '../../src/wire/ipv4.ts';
import { formatMac } from '../../src/wire/mac.ts';
import { decoded, type FrameBounds } from './decoded.ts';

function status(frame: Uint8Array, bounds: FrameBounds = {}, out = new ArpFields()): number {
  const packet = decoded(frame, bounds);
  return decodeArp(packet.view, packet.network, packet.end, out);
}

/** The fields alone, for comparison. */
function fieldsOf(fields: ArpFields): Omit<ArpFields, never> {
  return Object.assign({}, fields);
}

const A = new Host({ mac: '00:a0:c9:11:22:33', ip: '10.0.0.5' });

describe('ARP', () => {
  it('has an exact status for every prefix, whatever stands behind', () => {
    const frame = A.arpRequest('10.0.0.1');
    for (let captured = 14; captured <= frame.length; captured += 1) {
      for (const poison of [0, 0xff]) {
        expect([captured, status(frame, { captured, poison })]).toEqual([
          captured,
          captured < 42 ? ARP_CUT : ARP_OK,
        ]);
      }
    }
  });

  it('is foreign where hardware, protocol or lengths differ, as soon as those are there', () => {
    const whole = A.arpRequest('10.0.0.1');
    const changes: ReadonlyArray<readonly [offset: number, value: number]> = [
      [15, 7],
      [14, 1],
      [16, 9],
      [17, 1],
      [18, 5],
      [19, 16],
    ];
    for (const [offset, value] of changes) {
      const frame = Uint8Array.from(whole);
      frame[offset] = value;
      expect(status(frame)).toBe(ARP_FOREIGN);
      expect(status(frame, { captured: 22 })).toBe(ARP_FOREIGN);
      expect(status(frame, { captured: 21 })).toBe(ARP_CUT);
    }
    const tokenRing = Uint8Array.from(whole);
    tokenRing[15] = 6;
    expect(status(tokenRing)).toBe(ARP_OK);
  });

  it('gives back every field that was encoded', () => {
    const macs = fc
      .array(fc.integer({ min: 0, max: 255 }), { minLength: 6, maxLength: 6 })
      .map((bytes) => bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(':'));
    const addresses = fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff }).map(formatIpv4);
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 0xffff }),
        macs,
        addresses,
        macs,
        addresses,
        (operation, senderMac, senderIp, targetMac, targetIp) => {
          const payload = arp({ operation, senderMac, senderIp, targetMac, targetIp });
          const out = new ArpFields();
          expect(
            status(
              ethernet({ destination: BROADCAST_MAC, source: senderMac, type: ETHERTYPE.arp, payload }),
              { poison: 0xee },
              out,
            ),
          ).toBe(ARP_OK);
          expect({
            ...fieldsOf(out),
            senderMac: formatMac(out.senderMac),
            targetMac: formatMac(out.targetMac),
          }).toEqual({
            operation,
            senderMac,
            senderAddress: parseIpv4(senderIp),
            targetMac,
            targetAddress: parseIpv4(targetIp),
          });
        },
      ),
    );
  });

  it('reads as one line each', () => {
    const line = (frame: Uint8Array): string => {
      const out = new ArpFields();
      expect(status(frame, {}, out)).toBe(ARP_OK);
      return formatArp(out);
    };
    expect(line(A.arpRequest('10.0.0.1'))).toBe(
      'ARP request: who has 10.0.0.1? tell 10.0.0.5 at 00:a0:c9:11:22:33',
    );
    expect(line(A.arpReply({ mac: '00:00:00:00:00:09', ip: '10.0.0.9' }))).toBe(
      'ARP reply: 10.0.0.5 is at 00:a0:c9:11:22:33, to 00:00:00:00:00:09',
    );
    expect(line(A.announce())).toBe('ARP announcement: 10.0.0.5 is at 00:a0:c9:11:22:33');
    expect(line(A.probe('10.0.0.7'))).toBe('ARP probe: is 10.0.0.7 in use? from 00:a0:c9:11:22:33');
  });
});
