import { describe, expect, it } from 'vitest';
import { Host } from '../../samples/craft/index.ts';
import { LanView, ProxiedAddress, type ProxyServer } from '../../src/trackers/dial-in-lan.ts';
import { Watches } from '../../src/trackers/watches.ts';
import { ArpFields, decodeArp } from '../../src/wire/arp.ts';
import { formatIpv4 } from '../../src/wire/ipv4.ts';
import { domainAt, newDomains, packetAt } from './packets.ts';

const CALLER = new Host({ mac: '00:a0:c9:11:22:33', ip: '10.0.0.210' });
const OTHER = new Host({ mac: '00:80:c7:44:55:66', ip: '10.0.0.1' });

describe('an address that a dial-in server answers for', () => {
  it('is not heard of others by duplicates of its own packets', () => {
    const domains = newDomains();
    const first = packetAt(domains, CALLER.ping(OTHER, 0), 0);
    const domain = domainAt(domains, first);
    domain.liveness.tick(first);
    const proxied = new ProxiedAddress(first.ipSource, { domain } as ProxyServer, 0);
    for (let at = 1; at < 10; at += 1) {
      const packet = packetAt(domains, CALLER.ping(OTHER, at), at);
      proxied.watchedAddressPacket(packet, true);
      domain.liveness.tick(packet);
      proxied.watchedAddressDuplicate(packet);
      domain.liveness.tick(packet);
    }
    expect(proxied.liveness.isAnyOther).toBe(false);
    const others = packetAt(domains, OTHER.arpRequest('10.0.0.9'), 10);
    domain.liveness.tick(others);
    expect(proxied.liveness.isAnyOther).toBe(true);
  });
});

describe('a station that answers ARP', () => {
  const serverAs = (ip: string) => new Host({ mac: '00:80:c7:00:00:01', ip });
  const OWN = '10.0.0.2';
  const SECOND = '10.0.0.3';

  /** What the LAN view makes of the frames, one a second; null stands for a step of the clock. */
  function servers(...frames: Array<Uint8Array | null>): string[][] {
    const domains = newDomains();
    const lan = new LanView({ lanProxied: 2, lanMaxProxied: 64 }, new Watches(), () => 0);
    const fields = new ArpFields();
    for (const [at, frame] of frames.entries()) {
      if (frame === null) {
        lan.restart(0);
        continue;
      }
      const packet = packetAt(domains, frame, at);
      decodeArp(packet.view, packet.network, packet.end, fields);
      lan.arp(packet, fields, domainAt(domains, packet));
    }
    return lan.servers.map(({ answered, own }) => [
      [...answered.keys()].map(formatIpv4).join(' '),
      [...own].map(formatIpv4).join(' '),
    ]);
  }

  const asks = (address: string) => serverAs(address).arpRequest(OTHER.ip);
  const answers = (address: string) => serverAs(address).arpReply(OTHER);

  it('is no server while it answers for one address', () =>
    expect(servers(asks(OWN), answers(OWN), asks(OWN), answers(OWN), answers(OWN))).toEqual([]));

  it('is one from the second address on, and its own is the one that it asks for last', () => {
    const usual = [asks(OWN), answers(OWN), asks(OWN), answers(OWN)];
    expect(servers(...usual, answers(SECOND), answers(OWN), answers('10.0.0.4'))).toEqual([
      [`${OWN} ${SECOND} 10.0.0.4`, OWN],
    ]);
    expect(servers(...usual, asks(SECOND), asks(OWN), asks(SECOND), answers('10.0.0.4'))).toEqual([
      [`${OWN} 10.0.0.4`, SECOND],
    ]);
  });

  it('goes on telling its own addresses as a server', () =>
    expect(servers(asks(OWN), answers(OWN), answers(SECOND), asks('10.0.0.4'), asks(OWN))).toEqual([
      [`${OWN} ${SECOND}`, `${OWN} 10.0.0.4`],
    ]));

  it('begins anew with a step of the clock', () => {
    expect(servers(answers(OWN), answers(OWN), null, answers(SECOND), answers(SECOND))).toEqual([]);
    expect(servers(answers(OWN), null, answers(SECOND), answers(OWN))).toEqual([[`${SECOND} ${OWN}`, '']]);
  });
});
