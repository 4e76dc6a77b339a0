import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { rules } from '../../rules/index.ts';
import { analyze, type AnalyzeResult } from '../../src/engine/analyze.ts';
import { HostFilter } from '../../src/engine/host-filter.ts';
import { parseIpv4 } from '../../src/wire/ipv4.ts';

const filterOf = (...hosts: string[]) => new HostFilter(new Map(hosts.map((host) => [host, host])));
const sampleOf = (name: string) =>
  new Uint8Array(readFileSync(new URL(`../../samples/${name}`, import.meta.url)));

async function analyzeFor(name: string, ...hosts: string[]): Promise<AnalyzeResult> {
  const input = { bytes: sampleOf(name), path: name };
  return analyze([input], hosts.length === 0 ? { rules } : { rules, hosts: filterOf(...hosts) });
}

describe('HostFilter', () => {
  it('knows a subject by address, MAC address or name', () => {
    const filter = filterOf('10.0.0.5', '00:11:22:33:44:55', 'PC1');
    expect(filter.concerns({ addresses: [parseIpv4('10.0.0.5')] })).toBe(true);
    expect(filter.concerns({ addresses: [parseIpv4('10.0.0.55')] })).toBe(false);
    expect(filter.concerns({ macs: [Number.NaN, 0x001122334455] })).toBe(true);
    expect(filter.concerns({ names: ['pc1'] })).toBe(true);
    expect(filter.concerns({})).toBe(false);
    // It may be about anybody.
    expect(filter.concerns(undefined)).toBe(true);
  });

  it('knows a finding by what it names, and no part of it', () => {
    const naming = {
      subject: 'host 2 of cluster 10.0.0.80',
      hosts: ['10.0.0.80'],
      macs: ['00:aa:00:00:00:01'],
      facts: { first: 'PC1, pc2', n: 5 },
    };
    for (const host of ['10.0.0.80', '00:AA:00:00:00:01', 'pc1', 'PC2'])
      expect(filterOf(host).isNamedIn(naming)).toBe(true);
    for (const host of ['10.0.0.8', '0.0.0.80', 'pc', '5'])
      expect(filterOf(host).isNamedIn(naming)).toBe(false);
  });

  it('tells which hosts nothing named', () => {
    const filter = filterOf('10.0.0.5', 'pc1');
    filter.concerns({ addresses: [parseIpv4('10.0.0.5')] });
    expect(filter.unnamed()).toEqual(['pc1']);
  });
});

describe('an analysis for hosts', () => {
  const SAMPLES = [
    ['q120599-d1-boot-conflict.pcap', 'Q120599', ['10.0.0.20', '00:60:97:11:22:33', '00:a0:c9:44:55:66']],
    [
      'q151387-p2-second-holder.pcapng',
      'Q151387',
      ['10.0.0.77', '10.0.0.1', '00:60:8c:2a:10:77', '00:00:c0:5d:21:09'],
    ],
    ['q159309-p1-pptp.pcap', 'Q159309', ['10.0.0.2', '10.0.0.11']],
    ['q159309-p2-pppoe.pcapng', 'Q159309', ['00:90:1a:40:15:93', '10.0.0.11']],
    ['q193157-p1-stale-address.pcap', 'Q193157', ['10.0.0.20', '00:60:97:11:22:33', '00:a0:c9:44:55:66']],
    ['q193599-p1-other-rules.pcap.gz', 'Q193599', ['10.0.0.80', '10.0.0.81', '02:02:0a:00:00:50']],
    ['q228811-p1-old-acknowledgment.pcap', 'Q228811', ['10.0.0.5', '10.0.0.10']],
    ['q228942-p2-silent-alive.pcap', 'Q228942', ['10.0.0.80', '10.0.0.82', '02:02:0a:00:00:50']],
  ] as const;

  it.each(SAMPLES)(
    '%s tells %s of each host that it concerns, as it does without',
    async (name, article, hosts) => {
      const whole = await analyzeFor(name);
      const verdictOf = (result: AnalyzeResult) => result.verdicts.find((each) => each.article === article);
      for (const host of hosts) {
        const result = await analyzeFor(name, host);
        const ofArticle = (finding: { article: string }) => finding.article === article;
        expect(result.findings.filter(ofArticle).map(({ key }) => key)).toEqual(
          whole.findings.filter(ofArticle).map(({ key }) => key),
        );
        expect(verdictOf(result)?.verdict).toBe(verdictOf(whole)?.verdict);
        expect(verdictOf(result)?.observed.judged).toBeGreaterThan(0);
        expect(verdictOf(result)?.observed.subjects).toBeLessThanOrEqual(
          verdictOf(whole)?.observed.subjects ?? 0,
        );
      }
    },
  );

  it.each(SAMPLES)(
    '%s has no finding of %s for a stranger, and judges nobody else',
    async (name, article) => {
      const result = await analyzeFor(name, '10.9.9.9');
      expect(result.findings).toEqual([]);
      const verdict = result.verdicts.find((each) => each.article === article);
      expect(verdict?.observed.judged).toBe(0);
      expect(['not-applicable', 'inconclusive']).toContain(verdict?.verdict);
      // The packets of all were examined.
      expect(result.counts).toEqual((await analyzeFor(name)).counts);
    },
  );
});
