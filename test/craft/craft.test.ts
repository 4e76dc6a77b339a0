/** The crafted captures are what they claim: readable by tshark, with correct checksums, and the same every time. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as craft from '../../samples/craft/index.ts';
import {
  Connection,
  DHCP_OPTION,
  DHCP_TYPE,
  ENCODINGS,
  Host,
  Script,
  addChatter,
  encode,
} from '../../samples/craft/index.ts';
import type { Encoding } from '../../samples/craft/index.ts';
import { hasPeer } from '../peers.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const hasTshark = hasPeer('tshark');
const folder = temporaryFolder();

const MAC_A = '00:a0:c9:11:22:33';
const MAC_B = '00:80:c7:44:55:66';

/** One of everything the library can send. */
function everything(): Script {
  const a = new Host({ mac: MAC_A, ip: '10.0.0.5', ttl: 128, ipIdStyle: 'swapped' });
  const b = new Host({ mac: MAC_B, ip: '10.0.0.1' });
  const script = new Script({ interfaces: [{ name: 'lan0', drops: { fraction: 0.01 } }] });
  const connection = new Connection(a, b, {
    clientPort: 1060,
    serverPort: 80,
    clientIsn: 0xfffffff0,
    serverIsn: 5,
  });
  const long = craft.splitDhcpOption(DHCP_OPTION.clientIdentifier(craft.hardwareClientId(MAC_A)), 3);
  const frames = [
    a.probe('10.0.0.5'),
    a.announce(),
    a.arpRequest(b.ip),
    b.arpReply(a),
    a.ping(b, 1),
    b.pong(a, 1),
    a.nameQuery('FILESRV', 0x8001, '10.0.0.255'),
    a.dhcpClient(DHCP_TYPE.discover, {
      xid: 0x11223344,
      options: long,
      hostName: 'WFW1',
      parameters: [1, 3, 6, 51],
    }),
    b.dhcpServer(DHCP_TYPE.offer, {
      xid: 0x11223344,
      yiaddr: '10.0.0.5',
      chaddr: MAC_A,
      leaseSeconds: 120,
      to: 'unicast',
    }),
    b.dhcpServer(DHCP_TYPE.ack, {
      xid: 0x11223344,
      yiaddr: '10.0.0.5',
      chaddr: MAC_A,
      serverIdentifier: null,
      to: 'broadcast',
      overload: { sname: [DHCP_OPTION.leaseTime(120), DHCP_OPTION.serverIdentifier('10.0.0.1')] },
    }),
    connection.syn(),
    connection.synAck(),
    connection.ack('client'),
    connection.data('client', 700),
    connection.fin('server'),
    connection.rst('client'),
    craft.ieee8023(
      craft.BROADCAST_MAC,
      MAC_A,
      craft.snap(
        craft.ETHERTYPE.arp,
        craft.arp({
          operation: 1,
          senderMac: MAC_A,
          senderIp: a.ip,
          targetMac: craft.ZERO_MAC,
          targetIp: b.ip,
        }),
      ),
    ),
    a.ipFrame(
      MAC_B,
      a.datagram(b.ip, craft.PROTOCOL.icmp, craft.icmp(8, 0, 1, craft.filler(8)), {
        options: Uint8Array.of(1, 1, 1, 0),
      }),
    ),
    b.unreachable(a, 1, a.ping({ mac: MAC_B, ip: '10.0.9.9' }, 2)),
    ...craft
      .ipv4Fragments(
        {
          source: a.ip,
          destination: b.ip,
          protocol: craft.PROTOCOL.udp,
          id: 77,
          payload: craft.udp({
            source: a.ip,
            destination: b.ip,
            sourcePort: 4000,
            destinationPort: 4001,
            payload: craft.filler(900),
          }),
        },
        576,
      )
      .map((fragment) => a.ipFrame(MAC_B, fragment)),
  ];
  for (const [index, frame] of frames.entries())
    script.at(1 + index / 100, frame, { comment: `frame ${index}` });
  return addChatter(script, { untilSeconds: 120 });
}

