import { describe, expect, it } from 'vitest';
import { Host } from '../../samples/craft/index.ts';
import { resolveOptions } from '../../src/engine/options.ts';
import { ADDRESS_OPTIONS } from '../../src/engine/shared-options.ts';
import { type SourceMove, Sources } from '../../src/trackers/sources.ts';
import { remember, type Station, Stations } from '../../src/trackers/stations.ts';
import { parseIpv4 } from '../../src/wire/ipv4.ts';
import { newDomains, packetAt } from './packets.ts';

const MAC = '00:a0:c9:11:22:33';
const numberOf = (text: string): number => Number.parseInt(text.replaceAll(':', ''), 16);

function newStations(): Stations {
  return new Stations(resolveOptions('address', ADDRESS_OPTIONS, {}));
}

function ipv4From(mac: string, address: string, time: number, ttl = 64): ReturnType<typeof packetAt> {
  return packetAt(
    newDomains(),
    new Host({ mac, ip: address, ttl }).ping({ mac: '00:00:00:00:00:09', ip: '10.9.9.9' }, 1),
    time,
  );
}

/** A station that sent IPv4 from these addresses, one every `step` seconds; those named were on the link. */
function sender(
  addresses: readonly string[],
  onLink: readonly string[],
  step = 1,
  mac = MAC,
): { stations: Stations; station: Station | undefined } {
  const stations = newStations();
  for (const [at, address] of addresses.entries()) stations.noteSource(ipv4From(mac, address, at * step));
  for (const address of onLink) stations.noteOnLink(0, parseIpv4(address), true);
  return { stations, station: stations.find(0, numberOf(mac)) };
}

function isRouter(addresses: readonly string[], onLink: readonly string[], step = 1): boolean {
  const { stations, station } = sender(addresses, onLink, step);
  return station !== undefined && stations.isRouter(station);
}

describe('routers and bridges', () => {
  const FOUR = ['10.0.0.1', '192.0.2.1', '192.0.2.2', '10.0.0.2'];

  it('send from 4 addresses within 60 s, 2 of them not on the link', () => {
    expect(isRouter(FOUR, ['10.0.0.1', '10.0.0.2'])).toBe(true);
    expect(isRouter(FOUR, ['10.0.0.1', '10.0.0.2', '192.0.2.1'])).toBe(false);
    expect(isRouter(FOUR.slice(0, 3), [])).toBe(false);
    expect(isRouter(FOUR, [], 20)).toBe(true);
    expect(isRouter(FOUR, [], 20.1)).toBe(false);
  });

  it('are not hosts that had no address, or one of their own making, before', () => {
    expect(isRouter(['0.0.0.0', '169.254.7.7', '10.0.0.5', '10.0.0.6'], ['10.0.0.5', '10.0.0.6'])).toBe(
      false,
    );
    expect(isRouter(['0.0.0.0', '169.254.7.7', ...FOUR], [])).toBe(true);
  });

  it('are stations: no group, not nobody', () => {
    expect(sender(FOUR, [], 1, '01:00:5e:00:00:01').station).toBeUndefined();
    expect(sender(FOUR, [], 1, '00:00:00:00:00:00').station).toBeUndefined();
  });

  it('are no longer followed when they are clear cases', () => {
    const many = Array.from({ length: 200 }, (_, at) => `192.0.2.${at + 1}`);
    const { station } = sender(many, [], 0.01);
    expect(station?.routedSources.length).toBe(32);
    expect(station?.hasManySources).toBe(true);
  });
});

