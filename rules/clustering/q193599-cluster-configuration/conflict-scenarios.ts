/** Clusters that cannot converge because of their configuration: other port rules, one priority twice (P1 to P3). */
import { ALL_BUCKETS, ClusterLan, ENCODINGS, LAST_RULE, portRule } from '../../../samples/craft/index.ts';
import type {
  BeatFields,
  ClusterFields,
  ClusterMember,
  Scenario,
  Script,
} from '../../../samples/craft/index.ts';
import { DEFINITIVE, RULE, STRONG, SUGGESTIVE, citing } from './expectation-scenarios.ts';

/** Maps of a member that has nothing yet and is to have everything. */
export const CONVERGING_MAPS = { currentMap: 0n, newMap: ALL_BUCKETS } as const;
/** As many rules as `Cluster` has, and another port in the second. */
export const OTHER_CODES = [portRule(80), portRule(8443), LAST_RULE];
/** One rule more. */
export const MORE_RULES = [portRule(80), portRule(443), portRule(8080), LAST_RULE];

export interface RulesDifferFields {
  readonly cluster?: ClusterFields;
  readonly other?: Partial<BeatFields>;
  readonly both?: Partial<BeatFields>;
  readonly until?: number;
}

/** Two members from the start, the second with rules of its own. */
export function rulesDiffer(fields: RulesDifferFields = {}): Script {
  const { until = 60, both = {}, other = { ruleCodes: OTHER_CODES } } = fields;
  const lan = new ClusterLan(fields.cluster);
  const [web1, web2] = lan.members(2);
  lan.beats(web1, 0.3, until - 0.2, { ...both, mark: 'one' });
  lan.beats(web2, 0.4, until - 0.1, { ...both, ...other, mark: (at) => (at > 29 ? 'other-late' : 'other') });
  return lan.end(until + 1);
}

/** A member of the same priority and cluster, with another address and configured at another time. */
export function twin(lan: ClusterLan): ClusterMember {
  return lan.cluster.member(2, { hostIp: '10.0.0.83', hostCode: 0x3a7c_2222 });
}

export interface PriorityFields {
  /** Of all members once the twin is there. */
  readonly periodSeconds?: number;
  readonly later?: Partial<BeatFields>;
  readonly until?: number;
}

/** 20 s of normal beats, and then a second host with priority 2. */
export function samePriority(fields: PriorityFields = {}): Script {
  const { periodSeconds = 0.5, later = {}, until = 70 } = fields;
  const lan = new ClusterLan();
  const [web1, web2] = lan.members(2);
  const other = twin(lan);
  lan.introduce(1.3, other);
  lan.beats(web1, 0.3, 20.3).beats(web2, 0.4, 20.4);
  const phase = { ...later, everySeconds: periodSeconds };
  lan.beats(web1, 20.8, until - 0.4, phase).beats(web2, 20.9, until - 0.3, { ...phase, mark: 'one' });
  lan.beats(other, 21.1, until - 0.2, { ...phase, mark: (at) => (at > 50 ? 'other-late' : 'other') });
  return lan.end(until);
}

/** Roll-out of one more rule: host 1 has it from 10 s on, host 2 from 50 s on. */
function rollOut(): Script {
  const lan = new ClusterLan();
  const [web1, web2] = lan.members(2);
  lan.beats(web1, 0.3, 9.3);
  lan.beats(web1, 10.3, 69.3, { ruleCodes: MORE_RULES, mark: 'one' });
  lan.beats(web2, 0.4, 49.4, { mark: (at) => (at > 39 ? 'other-late' : at > 10 ? 'other' : undefined) });
  lan.beats(web2, 50.4, 69.4, { ruleCodes: MORE_RULES });
  return lan.end(70);
}

