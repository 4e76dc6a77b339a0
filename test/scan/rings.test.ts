/** Which files a ring is made of, by their names. */
import { describe, expect, it } from 'vitest';
import { reportStems } from '../../src/scan/report-paths.ts';
import { rings } from '../../src/scan/rings.ts';

/** The groups as lists of paths. */
function groupsOf(...paths: readonly string[]): string[][] {
  const files = paths.map((path) => ({ path, bytes: 1, mtimeMillis: 1 }));
  return rings(files).map((group) => group.files.map(({ path }) => path));
}

describe('the files of a ring', () => {
  it.each([
    ['dumpcap -b', ['a/eth_00001_20260101120000.pcapng', 'a/eth_00002_20260101130000.pcapng']],
    ['dumpcap with nametimenum', ['eth_20260101120000_00002.pcapng', 'eth_20260101120000_00010.pcapng']],
    ['dumpcap, restarted', ['eth_00007_20260101120000.pcap', 'eth_00001_20260102120000.pcap']],
    ['dumpcap without an extension', ['eth_00001_20260101120000', 'eth_00002_20260101130000']],
    ['tcpdump -C', ['trace.pcap', 'trace.pcap1', 'trace.pcap2', 'trace.pcap10']],
    ['tcpdump -W', ['trace.cap00', 'trace.cap01', 'trace.cap02', 'trace.cap11']],
    ['tcpdump -G', ['t-2026-01-01_12:00:00.pcap', 't-2026-01-01_13:00:00.pcap']],
    ['tcpdump -G without separators', ['202601011200.pcap', '202601011300.pcap']],
    ['tcpdump -G by day', ['site.20260101.pcap', 'site.20260102.pcap', 'site.20260103.pcap.gz']],
    ['tcpdump -G and -C', ['t-2026-01-01T12.pcap', 't-2026-01-01T12.pcap1', 't-2026-01-01T13.pcap']],
    ['seconds at the end', ['snort.log.1767261600', 'snort.log.1767265200']],
    ['padded numbers', ['name.00009.pcap', 'name.00010.pcap']],
    ['compressed but for the last', ['trace.pcap.gz', 'trace.pcap1.gz', 'trace.pcap2']],
  ])('by %s', (_name, paths) => {
    expect(groupsOf(...paths.toReversed())).toEqual([paths]);
  });

  it.each([
    ['numbers of something else', ['case-48213.pcap', 'case-48214.pcap']],
    ['short numbers', ['vlan-0100.pcap', 'vlan-0200.pcap']],
    ['hosts', ['host1', 'host2']],
    ['no times', ['x-20261301.pcap', 'x-20261401.pcap']],
    ['other beginnings', ['a_00001_20260101120000.pcap', 'b_00002_20260101130000.pcap']],
    ['other folders', ['a/t.pcap', 'b/t.pcap1']],
    ['other kinds', ['t_00001_20260101120000.pcap', 't_00001_20260101120000.pcapng']],
    ['a copy', ['trace.pcap', 'trace.pcap.gz']],
    ['one', ['trace.pcap7']],
  ])('are not: %s', (_name, paths) => {
    expect(groupsOf(...paths)).toEqual(paths.map((path) => [path]));
  });

  it('are each in one ring, a copy apart', () => {
    expect(
      groupsOf('t.pcap', 't.pcap.gz', 't.pcap1', 'u.00001.pcap', 'u.00002.pcap', 'u_00001.pcap', 'z'),
    ).toEqual([
      ['z'],
      ['t.pcap', 't.pcap1'],
      ['t.pcap.gz'],
      ['u.00001.pcap', 'u.00002.pcap'],
      ['u_00001.pcap'],
    ]);
  });

  it('give the ring a name that no other capture has, and its report a readable place', () => {
    const paths = [
      't.pcap',
      't.pcap1',
      't_00001_20260101120000.pcap',
      't_00002_20260101120000.pcap',
      't_20260101.pcap',
    ];
    const more = ['t_20260102.pcap', 't_00001.pcap', 't_00002.pcap', 't_ring.pcap'];
    const groups = rings([...paths, ...more].map((path) => ({ path, bytes: 1, mtimeMillis: 1 })));
    const names = groups.map(({ name }) => name);
    expect(groups.map(({ files }) => files.length).toSorted((a, b) => a - b)).toEqual([1, 2, 2, 2, 2]);
    expect(new Set(names).size).toBe(5);
    const stems = [...reportStems(names).values()];
    expect(new Set(stems).size).toBe(5);
    expect(stems.filter((stem) => !/^t(?:\.pcap\.ring|_ring\.pcap)(?:~[0-9a-f]{16})?$/.test(stem))).toEqual(
      [],
    );
  });
});
