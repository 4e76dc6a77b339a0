import { describe, expect, it } from 'vitest';
import { Host } from '../../samples/craft/index.ts';
import { ProxiedAddress, type ProxyServer } from '../../src/trackers/dial-in-lan.ts';
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