/** The same; afterwards both beat every three seconds. */
function slowerLater(): Script {
  const lan = new ClusterLan();
  const [web1, web2] = lan.members(2);
  lan.beats(web1, 0.3, 9.3).beats(web1, 10.3, 69.3, { ruleCodes: MORE_RULES, mark: 'one' });
  lan.beats(web2, 0.4, 49.4, { mark: (at) => (at > 10 ? 'other' : undefined) });
  lan.beats(web2, 50.4, 69.4, { ruleCodes: MORE_RULES });
  for (const member of [web1, web2])
    lan.beats(member, 72 + member.priority, 160, { everySeconds: 3, ruleCodes: MORE_RULES });
  return lan.end(162);
}

const CITES = ['one', 'other'];
const positive = (
  name: string,
  title: string,
  scenario: Omit<Scenario, 'name' | 'title' | 'rule'>,
): Scenario => ({
  name,
  title,
  rule: RULE,
  ...scenario,
});

export const conflicts: readonly Scenario[] = [
  positive('P1', 'port rules differ and the maps never settle', {
    expect: citing(DEFINITIVE, ...CITES),
    build: () => rulesDiffer({ both: CONVERGING_MAPS }),
    encodings: [ENCODINGS.pcapngBigNano, ENCODINGS.qinqBig, ENCODINGS.sll2],
  }),
  positive('P1-one', 'port rules differ and one member’s maps never settle', {
    expect: citing(DEFINITIVE, ...CITES),
    build: () => rulesDiffer({ other: { ...CONVERGING_MAPS, ruleCodes: OTHER_CODES } }),
    encodings: [ENCODINGS.modified],
  }),
  positive('P1-count', 'numbers of rules differ and the maps never settle', {
    expect: citing(DEFINITIVE, ...CITES),
    build: () => rulesDiffer({ both: CONVERGING_MAPS, other: { ruleCodes: MORE_RULES } }),
    encodings: [ENCODINGS.pcapNano],
  }),
  positive('P1-multicast', 'the same in multicast mode', {
    expect: citing(DEFINITIVE, ...CITES),
    build: () => rulesDiffer({ both: CONVERGING_MAPS, cluster: { mode: 'multicast' } }),
    encodings: [ENCODINGS.pcapng],
  }),
  positive('P1-convoy', 'the same with the older ethertype', {
    expect: citing(DEFINITIVE, ...CITES),
    build: () => rulesDiffer({ both: CONVERGING_MAPS, cluster: { etherType: 0xbf01 } }),
    encodings: [ENCODINGS.pcapBig],
  }),
  positive('P1-priority', 'two hosts of one priority and the maps never settle', {
    expect: citing(DEFINITIVE, ...CITES),
    build: () => samePriority({ periodSeconds: 1, later: { newMap: ALL_BUCKETS } }),
    encodings: [ENCODINGS.vlan],
  }),
  positive('P2', 'two hosts of one priority, beats at half the period', {
    expect: citing(STRONG, ...CITES),
    build: () => samePriority(),
    encodings: [ENCODINGS.pcapngTwoSections, ENCODINGS.vlan],
  }),
  positive('P2-state', 'two hosts of one priority, in another state than before', {
    expect: citing(STRONG, ...CITES),
    build: () => samePriority({ periodSeconds: 1, later: { state: 2 } }),
    encodings: [ENCODINGS.modifiedBig],
  }),
  positive('P2-alone', 'two hosts of one priority, no other sign', {
    expect: citing(SUGGESTIVE, ...CITES),
    build: () => samePriority({ periodSeconds: 1 }),
    encodings: [ENCODINGS.pcapng],
  }),
  positive('P3', 'numbers of rules differ for 40 s during a roll-out', {
    expect: citing(SUGGESTIVE, ...CITES),
    build: rollOut,
    encodings: [ENCODINGS.pcapBigNano, ENCODINGS.vlan],
  }),
  positive('review-slower', 'a roll-out, after which the period is raised', {
    expect: citing(SUGGESTIVE, ...CITES),
    build: slowerLater,
  }),
];
