/** A finding's key is its identity: a report of next week, or with the interfaces in another order, has the same. */
import { describe, expect, it } from 'vitest';
import { rules } from '../../rules/index.ts';
import { encode, type Encoding, ENCODINGS, Script, type ScriptInterface } from '../../samples/craft/index.ts';
import { analyze } from '../../src/engine/analyze.ts';
import { overused } from './run.ts';

const SUBJECT = '10.0.0.77 on 00:60:8c:2a:10:77';

async function keysOf(script: Script, encoding: Encoding = ENCODINGS.pcapng): Promise<string[]> {
  const { findings } = await analyze([{ bytes: encode(script, encoding), path: 'memory' }], { rules });
  return findings.map(({ key }) => key);
}

/** The scenario on one of several interfaces, so many seconds later. */
function placed(interfaces: readonly ScriptInterface[], at: number, laterSeconds = 0): Script {
  const frames = overused().timeline();
  return Script.recorded(
    interfaces,
    frames.map((frame) => ({ ...frame, interface: at, nanos: frame.nanos + laterSeconds * 1e9 })),
  );
}

describe('the key of a finding', () => {
  const lan = { name: 'lan' };
  const wan = { name: 'wan' };
  it.each([
    ['the first of two interfaces', placed([lan, wan], 0)],
    ['the second of two', placed([wan, lan], 1)],
    ['the only one', placed([lan], 0)],
    ['the same, a week later', placed([lan, wan], 0, 7 * 86_400)],
  ])('names %s', async (_case, script) => {
    expect(await keysOf(script)).toEqual([`Q151387|lan|${SUBJECT}`]);
    expect(await keysOf(script, { ...ENCODINGS.pcapng, sections: 2 })).toEqual([`Q151387|lan|${SUBJECT}`]);
  });

  it('has a number where an interface has no name, and the VLAN', async () => {
    expect(await keysOf(placed([{}, {}], 1))).toEqual([`Q151387|interface 1|${SUBJECT}`]);
    expect(await keysOf(overused(), ENCODINGS.qinq)).toEqual([`Q151387|interface 0, VLAN 100.20|${SUBJECT}`]);
  });
});
