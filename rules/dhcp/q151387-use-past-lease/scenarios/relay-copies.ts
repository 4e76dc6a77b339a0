/** A relay agent on the client's segment: every broadcast of the client passes twice, the second time from the agent. */
import { DHCP_OPTION, DHCP_TYPE, dhcp, startedAt } from '../../../../samples/craft/index.ts';
import type { Ipv4, Scenario, Script } from '../../../../samples/craft/index.ts';
import { RENEWALS_NOT_VISIBLE, SUGGESTIVE, UNDECIDED, RULE, silent } from './expectations.ts';
import { LEASED, Lan } from './lan.ts';
import type { Client } from './lan.ts';
import { overuse, type OveruseFields } from './overuse.ts';

interface RelayedMessage {
  readonly type: number;
  readonly xid: number;
  readonly ciaddr?: Ipv4;
}

/** The agent's copy of a client's message, unicast to the server 1 ms after `at`. */
function relay(lan: Lan, client: Client, at: number, message: RelayedMessage): void {
  const id = client.clientId === null ? [] : [DHCP_OPTION.clientIdentifier(client.clientId)];
  const { type, ...fields } = message;
  const copy = dhcp({
    ...fields,
    operation: 1,
    hops: 1,
    giaddr: lan.router.ip,
    chaddr: client.host.mac,
    htype: 1,
    options: [DHCP_OPTION.messageType(type), ...id],
  });
  lan.script.at(at + 0.001, () => lan.router.udp(lan.server, 67, 67, copy), { mark: 'relay-copy' });
}

/** One REQUEST and one DISCOVER, both in vain, and the agent's copy of each. */
function askedOnce(fields: OveruseFields = {}): Lan {
  const { lan, client } = overuse({ renewals: [], rebinds: [], discovers: [], ...fields });
  relay(lan, client, 106, { type: DHCP_TYPE.request, xid: lan.rebind(client, 106), ciaddr: LEASED });
  relay(lan, client, 121.5, { type: DHCP_TYPE.discover, xid: lan.discover(client, 121.5) });
  return lan;
}

/** As `askedOnce` from 95 s on: the lease itself is not in the file. */
function askedOnceStartedLate(): Script {
  const lan = askedOnce();
  lan.renewed(lan.crowd(9), 99.992, { address: '10.0.0.109', leaseSeconds: 86_400, tag: 'other' });
  return startedAt(lan.script, 95);
}

/** Renewed once by broadcast; the agent's copy of that is unicast, but no renewal that shows what this tap sees. */
function reboundByRelay(): Script {
  const lan = new Lan();
  const client = lan.client();
  lan.dora(client, 1);
  const xid = lan.rebind(client, 106);
  relay(lan, client, 106, { type: DHCP_TYPE.request, xid, ciaddr: LEASED });
  const given = { xid, ciaddr: LEASED, yiaddr: LEASED, leaseSeconds: 120 };
  lan.answer(106.008, lan.server, client, DHCP_TYPE.ack, given, 'renewal-ack');
  lan.life(client, 6, 400);
  return lan.chatter(410);
}

export const relayCopies: readonly Scenario[] = [
  {
    name: 'N16-copies',
    title: 'one REQUEST and one DISCOVER, each with the copy of a relay agent',
    rule: RULE,
    expect: SUGGESTIVE,
    build: () => askedOnce().script,
  },
  silent('N16-relayed', 'as N16-copies, the lease not captured', UNDECIDED, askedOnceStartedLate),
  silent('N16-rebound', 'a broadcast renewal and its relayed copy', RENEWALS_NOT_VISIBLE, reboundByRelay),
];
