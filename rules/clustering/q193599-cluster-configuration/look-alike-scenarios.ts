/** Clusters whose members agree, whose configuration changes once, or of which too little is seen (N1 to N3, X1 to X4). */
import {
  ALL_BUCKETS,
  Cluster,
  ClusterLan,
  ENCODINGS,
  Host,
  LAST_RULE,
  Script,
  addChatter,
  portRule,
  withDuplicates,
  withGap,
} from '../../../samples/craft/index.ts';
import type { ClusterFields, Scenario } from '../../../samples/craft/index.ts';
import { CONVERGING_MAPS, MORE_RULES, OTHER_CODES, rulesDiffer } from './conflict-scenarios.ts';
import { NO_HEARTBEAT, lookAlike, undecided } from './expectation-scenarios.ts';

/** Two members that agree. */
function agreed(until = 70, fields: ClusterFields = {}): ClusterLan {
  const lan = new ClusterLan(fields);
  const [web1, web2] = lan.members(2);
  lan.beats(web1, 0.3, until - 0.4).beats(web2, 0.4, until - 0.3);
  for (let at = 3, client = 1; at < until - 3; at += 3.1, client = (client % 7) + 1) {
    lan.request(at, client, client % 2 === 1 ? web1 : web2);
  }
  return lan;
}

/** Behind the three rules that both have, host 2 has the code of one that was taken away. */
function oldCodeBehind(): Script {
  const codes = [portRule(80), portRule(443), LAST_RULE];
  const other = { ruleCodes: [...codes, portRule(8080)], ruleCount: codes.length };
  return rulesDiffer({ cluster: { ruleCodes: codes }, other, both: CONVERGING_MAPS });
}

/** Host 2's rules change at 30 s; the file ends before half a minute more is over. */
function changedOnce(): Script {
  const lan = new ClusterLan();
  const [web1, web2] = lan.members(2);
  lan.beats(web1, 0.3, 55.3).beats(web2, 0.4, 29.4).beats(web2, 30.4, 55.4, { ruleCodes: OTHER_CODES });
  return lan.end(56);
}

/** A lone host's rules change at 30 s and again at 60 s: old and new never alternate. */
function changedAlone(): Script {
  const lan = new ClusterLan();
  const [web1] = lan.members(1);
  lan.beats(web1, 0.3, 29.3, { currentMap: ALL_BUCKETS });
  lan.beats(web1, 30.3, 59.3, { currentMap: ALL_BUCKETS, ruleCodes: OTHER_CODES });
  lan.beats(web1, 60.3, 99.3, { currentMap: ALL_BUCKETS, ruleCodes: MORE_RULES });
  return lan.end(100);
}

/** A roll-out of a few seconds, with the convergence it brings. */
function rolledOut(): Script {
  const lan = new ClusterLan();
  for (const [index, member] of lan.members(3).entries()) {
    const phase = 0.1 * index;
    const changes = 30 + 6 * index;
    lan.beats(member, 0.3 + phase, changes - 0.7 + phase);
    lan.beats(member, changes + 0.3 + phase, changes + 3.3 + phase, {
      everySeconds: 0.5,
      state: 2,
      newMap: ALL_BUCKETS,
      ruleCodes: OTHER_CODES,
    });
    lan.beats(member, changes + 3.8 + phase, 109, { ruleCodes: OTHER_CODES });
  }
  return lan.end(110);
}

/** Two clusters, the same priorities, other addresses, other rules. */
function twoClusters(): Script {
  const lan = agreed();
  const mail = new Cluster({ ip: '10.0.0.60', ruleCodes: [portRule(25), portRule(110)] });
  for (const priority of [1, 2]) lan.beats(mail.member(priority), 0.6 + priority / 10, 69);
  return lan.end(70);
}

/** Host 2 restarts as host 3: the same address and code under another priority. */
function newPriority(): Script {
  const lan = new ClusterLan();
  const [web1, web2] = lan.members(2);
  const again = lan.cluster.member(3, { hostIp: web2.hostIp, hostCode: web2.hostCode });
  lan.beats(web1, 0.3, 99.3).beats(web2, 0.4, 40.4).beats(again, 52.4, 99.4);
  return lan.end(100);
}

/** Host 2 takes the priority of host 3 in exchange for its own; each was in turn, none at a time. */
function swapped(): Script {
  const lan = new ClusterLan();
  const [web1, web2, web3] = lan.members(3);
  const second = lan.cluster.member(3, { hostIp: web2.hostIp, hostCode: web2.hostCode });
  const third = lan.cluster.member(2, { hostIp: web3.hostIp, hostCode: web3.hostCode });
  lan.beats(web1, 0.3, 99.3).beats(web2, 0.4, 40.4).beats(web3, 0.5, 44.5);
  return lan.beats(second, 50.4, 99.4).beats(third, 52.5, 99.5).end(100);
}

/** Host 2 is configured anew: the same priority with a new code. */
function newCode(): Script {
  const lan = new ClusterLan();
  const [web1, web2] = lan.members(2);
  const again = lan.cluster.member(2, { hostCode: 0x3a7c_9999 });
  lan.beats(web1, 0.3, 99.3).beats(web2, 0.4, 40.4).beats(again, 52.4, 99.4);
  return lan.end(100);
}

/** Host 2's machine is replaced by another one of the same priority. */
function replaced(): Script {
  const lan = new ClusterLan();
  const [web1, web2] = lan.members(2);
  const other = lan.cluster.member(2, { hostIp: '10.0.0.85', hostCode: 0x3a7c_9999 });
  lan.beats(web1, 0.3, 119.3).beats(web2, 0.4, 40.4).beats(other, 70.4, 119.4);
  return lan.end(120);
}

