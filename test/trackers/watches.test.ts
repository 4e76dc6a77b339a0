import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Host } from '../../samples/craft/index.ts';
import { MAX_WATCHED_STATIONS, Watches, type Watcher } from '../../src/trackers/watches.ts';
import { Copies } from '../../src/trackers/copies.ts';
import type { Domain } from '../../src/trackers/domains.ts';
import { CAPTURE, newDomains, packetAt } from './packets.ts';

class Log implements Watcher {
  readonly seen: string[] = [];

  watchedPacket(_packet: unknown, isSource: boolean): void {
    this.seen.push(isSource ? 'source' : 'destination');
  }

  watchedDuplicate(): void {
    this.seen.push('duplicate');
  }
}

function mac(number: number): string {
  // The same lower half for every 50 addresses, so that keys collide.
  const bytes = [0, Math.floor(number / 50) * 2, 0, 0, 0, number % 50];
  return bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(':');
}

const numberOf = (text: string): number => Number.parseInt(text.replaceAll(':', ''), 16);

describe('watches', () => {
  it('show each packet to those who watch its ends, as a list of pairs would', () => {
    const steps = fc.array(
      fc.tuple(fc.constantFrom('add', 'remove', 'packet', 'copy'), fc.nat(149), fc.nat(149), fc.nat(2)),
      { maxLength: 200 },
    );
    fc.assert(
      fc.property(steps, (list) => {
        const domains = newDomains();
        const watches = new Watches();
        const watchers = [new Log(), new Log(), new Log()];
        const model = new Map<string, Set<number>>();
        for (const [what, a, b, who] of list) {
          const watcher = watchers[who] as Log;
          const key = mac(a);
          if (what === 'add') {
            expect(watches.add(0, numberOf(key), watcher)).toBe(true);
            model.set(key, (model.get(key) ?? new Set()).add(who));
          } else if (what === 'remove') {
            watches.remove(0, numberOf(key), watcher);
            model.get(key)?.delete(who);
            if (model.get(key)?.size === 0) model.delete(key);
          } else {
            for (const each of watchers) each.seen.length = 0;
            const from = new Host({ mac: key, ip: '10.0.0.1' });
            const packet = packetAt(domains, from.ping({ mac: mac(b), ip: '10.0.0.2' }, 1), 0);
            const expected = watchers.map((_, at) => [
              ...(model.get(key)?.has(at) ? [what === 'copy' ? 'duplicate' : 'source'] : []),
              ...(model.get(mac(b))?.has(at) ? [what === 'copy' ? 'duplicate' : 'destination'] : []),
            ]);
            if (expected.some((seen) => seen.length > 0)) expect(watches.mayConcern(packet)).toBe(true);
            watches.show(packet, what === 'copy');
            expect(watchers.map((each) => each.seen)).toEqual(expected);
          }
          expect(watches.active).toBe(model.size);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('are offered each packet, and ask about copies of what somebody watches alone', () => {
    const domains = newDomains();
    const watches = new Watches();
    const copies = new Copies(CAPTURE, (index) => domains.list[index] as Domain);
    const [a, b, c] = [1, 2, 3].map((at) => new Host({ mac: mac(at), ip: `10.0.0.${at}` })) as [
      Host,
      Host,
      Host,
    ];
    const [ofA, ofB, ofSenderB, ofAddress] = [new Log(), new Log(), new Log(), new Log()];
    const seen = (): string[] =>
      [ofA, ofB, ofSenderB, ofAddress].map((log) => log.seen.splice(0).join(' ') || '-');
    const offer = (frame: Uint8Array, time: number, interfaceIndex = 0): string => {
      watches.offer(packetAt(domains, frame, time, interfaceIndex), copies);
      return `${seen().join(', ')}; ${copies.examined}`;
    };
    watches.add(0, numberOf(mac(1)), ofA);
    watches.add(0, numberOf(mac(2)), ofB);
    watches.add(0, numberOf(mac(2)), Object.assign(ofSenderB, { isOfSender: true }));
    expect(offer(c.ping({ mac: mac(4), ip: '10.0.0.4' }, 1), 1)).toBe('-, -, -, -; 0');
    const toB = a.ping(b, 2);
    expect(offer(toB, 2)).toBe('source, destination, destination, -; 1');
    expect(offer(toB, 2.001)).toBe('duplicate, duplicate, duplicate, -; 2');
    expect(offer(c.ping(b, 3), 3)).toBe('-, destination, destination, -; 3');
    // Elsewhere it tells of a second tap.
    expect(offer(a.ping(c, 3), 3.5, 1)).toBe('-, -, -, -; 4');
    watches.remove(0, numberOf(mac(2)), ofB);
    expect(offer(c.ping(b, 4), 4)).toBe('-, -, -, -; 4');
    expect(offer(b.ping(c, 5), 5)).toBe('-, -, source, -; 5');
    watches.addAddress(0, 0x0a000003, {
      watchedAddressPacket: (_packet, isSource) => ofAddress.seen.push(isSource ? 'from' : 'to'),
      watchedAddressDuplicate: () => ofAddress.seen.push('again'),
    });
    expect(offer(c.ping({ mac: mac(4), ip: '10.0.0.4' }, 6), 6)).toBe('-, -, -, from; 6');
    const toC = b.ping(c, 7);
    expect(offer(toC, 7)).toBe('-, -, source, to; 7');
    expect(offer(toC, 7.001)).toBe('-, -, duplicate, again; 8');
    expect(offer(new Host({ mac: mac(4), ip: '10.0.0.4' }).ping(b, 8), 8)).toBe('-, -, -, -; 8');
  });

  it('are of one domain', () => {
    const domains = newDomains();
    const watches = new Watches();
    const log = new Log();
    const host = new Host({ mac: mac(1), ip: '10.0.0.1' });
    watches.add(1, numberOf(mac(1)), log);
    watches.show(packetAt(domains, host.arpRequest('10.0.0.9'), 0, 0), false);
    expect(log.seen).toEqual([]);
    watches.show(packetAt(domains, host.arpRequest('10.0.0.9'), 0, 1), false);
    expect(log.seen).toEqual(['source']);
  });

  it('are refused beyond the limit and taken again when one ends', () => {
    const watches = new Watches();
    const log = new Log();
    for (let at = 1; at <= MAX_WATCHED_STATIONS; at += 1) expect(watches.add(0, at, log)).toBe(true);
    expect(watches.add(0, 1, new Log())).toBe(true);
    expect(watches.add(0, 999_999, log)).toBe(false);
    expect([watches.active, watches.refused]).toEqual([MAX_WATCHED_STATIONS, 1]);
    watches.remove(0, 999_999, log);
    watches.remove(0, 7, log);
    expect(watches.add(0, 999_999, log)).toBe(true);
    expect([watches.active, watches.refused]).toEqual([MAX_WATCHED_STATIONS, 1]);
  });

  it('rarely concern packets of others, and never once all have ended', () => {
    const domains = newDomains();
    const watches = new Watches();
    const log = new Log();
    const packets = Array.from({ length: 2000 }, (_, at) => {
      const [high, low] = [(at >> 8).toString(16).padStart(2, '0'), (at & 255).toString(16).padStart(2, '0')];
      return packetAt(
        domains,
        new Host({ mac: `00:11:22:33:${high}:${low}`, ip: '10.0.0.1' }).arpRequest('10.0.0.2'),
        0,
      );
    });
    for (let at = 0; at < 20; at += 1) watches.add(0, 0x00aabbcc0000 + at, log);
    expect(packets.filter((packet) => watches.mayConcern(packet)).length).toBeLessThan(100);
    for (let at = 0; at < 20; at += 1) watches.remove(0, 0x00aabbcc0000 + at, log);
    expect(packets.filter((packet) => watches.mayConcern(packet)).length).toBe(0);
  });

  it('are asked for by what a station sends, and by what it receives if somebody wants to see that', () => {
    const domains = newDomains();
    const watches = new Watches();
    const [station, other] = [numberOf(mac(1)), numberOf(mac(2))];
    const ofSender: Watcher = { isOfSender: true, watchedPacket() {} };
    const all = new Log();
    const frame = new Host({ mac: mac(2), ip: '10.0.0.2' }).ping({ mac: mac(1), ip: '10.0.0.1' }, 1);
    const packet = packetAt(domains, frame, 7);
    const concerns = (): boolean[] => [
      watches.mayConcernStations(packet.sourceLow, packet.destinationLow),
      watches.mayConcern(packet),
    ];
    watches.add(0, station, ofSender);
    expect(concerns()).toEqual([false, false]);
    watches.add(0, station, all);
    expect(concerns()).toEqual([true, true]);
    watches.remove(0, station, all);
    expect(concerns()).toEqual([false, false]);
    watches.add(0, other, ofSender);
    expect(concerns()).toEqual([true, true]);
    watches.remove(0, other, ofSender);
    expect(concerns()).toEqual([false, false]);
  });

  it('may end while they are shown a packet, their own and those of others', () => {
    const domains = newDomains();
    const watches = new Watches();
    const station = numberOf(mac(1));
    const other = new Log();
    const ending: Watcher = {
      watchedPacket() {
        watches.remove(0, station, other);
        watches.remove(0, station, ending);
      },
    };
    watches.add(0, station, other);
    watches.add(0, station, ending);
    watches.show(
      packetAt(domains, new Host({ mac: mac(1), ip: '10.0.0.1' }).arpRequest('10.0.0.2'), 0),
      false,
    );
    expect([other.seen, watches.active]).toEqual([[], 0]);
  });
});
