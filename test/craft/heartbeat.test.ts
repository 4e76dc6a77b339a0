/** Crafted heartbeats are what tshark takes them for, and the same bytes as those of a public capture. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Cluster, ClusterLan, LAST_RULE, encode, portRule } from '../../samples/craft/index.ts';
import { hasPeer } from '../peers.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const hasTshark = hasPeer('tshark');
const folder = temporaryFolder();

function tshark(bytes: Uint8Array, ...args: string[]): string[] {
  const path = join(folder, 'beats.pcap');
  writeFileSync(path, bytes);
  const run = spawnSync('tshark', ['-n', '-r', path, ...args], { encoding: 'utf8', maxBuffer: 1 << 26 });
  expect(run.status).toBe(0);
  return run.stdout.split('\n').filter((line) => line !== '');
}

/** Every kind of frame a cluster sends. */
function everything(mode: 'unicast' | 'multicast' | 'igmp') {
  const lan = new ClusterLan({ mode });
  const [one, two] = lan.members(2);
  lan.beats(one, 1, 20, { state: 3 }).beats(two, 1.5, 20.5, { newMap: 0n, defaultHostId: 1 });
  lan
    .request(2, 1, one, { repeats: [3], exchanges: [4, 6] })
    .request(3, 2, two)
    .knock(4, 3);
  lan.lives(two, [7, 8], 'dedicated').lives(two, [9, 10], 'cluster').bridgeHello(11).control(12, 2504);
  lan.script.at(13, () => two.extendedBeat()).at(14, () => two.maskedPing(lan.router, 1));
  return lan.end(22);
}

describe('heartbeats', () => {
  it('equal those of the public capture, as far as that goes', () => {
    const cluster = new Cluster({
      ip: '192.168.100.80',
      ruleCodes: [...[25, 80, 135, 143, 443, 587, 993].map(portRule), LAST_RULE, 0],
    });
    const frame = cluster
      .member(2, { hostCode: 1329324853 })
      .beat({ packetsHandled: 80268987 })
      .subarray(0, 96);
    // tcpdump's msnlb.pcap, frame 1.
    const known =
      'ffffffffffff0202c0a86450886fbf01dec00602000002000000c0a86450c0a86452010000000100090035e33b4fbbcec80400000000' +
      '000000001990016150000561877008618ff00861bbb11b614bb22461e1133e6100f4ff6f000000000000';
    expect(Buffer.from(frame).toString('hex')).toBe(known);
  });

  it('are 1510 bytes in full', () => {
    expect(new Cluster().member(1).beat()).toHaveLength(1510);
  });

  it.each([
    ['unicast', '02:bf:0a:00:00:50', '02:02:0a:00:00:50'],
    ['multicast', '03:bf:0a:00:00:50', '00:d0:b7:1f:00:52'],
    ['igmp', '01:00:5e:7f:00:50', '00:d0:b7:1f:00:52'],
  ] as const)('leave a member of a %s cluster under its MAC', (mode, clusterMac, memberMac) => {
    const cluster = new Cluster({ mode });
    expect([cluster.mac, cluster.member(2).mac]).toEqual([clusterMac, memberMac]);
  });
});

describe.skipIf(!hasTshark)('tshark (needs tshark)', () => {
  it.each(['unicast', 'multicast', 'igmp'] as const)('reads a %s cluster without a complaint', (mode) => {
    const checks = ['ip', 'udp', 'tcp'].flatMap((name) => ['-o', `${name}.check_checksum:TRUE`]);
    const bad =
      '_ws.malformed || ip.checksum.status == 0 || udp.checksum.status == 0 || tcp.checksum.status == 0';
    expect(tshark(encode(everything(mode)), ...checks, '-Y', bad)).toEqual([]);
  });

  it('reads the fields of a heartbeat', () => {
    const names = ['unique_host_id', 'cluster_ip', 'host_ip', 'my_host_ip', 'default_host_ip'];
    const fields = [...names, 'convergence_state', 'number_of_port_rules', 'unique_host_code'];
    const lines = tshark(
      encode(everything('unicast')),
      '-Y',
      'eth.src == 02:02:0a:00:00:50 && msnlb.convergence_state',
      '-T',
      'fields',
      ...fields.flatMap((name) => ['-e', `msnlb.${name}`]),
    );
    expect(new Set(lines)).toEqual(
      new Set([`2\t10.0.0.80\t10.0.0.82\t1\t1\t1\t3\t${0x3a7c_1000 + 2 * 0x97}`]),
    );
  });
});