function tshark(bytes: Uint8Array, ...args: string[]): string[] {
  const path = join(folder, 'crafted.cap');
  writeFileSync(path, bytes);
  const checks = ['ip', 'udp', 'tcp'].flatMap((name) => ['-o', `${name}.check_checksum:TRUE`]);
  const run = spawnSync('tshark', ['-n', '-r', path, ...checks, ...args], {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  expect({ status: run.status, stderr: run.status === 0 ? '' : run.stderr }).toEqual({
    status: 0,
    stderr: '',
  });
  return run.stdout.split('\n').filter((line) => line !== '');
}

describe('crafted bytes', () => {
  it('are the same every time', () => {
    expect(Buffer.compare(encode(everything()), encode(everything()))).toBe(0);
  });

  it('keep the order of frames with equal times and number them from 1', () => {
    const script = new Script();
    const frame = new Uint8Array(60);
    script.at(2, frame, { mark: 'late' }).at(1, frame, { mark: 'first' }).at(1, frame, { mark: 'second' });
    expect([...script.frameNumbers()]).toEqual([
      ['first', [1]],
      ['second', [2]],
      ['late', [3]],
    ]);
  });

  it('are made in time order, once', () => {
    const host = new Host({ mac: MAC_A, ip: '10.0.0.5', firstIpId: 1 });
    const script = new Script().at(2, () => host.ping({ mac: MAC_B, ip: '10.0.0.1' }, 2));
    script.at(1, () => host.ping({ mac: MAC_B, ip: '10.0.0.1' }, 1));
    script.timeline();
    expect(script.timeline().map((frame) => [frame.nanos, frame.bytes[19]])).toEqual([
      [1e9, 2],
      [2e9, 3],
    ]);
  });

  it('carry a checksum that sums to zero', () => {
    const packet = craft.ipv4({
      source: '10.0.0.1',
      destination: '10.0.0.2',
      protocol: 1,
      payload: new Uint8Array(0),
      id: 1,
    });
    expect(craft.internetChecksum(packet)).toBe(0);
    // The worked example of RFC 1071, section 3.
    expect(craft.internetChecksum(Uint8Array.of(0, 1, 0xf2, 3, 0xf4, 0xf5, 0xf6, 0xf7))).toBe(
      ~0xddf2 & 0xffff,
    );
  });

  it('hold tags outermost first', () => {
    const tagged = craft.vlanTagged(new Uint8Array(60), [100, 20]);
    expect([...tagged.subarray(12, 20)]).toEqual([0x88, 0xa8, 0, 100, 0x81, 0, 0, 20]);
  });

  it('count identifications in the byte order of the stack', () => {
    const nt = new Host({ mac: MAC_A, ip: '10.0.0.5', ipIdStyle: 'swapped', firstIpId: 0x00fe });
    expect([nt.nextIpId(), nt.nextIpId()]).toEqual([0xff00, 0x0001]);
  });

  it('have a living background: 0.5 to 1 frames a second and no gap above 3.5 s', () => {
    const times = addChatter(new Script(), { untilSeconds: 600 })
      .timeline()
      .map((frame) => frame.nanos / 1e9);
    expect(times.length / 600).toBeGreaterThan(0.5);
    expect(times.length / 600).toBeLessThan(1.05);
    expect(Math.max(...times.slice(1).map((time, index) => time - (times[index] ?? 0)))).toBeLessThan(3.5);
  });

  it('are transformed as the variants say', () => {
    const script = everything();
    const count = script.timeline().length;
    expect(craft.withDuplicates(script).timeline()).toHaveLength(2 * count);
    expect(
      craft
        .inTwoVlans(script)
        .timeline()
        .map((frame) => frame.vlans[0]),
    ).toContain(30);
    const lost = count - craft.withLoss(script, 0.1).timeline().length;
    expect(lost).toBeGreaterThan(0);
    expect(lost).toBeLessThan(count * 0.25);
    const stepped = craft.withClockStep(script, 60, -30).timeline();
    expect(stepped.some((frame, index) => frame.nanos < (stepped[index - 1]?.nanos ?? -1))).toBe(true);
    expect(
      craft
        .withGap(script, 20, 50)
        .timeline()
        .some((frame) => frame.nanos >= 20e9 && frame.nanos < 50e9),
    ).toBe(false);
  });
});

const encodings: ReadonlyArray<readonly [string, Encoding]> = Object.entries(ENCODINGS);

describe.skipIf(!hasTshark)('tshark (needs tshark)', () => {
  it.each(encodings)('reads %s without a complaint', (_name, encoding) => {
    const script = everything();
    const bytes = encode(script, encoding);
    const bad =
      '_ws.malformed || ip.checksum.status == 0 || udp.checksum.status == 0 || tcp.checksum.status == 0 || _ws.expert.severity == error';
    expect(tshark(bytes, '-Y', bad)).toEqual([]);
    const times = tshark(bytes, '-T', 'fields', '-e', 'frame.time_epoch');
    const cut = encoding.decimals === 9 ? 1 : 1000;
    expect(times.map((time) => time.padEnd(19, '0'))).toEqual(
      script.timeline().map((frame) => {
        const nanos = Math.floor((frame.nanos % 1e9) / cut) * cut;
        return `${craft.BASE_SECONDS + Math.floor(frame.nanos / 1e9)}.${String(nanos).padStart(9, '0')}`;
      }),
    );
  });

  it('finds the lease time behind an option overload', () => {
    const lines = tshark(
      encode(everything()),
      '-Y',
      'dhcp.option.dhcp == 5',
      '-T',
      'fields',
      '-e',
      'dhcp.option.ip_address_lease_time',
      '-e',
      'dhcp.option.option_overload',
    );
    expect(lines).toEqual(['120\t2']);
  });

  it('sees the cut of a snap length', () => {
    const bytes = encode(everything(), { container: 'pcap', snapLength: 96 });
    expect(tshark(bytes, '-Y', 'frame.cap_len > 96')).toEqual([]);
    expect(tshark(bytes, '-Y', 'frame.len > 96 && frame.cap_len == 96').length).toBeGreaterThan(3);
  });
});