describe('other classes', () => {
  it('proxies answer for 3 addresses, translating bridges carry 2', () => {
    const stations = newStations();
    const station = stations.of(0, numberOf(MAC)) as Station;
    for (let at = 1; at <= 3; at += 1) {
      expect(stations.isProxy(station)).toBe(false);
      station.repliedFor = remember(station.repliedFor, at);
    }
    expect(stations.isProxy(station)).toBe(true);
    for (let at = 1; at <= 2; at += 1) {
      expect(stations.isTranslatingBridge(station)).toBe(false);
      station.translated = remember(station.translated, at);
    }
    expect(stations.isTranslatingBridge(station)).toBe(true);
    for (let at = 0; at < 1000; at += 1) station.repliedFor = remember(station.repliedFor, at);
    expect(station.repliedFor.length).toBe(32);
  });

  it('shared addresses are so by design', () => {
    const stations = newStations();
    expect(stations.isShared(0, numberOf('00:00:5e:00:01:05'))).toBe(true);
    expect(stations.isShared(0, numberOf('02:bf:0a:00:00:05'))).toBe(true);
    expect(stations.isShared(0, numberOf(MAC))).toBe(false);
  });

  it('a masked source is a cluster host only where its cluster shows', () => {
    const masked = numberOf('02:03:0a:00:00:05');
    expect(newStations().isShared(0, masked)).toBe(false);

    const heartbeat = newStations();
    heartbeat.noteHeartbeat(parseIpv4('10.0.0.6'));
    expect(heartbeat.isShared(0, masked)).toBe(false);
    heartbeat.noteHeartbeat(parseIpv4('10.0.0.5'));
    expect(heartbeat.isShared(0, masked)).toBe(true);

    for (const cluster of ['02:bf:0a:00:00:05', '03:bf:0a:00:00:05']) {
      const stations = newStations();
      stations.of(0, numberOf(cluster));
      expect(stations.isShared(0, masked)).toBe(true);
      expect(stations.isShared(1, masked)).toBe(false);
    }

    const frames = newStations();
    const station = frames.of(0, masked) as Station;
    frames.noteOnLink(0, parseIpv4('10.0.0.5'), true);
    station.arpFrames = 9;
    expect(frames.isShared(0, masked)).toBe(false);
    station.arpFrames = 10;
    expect(frames.isShared(0, masked)).toBe(true);
  });

  it('stations beyond the limit are counted', () => {
    const stations = newStations();
    for (let at = 1; at <= 20_000; at += 1) stations.of(0, at);
    expect(stations.evictions).toBe(20_000 - [...stations.all()].length);
    expect(stations.evictions).toBeGreaterThan(0);
    expect(stations.of(0, 1)?.mac).toBe(1);
    expect(stations.of(0, 20_000)).toBeUndefined();
  });

  it('addresses beyond the limit over all domains are counted', () => {
    const stations = newStations();
    for (let at = 1; at <= 140_000; at += 1) stations.noteOnLink(at % 7, at, false);
    expect(stations.evictions).toBe(140_000 - 65_536);
    expect(stations.isOnLink(1, 1)).toBe(true);
    expect(stations.isOnLink(140_000 % 7, 140_000)).toBe(false);
    stations.noteOnLink(1, 1, false);
    expect(stations.evictions).toBe(140_000 - 65_536);
  });
});

describe('sources', () => {
  const log = (answer: SourceMove): { sources: Sources; told: string[] } => {
    const told: string[] = [];
    const sources = new Sources({
      sourceAppeared: () => told.push('appeared'),
      sourceMoved: (_packet, from) => {
        told.push(`moved from ${from.toString(16)}`);
        return answer;
      },
    });
    return { sources, told };
  };
  const from = (mac: string, address = '10.0.0.5'): ReturnType<typeof packetAt> => ipv4From(mac, address, 0);

  it('are told of when they appear and when they move, and else are silent', () => {
    const { sources, told } = log('moved');
    for (const last of ['a1', 'a1', 'a2', 'a2', 'a1']) sources.touch(from(`00:00:00:00:00:${last}`));
    expect(told).toEqual(['appeared', 'moved from a1', 'moved from a2']);
    expect(sources.macOf(0, parseIpv4('10.0.0.5'))).toBe(0xa1);
    expect(sources.framesOf(0, parseIpv4('10.0.0.5'))).toBeGreaterThanOrEqual(3);
    expect([sources.macOf(0, 1), sources.framesOf(0, 1)]).toEqual([Number.NaN, 0]);
  });

  it('that are restless are not told of again', () => {
    const { sources, told } = log('restless');
    for (let at = 0; at < 10; at += 1)
      sources.touch(from(at % 2 === 0 ? 'fe:ff:ff:ff:ff:ff' : '80:00:80:00:00:01'));
    expect(told).toEqual(['appeared', 'moved from feffffffffff']);
    expect(sources.macOf(0, parseIpv4('10.0.0.5'))).toBe(0x800080000001);
  });

  it('stay where they are when a router passes their packets on, and are not told of again', () => {
    const { sources, told } = log('routed');
    const own = from('00:00:00:00:00:a1');
    const passedOn = ipv4From('00:00:00:00:00:fe', '10.0.0.5', 0, 63);
    for (let at = 0; at < 5; at += 1) {
      sources.touch(own);
      sources.touch(passedOn);
    }
    expect(told).toEqual(['appeared', 'moved from a1']);
    expect(sources.macOf(0, parseIpv4('10.0.0.5'))).toBe(0xa1);
    expect(sources.framesOf(0, parseIpv4('10.0.0.5'))).toBe(5);
    sources.touch(from('00:00:00:00:00:b1'));
    expect(told.at(-1)).toBe('moved from a1');
  });

  it('count frames to a limit', () => {
    const { sources } = log('moved');
    const packet = from('fe:ff:ff:ff:ff:ff');
    for (let at = 0; at < 5000; at += 1) sources.touch(packet);
    expect(sources.framesOf(0, parseIpv4('10.0.0.5'))).toBe(4095);
    expect(sources.macOf(0, parseIpv4('10.0.0.5'))).toBe(0xfeffffffffff);
  });
});
