import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ALL_BUCKETS,
  Cluster,
  EVEN_BUCKETS,
  extendedHeartbeat,
  heartbeat,
  type HeartbeatFields,
  portRule,
} from '../../samples/craft/index.ts';
import {
  decodeHeartbeat,
  formatHeartbeat,
  Heartbeat,
  HEARTBEAT_CUT,
  HEARTBEAT_FOREIGN,
  HEARTBEAT_MALFORMED,
  HEARTBEAT_OK,
  MAPS_DIFFER,
  MAPS_EQUAL,
  MAPS_UNKNOWN,
} from '../../src/wire/heartbeat.ts';
import { formatIpv4 } from '../../src/wire/ipv4.ts';
import { KIND_HEARTBEAT } from '../../src/wire/packet.ts';
import { decoded } from './decoded.ts';

const FIELDS: HeartbeatFields = {
  priority: 7,
  clusterIp: '192.168.100.80',
  hostIp: '192.168.100.82',
  defaultHostId: 2,
  state: 3,
  hostCode: 0x4f3be335,
  packetsHandled: 80_268_987,
  ruleCodes: [portRule(25), portRule(80)],
};

interface Bounds {
  readonly captured?: number;
  readonly wire?: number;
  readonly poison?: number;
}

function decode(payload: Uint8Array, bounds: Bounds = {}): { status: number; beat: Heartbeat } {
  const { captured = payload.length, wire = payload.length, poison = 0 } = bounds;
  const bytes = new Uint8Array(payload.length + 16).fill(poison);
  bytes.set(payload.subarray(0, captured), 8);
  const beat = new Heartbeat();
  return { status: decodeHeartbeat(new DataView(bytes.buffer), 8, 8 + captured, 8 + wire, beat), beat };
}

function changed(offset: number, ...values: number[]): Uint8Array {
  const payload = heartbeat(FIELDS).slice();
  payload.set(values, offset);
  return payload;
}

describe('heartbeats', () => {
  it('tell host, cluster, state and rules', () => {
    const { status, beat } = decode(heartbeat(FIELDS));
    expect(status).toBe(HEARTBEAT_OK);
    expect(beat).toMatchObject({
      version: 0x0206,
      priority: 7,
      ownId: 6,
      defaultId: 2,
      state: 3,
      ruleCount: 2,
      hostCode: 0x4f3be335,
      packetsHandled: 80_268_987,
      codeCount: 33,
      maps: MAPS_EQUAL,
      isShort: false,
    });
    expect([formatIpv4(beat.clusterAddress), formatIpv4(beat.hostAddress)]).toEqual([
      '192.168.100.80',
      '192.168.100.82',
    ]);
    expect([...beat.codes.subarray(0, 3)]).toEqual([0x61019019, 0x61050050, 0]);
    expect(formatHeartbeat(beat)).toBe('heartbeat of host 7 of cluster 192.168.100.80, state 3');
  });

  it('have an exact status and exact knowledge for every prefix, whatever stands behind', () => {
    const payload = heartbeat({ ...FIELDS, newMap: 0n });
    for (let captured = 0; captured <= payload.length; captured += 1) {
      for (const poison of [0, 0xff]) {
        const { status, beat } = decode(payload, { captured, poison });
        expect([captured, status]).toEqual([captured, captured < 44 ? HEARTBEAT_CUT : HEARTBEAT_OK]);
        expect(beat.clusterAddress !== 0).toBe(captured >= 16);
        if (status !== HEARTBEAT_OK) continue;
        expect(beat.codeCount).toBe(Math.min(33, (captured - 44) >>> 2));
        expect(beat.maps).toBe(captured < 704 ? MAPS_UNKNOWN : MAPS_DIFFER);
      }
    }
  });

  it('are malformed where they are too short on the wire', () => {
    const payload = heartbeat(FIELDS).subarray(0, 43);
    expect(decode(payload).status).toBe(HEARTBEAT_MALFORMED);
    expect(decode(payload.subarray(0, 3)).status).toBe(HEARTBEAT_MALFORMED);
  });

  it.each([
    ['a priority of 0', 8, [0, 0, 0, 0]],
    ['a priority of 33', 8, [33, 0, 0, 0]],
    ['a priority beyond any', 8, [7, 0, 0, 0x80]],
    ['an own id that is not the priority less one', 20, [7, 0]],
    ['34 port rules', 26, [34, 0]],
    ['a multicast cluster address', 12, [224, 0, 0, 1]],
    ['no cluster address', 12, [0, 0, 0, 0]],
  ])('are malformed with %s', (_, offset, values) => {
    expect(decode(changed(offset, ...values)).status).toBe(HEARTBEAT_MALFORMED);
  });

  it('are none with the signature of another message', () => {
    const extended = extendedHeartbeat({
      priority: 1,
      clusterIp: '10.0.0.80',
      hostIp: '10.0.0.81',
      hostName: 'A',
    });
    expect(decode(extended).status).toBe(HEARTBEAT_FOREIGN);
    expect(decode(changed(0, 0xde)).status).toBe(HEARTBEAT_FOREIGN);
  });

  it('compare the maps of the rules there are, and only those', () => {
    const open = heartbeat({ ...FIELDS, currentMap: EVEN_BUCKETS, newMap: ALL_BUCKETS });
    expect(decode(open).beat.maps).toBe(MAPS_DIFFER);
    // The third rule does not exist.
    expect(decode(changed(440 + 16, 1)).beat.maps).toBe(MAPS_EQUAL);
    expect(decode(changed(440 + 15, 1)).beat.maps).toBe(MAPS_DIFFER);
    const other = decode(heartbeat({ ...FIELDS, currentMap: EVEN_BUCKETS })).beat.mapHash;
    expect(other).not.toBe(decode(heartbeat(FIELDS)).beat.mapHash);
  });

  it('say when a small MTU made them shorter', () => {
    const { status, beat } = decode(heartbeat({ ...FIELDS, length: 1400 }));
    expect([status, beat.isShort]).toEqual([HEARTBEAT_OK, true]);
    expect(decode(heartbeat(FIELDS), { captured: 82 }).beat.isShort).toBe(false);
  });

  it('come under both ethertypes', () => {
    const frame = new Cluster().member(1).beat().slice();
    expect(decoded(frame).kind).toBe(KIND_HEARTBEAT);
    frame.set([0xbf, 0x01], 12);
    expect(decoded(frame).kind).toBe(KIND_HEARTBEAT);
  });

  it('never read past what was captured', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(1495), fc.nat(255)), { maxLength: 20 }),
        fc.nat(1496),
        (edits, captured) => {
          const payload = heartbeat(FIELDS).slice();
          for (const [at, value] of edits) payload[at] = value;
          const told = [0, 0xff].map((poison) => {
            const { status, beat } = decode(payload, { captured, poison });
            return status === HEARTBEAT_OK
              ? Object.assign({ status }, beat, { codes: [...beat.codes] })
              : { status };
          });
          expect(told[1]).toEqual(told[0]);
        },
      ),
    );
  });
});