/** A lone host that does not converge: nobody is there to disagree (Q228942). */
function neverConverges(): Script {
  const lan = new ClusterLan();
  const [web1] = lan.members(1);
  lan.beats(web1, 1, 20, { currentMap: ALL_BUCKETS });
  lan.beats(web1, 24, 89, { ...CONVERGING_MAPS, everySeconds: 0.5, state: 2 });
  return lan.end(90);
}

/** Two members that agree and never converge (Q228942). */
function agreedAndStuck(): Script {
  return rulesDiffer({ both: CONVERGING_MAPS, other: {} });
}

/** Later Windows sends extended heartbeats besides. */
function withExtended(): Script {
  const lan = agreed();
  for (let at = 0.8; at < 69; at += 1) {
    for (const priority of [1, 2]) {
      const member = lan.cluster.member(priority);
      lan.script.at(at + priority / 50, () => member.extendedBeat());
    }
  }
  return lan.end(70);
}

/** Twelve rules, of which the eleventh differs: behind the nine codes that 96 bytes show. */
function twelveRules(): Script {
  const ports = [21, 25, 80, 110, 135, 143, 389, 443, 587, 636, 993];
  const ruleCodes = [...ports.map(portRule), LAST_RULE];
  const other = [...ports.slice(0, 10).map(portRule), portRule(995), LAST_RULE];
  return rulesDiffer({ cluster: { ruleCodes }, other: { ruleCodes: other }, both: CONVERGING_MAPS });
}

function copies(script: Script, delaysNanos: readonly number[]): Script {
  const frames = script
    .timeline()
    .flatMap((frame) => delaysNanos.map((later) => ({ ...frame, nanos: frame.nanos + later, mark: null })));
  return Script.recorded(
    script.interfaces,
    frames.toSorted((one, other) => one.nanos - other.nanos),
  );
}

/** Container hosts whose MACs embed their addresses. */
function containers(): Script {
  const script = new Script();
  const peer = new Host({ mac: '00:50:04:2c:77:10', ip: '10.0.0.10' });
  for (const last of [4, 5, 6]) {
    const host = new Host({ mac: `02:42:0a:00:00:0${last}`, ip: `10.0.0.${last}` });
    for (let at = 1 + last, turn = 0; at < 58; at += 4, turn += 1) {
      script.at(at, () => host.arpRequest(peer.ip)).at(at + 0.2, () => host.ping(peer, turn));
    }
  }
  return addChatter(script, { untilSeconds: 60 });
}

export const lookAlikes: readonly Scenario[] = [
  lookAlike('N-agreed', 'two members that agree', () => agreed().end(70)),
  lookAlike('N-agreed-igmp', 'two members that agree, IGMP mode', () => agreed(70, { mode: 'igmp' }).end(70)),
  lookAlike('N-alone', 'a lone member', () => {
    const lan = new ClusterLan();
    const [web1] = lan.members(1);
    return lan.beats(web1, 0.3, 59.3, { currentMap: ALL_BUCKETS }).end(60);
  }),
  lookAlike('N1', 'a member’s rules change once', changedOnce),
  lookAlike('review-unused', 'a code behind those of the rules', oldCodeBehind),
  lookAlike('N1-alone', 'a lone member’s rules change twice', changedAlone),
  lookAlike('N1-rolled-out', 'new rules reach one member after the other', rolledOut),
  lookAlike('N2', 'two clusters on the segment', twoClusters),
  lookAlike('N3', 'a host restarts with another priority', newPriority),
  lookAlike('N3-swapped', 'two hosts exchange their priorities', swapped),
  lookAlike('N3-code', 'a host is configured anew', newCode),
  lookAlike('N3-replaced', 'a host is replaced by another one of its priority', replaced),
  lookAlike('N-stuck', 'a lone host that never converges (Q228942)', neverConverges),
  lookAlike('N-stuck-agreed', 'members that agree and never converge (Q228942)', agreedAndStuck),
  lookAlike('N-extended', 'extended heartbeats beside the others', withExtended),
  lookAlike('N-copies', 'every frame twice', () => withDuplicates(agreed().end(70))),
  lookAlike('N-codes-cut', 'codes that differ behind the cut', twelveRules, undecided('cut'), {
    encoding: { container: 'pcap', snapLength: 96 },
  }),
  lookAlike('N-cut', 'heartbeats cut at 40 bytes of payload', () => rulesDiffer(), undecided('cut'), {
    encoding: { container: 'pcap', snapLength: 54 },
  }),
  lookAlike(
    'N-two-beats',
    'two heartbeats of two members',
    () => {
      const lan = new ClusterLan();
      const [web1, web2] = lan.members(2);
      return lan.beatsAt(web1, [2]).beatsAt(web2, [2.64]).end(5);
    },
    undecided('tooFew'),
  ),
  lookAlike(
    'X1',
    'through `-i any`: three copies of each frame',
    () => copies(agreed().end(70), [0, 20_000, 40_000]),
    undefined,
    {
      encoding: ENCODINGS.sll,
    },
  ),
  lookAlike('X2', 'two taps, one of them 0.4 s late', () => copies(agreed().end(70), [0, 400_000_000])),
  lookAlike('X3', 'the recorder slept for 20 min', () => withGap(agreed(1260).end(1260), 30, 1230)),
  lookAlike('X4', 'container MACs that embed their addresses', containers, NO_HEARTBEAT),
];
