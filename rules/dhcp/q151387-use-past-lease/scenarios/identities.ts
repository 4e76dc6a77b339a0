/** Who a client is: option 61, which servers before RFC 6842 do not repeat, and the identities that share one MAC or several. */
import {
  DHCP_OPTION,
  DHCP_TYPE,
  concat,
  filler,
  hardwareClientId,
  u8,
} from '../../../../samples/craft/index.ts';
import type { Scenario, Script } from '../../../../samples/craft/index.ts';
import { RENEWALS_NOT_VISIBLE, RULE, RUNNING, STRONG, UNDECIDED, silent, undecided } from './expectations.ts';
import { LEASED, Lan, MAC_A, MAC_B } from './lan.ts';
import { overuse } from './overuse.ts';

const END = 215;
/** RFC 4361: type 255, interface number, DUID. */
const DUID = concat(u8(255), filler(18));

/**
 * A laptop asks under one client identifier from its own adapter and then from a dock's, and is given its address again.
 * Where `isAsked` is false, what it says by the dock is not captured, nor thereby under which identifier.
 */
function docked(isAsked: boolean): Script {
  const lan = new Lan();
  const laptop = lan.client({ clientId: DUID, ttl: 64 });
  const dock = lan.client({ clientId: DUID, ttl: 64, mac: MAC_B });
  lan.dora(laptop, 1, { leaseSeconds: 60 });
  lan.life(laptop, 6, 58);
  if (isAsked) lan.dora(dock, 63, { leaseSeconds: 1200, tag: 'dock' });
  else {
    const given = { xid: lan.nextXid(), yiaddr: LEASED, leaseSeconds: 1200 };
    lan.answer(63.01, lan.server, dock, DHCP_TYPE.ack, given, 'dock-ack');
  }
  lan.life(dock, 66, 210, { everySeconds: 6 });
  // Both adapters are up: some of the traffic still leaves by the first.
  lan.life(laptop, 75, 120, { everySeconds: 7 });
  return lan.chatter(END);
}

/** Three containers on one MAC, told apart by option 61 alone; each renews its lease in time. */
function containers(): Script {
  const lan = new Lan();
  for (const number of [1, 2, 3]) {
    const address = `10.0.0.${130 + number}`;
    const container = lan.client({ clientId: concat(u8(255), u8(number), filler(12)), ttl: 64 });
    lan.dora(container, number, { address });
    for (const at of [61, 121, 181]) lan.renewed(container, at + number, { address });
    lan.life(container, number + 6, 210, { address });
  }
  return lan.chatter(END);
}

/** As P1, but the renewals are those of another system on the machine, which was given the address out of sight. */
function otherIdentity(): Script {
  const { lan } = overuse({ renewals: [], rebinds: [], discovers: [], quiet: true });
  const system = lan.client({ clientId: concat(u8(0), filler(16)) });
  for (const at of [61.02, 65, 73, 89]) lan.renew(system, at);
  for (const at of [121.5, 125.5]) lan.discover(system, at);
  return lan.chatter(END);
}

/** Every renewal is answered; the ACKs are long, and what the snap length leaves of them ends inside the options. */
function longAcknowledgments(): Script {
  const lan = new Lan();
  const client = lan.client();
  lan.dora(lan.crowd(1), 1, { leaseSeconds: 7200, address: '10.0.0.131' });
  client.host.ip = '10.0.0.77';
  lan.life(client, 3, 210);
  const options = [{ code: 43, data: filler(200) }, DHCP_OPTION.clientIdentifier(hardwareClientId(MAC_A))];
  const given = { yiaddr: '10.0.0.77', leaseSeconds: 60, options };
  for (const [index, at] of [5, 35, 65, 95].entries()) {
    const xid = lan.renew(client, at);
    lan.answer(at + 0.01, lan.server, client, 5, { ...given, xid, ciaddr: '10.0.0.77' }, 'renewal-ack');
    const probe = lan.discover(client, 110 + 20 * index);
    lan.answer(110.01 + 20 * index, lan.server, client, 2, { ...given, xid: probe }, 'offer');
  }
  return lan.chatter(END);
}

export const identities: readonly Scenario[] = [
  silent('N10-dock', 'one client identifier, two adapters', RENEWALS_NOT_VISIBLE, () => docked(true)),
  {
    name: 'N10-identity',
    title: 'given to another adapter, whose client identifier is not seen',
    rule: RULE,
    expect: STRONG,
    build: () => docked(false),
  },
  silent('N17-containers', 'three client identifiers on one MAC', RUNNING, containers),
  silent('N17-renewals', 'renewals of another identity on one MAC', undecided('notVisible'), otherIdentity),
  {
    ...silent(
      'N2-cut-answers',
      'answers cut before the end of their options',
      undecided('cut'),
      longAcknowledgments,
    ),
    encoding: { container: 'pcap', snapLength: 400 },
  },
  {
    ...silent('N17-cut', 'DHCP cut before the client it is about', UNDECIDED, containers),
    encoding: { container: 'pcap', snapLength: 68 },
  },
];
